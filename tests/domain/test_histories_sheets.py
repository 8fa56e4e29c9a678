"""Each sheet and each fact as of an instant: one thing a minute, so that every instant has its own answer."""

from dataclasses import replace
from uuid import UUID

import pytest

from app.domain.events import EventKind
from app.domain.facts import Escort
from app.domain.histories import SessionHistory, as_of
from app.domain.records import (
    Clearance,
    Confirmation,
    Course,
    Decision,
    Discharge,
    EventHistory,
    KeptAssessment,
    Notice,
    NoticeHistory,
    NoticeKind,
    ReadingHistory,
    ScreeningOverride,
    SessionRecord,
    Void,
)
from app.domain.screening import Exclusion
from tests import factories
from tests.factories import at, clear_screening, event, header, patient, reading

PATIENT = UUID(int=2)
LATE = NoticeKind.LATE_INFORMATION


def kept(minute, value, revision=1):
    return factories.kept(value, revision, minute)


def thrice(first, *values):
    """Three revisions, ten minutes apart."""
    return tuple(kept(first + 10 * place, value, place + 1) for place, value in enumerate(values))


HEADERS = thrice(1, *(header(PATIENT, chair=chair) for chair in "123"))
PATIENTS = thrice(0, *(patient(given_name=name) for name in ("Maria", "Mario", "Marie")))
COURSES = thrice(2, *(Course(PATIENT, planned) for planned in (6, 7, 8)))
SCREENINGS = thrice(3, clear_screening(), clear_screening(pregnancy=True), clear_screening())
CLEARANCES = thrice(4, *(Clearance(note=note) for note in "abc"))
OF_COURSE = thrice(5, *(Clearance(note=note) for note in "def"))
ESCORTS = thrice(6, *(Escort("A. Friend", present, at(6)) for present in (False, True, False)))
ASSESSMENTS = tuple(
    KeptAssessment(number, at(7), at(minute), "met", "a" * 64, {}, {}, None, None, None)
    for number, minute in ((1, 7), (2, 17), (3, 27))
)
READINGS = (
    ReadingHistory(thrice(8, *(reading(8, id=UUID(int=8), revision=n, spo2=90 + n) for n in (1, 2, 3)))),
    ReadingHistory((kept(9, reading(9)),), kept(19, Void(UUID(int=9), "another patient's"))),
)
EVENTS = (
    EventHistory(kept(10, event(10, EventKind.CHECKED_IN))),
    EventHistory(kept(12, event(12, EventKind.INFUSION_STARTED)), kept(22, Void(UUID(int=12), "not started"))),
)
OVERRIDES = (kept(13, ScreeningOverride((Exclusion.PREGNANCY,), "a test since")),)
CONFIRMATIONS = tuple(
    kept(minute, Confirmation(UUID(int=minute), Decision.CONFIRM, "a" * 64, "well", None, (), "text", at(minute)))
    for minute in (14, 24)
)
NOTICES = (
    NoticeHistory(Notice(UUID(int=15), LATE, "corrected", at(15), None, None, None)),
    NoticeHistory(Notice(UUID(int=16), LATE, "void", at(16), None, None, None), kept(26, "seen")),
)
DISCHARGE = kept(30, Discharge(at(29), instructions_given=True, note=None, ready_at=at(20)))
RECORD = SessionRecord(
    id=UUID(int=3),
    header=HEADERS[-1],
    patient=PATIENTS[-1],
    course=COURSES[-1],
    screening=SCREENINGS[-1],
    overrides=OVERRIDES,
    clearance=CLEARANCES[-1],
    course_clearance=OF_COURSE[-1],
    events=EVENTS,
    readings=READINGS,
    escort=ESCORTS[-1],
    tablets=(),
    assessment=ASSESSMENTS[-1],
    confirmations=CONFIRMATIONS,
    notices=NOTICES,
    discharge=DISCHARGE,
)
WHOLE = SessionHistory(RECORD, HEADERS, PATIENTS, COURSES, SCREENINGS, CLEARANCES, OF_COURSE, ESCORTS, ASSESSMENTS)
FIRST, LAST = 1, 30
SHEETS = {
    "header": HEADERS,
    "patient": PATIENTS,
    "course": COURSES,
    "screening": SCREENINGS,
    "clearance": CLEARANCES,
    "course_clearance": OF_COURSE,
    "escort": ESCORTS,
    "assessment": ASSESSMENTS,
}
LISTS = {
    "header": "headers",
    "patient": "patients",
    "course": "courses",
    "screening": "screenings",
    "clearance": "clearances",
    "course_clearance": "course_clearances",
    "escort": "escorts",
    "assessment": "assessments",
}
EVERY_MINUTE = range(FIRST, LAST + 1)


def arrived(things, minute):
    return tuple(one for one in things if one.recorded_at <= at(minute))


@pytest.mark.parametrize("name", SHEETS)
def test_each_sheet_is_its_newest_revision_of_then(name):
    for minute in EVERY_MINUTE:
        then = as_of(WHOLE, at(minute))
        expected = arrived(SHEETS[name], minute)
        assert getattr(then, LISTS[name]) == expected
        assert getattr(then.record, name) == (expected[-1] if expected else None)


@pytest.mark.parametrize("name", ["overrides", "confirmations"])
def test_what_is_signed_is_there_from_its_own_instant_on(name):
    for minute in EVERY_MINUTE:
        assert getattr(as_of(WHOLE, at(minute)).record, name) == arrived(getattr(RECORD, name), minute)


def test_a_reading_has_the_revisions_of_then_and_its_void_once_it_was_void():
    corrected, void = READINGS
    for minute in EVERY_MINUTE:
        expected = []
        if minute >= 8:
            expected.append(ReadingHistory(arrived(corrected.revisions, minute)))
        if minute >= 9:
            expected.append(void if minute >= 19 else replace(void, void=None))
        assert as_of(WHOLE, at(minute)).record.readings == tuple(expected)


def test_an_event_counts_until_it_is_void():
    checked_in, void = EVENTS
    for minute in EVERY_MINUTE:
        expected = [checked_in] if minute >= 10 else []
        if minute >= 12:
            expected.append(void if minute >= 22 else replace(void, void=None))
        assert as_of(WHOLE, at(minute)).record.events == tuple(expected)


def test_a_notice_stands_open_until_it_is_acknowledged():
    open_still, seen = NOTICES
    for minute in EVERY_MINUTE:
        expected = [open_still] if minute >= 15 else []
        if minute >= 16:
            expected.append(seen if minute >= 26 else replace(seen, acknowledged=None))
        assert as_of(WHOLE, at(minute)).record.notices == tuple(expected)


def test_a_discharge_is_there_from_the_instant_it_was_kept():
    assert [minute for minute in EVERY_MINUTE if as_of(WHOLE, at(minute)).record.discharge] == [30]
    assert as_of(WHOLE, at(30)).record.discharge is DISCHARGE
    here = replace(WHOLE, record=replace(RECORD, discharge=None))
    assert as_of(here, at(30)).record.discharge is None


def test_at_the_end_it_is_the_whole_record():
    assert as_of(WHOLE, at(LAST)) == WHOLE


def test_a_session_needs_both_a_header_and_a_patient():
    assert as_of(WHOLE, at(0)) is None  # the patient alone
    assert as_of(WHOLE, at(-1)) is None  # neither
    later = replace(WHOLE, patients=thrice(2, *(one.value for one in PATIENTS)))
    assert as_of(later, at(1)) is None  # the header alone
    assert as_of(later, at(2)) is not None
