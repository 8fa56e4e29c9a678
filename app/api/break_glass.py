"""Break-glass over HTTP: opening one patient of another clinic of the organisation, and a lead's list of openings."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import Response

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.cursors import MOST, After, Limit, a_page, read_number
from app.api.errors import refusals
from app.api.kept import SignerOut
from app.api.patients import PatientContent
from app.api.readiness import up_to_date
from app.api.routes import router as make_router
from app.api.session_models import SessionOut
from app.api.session_view import session_view
from app.api.strict import Body, Day, Id, Identifier, Instant, Text
from app.db.break_glass import Opened
from app.db.work import Work
from app.domain.documents import patient_document
from app.domain.events import Route
from app.domain.people import Act, Clinic
from app.domain.sessions import SessionState
from app.domain.texts import NOTE
from app.services import break_glass, organisations
from app.services.break_glass import Identifiers, OwnOpening, SessionLine

router = make_router()
Opens = Annotated[Call, allow(Act.BREAK_GLASS)]


class SisterOut(Out):
    id: Id
    name: str


class OrganisationOut(Out):
    """`name` null: this clinic is of none. `clinics`: the others of it."""

    name: str | None
    clinics: list[SisterOut]


class OpeningIn(Body):
    """Whom to open: record number and birth date both have to be right. `reason`: for that clinic's leads to read."""

    clinic_id: Id
    record_number: Annotated[str, Identifier()]
    birth_date: Day
    reason: Annotated[str, Text(NOTE, lines=True)]


class OpeningOut(Out):
    """`until`: on the wall clock; it can be read until then.

    `ended_at`: when whoever opened it said that they were done, by the clinic's clock: it is shut since.
    """

    id: Id
    clinic_id: Id
    patient_id: Id
    reason: str
    until: Instant
    ended_at: Instant | None


class OpenedPatientOut(PatientContent):
    id: Id


class OpenedSessionOut(Out):
    """`at`: by which instant it stands among the others; null where nothing says one."""

    id: Id
    at: Instant | None
    state: SessionState
    route: Route
    planned_at: Instant | None
    chair: str | None


class LookOut(OpeningOut):
    """`clinic`: what the other clinic is called."""

    clinic: str
    patient: OpenedPatientOut
    sessions: list[OpenedSessionOut]


class ReviewIn(Body):
    note: Annotated[str, Text(NOTE, lines=True)]


class ReviewOut(Out):
    reviewed_by: SignerOut
    reviewed_at: Instant
    note: str


class ListedOut(Out):
    """Who opened what of this clinic. `clinic`, `staff_id`, `until` null: the operator looked once, at the console.

    `ended_at`: when they said that they were done with it; null where its hour ended it, or has yet to.
    """

    id: Id
    patient_id: Id
    session_id: Id | None
    opened_by: SignerOut
    clinic: str | None
    opened_at: Instant
    until: Instant | None
    ended_at: Instant | None
    reason: str
    review: ReviewOut | None


class ListOut(Out):
    items: list[ListedOut]
    next: str | None


def _opening(found: Opened) -> dict[str, object]:
    opening = found.opening
    return {
        "id": found.id,
        "clinic_id": found.clinic_id,
        "patient_id": opening.patient_id,
        "reason": found.reason,
        "until": opening.until,
        "ended_at": found.ended_at,
    }


def _line(line: SessionLine) -> dict[str, object]:
    header = line.header
    return {
        "id": line.id,
        "at": line.at,
        "state": line.state,
        "route": header.route,
        "planned_at": header.planned_at,
        "chair": header.chair,
    }


def _listed(found: Opened) -> dict[str, object]:
    review: dict[str, object] | None = None
    if found.review is not None:
        by = {"staff_id": found.review.staff_id, "name": found.review.name, "role": "lead"}
        review = {"reviewed_by": by, "reviewed_at": found.review.at, "note": found.review.note}
    opening = found.opening
    return {
        "id": found.id,
        "patient_id": opening.patient_id,
        "session_id": opening.session_id,
        "opened_by": {"staff_id": opening.by_staff_id, "name": found.name, "role": found.role},
        "clinic": opening.by_clinic,
        "opened_at": found.at,
        "until": opening.until,
        "ended_at": found.ended_at,
        "reason": found.reason,
        "review": review,
    }


