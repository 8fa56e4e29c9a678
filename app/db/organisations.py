"""Organisations: which one a clinic names, by the newest revision in its journal. Who name the same are of one."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

from app.db import journal as entries
from app.db.tables import clinics, journal
from app.db.work import Work
from app.domain.journal import Entry, Fact, Kind
from app.domain.people import Clinic
from app.domain.records import Kept

_J = journal.c
_NAMED = (
    select(clinics.c.id, clinics.c.name, clinics.c.timezone, _J.document)
    .join(clinics, clinics.c.id == _J.clinic_id)
    .where(_J.kind == bindparam("of_kind"))
    .order_by(clinics.c.name, clinics.c.id, _J.revision)
)


def _name(document: Mapping[str, Any]) -> str | None:
    found: str | None = document["organisation"]
    return found


def find(work: Work) -> Kept[str | None] | None:
    """What the clinic names, newest revision."""
    return entries.newest(work, Kind.ORGANISATION, work.clinic_id, _name)


def keep(work: Work, name: str | None, revision: int) -> None:
    """The next revision; None: of no organisation any more."""
    work.keep(Fact(Kind.ORGANISATION, str(work.clinic_id), {"organisation": name}, revision))


def sisters(work: Work) -> tuple[str | None, tuple[Clinic, ...]]:
    """The organisation of the work's clinic, and the other clinics that name it, by name."""
    named = {}
    for row in work.all_of_every_clinic(_NAMED, of_kind=Kind.ORGANISATION.value):
        named[row.id] = (Clinic(row.id, row.name, row.timezone), _name(Entry.read(row.document)))
    _, own = named.get(work.clinic_id, (None, None))
    if own is None:
        return None, ()
    return own, tuple(clinic for clinic, name in named.values() if name == own and clinic.id != work.clinic_id)
