"""A clinic with many sessions, as its journal would hold them: for what must be measured at a size.

Every entry is made by the work that keeps entries, so that each stream verifies; only they are kept many at a time, and
what the first of them comes to is taken for all. Feed and log are told that they know of all of it, so that a service
which is started on it has nothing to catch up with.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import update

from app.db import clinics, patients, session_records
from app.db import sessions as kept_sessions
from app.db.engine import Database
from app.db.sessions import Line
from app.db.tables import sessions, streams
from app.db.work import Work, service_actor
from app.domain import keeping
from app.domain.derive import derive
from app.domain.events import EventKind
from app.domain.journal import Fact
from app.domain.people import Clinic
from app.domain.vitals import Oxygen, OxygenKind
from app.services.board import line_of
from tests import factories
from tests.domain import shipped

READINGS = 30
"""Readings of a session; each is told as ten Observations."""
AT_ONCE = 25
GIVEN = ((-30, EventKind.CHECKED_IN), (0, EventKind.INFUSION_STARTED), (40, EventKind.INFUSION_STOPPED))
ARRIVES = timedelta(seconds=20)
"""So long after it was measured a reading was kept."""
CLOSED = Line(1, None, "discharged", False, *[None] * 12)


def fill(
    database: Database, many: int, *, readings_each: int = READINGS, seed: int = 1, into: Clinic | None = None
) -> Clinic:
    """So many closed sessions in a new clinic, or in this one, each of a patient of its own."""
    clinic, chance = into or Clinic(uuid4(), f"measured {uuid4().hex[:8]}"), random.Random(seed)
    actor = service_actor(clinic.id)
    if into is None:
        database.write_now(clinics.add, actor, factories.NOON, clinic)
    for start in range(0, many, AT_ONCE):
        database.write_now(_sessions, actor, factories.NOON, min(AT_ONCE, many - start), readings_each, chance)
        database.write_now(all_known, actor, factories.NOON)
    return clinic


def _sessions(work: Work, many: int, readings_each: int, chance: random.Random) -> None:
    line = CLOSED
    for _ in range(many):
        this, patient_id = make_id(chance), make_id(chance)
        add_patient(work, patient_id, chance)
        kept_sessions.add(work, this, factories.header(patient_id))
        for fact, arrived in _facts(work.now, this, patient_id, readings_each, chance):
            work.now = arrived
            work.keep(fact, this)
        work.now = factories.NOON
        line = line if line.board else _as_derived(derived_line(work, this))
        kept_sessions.write_line(work, this, 0, line)


def _as_derived(line: Line) -> Line:
    """Closed, and otherwise as it was derived."""
    told = ("board", "at", "chair_key", "dose_started_at", "brief")
    return replace(CLOSED, **{name: getattr(line, name) for name in told})


def derived_line(work: Work, this: UUID) -> Line:
    """What a session comes to now, by the shipped protocol; nothing is due by itself: no job shall work at it."""
    (record,) = session_records.load_many(work, [this])
    return replace(line_of(record, derive(record, shipped.protocol(), work.now), None, CLOSED), next_change_at=None)


def all_known(work: Work) -> None:
    """Feed and log know of everything that this clinic's streams hold."""
    for table in (sessions, streams):
        known = {"numbered": table.c.position, "sealed": table.c.position}
        fresh = update(table).where(table.c.clinic_id == work.clinic_id, table.c.position > table.c.numbered)
        work.change(fresh.values(known), {})


def add_patient(work: Work, patient_id: UUID, chance: random.Random) -> None:
    """Somebody new; few share a family name."""
    name = "Probe" + "".join(chance.choices("aeioulmnrst", k=4))
    person = factories.patient(family_name=name, record_number=f"R-{patient_id.hex[:8]}")
    patients.keep(work, patient_id, person, 1)


def make_id(chance: random.Random) -> UUID:
    """Drawn, so that the same seed makes the same clinic."""
    return UUID(int=chance.getrandbits(128), version=4)


def _facts(
    now: datetime, this: UUID, patient_id: UUID, readings_each: int, chance: random.Random
) -> Iterator[tuple[Fact, datetime]]:
    """What is kept of one session, and when it arrived."""
    yield keeping.header(this, factories.header(patient_id), 1), now
    for minutes, kind in GIVEN:
        yield keeping.event(factories.event(minutes, kind, id=make_id(chance))), now
    for number in range(readings_each):
        reading = replace(
            factories.reading(number * 5 - 20, id=make_id(chance)),
            heart_rate=chance.randrange(60, 110),
            systolic=chance.randrange(110, 180),
            diastolic=chance.randrange(60, 100),
            respiratory_rate=chance.randrange(10, 22),
            spo2=chance.randrange(92, 100),
            oxygen=Oxygen(OxygenKind.ROOM_AIR),
            note="asked again" if number % 7 == 0 else None,
        )
        yield keeping.reading(reading), reading.measured_at + ARRIVES
