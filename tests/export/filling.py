"""A clinic with many sessions, put straight into the tables: for what must be measured at a size.

Patients are kept as they always are. Of a session the row and the journal's entries are written in bulk, and no hash is
reckoned: exports and searches read the journal, and nothing here verifies it. The feed and the log are told that they
know of all of it, so that a service which is started on it has nothing to catch up with.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from app.db import clinics, patients
from app.db.engine import Database
from app.db.tables import journal, sessions
from app.db.work import Work, service_actor
from app.domain import keeping
from app.domain.canonical import canonical_json
from app.domain.events import EventKind
from app.domain.facts import START
from app.domain.journal import Fact, session_stream
from app.domain.people import Clinic
from app.domain.vitals import Oxygen, OxygenKind
from tests import factories

READINGS = 30
"""Readings of a session; each is told as ten Observations."""
AT_ONCE = 100
GIVEN = ((-30, EventKind.CHECKED_IN), (0, EventKind.INFUSION_STARTED), (40, EventKind.INFUSION_STOPPED))
ARRIVES = timedelta(seconds=20)
"""So long after it was measured a reading was kept."""


def fill(database: Database, many: int, *, readings_each: int = READINGS, seed: int = 1) -> Clinic:
    """A new clinic with so many sessions, each of a patient of its own."""
    clinic, chance = Clinic(uuid4(), f"measured {uuid4().hex[:8]}"), random.Random(seed)
    actor = service_actor(clinic.id)
    database.write_now(clinics.add, actor, factories.NOON, clinic)
    for start in range(0, many, AT_ONCE):
        database.write_now(_sessions, actor, factories.NOON, min(AT_ONCE, many - start), readings_each, chance)
    return clinic


def _sessions(work: Work, many: int, readings_each: int, chance: random.Random) -> None:
    entries: list[dict] = []
    rows: list[dict] = []
    for _ in range(many):
        this, patient_id = _id(chance), _id(chance)
        patients.keep(work, patient_id, factories.patient(record_number=f"R-{patient_id.hex[:8]}"), 1)
        facts = list(_facts(work.now, this, patient_id, readings_each, chance))
        entries += [_entry(work, this, place, fact, at) for place, (fact, at) in enumerate(facts, 1)]
        rows.append(_row(work, this, patient_id, len(facts)))
    work.change(sessions.insert(), rows)
    work.change(journal.insert(), entries)


def _id(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def _facts(
    now: datetime, this: UUID, patient_id: UUID, readings_each: int, chance: random.Random
) -> Iterator[tuple[Fact, datetime]]:
    """What is kept of one session, and when it arrived."""
    yield keeping.header(this, factories.header(patient_id), 1), now
    for minutes, kind in GIVEN:
        yield keeping.event(factories.event(minutes, kind, id=_id(chance))), now
    for number in range(readings_each):
        reading = replace(
            factories.reading(number * 5 - 20, id=_id(chance)),
            heart_rate=chance.randrange(60, 110),
            systolic=chance.randrange(110, 180),
            diastolic=chance.randrange(60, 100),
            respiratory_rate=chance.randrange(10, 22),
            spo2=chance.randrange(92, 100),
            oxygen=Oxygen(OxygenKind.ROOM_AIR),
            note="asked again" if number % 7 == 0 else None,
        )
        yield keeping.reading(reading), reading.measured_at + ARRIVES


def _entry(work: Work, this: UUID, place: int, fact: Fact, recorded_at: datetime) -> dict:
    by = work.signer
    return {
        "clinic_id": work.clinic_id,
        "stream": session_stream(this),
        "position": place,
        "id": uuid4(),
        "kind": fact.kind.value,
        "fact_id": fact.id,
        "revision": fact.revision,
        "at": fact.at,
        "action": fact.called,
        "session_id": this,
        "patient_id": fact.patient_id,
        "document": canonical_json(fact.document).decode(),
        "by_id": by.staff_id,
        "by_name": by.name,
        "by_role": by.role,
        "tablet_id": None,
        "reason": fact.reason,
        "sent_as": fact.sent_as,
        "recorded_at": recorded_at,
        "wall_at": recorded_at,
        "hash": START,
    }


def _row(work: Work, this: UUID, patient_id: UUID, entries: int) -> dict:
    return {
        "clinic_id": work.clinic_id,
        "id": this,
        "revision": 1,
        "patient_id": patient_id,
        "course_id": None,
        "version": 0,
        "state": "discharged",
        "listing": "closed",
        "position": entries,
        "hash": START,
        "numbered": entries,
        "sealed": entries,
    }
