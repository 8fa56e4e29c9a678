"""What somebody approves: a version whole, what is new in it, and what it would have done to the last 90 days."""

from collections import Counter
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Response
from pydantic import Field

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.errors import refusals
from app.api.kept import SignerOut
from app.api.protocols import (
    ApprovalOut,
    ApproveIn,
    ProtocolId,
    ProtocolOut,
    Version,
    approval_document,
    protocol_document,
)
from app.api.routes import router as make_router
from app.api.signing import prove
from app.api.strict import Id, IfMatch, Instant
from app.clock import ticking
from app.db.protocols import ProtocolRow
from app.db.work import Work
from app.domain.documents import signer_document
from app.domain.people import Act
from app.domain.signatures import SignedKind, ToSign
from app.exchange.protocol_words import tell
from app.services import approvals, governance, protocols
from app.services.governance import FlagEffect, Moved

router = make_router()


class ChangedOut(Out):
    """A field of the file that differs; null where it is not there."""

    field: str
    before: Any
    after: Any


class ChangedWordsOut(Out):
    """A table that reads otherwise than before; `before` or `after` empty: it is new, or has gone."""

    table: str
    title: str
    before: list[str]
    after: list[str]


class SinceOut(Out):
    """The version that was approved last before this one."""

    version: int
    hash: str
    approvals: list[ApprovalOut]
    changes: list[ChangedOut]
    in_words: list[ChangedWordsOut]


class MovedOut(Out):
    """A past session whose flag would have moved: when it rose under the protocol it was treated by, and under this."""

    session_id: Id
    shift: FlagEffect
    pinned: Instant | None
    draft: Instant | None


class ReplayOut(Out):
    """This version over past sessions, compared with the ones they were treated by.

    `sessions`: of this route, looked at. `not_looked_at`: more of the last 90 days, of any route, beyond the bound of
    60 sessions and three seconds: of these nothing is said.
    """

    since: Instant
    until: Instant
    sessions: int
    not_looked_at: int
    same: int
    earlier: int
    later: int
    never: int
    new: int
    neither: int
    moved: list[MovedOut]


class ProtocolChangesOut(ProtocolOut):
    author: SignerOut | None = Field(description="null: an example that came with the program")
    may_approve: bool = Field(description="false: you wrote it, and somebody else of the clinic may approve it first")
    since: SinceOut | None = Field(description="null: no other version of this protocol was approved before")
    replay: ReplayOut


def _standing(work: Work, protocol_id: str, version: int) -> tuple[ProtocolRow, dict[str, Any]]:
    row = protocols.find(work, protocol_id, version)
    before = approvals.approved_before(work, row)
    author = approvals.author_of(work, row)
    return row, {
        **protocol_document(row),
        "author": signer_document(author) if author else None,
        "may_approve": approvals.may_approve(work, row),
        "since": _since(before, row) if before else None,
    }


def _since(before: ProtocolRow, row: ProtocolRow) -> dict[str, Any]:
    was, now = ({one.table: one for one in tell(protocols.parsed(each))} for each in (before, row))
    told = [
        {
            "table": table,
            "title": (now.get(table) or was[table]).title,
            "before": was[table].says if table in was else (),
            "after": now[table].says if table in now else (),
        }
        for table in dict.fromkeys([*now, *was])
    ]
    return {
        "version": before.version,
        "hash": before.hash,
        "approvals": [approval_document(each) for each in before.approvals],
        "changes": [asdict(one) for one in approvals.changes(before.document, row.document)],
        "in_words": [one for one in told if one["before"] != one["after"]],
    }


async def _replay(call: Call, row: ProtocolRow) -> dict[str, Any]:
    """One session a read, so that others come in between."""
    draft = protocols.parsed(row)
    found = await call.read(governance.recent_sessions)
    compared: list[Moved] = []
    looked, until = 0, ticking() + governance.BUDGET
    for session_id in found:
        if len(compared) >= governance.MOST or ticking() > until:
            break
        one = await call.read(governance.compare_recent, draft, session_id)
        looked += 1
        compared += [one] if one else []
    counts = Counter(one.shift for one in compared)
    moved = [one for one in compared if one.shift not in {FlagEffect.SAME, FlagEffect.NEITHER}]
    return {
        "since": call.now - governance.LAST,
        "until": call.now,
        "sessions": len(compared),
        "not_looked_at": len(found) - looked,
        **{shift.value: counts[shift] for shift in FlagEffect},
        "moved": [{**asdict(one), "shift": one.shift.value} for one in moved],
    }


async def _shown(call: Call, protocol_id: str, version: int) -> Response:
    row, document = await call.read(_standing, protocol_id, version)
    return answer({**document, "replay": await _replay(call, row)}, revision=row.revision)


@router.get("/v1/protocols/{protocol_id}/versions/{version}/changes", response_model=ProtocolChangesOut)
async def get_changes(
    protocol_id: ProtocolId, version: Version, call: Annotated[Call, allow(Act.APPROVE_PROTOCOLS)]
) -> Response:
    """What would be approved: the version whole, and what changed since the one that was approved last.

    And what a replay over the last 90 days says: each session it looks at is audited as looked at.
    """
    return await _shown(call, protocol_id, version)


@router.post(
    "/v1/protocols/{protocol_id}/versions/{version}/approve",
    response_model=ProtocolChangesOut,
    responses=refusals(409, 412, 428, 429),
)
async def approve_protocol(
    protocol_id: ProtocolId,
    version: Version,
    body: ApproveIn,
    call: Annotated[Call, allow(Act.APPROVE_PROTOCOLS)],
    if_match: IfMatch,
) -> Response:
    """Vouch for a version by name, signed, with the ETag of what was read.

    Its author alone cannot, where the clinic has somebody else who may. The answer shows what was approved.
    """
    seen = await call.read(protocols.find, protocol_id, version)
    to_sign = ToSign(SignedKind.PROTOCOL_APPROVAL, f"{protocol_id}/{version}", {"hash": seen.hash})
    proof = await prove(call, body, to_sign)
    # an ETag of another revision is another content than what was signed for, and refused
    await call.write(approvals.approve, protocol_id, version, if_match, proof)
    return await _shown(call, protocol_id, version)
