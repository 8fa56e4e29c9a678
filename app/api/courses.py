"""Courses, and their clearance."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from pydantic import Field

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.cursors import MOST, After, Limit, a_page, by_revision, read_cursor, read_number
from app.api.errors import refusals
from app.api.kept import KeptOut, kept_document
from app.api.routes import router as make_router
from app.api.strict import Body, Id, IfMatch, Instant, Text, Whole
from app.domain.documents import clearance_document, course_document
from app.domain.people import Act
from app.domain.records import Clearance, Course, Kept
from app.domain.sessions import SessionState
from app.domain.texts import NOTE
from app.domain.vitals import DissociationGrade
from app.services import courses
from app.services.courses import CourseSession, CourseView

router = make_router()

Note = Annotated[str, Text(NOTE, lines=True)]


class CourseIn(Body):
    patient_id: Id
    planned_sessions: Whole
    interval_days: Whole | None = None
    note: Note | None = None


class ClearanceIn(Body):
    until: Instant | None = Field(default=None, description="The last instant at which it holds; none where left out")
    note: Note | None = None


class CourseClearanceOut(KeptOut):
    until: Instant | None
    note: str | None


class ClearanceHistoryOut(Out):
    items: list[CourseClearanceOut]
    next: str | None


class CourseRevisionOut(KeptOut):
    id: Id
    patient_id: Id
    planned_sessions: int
    interval_days: int | None
    note: str | None


class PeaksOut(Out):
    """The worst from the dose start on: highest values, lowest SpO2, highest grade. Empty before a first look."""

    dose_started_at: Instant | None = None
    heart_rate: int | None = None
    systolic: int | None = None
    diastolic: int | None = None
    respiratory_rate: int | None = None
    spo2: int | None = None
    dissociation: DissociationGrade | None = None


class CourseSessionOut(Out):
    """One session of the course. `place`: the how-many-eth with a dose, null before its dose."""

    id: Id
    place: int | None
    state: SessionState
    peaks: PeaksOut


class CourseOut(CourseRevisionOut):
    clearance: CourseClearanceOut | None
    sessions: list[CourseSessionOut]


class CourseListOut(Out):
    items: list[CourseOut]
    next: str | None


class CourseHistoryOut(Out):
    items: list[CourseRevisionOut]
    next: str | None


def course_revision(course_id: UUID, kept: Kept[Course]) -> dict[str, Any]:
    """One revision of a course as shown."""
    return {"id": course_id, **kept_document(kept, course_document(kept.value))}


def clearance_view(kept: Kept[Clearance]) -> dict[str, Any]:
    """A clearance of a course as shown: it is of no day."""
    said = {name: value for name, value in clearance_document(kept.value).items() if name != "same_day"}
    return kept_document(kept, said)


def session_of_course(session: CourseSession) -> dict[str, Any]:
    """One session of a course as shown."""
    return {"id": session.id, "place": session.place, "state": session.state, "peaks": dict(session.peaks)}


def _document(view: CourseView) -> dict[str, Any]:
    return {
        **course_revision(view.id, view.course),
        "clearance": clearance_view(view.clearance) if view.clearance else None,
        "sessions": [session_of_course(session) for session in view.sessions],
    }


@router.put(
    "/v1/courses/{course_id}",
    response_model=CourseOut,
    responses={201: {"model": CourseOut}, **refusals(409, 412, 428)},
)
async def put_course(
    course_id: UUID, body: CourseIn, call: Annotated[Call, allow(Act.CHART)], if_match: IfMatch
) -> Response:
    """Create or revise a course."""
    course = Course(body.patient_id, body.planned_sessions, body.interval_days, body.note)
    change, view = await call.write(courses.put, course_id, course, if_match)
    return answer(_document(view), status=201 if change.created else 200, revision=change.revision)


@router.get("/v1/courses/{course_id}", response_model=CourseOut)
async def get_course(course_id: UUID, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """One course with its clearance and its sessions."""
    view = await call.read(courses.read, course_id)
    return answer(_document(view), revision=view.course.revision)


@router.get("/v1/courses/{course_id}/history", response_model=CourseHistoryOut)
async def get_course_history(
    course_id: UUID, call: Annotated[Call, allow(Act.READ_PATIENTS)], after: After = None, limit: Limit = MOST
) -> Response:
    """Revisions of one course, oldest first."""
    found = await call.read(courses.read_history, course_id, read_number(after), limit + 1)
    return answer(a_page(found, limit, lambda kept: course_revision(course_id, kept), by_revision))


@router.get("/v1/courses/{course_id}/clearance/history", response_model=ClearanceHistoryOut)
async def get_clearance_history(
    course_id: UUID, call: Annotated[Call, allow(Act.READ_PATIENTS)], after: After = None, limit: Limit = MOST
) -> Response:
    """Revisions of one course's clearance, oldest first."""
    found = await call.read(courses.read_clearances, course_id, read_number(after), limit + 1)
    return answer(a_page(found, limit, clearance_view, by_revision))


@router.get("/v1/patients/{patient_id}/courses", response_model=CourseListOut)
async def list_courses(
    patient_id: UUID, call: Annotated[Call, allow(Act.READ_PATIENTS)], after: After = None, limit: Limit = 50
) -> Response:
    """The courses of one patient, each with its clearance and its sessions."""
    found = await call.read(courses.read_of_patient, patient_id, read_cursor(after, UUID), limit + 1)
    return answer(a_page(found, limit, _document, lambda view: (str(view.id),)))


@router.put(
    "/v1/courses/{course_id}/clearance",
    response_model=CourseClearanceOut,
    responses={201: {"model": CourseClearanceOut}, **refusals(409, 412, 428)},
)
async def put_clearance(
    course_id: UUID, body: ClearanceIn, call: Annotated[Call, allow(Act.CLEAR)], if_match: IfMatch
) -> Response:
    """Clear a course for treatment."""
    change, kept = await call.write(courses.put_clearance, course_id, Clearance(body.until, body.note), if_match)
    return answer(clearance_view(kept), status=201 if change.created else 200, revision=change.revision)
