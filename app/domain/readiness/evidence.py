"""Everything the criteria look at, derived once from the facts. Nothing here knows `as_of`.

A reading newer than all before it leaves what the earlier ones came to as it was: then the same functions look at the
new reading alone, and what they find is added. After anything else all is derived anew, from all facts.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC
from operator import attrgetter, is_

from app.domain.assessment import Baseline
from app.domain.baseline import baseline
from app.domain.concerns import Concern, concerns
from app.domain.dose import Timeline, timeline
from app.domain.events import Event
from app.domain.facts import Escort, Facts
from app.domain.instants import utc
from app.domain.protocol.values import Protocol
from app.domain.readiness.episodes import Episode, episodes
from app.domain.readiness.inputs import named
from app.domain.readiness.items import Ground, ground
from app.domain.readiness.oxygen import OxygenHistory, oxygen_history
from app.domain.readiness.run import Interruption, Run, last_interruption, marks, run_of
from app.domain.readiness.sets import RecoverySet, recovery_sets
from app.domain.readings import Phase, Reading


@dataclass(frozen=True, slots=True)
class Evidence:
    """One session as the criteria see it. `inputs`: its readings, as what an assessment looked at is named."""

    facts: Facts
    protocol: Protocol
    timeline: Timeline
    baseline: Baseline
    oxygen: OxygenHistory
    episodes: tuple[Episode, ...]
    concerns: tuple[Concern, ...]
    ground: Ground
    sets: tuple[RecoverySet, ...]
    interruption: Interruption | None
    run: Run
    inputs: tuple[str, ...]

    @property
    def newest(self) -> RecoverySet | None:
        """The newest recovery set, whatever its grade."""
        return self.sets[-1] if self.sets else None

    @property
    def newest_complete(self) -> RecoverySet | None:
        """The newest recovery set without an unknown item, good or bad."""
        return next((one for one in reversed(self.sets) if one.complete), None)


def _utc_reading(reading: Reading) -> Reading:
    return replace(reading, measured_at=utc(reading.measured_at))


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
    by_id = {reading.id.int: reading for reading in sorted(facts.readings, key=attrgetter("revision"))}
    readings = [one if one.measured_at.tzinfo is UTC else _utc_reading(one) for one in by_id.values()]
    readings.sort(key=attrgetter("measured_at", "id.int"))
    events = {event.id: _utc_event(event) for event in sorted(facts.events, key=lambda one: (one.at, one.kind))}
    return replace(
        facts,
        events=tuple(sorted(events.values(), key=lambda event: (event.at, event.id.int))),
        readings=tuple(readings),
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


def later(facts: Facts, protocol: Protocol, known: Evidence | None) -> Sequence[Reading] | None:
    """The readings newer than all that `known` has seen, if they are all that sets these facts apart from its own.

    None where anything else is other too (an event, a correction, a void, a late reading) or the baseline may be: then
    nothing of `known` holds. Facts are told apart by identity, as none of them is ever changed. Both are in one order.
    """
    if known is None or known.protocol is not protocol:
        return None
    seen, count = known.facts, len(known.facts.readings)
    if len(facts.events) != len(seen.events) or not all(map(is_, facts.events, seen.events)):
        return None
    if len(facts.readings) < count or not all(map(is_, seen.readings, facts.readings)):
        return None
    newer = facts.readings[count:]
    if newer and known.timeline.phase_of(newer[0].measured_at) is Phase.BASELINE:
        return None
    # one of the same instant would belong to the last set that was seen
    return None if newer and count and newer[0].measured_at == seen.readings[-1].measured_at else newer


def gather(facts: Facts, protocol: Protocol, known: Evidence | None = None) -> Evidence:
    """Derive the evidence from facts that are in one order. Raises `PartFailed` and nothing else.

    `known`: earlier evidence of the same session; what of it still holds is not derived again.
    """
    with _part("evidence"):
        newer = later(facts, protocol, known)
    if known is None or newer is None:
        return _anew(facts, protocol)
    with _part("symptoms"):
        named_any = any(reading.symptoms for reading in newer)
        seen = episodes(facts.readings, facts.events, protocol.symptoms) if named_any else known.episodes
    with _part("concerns"):
        raised = (*known.concerns, *concerns(newer, facts.events, protocol.concerns, known.baseline))
    with _part("sets"):
        sets = recovery_sets(newer, known.timeline, known.oxygen, known.ground)
    with _part("run"):
        interruption = last_interruption(facts.events, seen)
        if interruption == known.interruption:
            run = run_of(marks(sets), interruption, protocol.sustained, known.run)
        else:
            run = run_of(marks((*known.sets, *sets)), interruption, protocol.sustained)
    with _part("inputs"):
        inputs = named(newer, known.inputs)
    return replace(
        known,
        facts=facts,
        episodes=seen,
        concerns=raised,
        sets=(*known.sets, *sets),
        interruption=interruption,
        run=run,
        inputs=inputs,
    )


def _anew(facts: Facts, protocol: Protocol) -> Evidence:
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
        held_against = ground(protocol, reference, before)
        sets = recovery_sets(facts.readings, dose, oxygen, held_against)
    with _part("run"):
        interruption = last_interruption(facts.events, seen)
        run = run_of(marks(sets), interruption, protocol.sustained)
    with _part("inputs"):
        inputs = named(facts.readings)
    return Evidence(
        facts, protocol, dose, reference, oxygen, seen, raised, held_against, sets, interruption, run, inputs
    )
