"""What is derived is made again from the journal alone, to the same bytes, whatever became of it."""

import pytest
from sqlalchemy import text

from app.db.work import service_actor
from app.domain.events import EventKind
from app.domain.facts import Escort
from app.domain.records import Course
from app.domain.tablets import Contact, Tablet
from app.services import courses, enrolment, escort, patients, readiness, readings, rebuilding, tablets
from tests import factories
from tests.factories import at
from tests.services.ward import Ward

DERIVED = ("sessions", "patients", "patient_keys", "courses", "streams")
BOOKKEEPING = {"version", "changed", "numbered", "sealed"}
"""How often a line was written, and how far others have come with a stream: no part of what a journal says."""


@pytest.fixture
def ward(database):
    """A clinic with sessions in every state, courses, a revised patient, and a tablet that holds something."""
    ward = Ward(database)
    ward.write(patients.put, ward.patient, factories.patient(family_name="Renamed", record_number="R-9"), 1)
    course = factories.reading(0).id
    ward.write(courses.put, course, Course(ward.patient, 6), None)
    ward.plan(ward.add_patient())
    done = ward.ready()
    ward.sign(done, 104)
    ward.discharge(done, 105)
    ward.write(readings.void, done, ward.record(done, 106).readings[0].current.value.id, "late", now=110)
    running = ward.plan(ward.add_patient())
    ward.treat(running)
    ward.write(escort.put, running, Escort("A friend", True, at(60)), None, now=60)
    ward.reading(running, 92, systolic=150)
    tablet = factories.reading(0).id
    ward.write(enrolment.put, tablet, Tablet("7"), None, at(0), now=93)
    ward.write(tablets.contact, tablet, Contact(0, (running,), 0), 1, now=93)
    gone = ward.plan(ward.add_patient())
    ward.event(gone, -30, EventKind.CHECKED_IN)
    ward.event(gone, -20, EventKind.CANCELLED)
    return ward


def rows(ward):
    """Every derived row as it lies there."""

    def look(work):
        found = {}
        for name in DERIVED:
            kept = [
                {column: str(value) for column, value in row._mapping.items() if column not in BOOKKEEPING}
                for row in work.all(text(f"SELECT * FROM {name}"))
            ]
            found[name] = sorted(kept, key=str)
        return found

    return ward.database.read_now(look, service_actor(ward.clinic.id), at(0))


def otherwise(database, clinic_id, now):
    """What is derived and not as the journal says, once what time has brought was kept."""
    actor = service_actor(clinic_id)
    found = database.write_now(rebuilding.rest, actor, now, mend=False)
    for session_id in database.read_now(rebuilding.session_ids, actor, now):
        database.write_now(readiness.catch_up, actor, now, session_id)
        holds = database.write_now(rebuilding.line, actor, now, session_id, mend=False)
        found += [] if holds else [f"line {session_id}"]
    return found


def rebuild(ward, *, mend, now=94):
    actor = service_actor(ward.clinic.id)
    found = ward.database.write_now(rebuilding.rest, actor, at(now), mend=mend)
    for session_id in ward.database.read_now(rebuilding.session_ids, actor, at(now)):
        holds = ward.database.write_now(rebuilding.line, actor, at(now), session_id, mend=mend)
        found += [] if holds else [f"line {session_id}"]
    return found


def test_what_stands_is_what_the_journal_says(ward):
    before = rows(ward)
    assert rebuild(ward, mend=False) == []
    assert rebuild(ward, mend=True) == []
    assert rows(ward) == before
    assert all(before[name] for name in DERIVED)


DAMAGE = [
    "UPDATE sessions SET board = NULL, status = 'met'",
    "UPDATE sessions SET due_at = NULL, overdue_at = NULL, next_change_at = NULL, digest = 'x', status_since = NULL",
    "UPDATE sessions SET state = 'planned', listing = 'planned'",
    "UPDATE sessions SET position = 1, hash = 'x'",
    "UPDATE patients SET family = 'x', given = 'y', record_number = 'z', revision = 7",
    "UPDATE courses SET revision = 9",
    "UPDATE streams SET position = 40, hash = 'x'",
    "DELETE FROM patient_keys",
    "UPDATE sessions SET revision = 4, course_id = NULL",
    "UPDATE sessions SET brief = NULL, dose_started_at = NULL",
    "UPDATE sessions SET chair_key = 'x', signer_id = NULL, brief = '{}'",
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_whatever_is_damaged_is_found_and_made_anew_to_the_same_bytes(ward, damage):
    before = rows(ward)

    def break_it(work):
        work._connection.exec_driver_sql(damage)

    ward.database.write_now(break_it, service_actor(ward.clinic.id), at(94))
    assert rows(ward) != before
    assert rebuild(ward, mend=False)
    assert rows(ward) != before, "looking changes nothing"
    assert rebuild(ward, mend=True)
    assert rows(ward) == before
    assert rebuild(ward, mend=False) == []
