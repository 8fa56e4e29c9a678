"""The audit trail, for leads and auditors."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.cursors import After, Limit, read_cursor, write_cursor
from app.api.routes import router as make_router
from app.api.strict import AskedInstant, Id, Instant
from app.domain.audit import AuditEvent, event_document
from app.domain.people import Act
from app.services import audit

router = make_router()


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
    items: list[AuditEventOut]
    next: str | None


def _document(event: AuditEvent) -> dict[str, Any]:
    return dict(event_document(event))


@router.get("/v1/audit", response_model=AuditPageOut)
async def read_audit(
    call: Annotated[Call, allow(Act.READ_AUDIT)],
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
    filters = audit.Filters(session_id, patient_id, actor_id, action, since, until)
    events, following = await call.read(audit.read_page, filters, read_cursor(after, UUID), limit)
    place = write_cursor((str(following),)) if following else None
    return answer({"items": [_document(event) for event in events], "next": place})
