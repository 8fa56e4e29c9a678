"""What every command needs: the database, who acts, a password from standard input, one sentence when it fails."""

import contextlib
import getpass
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from app.clock import SystemClock
from app.db import clinics
from app.db.clock import load_clock
from app.db.engine import Database, open_database
from app.db.work import EVERY_CLINIC, NO_CLINIC, Work, service_actor
from app.domain.errors import Invalid, Refusal
from app.domain.instants import from_text
from app.domain.people import Actor, Clinic, Role
from app.services import audit
from app.settings import Settings, read_settings

P = ParamSpec("P")
T = TypeVar("T")


class Stop(Exception):
    """The command cannot go on. The text is one sentence for the operator."""


OPERATOR = "operator at the console"


def operator(clinic_id: UUID) -> Actor:
    """Whoever may start programs on this machine, acting in one clinic. Audited under this name and role."""
    return Actor(clinic_id=clinic_id, staff_id=None, name=OPERATOR, role=Role.OPERATOR)


@dataclass(frozen=True, slots=True)
class Running:
    """An open database, and the clinic's clock where the record stands or later."""

    database: Database
    clock: SystemClock

    def now(self) -> datetime:
        """The clinic's clock."""
        return self.clock.now()

    def write(self, verb: Callable[Concatenate[Work, P], T], actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The verb's answer, after what it kept is committed; its instant is that of the asking."""
        return self.database.write_now(verb, actor, self.now(), *args, **kwargs)

    def seal(self) -> None:
        """What a command kept is sealed as it ends: there may be no service to do it. After a fault it is left."""
        for clinic_id in self.database.read_now(audit.waiting, EVERY_CLINIC, self.now()):
            while self.write(audit.seal, service_actor(clinic_id)) >= audit.SEALED_AT_ONCE:
                pass

    def clinics(self) -> tuple[Clinic, ...]:
        """Every clinic, by name."""
        return self.database.read_now(clinics.all_clinics, NO_CLINIC, self.now())

    def clinic(self, name: str) -> Clinic:
        """The clinic of this name. Raises `Stop`, naming those there are."""
        found = self.clinics()
        for clinic in found:
            if clinic.name == name:
                return clinic
        known = ", ".join(f'"{clinic.name}"' for clinic in found) or "none yet"
        raise Stop(f'there is no clinic "{name}"; there is: {known}')

    def chosen(self, name: str | None) -> tuple[Clinic, ...]:
        """The clinic of this name, or every one without a name."""
        return self.clinics() if name is None else (self.clinic(name),)


@contextlib.contextmanager
def running(settings: Settings | None = None, *, create: bool = False, with_secrets: bool = True) -> Iterator[Running]:
    """The database of the settings, open for the time of one command.

    `with_secrets` False: for what looks at no secret, and so also at a copy whose keys are elsewhere.
    """
    chosen = settings or read_settings()
    keys = chosen.keys() if with_secrets else None
    with joined(open_database(chosen.database_url, create=create, keys=keys), seal=True) as run:
        yield run


@contextlib.contextmanager
def joined(database: Database, *, seal: bool = False) -> Iterator[Running]:
    """An open database and its clock; closed at the end, and `seal`ed before that."""
    try:
        stood = database.read_now(load_clock, NO_CLINIC, SystemClock().now())
        run = Running(database, SystemClock(stood))
        yield run
        if seal:
            run.seal()
    finally:
        database.close()


def progress(items: Sequence[T], name: str) -> Iterable[T]:
    """The items, with a bar on standard error while somebody looks on."""
    if not sys.stderr.isatty():
        return items
    from rich.console import Console  # noqa: PLC0415  # most commands start without it
    from rich.progress import track  # noqa: PLC0415

    return track(items, name, console=Console(stderr=True), transient=True)


def read_password() -> str:
    """One line from standard input; typed twice, unseen, at a terminal. Raises `Stop`."""
    if sys.stdin.isatty():
        first = getpass.getpass("Password: ")
        if getpass.getpass("Again: ") != first:
            raise Stop("the two passwords differ")
        return first
    line = sys.stdin.readline()
    if not line:
        raise Stop("no password on standard input")
    return line.rstrip("\r\n")


def read_secret() -> str:
    """A secret that somebody else made, from the next line of standard input; unseen, at a terminal. Raises `Stop`."""
    line = getpass.getpass("Secret: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not line:
        raise Stop("no secret on standard input")
    return line.strip()


def read_code() -> str:
    """Six digits from the next line of standard input; unseen, at a terminal. Raises `Stop`."""
    line = getpass.getpass("Six digits: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not line:
        raise Stop("a signature takes a second factor here: put the six digits into the line after the password")
    return line.strip()


def instant(text: str | None) -> datetime | None:
    """The instant an option names. Raises `Stop`."""
    if text is None:
        return None
    try:
        return from_text(text)
    except (ValueError, Invalid):
        raise Stop(f"{text} is not an instant with an offset, such as 2026-03-08T09:30:00Z") from None


def sentence(refusal: Refusal) -> str:
    """A refusal on one line, with the fields it names."""
    faults = "; ".join(f"{fault.field}: {fault.message}" for fault in refusal.errors)
    text = refusal.detail.split("\n\n")[0]
    return f"{text} ({faults})" if faults else text


def complain(text: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"infusion-vitals: {text}\n")
