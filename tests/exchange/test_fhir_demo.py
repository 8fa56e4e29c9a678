"""The demo's sessions, kept by the real service: what is exported of them rebuilds into what is kept."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.clock import Clock
from app.db import assessments, clinics, courses, session_records, session_sheets, sessions
from app.db.engine import open_database
from app.db.work import NOBODY, Work, service_actor
from app.demo import once
from app.domain.people import Clinic
from app.domain.records import SessionRecord
from app.exchange.fhir import Past, versions_of_session
from tests.demo.conftest import fresh_console
from tests.exchange.made import Made
from tests.exchange.rebuild import rebuild
from tests.exchange.test_fhir_round_trip import exported, in_order

SESSIONS = 12


def _past(work: Work, record: SessionRecord) -> Past:
    course_id = record.header.value.course_id
    return Past(
        headers=sessions.header_history(work, record.id),
        screenings=session_sheets.screenings(work, record.id),
        clearances=session_sheets.clearances(work, record.id),
        course_clearances=courses.clearances(work, course_id) if course_id else (),
        escorts=session_sheets.escorts(work, record.id),
        assessments=assessments.all_kept(work, record.id),
    )


def _all(work: Work, clinic: Clinic) -> list[Made]:
    found: list[UUID] = sessions.closed_ids(work)
    records = [session_records.load(work, name) for name in found]
    return [Made(record, _past(work, record), clinic) for record in records]


@pytest.fixture
def kept(tmp_path: Path) -> list[Made]:
    """Stories of the demo, played through the service's own door, and read back from its database."""

    def build(database_url: str, clock: Clock) -> Any:
        from app.main import create_app
        from app.settings import Settings

        return create_app(Settings(database_url=database_url), clock)

    url = f"sqlite:///{tmp_path / 'clinic.db'}"
    assert once.main(build, sessions=SESSIONS, database_url=url, console=fresh_console()) == 0
    database = open_database(url)
    try:
        (clinic,) = database.read_now(clinics.all_clinics, NOBODY, once.BEGINNING)
        return database.read_now(_all, service_actor(clinic.id), once.BEGINNING, clinic)
    finally:
        database.close()


def _comparable(one: Made) -> tuple[SessionRecord, Past]:
    """Without what is no record: tablets' heartbeats, and when an assessment is to be looked at next."""
    told = tuple(replace(each, next_change_at=None) for each in one.past.assessments)
    latest = told[-1] if told else None
    return in_order(replace(one.record, tablets=(), assessment=latest)), replace(one.past, assessments=told)


def test_each_session_rebuilt_from_its_resources_equals_what_is_kept(kept):
    assert len(kept) == SESSIONS
    assert any(one.record.confirmations and one.record.discharge for one in kept)
    for one in kept:
        assert rebuild(exported(one, versions_of_session)) == _comparable(one)
