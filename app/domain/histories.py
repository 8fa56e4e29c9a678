"""A session with every revision of everything that hangs off it, and as it stood at an earlier instant.

Nothing of a record is ever changed, and each part says when it arrived: so every earlier instant can be told again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from app.domain.facts import Escort
from app.domain.records import (
    Clearance,
    Course,
    EventHistory,
    Kept,
    KeptAssessment,
    NoticeHistory,
    Patient,
    ReadingHistory,
    Screening,
    SessionHeader,
    SessionRecord,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SessionHistory:
    """The record of a session, and beside it each sheet's revisions and every kept assessment, oldest first."""

    record: SessionRecord
    headers: tuple[Kept[SessionHeader], ...]
    patients: tuple[Kept[Patient], ...]
    courses: tuple[Kept[Course], ...] = ()
    screenings: tuple[Kept[Screening], ...] = ()
    clearances: tuple[Kept[Clearance], ...] = ()
    course_clearances: tuple[Kept[Clearance], ...] = ()
    escorts: tuple[Kept[Escort], ...] = ()
    assessments: tuple[KeptAssessment, ...] = ()


def until(kept: Iterable[Kept[T]], instant: datetime) -> tuple[Kept[T], ...]:
    """Those that had arrived by then."""
    return tuple(one for one in kept if one.recorded_at <= instant)


def _readings(readings: Iterable[ReadingHistory], instant: datetime) -> tuple[ReadingHistory, ...]:
    found = []
    for history in readings:
        revisions, void = history.revisions, history.void
        if revisions[-1].recorded_at > instant:
            revisions = until(revisions, instant)
        if void is not None and void.recorded_at > instant:
            void = None
        if revisions:
            unchanged = revisions is history.revisions and void is history.void
            found.append(history if unchanged else ReadingHistory(revisions, void))
    return tuple(found)


def _events(events: Iterable[EventHistory], instant: datetime) -> tuple[EventHistory, ...]:
    return tuple(
        replace(history, void=None) if history.void is not None and history.void.recorded_at > instant else history
        for history in events
        if history.event.recorded_at <= instant
    )


def _notices(notices: Iterable[NoticeHistory], instant: datetime) -> tuple[NoticeHistory, ...]:
    return tuple(
        replace(history, acknowledged=None)
        if history.acknowledged is not None and history.acknowledged.recorded_at > instant
        else history
        for history in notices
        if history.notice.raised_at <= instant
    )


def _newest(kept: tuple[Kept[T], ...]) -> Kept[T] | None:
    return kept[-1] if kept else None


def as_of(history: SessionHistory, instant: datetime) -> SessionHistory | None:
    """The session as it stood at `instant` (inclusive); None where it had not been planned yet."""
    headers, patients = until(history.headers, instant), until(history.patients, instant)
    if not headers or not patients:
        return None
    record = history.record
    courses = until(history.courses, instant)
    screenings, clearances = until(history.screenings, instant), until(history.clearances, instant)
    course_clearances, escorts = until(history.course_clearances, instant), until(history.escorts, instant)
    assessments = tuple(one for one in history.assessments if one.recorded_at <= instant)
    discharge = record.discharge
    then = replace(
        record,
        header=headers[-1],
        patient=patients[-1],
        course=_newest(courses),
        screening=_newest(screenings),
        overrides=until(record.overrides, instant),
        clearance=_newest(clearances),
        course_clearance=_newest(course_clearances),
        events=_events(record.events, instant),
        readings=_readings(record.readings, instant),
        escort=_newest(escorts),
        assessment=assessments[-1] if assessments else None,
        confirmations=until(record.confirmations, instant),
        notices=_notices(record.notices, instant),
        discharge=discharge if discharge is not None and discharge.recorded_at <= instant else None,
    )
    return SessionHistory(
        then, headers, patients, courses, screenings, clearances, course_clearances, escorts, assessments
    )
