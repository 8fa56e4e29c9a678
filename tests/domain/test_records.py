"""What of a record is in force, and so reaches the rules."""

from uuid import UUID

from app.domain.events import EventKind
from app.domain.facts import Escort, Facts, TabletContact
from app.domain.instants import EPOCH
from app.domain.records import (
    Clearance,
    Course,
    EventHistory,
    NoticeHistory,
    Patient,
    ReadingHistory,
    SessionHeader,
    SessionRecord,
    Void,
)
from tests.factories import at, event, header, kept, patient, reading

SESSION = UUID(int=2)


def void_of(thing):
    return kept(Void(thing.id, "entered in error"))


def record(**other):
    usual = {"id": SESSION, "headers": (kept(header(UUID(int=3))),), "patients": (kept(patient()),)}
    return SessionRecord(**usual | other)


FIRST, CORRECTED = reading(10, id=UUID(int=10)), reading(10, id=UUID(int=10), revision=2, spo2=96)
WRONG, OTHER = reading(20), reading(30)
STARTED, MISTAKEN = event(0, EventKind.INFUSION_STARTED), event(5, EventKind.INFUSION_PAUSED)
WHOLE = record(
    readings=(
        ReadingHistory((kept(FIRST), kept(CORRECTED, 2))),
        ReadingHistory((kept(WRONG),), void_of(WRONG)),
        ReadingHistory((kept(OTHER),)),
    ),
    events=(EventHistory(kept(STARTED)), EventHistory(kept(MISTAKEN), void_of(MISTAKEN))),
    escorts=(kept(Escort("A. Friend", present=True, present_at=at(40))),),
    tablets=(TabletContact(UUID(int=4), at(40), 0, draft=False, enrolled=True, pace=1),),
)


def test_a_reading_is_its_newest_revision():
    history = WHOLE.readings[0]
    assert [revision.value.revision for revision in history.revisions] == [1, 2]
    assert history.current == kept(CORRECTED, 2)


def test_what_is_void_is_not_in_force():
    assert WHOLE.readings_in_force() == (CORRECTED, OTHER)
    assert WHOLE.events_in_force() == (STARTED,)


def test_the_rules_are_given_what_is_in_force_and_nothing_else():
    assert WHOLE.facts() == Facts(
        SESSION,
        (STARTED,),
        (CORRECTED, OTHER),
        Escort("A. Friend", present=True, present_at=at(40)),
        (TabletContact(UUID(int=4), at(40), 0, draft=False, enrolled=True, pace=1),),
    )
    assert record().facts() == Facts(SESSION)


def test_what_was_not_said_is_none():
    assert (kept(1).tablet_id, kept(1).reason) == (None, None)
    assert Patient("Probe", ("Maria",), EPOCH.date(), "R-1").sex is None
    assert (Clearance().until, Clearance().note) == (None, None)
    course = Course(UUID(int=3), 6)
    assert (course.interval_days, course.note) == (None, None)
    planned = SessionHeader(UUID(int=3), header(UUID(int=3)).route, "p", 1)
    assert (planned.chair, planned.planned_at, planned.course_id, planned.weight_kg) == (None,) * 4
    assert NoticeHistory(None).acknowledged is None
