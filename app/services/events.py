"""Events: what was given or done. Kept in any order; only a dose waits for the start gate."""

from dataclasses import replace
from uuid import UUID

from app.db import events, sessions, voids
from app.db.work import Work
from app.domain.documents import event_content, event_document, void_document
from app.domain.errors import Conflict, NotFound
from app.domain.events import CLINICIAN_KINDS, DOSE_KINDS, Addendum, Event
from app.domain.people import Act, check_may
from app.domain.readings import Reading
from app.domain.records import EventHistory, SessionRecord, Void
from app.domain.screening import check_start_gate
from app.domain.sessions import ACTIVE, Door, door_of, state_of
from app.domain.typed import check_event
from app.services.session_work import OpenSession, clock_in_doubt, kept_now, open_session, settle


class NoSuchEvent(NotFound):
    """There is no event under this id in this session."""

    code = "no-such-event"


class OtherEvent(Conflict):
    """This id holds another event already; void it and enter the right one under its own id."""

    code = "same-id-other-content"


class EventVoid(Conflict):
    """This event was voided."""

    code = "event-void"


class OtherSessionActive(Conflict):
    """This patient has another session under way: close that one first."""

    code = "other-session-active"


def put(work: Work, session_id: UUID, event: Event) -> tuple[OpenSession, EventHistory, bool]:
    """Keeps an event; the same again changes nothing. Returns the session, the event, and whether it is new."""
    check_may(work.actor, Act.SIGN if event.kind in CLINICIAN_KINDS else Act.CHART)
    session = open_session(work, session_id)
    found = events.find(work, event.id)
    if found is not None:
        where, held = found
        if where != session_id:
            raise NoSuchEvent
        if event_content(held.event.value) == event_content(event):
            return session, held, False
        raise OtherEvent(kept=event_document(held.event.value), offered=event_document(event))
    session.check(door_of(event.kind, carries_reading=_late_reading(event) is not None))
    check_event(event, session.record.header.value.route, work.now)
    if event.kind in DOSE_KINDS:
        _check_start_gate(session.record, event)
    _check_only_active(work, session, event)
    event = replace(event, clock_doubtful=clock_in_doubt(work))
    events.keep(work, session_id, event)
    history = EventHistory(kept_now(work, event))
    work.audit(
        "event.recorded",
        subject="event",
        subject_id=event.id,
        session_id=session_id,
        after=event_document(event),
    )
    record = replace(session.record, events=(*session.record.events, history))
    return settle(work, session, record, arrived=f"the event {event.kind.value}"), history, True


def void(work: Work, session_id: UUID, event_id: UUID, reason: str) -> tuple[OpenSession, EventHistory, bool]:
    """Marks an event as entered in error. The same reason again changes nothing."""
    check_may(work.actor, Act.CHART)
    session = open_session(work, session_id)
    history = _held(session, event_id)
    if history.void is not None:
        if history.void.value.reason == reason:
            return session, history, False
        raise EventVoid(
            f"this event was voided already: {history.void.value.reason}",
            kept=void_document(history.void.value),
            offered=void_document(Void(event_id, reason)),
        )
    session.check(Door.VOID)
    value = Void(event_id, reason)
    voids.keep(work, session_id, "event", value)
    work.audit(
        "event.voided",
        subject="event",
        subject_id=event_id,
        session_id=session_id,
        before=event_document(history.event.value),
        reason=reason,
    )
    voided = replace(history, void=kept_now(work, value, reason=reason))
    record = replace(
        session.record, events=tuple(voided if held is history else held for held in session.record.events)
    )
    kind = history.event.value.kind.value
    return settle(work, session, record, arrived=f"a void of the event {kind}"), voided, True


def _late_reading(event: Event) -> Reading | None:
    return event.detail.reading if isinstance(event.detail, Addendum) else None


def _held(session: OpenSession, event_id: UUID) -> EventHistory:
    for history in session.record.events:
        if history.event.value.id == event_id:
            return history
    raise NoSuchEvent


def _check_start_gate(record: SessionRecord, event: Event) -> None:
    overridden = {exclusion for override in record.overrides for exclusion in override.value.exclusions}
    check_start_gate(
        record.screening.value.answers if record.screening else None,
        overridden,
        [held.value.until for held in (record.clearance, record.course_clearance) if held],
        event.at,
    )


def _check_only_active(work: Work, session: OpenSession, event: Event) -> None:
    header = session.record.header.value
    then = state_of(header.route, (*session.record.events_in_force(), event), discharged=False)
    if then in ACTIVE and session.state not in ACTIVE:
        other = sessions.active_of(work, header.patient_id)
        if other not in (None, session.id):
            raise OtherSessionActive
