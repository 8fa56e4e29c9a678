"""Clinics, and the installation they share."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, update

from app.db.tables import clinics, sealing
from app.db.tables import installation as installation_table
from app.db.work import SERVICE, Work
from app.domain.errors import Conflict
from app.domain.journal import Fact, Kind
from app.domain.people import Clinic
from app.domain.records import Kept, Signer


class DemoIsSettled(Conflict):
    """Whether this is a demo is settled when the database is made, before its first clinic."""

    code = "demo-is-settled"


@dataclass(frozen=True, slots=True)
class Installation:
    """`epoch` names this database's life: another one means a restore. `demo` never changes."""

    epoch: UUID
    demo: bool
    created_at: datetime


_ALL = select(clinics).order_by(clinics.c.name, clinics.c.id)
_BY_NAME = select(clinics).where(clinics.c.name == bindparam("name"))
_BY_ID = select(clinics).where(clinics.c.id == bindparam("this"))
_ANY = select(clinics.c.id).limit(1)
_INSTALLATION = select(installation_table)
_SEALING_KEY = select(sealing.c.key)
_MARK_DEMO = update(installation_table).values(demo=True)
_CHANGE_EPOCH = update(installation_table).values(epoch=bindparam("to"))


def add(work: Work, clinic: Clinic) -> None:
    """A new clinic. Its name is not checked for being taken: see `find_by_name`."""
    work.change(
        clinics.insert(),
        {"id": clinic.id, "name": clinic.name, "timezone": clinic.timezone, "created_at": work.now},
    )
    work.keep(Fact(Kind.CLINIC, str(clinic.id), {"name": clinic.name, "timezone": clinic.timezone}))


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
    return Installation(epoch=row.epoch, demo=row.demo, created_at=row.created_at)


def sealing_key(work: Work) -> bytes:
    """What the service seals with what it hands out and gets back: 32 bytes, made with the database, never told."""
    row = work.first(_SEALING_KEY)
    assert row is not None, "the migration makes this row"
    return bytes.fromhex(row.key)


def change_epoch(work: Work, epoch: UUID) -> None:
    """Another life of this database."""
    work.change(_CHANGE_EPOCH, {"to": epoch})


def mark_demo(work: Work) -> None:
    """Makes this a demo for ever. Raises `DemoIsSettled` once there is a clinic."""
    if installation(work).demo:
        return
    if work.first(_ANY) is not None:
        raise DemoIsSettled
    work.change(_MARK_DEMO, {})
