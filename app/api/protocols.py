"""Protocols: what there is, and drafts."""

from dataclasses import asdict
from typing import Annotated, Any

from annotated_types import Ge, Le
from fastapi import Path, Response
from pydantic import RootModel

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.cursors import MOST, After, Limit, a_page, read_cursor
from app.api.errors import refusals
from app.api.kept import ProofOut, SignerOut
from app.api.routes import router as make_router
from app.api.signing import SignatureIn
from app.api.strict import Digits, IfMatch, Instant
from app.db.protocols import Approval, ProtocolRow
from app.domain.documents import proof_document, signer_document
from app.domain.numbers import whole
from app.domain.people import Act
from app.domain.vitals import ConsciousnessScale
from app.exchange.protocol_words import tell
from app.services import protocols

router = make_router()

ProtocolId = Annotated[str, Path(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Version = Annotated[int, Ge(1), Le(1_000_000), Digits, Path()]


class ProtocolIn(RootModel[dict[str, Any]]):
    """The whole protocol as JSON, of the same tables as the file. What is wrong is said with dotted paths."""


class ApproveIn(SignatureIn):
    """What is signed is the hash of the version, as it was read."""


class ApprovalOut(Out):
    by: SignerOut
    at: Instant
    proof: ProofOut | None


class ProtocolListedOut(Out):
    id: str
    version: int
    route: str
    consciousness_scale: ConsciousnessScale
    example: bool
    status: str
    hash: str
    revision: int
    approvals: list[ApprovalOut]


class ToldOut(Out):
    """One table of the protocol in plain words; `source`: where its numbers come from."""

    table: str
    title: str
    says: list[str]
    source: str | None


class ProtocolOut(ProtocolListedOut):
    document: dict[str, Any]
    in_words: list[ToldOut]


class ProtocolListOut(Out):
    items: list[ProtocolListedOut]
    next: str | None


def approval_document(approval: Approval) -> dict[str, Any]:
    """Who approved it, when, and what proved who they are."""
    proof = proof_document(approval.proof) if approval.proof else None
    return {"by": signer_document(approval.by), "at": approval.at, "proof": proof}


def _place(protocol_id: str, version: str) -> tuple[str, int]:
    return protocol_id, whole(version)


def listed_document(row: ProtocolRow) -> dict[str, Any]:
    """One version as it stands in a list."""
    return {
        "id": row.protocol_id,
        "version": row.version,
        "route": row.document["route"],
        "consciousness_scale": protocols.parsed(row).consciousness_scale.value,
        "example": row.example,
        "status": "approved" if row.approvals else "draft",
        "hash": row.hash,
        "revision": row.revision,
        "approvals": [approval_document(each) for each in row.approvals],
    }


def protocol_document(row: ProtocolRow) -> dict[str, Any]:
    """One version as it is shown, whole."""
    told = [asdict(one) for one in tell(protocols.parsed(row))]
    return {**listed_document(row), "document": row.document, "in_words": told}


@router.get("/v1/protocols", response_model=ProtocolListOut)
async def list_protocols(
    call: Annotated[Call, allow(Act.READ_PROTOCOLS)], after: After = None, limit: Limit = MOST
) -> Response:
    """Versions of the clinic by id and number, drafts too."""
    rows = await call.read(protocols.read_page, read_cursor(after, _place), limit + 1)
    return answer(a_page(rows, limit, listed_document, lambda row: (row.protocol_id, str(row.version))))


@router.get("/v1/protocols/{protocol_id}/versions/{version}", response_model=ProtocolOut)
async def get_protocol(
    protocol_id: ProtocolId, version: Version, call: Annotated[Call, allow(Act.READ_PROTOCOLS)]
) -> Response:
    """One version, whole."""
    row = await call.read(protocols.find, protocol_id, version)
    return answer(protocol_document(row), revision=row.revision)


@router.put(
    "/v1/protocols/{protocol_id}/versions/{version}",
    response_model=ProtocolOut,
    responses={201: {"model": ProtocolOut}, **refusals(409, 412, 428)},
)
async def put_protocol(
    protocol_id: ProtocolId,
    version: Version,
    body: ProtocolIn,
    call: Annotated[Call, allow(Act.WRITE_PROTOCOLS)],
    if_match: IfMatch,
) -> Response:
    """Keep a draft. It is checked as `protocol check` does; an approved version never changes."""
    protocol = protocols.checked(body.root)
    change = await call.write(protocols.put_draft, protocol_id, version, protocol, if_match)
    row = await call.read(protocols.find, protocol_id, version)
    return answer(protocol_document(row), status=201 if change.created else 200, revision=row.revision)
