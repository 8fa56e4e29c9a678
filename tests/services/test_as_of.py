"""The record as of any instant is the fold of the entries up to there: what was told then, and no more."""

from uuid import uuid4

import pytest

from app.db import session_records
from app.domain.events import EventKind
from app.domain.facts import Escort
from app.domain.folding import fold
from app.domain.instants import from_text
from app.domain.records import Decision
from app.exchange.fhir import context_of, resources_of_session, versions_of_session
from app.services import escort, events, readings, screening, sessions
from tests import factories
from tests.factories import at
from tests.services.ward import Ward


@pytest.fixture
def story(database):
    """A ward, and a session in which everything happened that can."""
    ward = Ward(database)
    session_id = ward.plan()
    ward.write(sessions.keep, session_id, factories.header(ward.patient, chair="9"), 1, "moved", now=-150)
    ward.treat(session_id)
    wrong = ward.event(session_id, 41, EventKind.CHECKED_IN)
    ward.write(events.void, session_id, wrong, "twice", now=42)
    ward.recover(session_id)
    ward.sign(session_id, 103, Decision.DECLINE, reason="not yet")
    held = ward.record(session_id, 104).readings[0].current.value
    corrected = factories.reading(-20, id=held.id, systolic=150)
    ward.write(readings.correct, session_id, held.id, uuid4(), corrected, "misread", now=105)
    ward.write(screening.put, session_id, factories.clear_screening(pregnancy=True), 1, now=106)
    ward.write(escort.put, session_id, Escort("Another friend", True, at(107)), 1, now=107)
    ward.reading(session_id, 112)
    ward.sign(session_id, 113)
    ward.discharge(session_id, 114)
    ward.write(readings.void, session_id, held.id, "of another patient", now=130)
    return ward, session_id


def told(ward, record, tell):
    return list(tell(record, context_of(ward.clinic.id, record)))


def test_as_of_an_instant_each_resource_is_the_last_version_that_there_was(story):
    ward, session_id = story
    whose = ward.read(session_records.whose, [session_id])
    (entries,) = ward.read(session_records.entries, whose)
    whole = fold(session_id, entries)
    assert whole == ward.read(session_records.load, session_id)
    versions = told(ward, whole, versions_of_session)
    instants = sorted({from_text(version["meta"]["lastUpdated"]) for version in versions})
    assert len(instants) > 12
    for instant in instants:
        then = fold(session_id, [entry for entry in entries if entry.recorded_at <= instant])
        expected = {
            (version["resourceType"], version["id"]): version
            for version in versions
            if from_text(version["meta"]["lastUpdated"]) <= instant
        }
        found = {(r["resourceType"], r["id"]): r for r in told(ward, then, resources_of_session)}
        assert found == expected, instant


def test_control_an_entry_too_many_is_noticed(story):
    ward, session_id = story
    (entries,) = ward.read(session_records.entries, ward.read(session_records.whose, [session_id]))
    for place in range(len(entries) - 1, 3, -1):
        if entries[place].kind in {"reading", "event", "escort", "confirmation", "discharge"}:
            before, after = fold(session_id, entries[:place]), fold(session_id, entries[: place + 1])
            assert before != after
