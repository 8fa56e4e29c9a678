"""One session as the flat export sees it, and what of it gives a row in each table."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.dose import Timeline
from app.domain.events import Addendum, Event, EventKind
from app.domain.readings import Reading
from app.domain.records import EventHistory, Kept, KeptAssessment, SessionRecord, Void
from app.domain.sessions import SessionState, state_of

MICROSECOND = timedelta(microseconds=1)
THOUSANDTH = Decimal("0.001")
OLDEST = 90
"""Years: from here on ages are one group."""


@dataclass(frozen=True, slots=True)
class WholeSession:
    """A session's record, every assessment kept where asked for, and what is derived from it."""

    record: SessionRecord
    assessments: tuple[KeptAssessment, ...]
    dose: Timeline
    medications: frozenset[str]
    """Codes that the pinned protocol names."""
    demo: bool

    @property
    def state(self) -> SessionState:
        """Derived, never typed."""
        record = self.record
        return state_of(record.header.value.route, record.events_in_force(), record.discharge is not None)

    @property
    def whole(self) -> "WholeSession":
        """Itself: a session is a row's source too."""
        return self

    @property
    def patient_id(self) -> UUID:
        """Whose session it is."""
        return self.record.header.value.patient_id

    @property
    def dose_started(self) -> datetime | None:
        """The instant of the first start or device in force."""
        started = self.dose.started
        return started.at if started else None

    def first(self, kind: EventKind) -> datetime | None:
        """The earliest event of a kind in force."""
        return min((event.at for event in self.record.events_in_force() if event.kind is kind), default=None)

    @property
    def held_at(self) -> datetime | None:
        """When the session was: its dose, else its check-in, else its plan."""
        return self.dose_started or self.first(EventKind.CHECKED_IN) or self.record.header.value.planned_at

    def minutes(self, at: datetime | None) -> Decimal | None:
        """Minutes from the dose start to `at`, rounded to three places; None without a dose."""
        if at is None or self.dose_started is None:
            return None
        return (Decimal((at - self.dose_started) // MICROSECOND) / 60_000_000).quantize(THOUSANDTH)

    @property
    def age(self) -> int | None:
        """Whole years at the session (UTC's day), `OLDEST` and above together."""
        if self.held_at is None:
            return None
        return min(years(self.record.patient.value.birth_date, self.held_at.date()), OLDEST)


def years(born: date, day: date) -> int:
    """Birthdays passed."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@dataclass(frozen=True, slots=True)
class HeldReading:
    """One revision of one reading. `addendum`: it came with an addendum after closing, and no rule saw it."""

    whole: WholeSession
    kept: Kept[Reading]
    newest: bool
    void: Kept[Void] | None
    addendum: bool = False

    @property
    def reading(self) -> Reading:
        """The set itself."""
        return self.kept.value

    @property
    def in_force(self) -> bool:
        """The newest revision of a reading that is not void."""
        return self.newest and self.void is None


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """One event, void or not."""

    whole: WholeSession
    history: EventHistory

    @property
    def event(self) -> Event:
        """What was given or done."""
        return self.history.event.value


@dataclass(frozen=True, slots=True)
class HeldFinding:
    """One finding of one kept assessment, as its document says it."""

    whole: WholeSession
    kept: KeptAssessment
    finding: dict[str, Any]

    @property
    def newest(self) -> bool:
        """Whether its assessment is the last one kept."""
        return self.kept.number == self.whole.assessments[-1].number


def every_revision(whole: WholeSession) -> Iterator[HeldReading]:
    """Every revision of every reading in order of time measured, then id and revision; addenda's readings too."""
    held = [
        HeldReading(whole, kept, kept is history.current, history.void)
        for history in whole.record.readings
        for kept in history.revisions
    ]
    for history in whole.record.events:
        detail = history.event.value.detail
        if isinstance(detail, Addendum) and detail.reading is not None:
            of = history.event
            kept = Kept(detail.reading, 1, of.by, of.recorded_at, of.tablet_id, of.reason)
            held.append(HeldReading(whole, kept, newest=True, void=history.void, addendum=True))
    yield from sorted(held, key=lambda one: (one.reading.measured_at, one.reading.id, one.kept.revision))


def readings_in_force(whole: WholeSession) -> Iterator[HeldReading]:
    """The current revision of each reading that is not void."""
    return (held for held in every_revision(whole) if held.in_force)


def every_event(whole: WholeSession) -> Iterator[HeldEvent]:
    """Every event in order of time, then id."""
    return (
        HeldEvent(whole, history)
        for history in sorted(whole.record.events, key=lambda one: (one.event.value.at, one.event.value.id))
    )


def every_finding(whole: WholeSession) -> Iterator[HeldFinding]:
    """Every finding of every kept assessment, oldest first."""
    for kept in whole.assessments:
        findings: Any = kept.document["findings"]
        for finding in findings:
            yield HeldFinding(whole, kept, finding)
