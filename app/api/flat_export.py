"""The flat export: one table in one format, streamed a page of sessions at a time."""

import asyncio
from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response, StreamingResponse

from app.api.calls import Call, allow
from app.api.errors import refusals
from app.api.identify import still_signed_in
from app.api.routes import router as make_router
from app.api.strict import AskedInstant
from app.db.work import service_actor
from app.domain.people import Act
from app.exchange.flat import (
    MEDIA_TYPES,
    TABLES,
    Disguise,
    Encoder,
    FileFormat,
    TableName,
    WholeSession,
    encoder,
    rows_of,
)
from app.services import flat_export, readiness
from app.services.flat_export import Asked, SessionsDue

router = make_router()

_FILES = [(f"{table.name}_{form.name}", f"{table.value}.{form.value}") for table in TableName for form in FileFormat]
ExportFile = StrEnum("ExportFile", _FILES)  # type: ignore[misc]  # the names of the files, each table in each format
EXPORT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The whole table, one row after the other. An answer cut short is no whole file: the connection "
        "breaks. The columns are in the data dictionary.",
        "content": {media_type: {"schema": {"type": "string"}} for media_type in MEDIA_TYPES.values()},
    }
}


class Interrupted(Exception):
    """The sign-in ended while its export was on the way: the answer is cut, so that nobody takes it for whole."""


@router.get("/v1/export/{file}", response_model=None, response_class=Response, responses=EXPORT | refusals(501))
async def export(
    request: Request,
    file: ExportFile,
    call: Annotated[Call, allow(Act.EXPORT_RECORD)],
    identifiers: Annotated[
        bool, Query(description="false: no names, numbers, free text; ids hashed, dates shifted by patient")
    ] = True,
    since: Annotated[AskedInstant | None, Query(description="Sessions held at or after it")] = None,
    until: Annotated[AskedInstant | None, Query(description="Sessions held before it")] = None,
) -> Response:
    """One table of the clinic's record, for research: see the data dictionary for its columns."""
    name, _, ending = file.value.partition(".")
    table, form = TableName(name), FileFormat(ending)
    asked = Asked((table,), form, not identifiers, since, until)
    mask = None if identifiers else flat_export.disguise(call.shared.export_key, call.actor.clinic_id)
    # in a thread: encoding must not hold up those who chart
    writer = await asyncio.to_thread(encoder, form, TABLES[table].shown(without_identifiers=not identifiers))
    pages = await call.read(flat_export.begin, asked, mask)

    async def content() -> AsyncIterator[bytes]:
        yield writer.begin()
        for ids in pages:
            if not await still_signed_in(request, call.shared):
                raise Interrupted
            wholes = await _page(call, asked, ids)
            yield await asyncio.to_thread(_encoded, writer, table, wholes, mask)
        yield await asyncio.to_thread(writer.end)

    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{file.value}"'}
    return StreamingResponse(content(), media_type=MEDIA_TYPES[form], headers=headers)


def _encoded(writer: Encoder, table: TableName, wholes: list[WholeSession], mask: Disguise | None) -> bytes:
    return writer.rows([row for whole in wholes for row in rows_of(TABLES[table], whole, mask)])


async def _page(call: Call, asked: Asked, ids: list[UUID]) -> list[WholeSession]:
    try:
        return await call.read(flat_export.page, asked, ids)
    except SessionsDue as due:
        for session_id in due.session_ids:
            service = service_actor(call.actor.clinic_id)
            await call.database.write(readiness.catch_up, service, call.asked, session_id)
        return await call.read(flat_export.page, asked, ids)
