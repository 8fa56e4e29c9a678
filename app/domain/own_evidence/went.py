"""What one session that is over tells of how the clinic works: kept in its brief, and counted with those of others.

It says of nobody who did it. What cannot be known of a session is None, and counted as not known.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.assessment import Criterion
from app.domain.canonical import Document
from app.domain.confirmations import open_criteria, signature_in_force
from app.domain.derive import Derived, closed_at
from app.domain.dose import Timeline
from app.domain.events import Event, EventKind
from app.domain.instants import MINUTE, minutes
from app.domain.protocol.values import Protocol
from app.domain.readings import Phase, Reading
from app.domain.records import Decision, FlagChange, ReadingHistory, SessionRecord
from app.domain.schedule import interval_of
from app.domain.vitals import Vital

VALUES = (
    *(vital.value for vital in Vital),
    "oxygen",
    "consciousness",
    "dissociation",
    "symptoms",
    "gait_steady",
    "orientated",
)
"""What a set has values of."""


class Stretch(StrEnum):
    """From when to when, in whole minutes."""

    DOSE_END_TO_FLAG = "dose-end-to-flag"
    FLAG_TO_SIGNATURE = "flag-to-signature"
    SIGNATURE_TO_LEAVING = "signature-to-leaving"
    DOSE_END_TO_LEAVING = "dose-end-to-leaving"


@dataclass(frozen=True, slots=True)
class Sets:
    """Sets that fell due, and how many of them were taken after the grace, or not at all before the phase was over."""

    due: int
    late: int


def went(record: SessionRecord, derived: Derived, flag_at: datetime | None) -> Document | None:
    """What the session tells; None while it is open, or without a dose, and where it cannot be worked out."""
    closed = closed_at(record)
    timeline, evidence = derived.dose, derived.evidence
    if closed is None or timeline is None or evidence is None or timeline.started is None:
        return None
    events = record.events_in_force()
    sets = sets_of(evidence.protocol, timeline, record.readings_in_force(), arrival_of(events), closed)
    typed, corrected = values_of(record.readings)
    ended_at = timeline.ended.at if timeline.ended else None
    signed_at, left_at = _signed_at(record), record.discharge.value.left_at if record.discharge else None
    return {
        "route": record.header.value.route.value,
        "last_in_way": last_in_way(record, flag_at),
        "minutes": {
            Stretch.DOSE_END_TO_FLAG.value: _between(ended_at, flag_at),
            Stretch.FLAG_TO_SIGNATURE.value: _between(flag_at, signed_at),
            Stretch.SIGNATURE_TO_LEAVING.value: _between(signed_at, left_at),
            Stretch.DOSE_END_TO_LEAVING.value: _between(ended_at, left_at),
        },
        "sets": {"due": sets.due, "late": sets.late},
        "values": {"typed": typed, "corrected": corrected},
        "withdrawn_after_signing": withdrawn_after_signing(record),
    }


def _between(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None or end < start else (end - start) // MINUTE


def _signed_at(record: SessionRecord) -> datetime | None:
    """When the criteria were confirmed while the patient was here, as the last word."""
    signed = signature_in_force(record.confirmations)
    if signed is None or signed.value.decision is not Decision.CONFIRM or signed.value.had_left_at is not None:
        return None
    return signed.value.signed_at


def last_in_way(record: SessionRecord, flag_at: datetime | None) -> list[str] | None:
    """Criteria that were not met, or not known, up to the flag; several where one set settled them together.

    None where no flag rose, or what was before it is not kept.
    """
    before: Mapping[str, str] | None = None
    found: list[str] | None = None
    for kept in record.assessments:
        if kept.change is FlagChange.RAISED and kept.raised_at == flag_at and before is not None:
            found = list(open_criteria(before)) or None
        before = kept.outcomes
    return found


def withdrawn_after_signing(record: SessionRecord) -> bool | None:
    """Whether a flag was withdrawn after somebody had confirmed it, for more than that the newest set grew old.

    None where nobody confirmed one.
    """
    signed = [
        held.recorded_at
        for held in record.confirmations
        if held.value.decision is Decision.CONFIRM and held.value.had_left_at is None
    ]
    if not signed:
        return None
    return any(
        kept.change is FlagChange.WITHDRAWN
        and kept.recorded_at >= min(signed)
        and set(open_criteria(kept.outcomes)) != {Criterion.FRESH.value}
        for kept in record.assessments
    )


def arrival_of(events: Iterable[Event]) -> datetime | None:
    """When the patient came; None where nobody typed it."""
    return min((event.at for event in events if event.kind is EventKind.CHECKED_IN), default=None)


def sets_of(
    protocol: Protocol, timeline: Timeline, readings: Iterable[Reading], arrived: datetime | None, closed: datetime
) -> Sets:
    """Of the session's schedule: a set falls due its interval after the last one, or after the phase began."""
    assert timeline.started is not None, "who asks has looked"
    ended = timeline.ended.at if timeline.ended else closed
    spans = ((Phase.BASELINE, arrived, timeline.started.at), (Phase.INFUSION, timeline.started.at, ended))
    taken: dict[Phase, list[datetime]] = {phase: [] for phase in Phase}
    for reading in readings:
        taken[timeline.phase_of(reading.measured_at)].append(reading.measured_at)
    due = late = 0
    for phase, begun, over in (*spans, (Phase.RECOVERY, ended, closed)):
        if begun is None:
            continue
        patience = minutes(interval_of(protocol.schedule, phase) + protocol.schedule.grace)
        waits = list(_waits(begun, sorted(taken[phase]), over))
        # of the last wait nothing was due unless it was longer than it may be
        missing = waits.pop() > patience
        due += len(waits) + missing
        late += sum(wait > patience for wait in waits) + missing
    return Sets(due, late)


def _waits(begun: datetime, taken: Sequence[datetime], over: datetime) -> Iterator[timedelta]:
    """From the beginning of a phase to its first set, from each to the next, and from the last to the phase's end."""
    last = begun
    for at in taken:
        yield at - last
        last = max(last, at)
    yield over - last


def values_of(readings: Iterable[ReadingHistory]) -> tuple[int, int]:
    """Values typed in sets that are not void, and how many of them say now what they did not say first."""
    typed = corrected = 0
    for history in readings:
        if history.void is not None:
            continue
        first, now = history.revisions[0].value, history.current.value
        for name in VALUES:
            pair = (getattr(first, name), getattr(now, name))
            typed += pair != (None, None)
            corrected += pair[0] != pair[1]
    return typed, corrected
