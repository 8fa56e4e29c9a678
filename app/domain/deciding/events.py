"""Events: what was given or done. Kept in any order; only a dose waits for the start gate."""

from dataclasses import replace
from uuid import UUID

from app.domain import keeping
from app.domain.deciding import SAME_AGAIN, Standing, ToKeep
from app.domain.documents import event_content, event_document, void_document
from app.domain.errors import Conflict, NotFound
from app.domain.events import DOSE_KINDS, Addendum, Event
from app.domain.journal import Kind
from app.domain.readings import Reading
from app.domain.records import EventHistory, SessionRecord, Void
from app.domain.sessions import Door, door_of
from app.domain.starting import check_start_gate
from app.domain.typed import check_event


class NoSuchEvent(NotFound):
    """There is no event under this id in this session."""

    code = "no-such-event"


class OtherEvent(Conflict):
    """This id holds another event already; void it and enter the right one under its own id."""

    code = "same-id-other-content"


class EventVoid(Conflict):
    """This event was voided."""

    code = "event-void"


def find(record: SessionRecord, event_id: UUID) -> EventHistory | None:
    """One event of this record."""
    return next((held for held in record.events if held.event.value.id == event_id), None)


def the_one(record: SessionRecord, event_id: UUID) -> EventHistory:
    """As `find`. Raises `NoSuchEvent`."""
    held = find(record, event_id)
    if held is None:
        raise NoSuchEvent
    return held


def put(session: Standing, event: Event) -> ToKeep:
    """A new event; the same again changes nothing."""
    held = find(session.record, event.id)
    if held is not None:
        if event_content(held.event.value) == event_content(event):
            return SAME_AGAIN
        raise OtherEvent(kept=event_document(held.event.value), offered=event_document(event))
    session.check(door_of(event.kind, carries_reading=_late_reading(event) is not None))
    check_event(event, session.record.header.value.route, session.asked_at)
    if event.kind in DOSE_KINDS:
        check_start_gate(session.record, session.protocol, event.at)
    doubted = replace(event, clock_doubtful=session.clock_doubtful)
    return ToKeep((keeping.event(doubted),), f"the event {event.kind.value}")


def void(session: Standing, event_id: UUID, reason: str) -> ToKeep:
    """Marks an event as entered in error. The same reason again changes nothing."""
    history = the_one(session.record, event_id)
    if history.void is not None:
        if history.void.value.reason == reason:
            return SAME_AGAIN
        raise EventVoid(
            f"this event was voided already: {history.void.value.reason}",
            kept=void_document(history.void.value),
            offered=void_document(Void(event_id, reason)),
        )
    session.check(Door.VOID)
    kind = history.event.value.kind.value
    return ToKeep((keeping.void(Kind.EVENT_VOID, Void(event_id, reason)),), f"a void of the event {kind}")


def _late_reading(event: Event) -> Reading | None:
    return event.detail.reading if isinstance(event.detail, Addendum) else None
