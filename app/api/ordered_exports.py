"""What one has ordered of bulk exports, for a screen: how each stands, and its files.

Ordered, fetched and ended they are under /fhir, as machines do it.
"""

from typing import Annotated, Any

from fastapi import Response

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.routes import router as make_router
from app.api.strict import Id, Instant
from app.domain.exports import Export, ExportState, Level
from app.domain.people import Act
from app.services.fhir import exports

router = make_router()


class OrderedFileOut(Out):
    """`count` resources of one type, one a line; to be fetched at `address`."""

    type: str
    count: int
    size: int
    address: str


class OrderedExportOut(Out):
    """`count`: resources so far. `files`: only of one that is done. `expires_at`: by the wall clock."""

    id: Id
    level: Level
    state: ExportState
    asked_at: Instant
    count: int
    expires_at: Instant | None
    files: list[OrderedFileOut]


class OrderedExportsOut(Out):
    items: list[OrderedExportOut]


def _shown(export: Export) -> dict[str, Any]:
    files = sorted(export.progress.files, key=lambda file: (file.type, file.name))
    return {
        "id": export.id,
        "level": export.order.level.value,
        "state": export.state.value,
        "asked_at": export.asked_at,
        "count": sum(file.count for file in files),
        "expires_at": export.expires_at,
        "files": [
            {
                "type": file.type,
                "count": file.count,
                "size": file.size,
                "address": f"/fhir/$export/{export.id}/{file.name}",
            }
            for file in files
            if export.state is ExportState.DONE
        ],
    }


@router.get("/v1/exports", response_model=OrderedExportsOut)
async def read_exports(call: Annotated[Call, allow(Act.EXPORT_FHIR)]) -> Response:
    """The exports that whoever asks has ordered and that have not ended, the newest first."""
    found = await call.read(exports.mine, call.wall)
    return answer({"items": [_shown(export) for export in found]})
