"""A patient's page over HTTP: identity and its history, look-alikes, courses, and every session in a line."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Response

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.courses import CourseClearanceOut, CourseRevisionOut, clearance_view, course_revision
from app.api.cursors import a_page, by_revision
from app.api.patients import PatientHistoryOut, PatientOut, patient_revision, patient_view
from app.api.routes import router as make_router
from app.api.session_lines import SessionLineOut, write_place
from app.api.strict import Id
from app.domain.people import Act
from app.services import past
from app.services.past import MOST_COURSES, MOST_REVISIONS, CoursePlan, Past

router = make_router()


class CoursePlanOut(CourseRevisionOut):
    """`given`: in how many of its sessions a dose began."""

    clearance: CourseClearanceOut | None
    given: int


class CoursePlansOut(Out):
    items: list[CoursePlanOut]
    next: str | None


class SessionsOfPatientOut(Out):
    """`next`: for `/v1/session-lines` with this patient."""

    items: list[SessionLineOut]
    next: str | None


class PatientPastOut(Out):
    """`revisions` and `courses` oldest first, `sessions` newest first; each goes on at `next` in a list of its own."""

    patient: PatientOut
    revisions: PatientHistoryOut
    courses: CoursePlansOut
    sessions: SessionsOfPatientOut
    demo: bool
    as_of: datetime


def _course(plan: CoursePlan) -> dict[str, Any]:
    clearance = clearance_view(plan.clearance) if plan.clearance else None
    return {**course_revision(plan.id, plan.course), "clearance": clearance, "given": plan.given}


@router.get("/v1/patients/{patient_id}/past", response_model=None, responses={200: {"model": PatientPastOut}})
async def read_past(patient_id: Id, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """One patient's page: who it is, what is planned, and every session so far in a line."""
    found: Past = await call.read(past.read, patient_id)
    shown = a_page(found.revisions, MOST_REVISIONS, lambda kept: patient_revision(patient_id, kept), by_revision)
    return answer(
        {
            "patient": patient_view(found.patient),
            "revisions": shown,
            "courses": a_page(found.courses, MOST_COURSES, _course, lambda plan: (str(plan.id),)),
            "sessions": {"items": found.sessions, "next": write_place(found.following)},
            "demo": found.demo,
            "as_of": call.now,
        }
    )
