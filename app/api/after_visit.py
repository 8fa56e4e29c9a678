"""The after-visit sheet of a session over HTTP, as JSON and as a page to print."""

import asyncio
import functools
from datetime import date, datetime
from typing import Annotated

from fastapi import Response

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.errors import refusals
from app.api.monitoring import PDF
from app.api.readiness import up_to_date
from app.api.routes import router as make_router
from app.api.strict import Id
from app.domain.people import Act
from app.exchange.after_visit import print_sheet, sheet_document
from app.services import after_visit
from app.services.after_visit import AfterVisitSheet

router = make_router()


class SheetPatientOut(Out):
    family_name: str
    given_name: str
    birth_date: date
    record_number: str


class SheetValueOut(Out):
    label: str
    words: str


class SheetValuesOut(Out):
    measured_at: datetime
    items: list[SheetValueOut]


class AfterVisitOut(Out):
    """`instructions`: the clinic's own. `signed_by` null: nobody has. `values` null: they are not shown here."""

    session_id: Id
    demo: bool
    patient: SheetPatientOut
    clinic: str
    address: str | None
    phone: str
    instructions: str
    left_at: datetime
    signed_by: str | None
    signed_at: datetime | None
    values: SheetValuesOut | None


@router.get(
    "/v1/sessions/{session_id}/after-visit-sheet",
    response_model=None,
    responses={200: {"model": AfterVisitOut}, **refusals(409)},
)
async def read_sheet(session_id: Id, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """What a discharged patient takes home: the clinic's own instructions, whom to call, who signed when."""
    found: AfterVisitSheet = await up_to_date(call, after_visit.read, session_id)
    return answer(sheet_document(found.session_id, found.sheet, demo=found.demo))


@router.get(
    "/v1/sessions/{session_id}/after-visit-sheet.pdf",
    response_class=Response,
    responses={
        200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}, "description": "The page"},
        **refusals(409),
    },
)
async def read_sheet_page(session_id: Id, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """The same as a page in large type."""
    found: AfterVisitSheet = await up_to_date(call, after_visit.read, session_id)
    drawn = functools.partial(print_sheet, demo=found.demo, at=found.at, by=found.by)
    data = await asyncio.to_thread(drawn, found.session_id, found.sheet)
    name = f'attachment; filename="after-visit-{session_id}.pdf"'
    return Response(data, media_type=PDF, headers={"Content-Disposition": name})
