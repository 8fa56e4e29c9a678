"""The audit trail, for leads and auditors: saved questions, a check of every link, and anchors to take along."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.cursors import After, Limit, read_cursor, write_cursor
from app.api.errors import refusals
from app.api.routes import router as make_router
from app.api.strict import AskedInstant, Choice, Id, Instant
from app.db.work import Work
from app.domain.audit import Tampering, event_document
from app.domain.numbers import whole
from app.domain.people import Act
from app.domain.questions import Question
from app.services import audit
from app.services.audit import CheckedPart, CheckPlace

router = make_router()
LINES = "application/x-ndjson"


class ActorOut(Out):
    id: Id | None
    name: str
    role: str


class AuditEventOut(Out):
    id: Id
    clinic_id: Id
    stream: str
    at: Instant
    wall_at: Instant
    action: str
    actor: ActorOut
    tablet_id: Id | None
    subject: str
    subject_id: str
    session_id: Id | None
    patient_id: Id | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str | None


class AuditPageOut(Out):
    """`tablets`: what those that these events name are called now, by id."""

    items: list[AuditEventOut]
    tablets: dict[str, str]
    next: str | None


class BadRowOut(Out):
    """`kind`: what was done to it, as far as the hashes tell; `because`: how that shows."""

    stream: str
    position: int
    event_id: Id | None
    kind: Tampering
    because: str


class CheckedOut(Out):
    """`links`: those that hold, in order, of this part. `unsealed`: events that wait for the next seal."""

    chains: int
    links: int
    unsealed: int
    broken: list[BadRowOut]
    next: str | None


def _page(work: Work, filters: audit.Filters, after: UUID | None, limit: int) -> dict[str, Any]:
    events, following = audit.read_page(work, filters, after, limit)
    named = {event.tablet_id for event in events}
    called = audit.tablet_names(work) if named - {None} else {}
    return {
        "items": [dict(event_document(event)) for event in events],
        "tablets": {str(this): name for this, name in called.items() if this in named},
        "next": write_cursor((str(following),)) if following else None,
    }


@router.get("/v1/audit", response_model=AuditPageOut, responses=refusals(400))
async def read_audit(
    call: Annotated[Call, allow(Act.READ_AUDIT)],
    question: Annotated[Choice[Question] | None, Query(description="Only what answers it")] = None,
    session_id: Annotated[UUID | None, Query()] = None,
    patient_id: Annotated[UUID | None, Query()] = None,
    actor_id: Annotated[UUID | None, Query()] = None,
    action: Annotated[str | None, Query(pattern=r"^[a-z-]+\.[a-z-]+$", max_length=64)] = None,
    since: Annotated[AskedInstant | None, Query(description="Inclusive, by the clinic's clock")] = None,
    until: Annotated[AskedInstant | None, Query(description="Exclusive, by the clinic's clock")] = None,
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """Who did what to what, when, on which tablet, before and after, and why; newest first."""
    filters = audit.Filters(session_id, patient_id, actor_id, action, since, until, question)
    return answer(await call.search(_page, filters, read_cursor(after, UUID), limit))


def _checked(part: CheckedPart) -> dict[str, Any]:
    place = part.following
    return {
        "chains": part.chains,
        "links": part.links,
        "unsealed": part.unsealed,
        "broken": [
            {
                "stream": stream,
                "position": bad.position,
                "event_id": bad.event_id,
                "kind": bad.kind,
                "because": bad.because,
            }
            for stream, bad in part.wrong
        ],
        "next": None if place is None else write_cursor((place.stream, str(place.position))),
    }


def _place(stream: str, position: str) -> CheckPlace:
    return CheckPlace(stream, whole(position))


@router.get("/v1/audit/check", response_model=CheckedOut, responses=refusals(400))
async def check_audit(call: Annotated[Call, allow(Act.READ_AUDIT)], after: After = None) -> Response:
    """Checks a part of the audit, link by link, from `after` on; go on until `next` is null.

    Each chain is held against itself, the seals and its stream's own row. Not against anchors kept elsewhere, nor is
    what was made from the journal: the operator's `audit verify` does both.
    """
    return answer(_checked(await call.search(audit.check_part, read_cursor(after, _place), call.wall)))


@router.get(
    "/v1/audit/anchor",
    response_class=Response,
    responses={200: {"content": {LINES: {"schema": {"type": "string"}}}, "description": "One link a line, as JSON"}},
)
async def take_anchor(call: Annotated[Call, allow(Act.READ_AUDIT)]) -> Response:
    """The newest link of every chain, to be kept where nobody of this service can write; `audit verify` takes it."""
    found = await call.search(audit.take_anchor)
    lines = "".join(f"{one.line()}\n" for one in found)
    name = f"anchor-{call.actor.clinic_id}-{call.wall:%Y-%m-%d}.ndjson"
    return Response(lines, media_type=LINES, headers={"Content-Disposition": f'attachment; filename="{name}"'})
