"""Revisions of a session's sheets over HTTP, oldest first."""

from typing import Annotated

from fastapi import Response

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.cursors import MOST, After, Limit, a_page, by_revision, read_number
from app.api.routes import router as make_router
from app.api.session_models import ClearanceOut, EscortOut, HeaderOut, ScreeningOut
from app.api.session_view import header_view, sheet_view
from app.api.strict import Id
from app.domain.documents import clearance_document, escort_document, screening_document
from app.domain.people import Act
from app.services import session_history

router = make_router()


class HeaderHistoryOut(Out):
    items: list[HeaderOut]
    next: str | None


class ScreeningHistoryOut(Out):
    items: list[ScreeningOut]
    next: str | None


class SessionClearanceHistoryOut(Out):
    items: list[ClearanceOut]
    next: str | None


class EscortHistoryOut(Out):
    items: list[EscortOut]
    next: str | None


@router.get("/v1/sessions/{session_id}/history", response_model=None, responses={200: {"model": HeaderHistoryOut}})
async def read_headers(
    session_id: Id, call: Annotated[Call, allow(Act.READ_PATIENTS)], after: After = None, limit: Limit = MOST
) -> Response:
    """Revisions of the session's header."""
    found = await call.read(session_history.headers, session_id, read_number(after), limit + 1)
    return answer(a_page(found, limit, lambda kept: {"id": session_id, **header_view(kept)}, by_revision))


@router.get(
    "/v1/sessions/{session_id}/screening/history",
    response_model=None,
    responses={200: {"model": ScreeningHistoryOut}},
)
async def read_screenings(
    session_id: Id, call: Annotated[Call, allow(Act.READ_PATIENTS)], after: After = None, limit: Limit = MOST
) -> Response:
    """Revisions of the eight answers."""
    found = await call.read(session_history.screenings, session_id, read_number(after), limit + 1)
    return answer(a_page(found, limit, lambda kept: sheet_view(kept, screening_document), by_revision))


@router.get(
    "/v1/sessions/{session_id}/clearance/history",
    response_model=None,
    responses={200: {"model": SessionClearanceHistoryOut}},
)
async def read_clearances(
    session_id: Id, call: Annotated[Call, allow(Act.READ_PATIENTS)], after: After = None, limit: Limit = MOST
) -> Response:
    """Revisions of a clinician's clearance of this one session."""
    found = await call.read(session_history.clearances, session_id, read_number(after), limit + 1)
    return answer(a_page(found, limit, lambda kept: sheet_view(kept, clearance_document), by_revision))


@router.get(
    "/v1/sessions/{session_id}/escort/history", response_model=None, responses={200: {"model": EscortHistoryOut}}
)
async def read_escorts(
    session_id: Id, call: Annotated[Call, allow(Act.READ_PATIENTS)], after: After = None, limit: Limit = MOST
) -> Response:
    """Revisions of who takes the patient home."""
    found = await call.read(session_history.escorts, session_id, read_number(after), limit + 1)
    return answer(a_page(found, limit, lambda kept: sheet_view(kept, escort_document), by_revision))
