"""Events: what was given or done. Kept in any order; only a dose waits for the start gate."""

from functools import partial
from uuid import UUID

from app.db.work import Work
from app.domain.deciding import events as deciding
from app.domain.deciding.events import NoSuchEvent
from app.domain.events import CLINICIAN_KINDS, Event
from app.domain.people import Act, check_may
from app.services.session_work import Done, carry_out


def put(work: Work, session_id: UUID, event: Event) -> Done:
    """Keeps an event; the same again changes nothing."""
    check_may(work.actor, Act.SIGN if event.kind in CLINICIAN_KINDS else Act.CHART)
    return carry_out(work, session_id, partial(deciding.put, event=event), NoSuchEvent)


def void(work: Work, session_id: UUID, event_id: UUID, reason: str) -> Done:
    """Marks an event as entered in error. The same reason again changes nothing."""
    check_may(work.actor, Act.CHART)
    return carry_out(work, session_id, partial(deciding.void, event_id=event_id, reason=reason))
