"""Courses: the series a session belongs to, and a clinician's clearance of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.db import courses, patients
from app.db.courses import SessionOfCourse
from app.db.work import Work
from app.domain.canonical import Document
from app.domain.deciding import Change, decide_sheet
from app.domain.errors import Conflict, FieldError, Invalid, NotFound
from app.domain.records import Clearance, Course, Kept
from app.domain.sessions import SessionState
from app.domain.texts import NOTE, text_faults
from app.services.patients import NoSuchPatient
from app.services.session_work import catch_up

MOST_SESSIONS = 200
LONGEST_INTERVAL = 366
BEFORE_A_DOSE = frozenset({SessionState.PLANNED, SessionState.CHECKED_IN})


class NoSuchCourse(NotFound):
    """There is no course under this id."""

    code = "no-such-course"


class CourseOfAnother(Conflict):
    """A course stays with its patient: plan another course for another patient."""

    code = "course-of-another-patient"


class BadCourse(Invalid):
    """Something about the course cannot be right."""

    code = "bad-course"


@dataclass(frozen=True, slots=True)
class CourseSession:
    """One session of a course: its place by dose start (None before a dose), state, and peaks at a glance."""

    id: UUID
    place: int | None
    state: str
    peaks: Document


@dataclass(frozen=True, slots=True)
class CourseView:
    """A course with its clearance and the sessions planned in it."""

    id: UUID
    course: Kept[Course]
    clearance: Kept[Clearance] | None
    sessions: tuple[CourseSession, ...]


def check_course(course: Course) -> None:
    """Raises `BadCourse`."""
    faults = []
    if not 1 <= course.planned_sessions <= MOST_SESSIONS:
        faults.append(FieldError("planned_sessions", f"must be from 1 to {MOST_SESSIONS}"))
    if course.interval_days is not None and not 1 <= course.interval_days <= LONGEST_INTERVAL:
        faults.append(FieldError("interval_days", f"must be from 1 to {LONGEST_INTERVAL}"))
    if course.note is not None:
        faults += text_faults("note", course.note, longest=NOTE, lines=True)
    if faults:
        raise BadCourse(errors=faults)


def put(work: Work, course_id: UUID, course: Course, expected: int | None) -> tuple[Change, CourseView]:
    """Create or revise a course."""
    check_course(course)
    current = courses.find(work, course_id)
    change = decide_sheet(current, course, expected)
    if change.changed:
        if patients.find(work, course.patient_id) is None:
            raise NoSuchPatient(errors=[FieldError("patient_id", "no such patient")])
        if current is not None and current.value.patient_id != course.patient_id:
            raise CourseOfAnother
        courses.keep(work, course_id, course, change.revision)
    return change, _view(work, course_id)


def put_clearance(
    work: Work, course_id: UUID, clearance: Clearance, expected: int | None
) -> tuple[Change, Kept[Clearance]]:
    """A clinician's word that the course may go ahead, until when."""
    if clearance.note is not None:
        faults = text_faults("note", clearance.note, longest=NOTE, lines=True)
        if faults:
            raise BadCourse(errors=faults)
    course = find(work, course_id)
    current = courses.clearance(work, course_id)
    change = decide_sheet(current, clearance, expected)
    if change.changed:
        courses.keep_clearance(work, course_id, course.value.patient_id, clearance, change.revision)
        for session in courses.sessions_of(work, course_id):
            # what its line says is missing to start
            if session.state in BEFORE_A_DOSE:
                catch_up(work, session.id)
        # what is acknowledged is the course's clearance, whatever became of its sessions
        work.session_version = None
    kept = courses.clearance(work, course_id)
    assert kept is not None
    return change, kept


def read_clearances(work: Work, course_id: UUID, after: int | None, limit: int) -> tuple[Kept[Clearance], ...]:
    """The next revisions of one course's clearance, oldest first, audited as read."""
    _audit_read(work, course_id, find(work, course_id))
    return courses.clearances(work, course_id, after, limit)


def find(work: Work, course_id: UUID) -> Kept[Course]:
    """One course of the clinic. Raises `NoSuchCourse`."""
    found = courses.find(work, course_id)
    if found is None:
        raise NoSuchCourse
    return found


def read(work: Work, course_id: UUID) -> CourseView:
    """One course, audited as read."""
    view = _view(work, course_id)
    _audit_read(work, course_id, view.course)
    return view


def read_history(work: Work, course_id: UUID, after: int | None, limit: int) -> tuple[Kept[Course], ...]:
    """The next revisions of one course, oldest first, audited as read."""
    _audit_read(work, course_id, find(work, course_id))
    return courses.history(work, course_id, after, limit)


def read_of_patient(work: Work, patient_id: UUID, after: UUID | None, limit: int) -> list[CourseView]:
    """The next courses of one patient, audited as read."""
    if patients.find(work, patient_id) is None:
        raise NoSuchPatient
    work.audit("courses.listed", subject="patient", subject_id=patient_id, patient_id=patient_id)
    return [_view(work, course_id) for course_id in courses.courses_of(work, patient_id, after, limit)]


def _audit_read(work: Work, course_id: UUID, course: Kept[Course]) -> None:
    work.audit("course.read", subject="course", subject_id=course_id, patient_id=course.value.patient_id)


def _view(work: Work, course_id: UUID) -> CourseView:
    return CourseView(
        course_id,
        find(work, course_id),
        courses.clearance(work, course_id),
        in_order(courses.sessions_of(work, course_id)),
    )


def in_order(found: Iterable[SessionOfCourse]) -> tuple[CourseSession, ...]:
    """Sessions with a dose by its start, numbered from 1; then those without one, unnumbered."""

    def peaks(session: SessionOfCourse) -> Any:
        return (session.board or {}).get("peaks") or {}

    def begun(session: SessionOfCourse) -> tuple[bool, str, str]:
        started = peaks(session).get("dose_started_at")
        # the texts of `to_text` are all UTC: they sort as the instants do, down to the second
        return started is None, started or "", str(session.id)

    return tuple(
        CourseSession(one.id, None if begun(one)[0] else place, one.state, peaks(one))
        for place, one in enumerate(sorted(found, key=begun), start=1)
    )
