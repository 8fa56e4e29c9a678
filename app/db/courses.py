"""Courses, their clearance, and the sessions that belong to them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from app.db import histories, journal
from app.db.refusals import MovedOn
from app.db.tables import courses, sessions
from app.db.work import Work
from app.domain.canonical import Document
from app.domain.documents import clearance_document, clearance_from, course_document, course_from
from app.domain.journal import Fact, Kind
from app.domain.records import Clearance, Course, Kept


@dataclass(frozen=True, slots=True)
class SessionOfCourse:
    """One session of a course, with what the board holds of it."""

    id: UUID
    state: str
    board: Document | None


KIND = Kind.COURSE
CLEARANCE = Kind.COURSE_CLEARANCE

_ONE = (courses.c.clinic_id == bindparam("clinic"), courses.c.id == bindparam("this"))
_ADD = insert(courses)
_REVISE = (
    update(courses)
    .where(*_ONE, courses.c.revision == bindparam("before"))
    .values(revision=bindparam("after"), patient_id=bindparam("as_patient"))
)
_OF_PATIENT = (
    select(courses.c.id)
    .where(courses.c.clinic_id == bindparam("clinic"), courses.c.patient_id == bindparam("patient"))
    .order_by(courses.c.id)
    .limit(bindparam("most"))
)
_OF_PATIENT_AFTER = _OF_PATIENT.where(courses.c.id > bindparam("place"))
_SESSIONS = (
    select(sessions.c.id, sessions.c.state, sessions.c.board)
    .where(sessions.c.clinic_id == bindparam("clinic"), sessions.c.course_id == bindparam("this"))
    .order_by(sessions.c.id)
)


def find(work: Work, course_id: UUID) -> Kept[Course] | None:
    """The newest revision."""
    return journal.newest(work, KIND, course_id, course_from)


def history(work: Work, course_id: UUID, after: int | None, limit: int) -> tuple[Kept[Course], ...]:
    """The next revisions, oldest first."""
    return histories.page(work, KIND, course_id, course_from, after, limit)


def keep(work: Work, course_id: UUID, course: Course, revision: int, reason: str | None = None) -> None:
    """A new course (revision 1) or the next revision."""
    if revision == 1:
        row = {"clinic_id": work.clinic_id, "id": course_id, "revision": 1, "patient_id": course.patient_id}
        work.change(_ADD, row)
    else:
        values = {
            "clinic": work.clinic_id,
            "this": course_id,
            "before": revision - 1,
            "after": revision,
            "as_patient": course.patient_id,
        }
        if work.change(_REVISE, values) != 1:
            raise MovedOn
    document = course_document(course)
    work.keep(Fact(KIND, str(course_id), document, revision, reason=reason, patient_id=course.patient_id))


def clearance(work: Work, course_id: UUID) -> Kept[Clearance] | None:
    """A clinician's newest word on this course."""
    return journal.newest(work, CLEARANCE, course_id, clearance_from)


def plans(work: Work, ids: Collection[UUID]) -> dict[UUID, tuple[Kept[Course], Kept[Clearance] | None]]:
    """The newest revisions of these courses, and a clinician's newest word on each: one statement for all."""
    found = journal.FactRevisions(work, ids, [KIND, CLEARANCE])
    return {
        this: (
            found.of(this, KIND, course_from)[-1],
            next(reversed(found.of(this, CLEARANCE, clearance_from)), None),
        )
        for this in ids
    }


def clearances(work: Work, course_id: UUID, after: int | None, limit: int) -> tuple[Kept[Clearance], ...]:
    """The next revisions of it, oldest first."""
    return histories.page(work, CLEARANCE, course_id, clearance_from, after, limit)


def keep_clearance(work: Work, course_id: UUID, patient_id: UUID, value: Clearance, revision: int) -> None:
    """Adds a revision."""
    work.keep(Fact(CLEARANCE, str(course_id), clearance_document(value), revision, patient_id=patient_id))


def courses_of(work: Work, patient_id: UUID, after: UUID | None, limit: int) -> tuple[UUID, ...]:
    """The patient's next courses, in order of their ids."""
    place = {} if after is None else {"place": after}
    rows = work.all(_OF_PATIENT_AFTER if place else _OF_PATIENT, patient=patient_id, most=limit, **place)
    return tuple(row.id for row in rows)


def sessions_of(work: Work, course_id: UUID) -> tuple[SessionOfCourse, ...]:
    """The course's sessions, in order of their ids."""
    return tuple(SessionOfCourse(row.id, row.state, row.board) for row in work.all(_SESSIONS, this=course_id))
