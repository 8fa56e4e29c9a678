"""Clinics, and the installation they share."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, update

from app.db.tables import clinics
from app.db.tables import installation as installation_table
from app.db.work import SERVICE, Work
from app.domain.canonical import Document
from app.domain.errors import Conflict
from app.domain.journal import Fact, Kind
from app.domain.people import Clinic
from app.domain.records import Kept, Signer


class DemoIsSettled(Conflict):
    """Whether this is a demo is settled when the database is made, before its first clinic."""

    code = "demo-is-settled"


@dataclass(frozen=True, slots=True)
class Installation:
    """`epoch` names this database's life: another one means a restore. `demo` never changes.

    `restored_at`: when it was last brought back from a backup, by the clinic's clock; `lost_from`: what had been kept
    since then was gone, by the wall clock. None where it never was.
    """

    epoch: UUID
    demo: bool
    created_at: datetime
    restored_at: datetime | None = None
    lost_from: datetime | None = None


_ALL = select(clinics).order_by(clinics.c.name, clinics.c.id)
_BY_NAME = select(clinics).where(clinics.c.name == bindparam("name"))
_BY_ID = select(clinics).where(clinics.c.id == bindparam("this"))
_ANY = select(clinics.c.id).limit(1)
_INSTALLATION = select(installation_table)
_MARK_DEMO = update(installation_table).values(demo=True)
_BACKED_UP = update(installation_table).values(backed_up_at=bindparam("wall"))
_FIRST_RUN = select(installation_table.c.first_run_hash)
_ISSUE_FIRST_RUN = update(installation_table).values(first_run_hash=bindparam("to"))
_TAKE_FIRST_RUN = (
    update(installation_table)
    .values(first_run_hash=None)
    .where(installation_table.c.first_run_hash == bindparam("this"))
)
_CHANGE_EPOCH = update(installation_table).values(
    epoch=bindparam("to"), restored_at=bindparam("at"), lost_from=bindparam("since")
)


def add(work: Work, clinic: Clinic) -> None:
    """A new clinic. Its name is not checked for being taken: see `find_by_name`."""
    work.change(
        clinics.insert(),
        {"id": clinic.id, "name": clinic.name, "timezone": clinic.timezone, "created_at": work.now},
    )
    said: Document = {"name": clinic.name, "timezone": clinic.timezone, "demo": installation(work).demo}
    work.keep(Fact(Kind.CLINIC, str(clinic.id), said))


def all_clinics(work: Work) -> tuple[Clinic, ...]:
    """Every clinic of the installation, by name."""
    return tuple(Clinic(id=row.id, name=row.name, timezone=row.timezone) for row in work.all(_ALL))


def find_by_name(work: Work, name: str) -> Clinic | None:
    """The clinic of exactly this name."""
    row = work.first(_BY_NAME, name=name)
    return None if row is None else Clinic(id=row.id, name=row.name, timezone=row.timezone)


def find(work: Work, clinic_id: UUID) -> Clinic | None:
    """The clinic of this id, whichever clinic the work is for."""
    row = work.first(_BY_ID, this=clinic_id)
    return None if row is None else Clinic(id=row.id, name=row.name, timezone=row.timezone)


def sheet(work: Work) -> Kept[Clinic] | None:
    """The clinic this work is for, as it was made: nothing changes it afterwards."""
    row = work.first(_BY_ID, this=work.clinic_id)
    if row is None:
        return None
    clinic = Clinic(id=row.id, name=row.name, timezone=row.timezone)
    return Kept(clinic, 1, Signer(None, SERVICE, "service"), row.created_at)


def get(work: Work) -> Clinic | None:
    """The clinic this work is for; None for work of the service itself."""
    return find(work, work.clinic_id)


def created_at(work: Work) -> datetime:
    """When the clinic this work is for was made."""
    row = work.first(_BY_ID, this=work.clinic_id)
    assert row is not None, "work of a clinic"
    made: datetime = row.created_at
    return made


def installation(work: Work) -> Installation:
    """This installation."""
    row = work.first(_INSTALLATION)
    assert row is not None, "the migration makes this row"
    return Installation(row.epoch, row.demo, row.created_at, row.restored_at, row.lost_from)


def change_epoch(work: Work, epoch: UUID, lost_from: datetime) -> None:
    """Another life of this database."""
    work.change(_CHANGE_EPOCH, {"to": epoch, "at": work.now, "since": lost_from})


def backed_up(work: Work, wall: datetime) -> None:
    """The last backup that was proven was taken at this instant of the wall clock."""
    work.change(_BACKED_UP, {"wall": wall})


def mark_demo(work: Work) -> None:
    """Makes this a demo for ever. Raises `DemoIsSettled` once there is a clinic."""
    if installation(work).demo:
        return
    if work.first(_ANY) is not None:
        raise DemoIsSettled
    work.change(_MARK_DEMO, {})


def first_run_hash(work: Work) -> str | None:
    """The hash of the token that opens the first run; None where none was issued, or it has been used."""
    row = work.first(_FIRST_RUN)
    assert row is not None, "the migration makes this row"
    found: str | None = row.first_run_hash
    return found


def issue_first_run(work: Work, token_hash: str) -> None:
    """This token opens the first run from now on, and no other."""
    work.change(_ISSUE_FIRST_RUN, {"to": token_hash})


def take_first_run(work: Work, token_hash: str) -> bool:
    """Uses the token up, and whether it was there to be used: of several at once, in any process, one is told so."""
    return work.change(_TAKE_FIRST_RUN, {"this": token_hash}) == 1
