"""The demo's sessions, kept by the real service: what is exported of them rebuilds into what is kept."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.clock import Clock
from app.db import clinics, session_records, sessions
from app.db.engine import open_database
from app.db.work import EVERY_CLINIC, Work, service_actor
from app.demo import once
from app.domain.people import Clinic
from app.domain.records import SessionRecord
from app.exchange.fhir import versions_of_session
from tests.demo.conftest import fresh_console
from tests.exchange.made import Made
from tests.exchange.rebuild import rebuild
from tests.exchange.test_fhir_round_trip import exported, in_order

SESSIONS = 12


def _all(work: Work, clinic: Clinic) -> list[Made]:
    found: list[UUID] = sessions.closed_ids(work)
    return [Made(record, clinic) for record in session_records.load_many(work, found)]


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
        (clinic,) = database.read_now(clinics.all_clinics, EVERY_CLINIC, once.BEGINNING)
        return database.read_now(_all, service_actor(clinic.id), once.BEGINNING, clinic)
    finally:
        database.close()


def _comparable(record: SessionRecord) -> SessionRecord:
    """Without what is no record: the journal's own places, and when an assessment is to be looked at next.

    Nor is it told under which id a correction was sent, and how often the reference values changed.
    """
    assessments = tuple(replace(each, judged=0, next_change_at=None) for each in record.assessments)
    readings = tuple(
        replace(one, revisions=tuple(replace(kept, sent_as=None) for kept in one.revisions)) for one in record.readings
    )
    alone = replace(record, assessments=assessments, readings=readings, baselines=0, position=0)
    return in_order(alone)


def test_each_session_rebuilt_from_its_resources_equals_what_is_kept(kept):
    assert len(kept) == SESSIONS
    assert any(one.record.confirmations and one.record.discharge for one in kept)
    for one in kept:
        assert rebuild(exported(one, versions_of_session)) == _comparable(one.record)
