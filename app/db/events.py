"""Events: what was given or done. Inserted once, never changed."""

from uuid import UUID

from sqlalchemy import bindparam, select

from app.db import sheets, voids
from app.db.tables import events
from app.db.work import Work
from app.domain.documents import event_document, event_from
from app.domain.events import Event
from app.domain.records import EventHistory

_FIND = select(events).where(events.c.clinic_id == bindparam("clinic"), events.c.id == bindparam("this"))


def find(work: Work, event_id: UUID) -> tuple[UUID, EventHistory] | None:
    """(session id, event) by the event's id, anywhere in the clinic: whether the session fits is for the caller."""
    row = work.first(_FIND, this=event_id)
    if row is None:
        return None
    void = voids.find(work, row.session_id, "event", event_id)
    return row.session_id, EventHistory(event=sheets.kept(row, event_from(row.document)), void=void)


def keep(work: Work, session_id: UUID, event: Event, reason: str | None = None) -> None:
    """Keeps an event. An id that the clinic knows already is refused (`AlreadyKept`)."""
    work.insert(
        events,
        session_id=session_id,
        id=event.id,
        kind=event.kind.value,
        at=event.at,
        **work.stamp(event_document(event), reason),
    )
