"""A clinic with many sessions, put straight into the tables: for what must be measured at a size."""

import random
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from app.db import clinics
from app.db.engine import Database
from app.db.tables import events, patients, readings, sessions, sheets
from app.db.work import NO_CHAIN, Work, service_actor
from app.domain.documents import event_document, header_document, patient_document, reading_document
from app.domain.events import EventKind
from app.domain.people import Clinic
from app.domain.vitals import Oxygen, OxygenKind
from tests import factories

READINGS = 30
"""Readings of a session; each is told as ten Observations."""
AT_ONCE = 100
GIVEN = ((-30, EventKind.CHECKED_IN), (0, EventKind.INFUSION_STARTED), (40, EventKind.INFUSION_STOPPED))


def fill(database: Database, many: int, *, readings_each: int = READINGS, seed: int = 1) -> Clinic:
    """A new clinic with so many sessions, each of a patient of its own."""
    clinic, chance = Clinic(uuid4(), f"measured {uuid4().hex[:8]}"), random.Random(seed)
    actor = service_actor(clinic.id)
    database.write_now(_add, actor, factories.NOON, clinic)
    for start in range(0, many, AT_ONCE):
        database.write_now(_sessions, actor, factories.NOON, min(AT_ONCE, many - start), readings_each, chance)
    return clinic


def _add(work: Work, clinic: Clinic) -> None:
    clinics.add(work, clinic)
    work.audit("test.filled", subject="clinic", subject_id=clinic.id)


def _sessions(work: Work, many: int, readings_each: int, chance: random.Random) -> None:
    rows: dict[str, list[dict]] = {"patients": [], "sheets": [], "sessions": [], "events": [], "readings": []}
    for _ in range(many):
        _session(work, UUID(int=chance.getrandbits(128), version=4), readings_each, chance, rows)
    for table in (patients, sheets, sessions, events, readings):
        work.change(table.insert(), rows[table.name])
    for row in rows["sessions"]:
        work.audit("test.filled", subject="session", subject_id=row["id"], session_id=row["id"])


def _session(work: Work, this: UUID, readings_each: int, chance: random.Random, rows: dict[str, list[dict]]) -> None:
    clinic_id, patient_id = work.clinic_id, UUID(int=chance.getrandbits(128), version=4)
    person, header = factories.patient(record_number=f"R-{patient_id.hex[:8]}"), factories.header(patient_id)
    rows["patients"].append(
        {
            "clinic_id": clinic_id,
            "id": patient_id,
            "revision": 1,
            "family": "probe",
            "given": "maria",
            "record_number": person.record_number.lower(),
            "birth_date": person.birth_date,
        }
    )
    for subject, kind, document in (
        (patient_id, "patient", patient_document(person)),
        (this, "session", header_document(header)),
    ):
        sheet = {"clinic_id": clinic_id, "subject": str(subject), "kind": kind, "revision": 1}
        rows["sheets"].append(sheet | work.stamp(document))
    rows["sessions"].append(
        {
            "clinic_id": clinic_id,
            "id": this,
            "revision": 1,
            "patient_id": patient_id,
            "course_id": None,
            "version": 0,
            "state": "discharged",
            "listing": "closed",
            **NO_CHAIN,
        }
    )
    for minutes, kind in (
        (-30, EventKind.CHECKED_IN),
        (0, EventKind.INFUSION_STARTED),
        (40, EventKind.INFUSION_STOPPED),
    ):
        event = factories.event(minutes, kind, id=UUID(int=chance.getrandbits(128), version=4))
        row = {"clinic_id": clinic_id, "session_id": this, "id": event.id, "kind": kind.value, "at": event.at}
        rows["events"].append(row | work.stamp(event_document(event)))
    for number in range(readings_each):
        rows["readings"].append(_reading(work, this, number, chance))


def _reading(work: Work, session_id: UUID, number: int, chance: random.Random) -> dict:
    reading = replace(
        factories.reading(number * 5 - 20, id=UUID(int=chance.getrandbits(128), version=4)),
        heart_rate=chance.randrange(60, 110),
        systolic=chance.randrange(110, 180),
        diastolic=chance.randrange(60, 100),
        respiratory_rate=chance.randrange(10, 22),
        spo2=chance.randrange(92, 100),
        oxygen=Oxygen(OxygenKind.ROOM_AIR),
        note="asked again" if number % 7 == 0 else None,
    )
    return {
        "clinic_id": work.clinic_id,
        "session_id": session_id,
        "id": reading.id,
        "revision": 1,
        "corrects": None,
        "correction_id": None,
        "measured_at": reading.measured_at,
        **work.stamp(reading_document(reading)),
        "recorded_at": reading.measured_at + timedelta(seconds=20),
    }
