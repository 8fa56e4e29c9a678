"""Where a session stands in its course, and the peaks of those before it."""

from dataclasses import replace
from uuid import uuid4

import pytest

from app.db.engine import Database
from app.domain.events import EventKind, Transferred
from app.domain.records import Course
from app.services import courses, screening, sessions
from tests import factories
from tests.services.ward import Ward


@pytest.fixture
def ward(database: Database) -> Ward:
    return Ward(database)


def test_sessions_stand_in_the_order_of_their_doses_with_their_peaks(ward: Ward):
    course_id = uuid4()
    ward.write(courses.put, course_id, Course(ward.patient, 6, 3), None)
    second, first, planned = (ward.plan(course_id=course_id) for _ in range(3))
    for session_id, day, systolic in ((second, 2, 160), (first, 1, 140)):
        minutes = day * 24 * 60
        asked = replace(factories.clear_screening(), asked_at=factories.at(minutes - 60))
        ward.write(screening.put, session_id, asked, 1, now=minutes - 50)
        ward.event(session_id, minutes, EventKind.CHECKED_IN)
        ward.event(session_id, minutes + 5, EventKind.INFUSION_STARTED)
        ward.reading(session_id, minutes + 30, systolic=systolic, spo2=95)
        ward.event(session_id, minutes + 40, EventKind.TRANSFERRED, Transferred("North Hospital"))
    shown = ward.read(sessions.read, planned, now=5000).course
    assert [(one.id, one.place, one.state) for one in shown] == [
        (first, 1, "transferred"),
        (second, 2, "transferred"),
        (planned, None, "planned"),
    ]
    assert [one.peaks["systolic"] for one in shown] == [140, 160, None]
    assert [one.peaks["spo2"] for one in shown] == [95, 95, None]
    assert ward.read(courses.read, course_id, now=5000).sessions == shown
