"""Sessions in a line each over HTTP: any found by patient, days, chair, signer and state; and a patient's last one."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from app.api.answers import answer
from app.api.board_models import BoardPatientOut
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.courses import PeaksOut
from app.api.cursors import After, Limit, read_cursor, write_cursor
from app.api.errors import refusals
from app.api.routes import router as make_router
from app.api.session_models import Number
from app.api.strict import Choice, Day, Id, Identifier
from app.db.session_search import SessionPlace, SoughtSessions
from app.domain.errors import Invalid
from app.domain.events import Route
from app.domain.instants import from_text, to_text
from app.domain.people import Act
from app.domain.records import Decision
from app.domain.sessions import SessionState
from app.domain.symptoms import Severity, SymptomCode
from app.domain.vitals import Vital
from app.services import session_lines
from app.services.session_lines import Days

router = make_router()


class LineProtocolOut(Out):
    id: str
    version: int


class LineConcernOut(Out):
    """A vital that was of concern, and how many of its values were."""

    vital: Vital
    count: int


class LineSymptomOut(Out):
    """A symptom at its worst; `severity` null: none was given. `serious`: a sign of toxicity, or severe."""

    code: SymptomCode
    severity: Severity | None
    serious: bool


class SessionLineOut(Out):
    """A session in a line. `at`: by which instant it stands among others: the arrival, else as planned.

    `told` false: what became of it cannot be read, and everything from `protocol` on is null: not known. `dose_mg`: all
    starts and devices together, as typed. `minutes_to_flag`, `minutes_to_leaving`: from the end of the dose, to when
    the criteria were last met anew and to when the session closed. `withdrawn`: how often the flag was. `decision`: the
    last signed one, by `signed_by`. `symptoms`: the serious ones first.
    """

    id: UUID
    patient: BoardPatientOut
    state: SessionState
    at: datetime | None
    course_id: UUID | None
    planned_at: datetime | None
    had_left_at: datetime | None
    dose_started_at: datetime | None
    route: Route | None
    chair: str | None
    peaks: PeaksOut | None
    open_notices: int | None
    failed: list[str] | None
    told: bool
    protocol: LineProtocolOut | None
    dose_mg: Number | None
    weight_kg: Number | None
    mg_per_kg: Number | None
    dose_ended_at: datetime | None
    flag_at: datetime | None
    minutes_to_flag: int | None
    withdrawn: int | None
    closed_at: datetime | None
    minutes_to_leaving: int | None
    decision: Decision | None
    signed_by: str | None
    signed_at: datetime | None
    signed_afterwards: bool | None
    concerns: list[LineConcernOut] | None
    symptoms: list[LineSymptomOut] | None
    medications: list[str] | None
    oxygen: bool | None
    pauses: int | None


class SignerNameOut(Out):
    id: UUID
    name: str


class SessionLinesOut(Out):
    """A page may be short, or empty, and still have a `next`: so far was looked, and there is more to look at."""

    items: list[SessionLineOut]
    next: str | None
    signers: list[SignerNameOut]
    demo: bool
    as_of: datetime


class SessionBeforeOut(Out):
    """`before` null: the patient has had no dose here before this session."""

    before: SessionLineOut | None
    as_of: datetime


def write_place(place: SessionPlace | None) -> str | None:
    """Where a list of sessions goes on, as a cursor."""
    return write_cursor((to_text(place.at), str(place.id)) if place else None)


def _place(at: str, this: str) -> SessionPlace:
    try:
        return SessionPlace(from_text(at), UUID(this))
    except (Invalid, OverflowError):
        raise ValueError(at) from None


FirstDay = Annotated[Day | None, Query(description="Of the clinic's calendar, inclusive")]
LastDay = Annotated[Day | None, Query(description="Of the clinic's calendar, inclusive")]
Chair = Annotated[
    Annotated[str, Identifier(40)] | None, Query(description="As it was typed; capitals and spaces do not matter")
]
Signer = Annotated[Id | None, Query(description="Who signed the last decision")]


@router.get("/v1/session-lines", response_model=None, responses={200: {"model": SessionLinesOut}, **refusals(400, 422)})
async def read_lines(
    call: Annotated[Call, allow(Act.READ_PATIENTS)],
    patient_id: Annotated[Id | None, Query()] = None,
    first_day: FirstDay = None,
    last_day: LastDay = None,
    chair: Chair = None,
    signer: Signer = None,
    state: Annotated[Choice[SessionState] | None, Query()] = None,
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """Sessions whatever their state, newest first, each in a line of what became of it."""
    sought = SoughtSessions(patient_id=patient_id, signer_id=signer, state=state.value if state else None)
    days = Days(first_day, last_day)
    found = await call.search(session_lines.search, sought, chair, days, read_cursor(after, _place), limit)
    return answer(
        {
            "items": found.items,
            "next": write_place(found.following),
            "signers": [{"id": this, "name": name} for this, name in found.signers],
            "demo": found.demo,
            "as_of": call.now,
        }
    )


@router.get("/v1/sessions/{session_id}/before", response_model=None, responses={200: {"model": SessionBeforeOut}})
async def read_before(session_id: Id, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """The patient's last session before this one in which a dose began: to be looked at before the next dose."""
    found: dict[str, Any] | None = await call.read(session_lines.before, session_id)
    return answer({"before": found, "as_of": call.now})
