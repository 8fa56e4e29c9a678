"""Everything the criteria look at, derived once from the facts. Nothing here knows `as_of`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC

from app.domain.assessment import Baseline
from app.domain.baseline import baseline
from app.domain.concerns import Concern, concerns
from app.domain.dose import Timeline, timeline
from app.domain.events import Event
from app.domain.facts import Escort, Facts
from app.domain.instants import utc
from app.domain.protocol.values import Protocol
from app.domain.readiness.episodes import Episode, episodes
from app.domain.readiness.items import ground
from app.domain.readiness.oxygen import OxygenHistory, oxygen_history
from app.domain.readiness.run import Interruption, Run, last_interruption, marks, run_of
from app.domain.readiness.sets import RecoverySet, recovery_sets
from app.domain.readings import Phase, Reading


@dataclass(frozen=True, slots=True)
class Evidence:
    """One session as the criteria see it."""

    facts: Facts
    protocol: Protocol
    timeline: Timeline
    baseline: Baseline
    oxygen: OxygenHistory
    episodes: tuple[Episode, ...]
    concerns: tuple[Concern, ...]
    sets: tuple[RecoverySet, ...]
    interruption: Interruption | None
    run: Run

    @property
    def newest(self) -> RecoverySet | None:
        """The newest recovery set, whatever its grade."""
        return self.sets[-1] if self.sets else None

    @property
    def newest_complete(self) -> RecoverySet | None:
        """The newest recovery set without an unknown item, good or bad."""
        return next((one for one in reversed(self.sets) if one.complete), None)


def _utc_reading(reading: Reading) -> Reading:
    return reading if reading.measured_at.tzinfo is UTC else replace(reading, measured_at=utc(reading.measured_at))


def _utc_event(event: Event) -> Event:
    return event if event.at.tzinfo is UTC else replace(event, at=utc(event.at))


def _utc_escort(escort: Escort | None) -> Escort | None:
    if escort is None or escort.present_at is None:
        return escort
    return replace(escort, present_at=utc(escort.present_at))


def in_one_order(facts: Facts) -> Facts:
    """The same facts in UTC and in one order, each once: order of arrival, repeats and zones decide nothing.

    Facts come in UTC already; here it is made sure, as two local times of one zone subtract by the wall clock. Of two
    revisions of a reading the later one is the current one.
    """
    readings = {reading.id: _utc_reading(reading) for reading in sorted(facts.readings, key=lambda one: one.revision)}
    events = {event.id: _utc_event(event) for event in sorted(facts.events, key=lambda one: (one.at, one.kind))}
    return replace(
        facts,
        events=tuple(sorted(events.values(), key=lambda event: (event.at, event.id.int))),
        readings=tuple(sorted(readings.values(), key=lambda reading: (reading.measured_at, reading.id.int))),
        escort=_utc_escort(facts.escort),
        tablets=tuple(replace(tablet, heard_at=utc(tablet.heard_at)) for tablet in facts.tablets),
    )


class PartFailed(Exception):
    """One part of the evidence could not be derived: which, and the error."""

    def __init__(self, part: str, error: Exception) -> None:
        """`part` is a word of the code, never a value of the record."""
        super().__init__(part)
        self.part, self.error = part, error


@contextmanager
def _part(name: str) -> Iterator[None]:
    """Whatever fails inside is a failure of the part with this name."""
    try:
        yield
    except Exception as error:
        raise PartFailed(name, error) from error


def gather(facts: Facts, protocol: Protocol) -> Evidence:
    """Derive the evidence from facts that are in one order. Raises `PartFailed` and nothing else."""
    with _part("dose"):
        dose = timeline(facts.events)
    with _part("baseline"):
        reference = baseline(facts.readings, facts.events, dose, protocol.baseline)
        before = [reading for reading in facts.readings if dose.phase_of(reading.measured_at) is Phase.BASELINE]
    with _part("oxygen"):
        oxygen = oxygen_history(facts.events)
    with _part("symptoms"):
        seen = episodes(facts.readings, facts.events, protocol.symptoms)
    with _part("concerns"):
        raised = concerns(facts.readings, facts.events, protocol.concerns, reference)
    with _part("sets"):
        sets = recovery_sets(facts.readings, dose, oxygen, ground(protocol, reference, before))
    with _part("run"):
        interruption = last_interruption(facts.events, seen)
        run = run_of(marks(sets), interruption, protocol.sustained)
    return Evidence(facts, protocol, dose, reference, oxygen, seen, raised, sets, interruption, run)
