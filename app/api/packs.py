"""A session's pack over HTTP: the ZIP, or one part of it."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import Response

from app.api.calls import Call, allow
from app.api.readiness import up_to_date
from app.api.routes import router as make_router
from app.api.strict import Choice, Id
from app.domain.people import Act
from app.exchange.pack import FORMAT, FORMAT_VERSION, PARTS, PackContent, Part, make_pack, make_part
from app.services import packs

router = make_router()

BYTES = {"schema": {"type": "string", "format": "binary"}}
_FORMS: dict[Part, dict[str, Any]] = {
    Part.MANIFEST: {
        "schema": {
            "type": "object",
            "description": "Canonical JSON (RFC 8785), digests and audit proof in it",
            "required": ["format", "format_version", "record", "record_digest", "parts", "audit", "digest"],
            "properties": {"format": {"const": FORMAT}, "format_version": {"const": FORMAT_VERSION}},
        }
    },
    Part.PDF: BYTES,
    Part.BUNDLE: {
        "schema": {
            "type": "object",
            "description": "A FHIR R4 document",
            "required": ["resourceType", "type", "entry"],
            "properties": {"resourceType": {"const": "Bundle"}, "type": {"const": "document"}},
        }
    },
    Part.CSV: {"schema": {"type": "string"}},
}
ZIP = "application/zip"


async def _take(call: Call, session_id: UUID, part: str) -> PackContent:
    found: PackContent = await up_to_date(call, lambda work, asked: packs.take(work, asked, part), session_id)
    return found


def _file(data: bytes, media_type: str, name: str) -> Response:
    # named by ids alone: what a person typed never becomes the name of a file
    return Response(data, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.get(
    "/v1/sessions/{session_id}/pack",
    response_class=Response,
    responses={200: {"content": {ZIP: BYTES}, "description": "The pack"}},
)
async def read_pack(session_id: Id, call: Annotated[Call, allow(Act.PACK_SESSION)]) -> Response:
    """The session to take along: manifest with the audit proof, PDF, CSV, as one ZIP that can be verified offline."""
    taken = await _take(call, session_id, "zip")
    # drawing takes longer than reading: the other requests go on meanwhile
    return _file(await asyncio.to_thread(make_pack, taken), ZIP, f"session-{session_id}.zip")


@router.get(
    "/v1/sessions/{session_id}/pack/{part}",
    response_class=Response,
    responses={
        200: {
            "content": {facts.media_type: _FORMS[part] for part, facts in PARTS.items()},
            "description": "One part of the pack",
        }
    },
)
async def read_part(session_id: Id, part: Choice[Part], call: Annotated[Call, allow(Act.PACK_SESSION)]) -> Response:
    """One part of the pack, as it would stand in the ZIP if it were made now."""
    taken = await _take(call, session_id, part.value)
    facts = PARTS[part]
    return _file(await asyncio.to_thread(make_part, taken, part), facts.media_type, f"{session_id}-{facts.name}")
