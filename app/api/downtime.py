"""Downtime sheets over HTTP: pages to chart on by hand while the service cannot be reached."""

import asyncio
from typing import Annotated, Any

from fastapi import Response

from app.api.calls import Call, allow
from app.api.monitoring import PDF
from app.api.routes import router as make_router
from app.domain.downtime import DowntimeSheets
from app.domain.people import Act
from app.exchange.downtime import print_sheets
from app.services import downtime

router = make_router()
PAGES: dict[int | str, dict[str, Any]] = {
    200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}, "description": "The pages"}
}


async def _pages(sheets: DowntimeSheets, name: str) -> Response:
    data = await asyncio.to_thread(print_sheets, sheets)
    return Response(data, media_type=PDF, headers={"Content-Disposition": f'attachment; filename="{name}.pdf"'})


@router.get("/v1/downtime-sheets.pdf", response_class=Response, responses=PAGES)
async def read_sheets(call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """A sheet for every session under way, with what the record holds of it, by chair; then blank ones."""
    return await _pages(await call.read(downtime.read), "downtime-sheets")


@router.get("/v1/downtime-sheets/blank.pdf", response_class=Response, responses=PAGES)
async def read_blank_sheets(call: Annotated[Call, allow(Act.READ_PROTOCOLS)]) -> Response:
    """A blank sheet for each protocol in use: the newest approved version of it."""
    return await _pages(await call.read(downtime.blank), "downtime-blank")
