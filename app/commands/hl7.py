"""hl7: a session as an HL7 v2.5.1 ORU^R01, to a file or to a receiver."""

import os
import re
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from app.commands.acting import person
from app.commands.running import Running, Stop, running
from app.db.work import service_actor
from app.domain.people import Act, Actor
from app.exchange.hl7 import Message, NotDelivered, send
from app.services import hl7, readiness
from app.settings import read_settings

_cli = typer.Typer(help="HL7 v2.5.1 for older record systems.", no_args_is_help=True)


def add_to(cli: typer.Typer) -> None:
    """Put `hl7` among the commands."""
    cli.add_typer(_cli, name="hl7")


Session = Annotated[UUID, typer.Argument(metavar="SESSION_ID")]
InClinic = Annotated[str, typer.Option("--clinic", help="Name of the clinic.")]
By = Annotated[str, typer.Option("--username", help="The lead or an auditor of that clinic.")]
_PLACE = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(?P<port>\d{1,5})\Z", re.ASCII)


@_cli.command("write")
def write(
    session_id: Session,
    clinic: InClinic,
    username: By,
    out: Annotated[Path, typer.Option(metavar="FILE", help="A new file.")],
) -> None:
    """Write one session as a file. The password comes on standard input."""
    with running() as run:
        actor = person(run, run.clinic(clinic), username, Act.EXPORT_RECORD, "nothing was written")
        message = _message(run, actor, session_id)
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(message.content)
    typer.echo(f"{out}: message {message.control_id}")


@_cli.command("send")
def send_by_mllp(
    session_id: Session,
    clinic: InClinic,
    username: By,
    to: Annotated[str, typer.Option(metavar="HOST:PORT", help="This machine, or a host named in HL7_HOSTS.")],
    seconds: Annotated[float, typer.Option(min=0.1, max=600, help="How long to wait for the answer.")] = 10,
) -> None:
    """Send one session by MLLP and wait for its answer. The password comes on standard input."""
    place = _PLACE.match(to)
    if place is None or int(place["port"]) > 65535:
        raise Stop(f"{to} is not HOST:PORT")
    settings = read_settings()
    allowed = frozenset(host.strip().lower() for host in settings.hl7_hosts.split(",") if host.strip())
    with running(settings) as run:
        actor = person(run, run.clinic(clinic), username, Act.EXPORT_RECORD, "nothing was sent")
        message = _message(run, actor, session_id)
        try:
            outcome = send(
                message, place["host"].strip("[]"), int(place["port"]), allowed=allowed, seconds=seconds
            ).code
        except NotDelivered as failure:
            _record(run, actor, session_id, message, to, str(failure))
            raise Stop(str(failure)) from None
        _record(run, actor, session_id, message, to, outcome)
    typer.echo(f"message {message.control_id} accepted ({outcome})")


def _message(run: Running, actor: Actor, session_id: UUID) -> Message:
    now = run.now()
    try:
        return run.database.read_now(hl7.oru, actor, now, session_id)
    except readiness.ChangesDue:
        run.write(readiness.catch_up, service_actor(actor.clinic_id), session_id)
        return run.database.read_now(hl7.oru, actor, now, session_id)


def _record(run: Running, actor: Actor, session_id: UUID, message: Message, to: str, outcome: str) -> None:
    run.write(hl7.record_sending, actor, session_id, message.control_id, to, outcome)
