"""protocol: check a file, list versions, approve one by name."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.acting import person, prove
from app.commands.running import Stop, running
from app.db.work import service_actor
from app.domain.people import Act
from app.domain.protocol.parse import ProtocolInvalid
from app.domain.protocol.toml import LARGEST_FILE
from app.domain.protocol.values import Protocol
from app.services import approvals, protocols

cli = typer.Typer(help="Protocols: the clinic's schedule, limits and criteria as plain data.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="A protocol as TOML.", metavar="FILE")]


def load(file: Path) -> Protocol:
    """The protocol in a file, checked. Raises `ProtocolInvalid` or `Stop`."""
    with file.open("rb") as source:
        content = source.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise Stop(f"{file} is larger than any protocol, which has at most {LARGEST_FILE} bytes")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise Stop(f"{file} is not UTF-8 text") from None
    return protocols.from_file(text)


@cli.command("check")
def check(file: File) -> None:
    """Say exactly what is wrong with a protocol file, or that nothing is."""
    try:
        protocol = load(file)
    except ProtocolInvalid as invalid:
        for fault in invalid.errors:
            typer.echo(f"{fault.field}: {fault.message}")
        raise Stop(f"{file}: {invalid.detail.splitlines()[0]}") from None
    example = ", an EXAMPLE" if protocol.example else ""
    typer.echo(f"{protocol.id} version {protocol.version} for {protocol.route.value}{example}: sound.")
    typer.echo(f"hash {protocol.content_hash}")


@cli.command("list")
def list_versions(
    clinic: Annotated[str | None, typer.Option(help="Name of one clinic; else every one.")] = None,
) -> None:
    """List each clinic's protocol versions, and who approved them."""
    with running() as run:
        for home in run.chosen(clinic):
            typer.echo(home.name)
            actor = service_actor(home.id)
            for row in run.database.read_now(protocols.all_versions, actor, run.now()):
                names = ", ".join(approval.by.name for approval in row.approvals)
                state = f"approved by {names}" if names else "draft"
                example = " EXAMPLE" if row.example else ""
                typer.echo(
                    f"  {row.protocol_id} {row.version}{example}  {state}  revision {row.revision}  {row.hash[:12]}"
                )


@cli.command("approve")
def approve(
    protocol_id: Annotated[str, typer.Argument(metavar="ID")],
    version: Annotated[int, typer.Argument(metavar="VERSION", min=1, max=1_000_000)],
    clinic: Annotated[str, typer.Option(help="Name of the clinic.")],
    username: Annotated[str, typer.Option(help="Who approves: a clinician or the lead of that clinic.")],
    revision: Annotated[int, typer.Option(help="The revision that was read, as `list` shows it.", min=1)],
) -> None:
    """Approve a version by name; from then on it never changes. The approver's password comes on standard input.

    Its author alone cannot, where the clinic has somebody else who may. Where a
    signature takes a second factor, their six digits come in the line after the password.
    """
    with running() as run:
        home = run.clinic(clinic)
        actor = person(run, home, username, Act.APPROVE_PROTOCOLS, "nothing was approved")
        proof = prove(run, actor, "nothing was approved")
        row = run.write(approvals.approve, actor, protocol_id, version, revision, proof)
    typer.echo(f"{row.protocol_id} version {row.version} is approved by {actor.name}.")
