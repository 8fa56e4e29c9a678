"""How a clinic wants to be called: how loud its tablets may be, when a call grows; and what calls."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.domain.canonical import Document
from app.domain.errors import FieldError, Invalid
from app.domain.instants import to_microseconds

SOONEST_SECONDS, LATEST_SECONDS = 15, 600


class Loudness(StrEnum):
    """How loud a tablet calls, from the quietest on."""

    OFF = "off"
    QUIET = "quiet"
    LOUD = "loud"


@dataclass(frozen=True, slots=True)
class ClinicSettings:
    """What the lead has settled; as it stands here until they have.

    `loudest`: no tablet calls louder (off: none sounds at all). `quietest`: none calls a severe concern more quietly.
    `vibration`: whether tablets vibrate. `escalate_seconds`: after so many a call that nobody has seen grows louder and
    goes to tablets that are not looked at, and again after as many.
    """

    loudest: Loudness = Loudness.LOUD
    quietest: Loudness = Loudness.OFF
    vibration: bool = True
    escalate_seconds: int = 60


class BadClinicSettings(Invalid):
    """The clinic's settings cannot be like this."""

    code = "bad-clinic-settings"


def check_settings(settings: ClinicSettings) -> None:
    """Raises `BadClinicSettings`, naming the field."""
    order = list(Loudness)
    faults = []
    if order.index(settings.quietest) > order.index(settings.loudest):
        faults.append(FieldError("quietest", f"cannot be louder than the loudest, which is {settings.loudest.value}"))
    if not SOONEST_SECONDS <= settings.escalate_seconds <= LATEST_SECONDS:
        faults.append(FieldError("escalate_seconds", f"must be {SOONEST_SECONDS} to {LATEST_SECONDS} seconds"))
    if faults:
        raise BadClinicSettings(errors=faults)


# --- what calls ------------------------------------------------------------------------------------------------------


MOST_CALLS = 3
"""So often tablets that are not looked at are called about one thing: a call that never ends is not listened to."""


@dataclass(frozen=True, slots=True)
class Called:
    """What is known of one thing that calls (wall clock): since when, how often it has called, whether it was seen."""

    noticed_at: datetime
    calls: int
    seen_at: datetime | None

    def is_due(self, settings: ClinicSettings, wall: datetime) -> bool:
        """Whether nobody has seen it for so long that it is to call tablets that are not looked at."""
        after = timedelta(seconds=settings.escalate_seconds * (self.calls + 1))
        return self.seen_at is None and self.calls < MOST_CALLS and wall >= self.noticed_at + after


def calling_ids(
    session_id: UUID, concerns: Iterable[Document], due_at: datetime | None, overdue_at: datetime | None, now: datetime
) -> list[str]:
    """The names of what calls in a session, as tablets have them too: each severe concern, and a set that is overdue.

    `concerns`: those of the session's line. Another severe value, or a set that is due anew, has another name.
    """
    found = [str(concern["id"]) for concern in concerns if concern["acknowledge"]]
    if due_at is not None and overdue_at is not None and overdue_at < now:
        found.append(f"{session_id}/due/{to_microseconds(due_at) // 1000}")
    return found