def _there(call: Call, home: Clinic, clinic_id: Id) -> Call:
    """The same call in the other clinic: what is looked at and refused there is on record there."""
    return replace(call, actor=break_glass.visiting(call.actor, home, clinic_id))


@router.get("/v1/organisation", response_model=OrganisationOut)
async def read_organisation(call: Opens) -> Response:
    """The organisation of the clinic, and its other clinics: of these one may open a patient, with a reason."""
    name, others = await call.read(organisations.sisters)
    return answer({"name": name, "clinics": [{"id": each.id, "name": each.name} for each in others]})


@router.put(
    "/v1/break-glass/{opening_id}",
    response_model=OpeningOut,
    responses={201: {"model": OpeningOut}, **refusals(409, 429)},
)
async def open_patient(opening_id: Id, body: OpeningIn, call: Opens) -> Response:
    """Open one patient of another clinic of the organisation for an hour, to read. Both clinics have it on record."""
    home, other = await call.read(break_glass.sister, body.clinic_id)
    # at home first: nothing is opened that is not on record there
    await call.write(break_glass.ask, opening_id, other.id, body.reason)
    wanted = Identifiers(body.record_number, body.birth_date)
    there = _there(call, home, other.id)
    found, new = await there.write_by_page(break_glass.open_one, opening_id, home, wanted, body.reason, call.wall)
    return answer(_opening(found), status=201 if new else 200)


async def _mine(call: Call, opening_id: Id) -> tuple[Call, OwnOpening]:
    found = await call.read(break_glass.opened, opening_id, call.wall)
    return _there(call, found.home, found.other.id), found


@router.get("/v1/break-glass/{opening_id}", response_model=LookOut)
async def read_opened(opening_id: Id, call: Opens) -> Response:
    """The patient whom one has opened, and their sessions."""
    there, mine = await _mine(call, opening_id)
    found = mine.opened
    kept, sessions = await there.read(break_glass.look, found)
    patient = {"id": found.opening.patient_id, **patient_document(kept.value)}
    lines = [_line(line) for line in sessions]
    return answer({**_opening(found), "clinic": mine.other.name, "patient": patient, "sessions": lines})


@router.get(
    "/v1/break-glass/{opening_id}/sessions/{session_id}", response_model=None, responses={200: {"model": SessionOut}}
)
async def read_opened_session(opening_id: Id, session_id: Id, call: Opens) -> Response:
    """The whole record of a session of the patient whom one has opened."""
    there, mine = await _mine(call, opening_id)

    def read(work: Work, this: Id) -> Any:
        return break_glass.read_session(work, this, mine.opened)

    return answer(session_view(await up_to_date(there, read, session_id)))


@router.post("/v1/break-glass/{opening_id}/end", status_code=204, response_model=None)
async def end_opened(opening_id: Id, call: Opens) -> Response:
    """Shut what one has opened, before its time. Both clinics have it on record; what is over stays as it is."""
    found = await call.read(break_glass.mine, opening_id)
    await _there(call, found.home, found.other.id).write_by_page(break_glass.end, opening_id, call.wall)
    await call.write(break_glass.leave, opening_id, found.other.id)
    return Response(status_code=204)


@router.get("/v1/break-glass", response_model=ListOut)
async def list_openings(
    call: Annotated[Call, allow(Act.READ_BREAK_GLASS)],
    status: Literal["waiting", "reviewed"] = "waiting",
    after: After = None,
    limit: Limit = MOST,
) -> Response:
    """Who has opened what of this clinic, oldest first: what no lead has looked at yet (`waiting`), or what one has."""
    reviewed = status == "reviewed"
    found = await call.read(break_glass.read_page, reviewed=reviewed, after=read_number(after), limit=limit + 1)
    return answer(a_page(found, limit, _listed, lambda one: (str(one.place),)))


@router.post("/v1/break-glass/{opening_id}/review", response_model=ListedOut, responses=refusals(409))
async def review_opening(
    opening_id: Id, body: ReviewIn, call: Annotated[Call, allow(Act.REVIEW_BREAK_GLASS)]
) -> Response:
    """Say that one has looked at an opening, with a note. It leaves the list of what waits."""
    return answer(_listed(await call.write(break_glass.review, opening_id, body.note)))
