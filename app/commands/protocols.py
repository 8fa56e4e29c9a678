"""protocol: check a file, list versions, approve one by name."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.running import Stop, read_password, running
from app.db.work import NOBODY, service_actor
from app.domain.people import Act, Actor, Itself, check_may
from app.domain.protocol.parse import ProtocolInvalid
from app.domain.protocol.values import Protocol
from app.services import protocols, sign_in
from app.services.passwords import matches_now

cli = typer.Typer(help="Protocols: the clinic's schedule, limits and criteria as plain data.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="A protocol as TOML.", metavar="FILE")]


def load(file: Path) -> Protocol:
    """The protocol in a file, checked. Raises `ProtocolInvalid` or `Stop`."""
    try:
        text = file.read_text(encoding="utf-8")
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
                typer.echo(f"  {row.protocol_id} {row.version}{example}  {state}  {row.hash[:12]}")


@cli.command("approve")
def approve(
    protocol_id: Annotated[str, typer.Argument(metavar="ID")],
    version: Annotated[int, typer.Argument(metavar="VERSION")],
    clinic: Annotated[str, typer.Option(help="Name of the clinic.")],
    username: Annotated[str, typer.Option(help="Who approves: a clinician or the lead of that clinic.")],
) -> None:
    """Approve a version by name; from then on it never changes. The approver's password comes on standard input."""
    with running() as run:
        home = run.clinic(clinic)
        now = run.now()
        found = run.database.read_now(sign_in.credentials_of, NOBODY, now, username)
        password = read_password()
        if (
            found is None
            or found.clinic_id != home.id
            or found.password_hash is None
            or not matches_now(found.password_hash, password)
        ):
            actor = Actor(
                home.id, found.staff_id if found and found.clinic_id == home.id else None, username, Itself.SERVICE
            )
            run.database.write_now(sign_in.record_failure, actor, now, username)
            raise Stop("username or password is wrong, or not of this clinic; nothing was approved")
        actor = Actor(home.id, found.staff_id, found.staff.name, found.staff.role)
        check_may(actor, Act.APPROVE_PROTOCOLS)
        row = run.database.write_now(protocols.approve, actor, now, protocol_id, version)
    typer.echo(f"{row.protocol_id} version {row.version} is approved by {found.staff.name}.")
