"""Everything the criteria look at, derived once from the facts. Nothing here knows `as_of`.

A reading after the dose start leaves what the readings before it came to as it was: then the same functions look at
those from there on alone, and what they find is added. Where an event or a reading from before the dose is other, all
is derived anew.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import compress, count
from operator import attrgetter, is_, is_not

from app.domain.assessment import Baseline
from app.domain.baseline import baseline
from app.domain.concerns import Concern, concerns
from app.domain.dose import Timeline, timeline
from app.domain.events import Event
from app.domain.facts import Escort, Facts
from app.domain.instants import utc
from app.domain.protocol.values import Protocol
from app.domain.readiness.episodes import Episode, episodes
from app.domain.readiness.inputs import named, without
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

    def set_at(self, at: datetime) -> RecoverySet:
        """The recovery set of this instant, of which there is one."""
        return self.sets[bisect_left(self.sets, at, key=attrgetter("at"))]


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


def going_on_in_order(facts: Facts, known: Facts) -> Facts:
    """As `in_one_order`, of facts that a record holds, each once: where `known` is in order, what is new is put in.

    Where one of the readings that were known has gone, was corrected, or is not in UTC, all are put in order anew.
    """
    ids = list(map(id, facts.readings))
    new = set(ids).difference(map(id, known.readings))
    fresh = [reading for reading, this in zip(facts.readings, ids, strict=True) if this in new] if new else []
    if len(facts.readings) - len(fresh) != len(known.readings):
        return in_one_order(facts)
    rest, in_order = in_one_order(replace(facts, readings=tuple(fresh))), list(known.readings)
    for reading in rest.readings:
        insort(in_order, reading, key=attrgetter("measured_at", "id.int"))
    return replace(rest, readings=tuple(in_order))


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


def holds_for(facts: Facts, protocol: Protocol, known: Evidence | None) -> int | None:
    """How many readings, from the oldest on, `known` has seen as they are: what it found of them holds.

    None where nothing of it may be used: an event is other, or a reading from before the dose. Facts are told apart by
    identity, as none of them is ever changed. Both are in one order.
    """
    if known is None or known.protocol is not protocol or len(facts.events) != len(known.facts.events):
        return None
    if not all(map(is_, facts.events, known.facts.events)):
        return None
    seen, now = known.facts.readings, facts.readings
    alike = next(compress(count(), map(is_not, seen, now)), min(len(seen), len(now)))
    others = (*seen[alike : alike + 1], *now[alike : alike + 1])
    if not others:
        return alike
    since = min(one.measured_at for one in others)
    if known.timeline.phase_of(since) is Phase.BASELINE:
        return None
    # readings of one instant are one set: all of them are looked at again
    return bisect_left(now, since, hi=alike, key=attrgetter("measured_at"))


def gather(facts: Facts, protocol: Protocol, known: Evidence | None = None) -> Evidence:
    """Derive the evidence from facts that are in one order. Raises `PartFailed` and nothing else.

    `known`: earlier evidence of the same session; what of it still holds is not derived again.
    """
    with _part("evidence"):
        holds = holds_for(facts, protocol, known)
    if known is None or holds is None:
        return _anew(facts, protocol)
    newer, gone = facts.readings[holds:], known.facts.readings[holds:]
    if not newer and not gone:
        return replace(known, facts=facts)
    since = min(one.measured_at for one in (*newer[:1], *gone[:1]))
    with _part("symptoms"):
        names_any = any(reading.symptoms for reading in (*newer, *gone))
        seen = episodes(facts.readings, facts.events, protocol.symptoms) if names_any else known.episodes
    with _part("concerns"):
        before = known.concerns[: bisect_left(known.concerns, since, key=attrgetter("measured_at"))]
        raised = (*before, *concerns(newer, facts.events, protocol.concerns, known.baseline))
    with _part("sets"):
        settled = known.sets[: bisect_left(known.sets, since, key=attrgetter("at"))]
        fresh = recovery_sets(newer, known.timeline, known.oxygen, known.ground)
        sets = (*settled, *fresh)
    with _part("run"):
        interruption = last_interruption(facts.events, seen)
        earlier = known.run.before(since) if gone else known.run
        if earlier is not None and interruption == known.interruption:
            run = run_of(marks(fresh), interruption, protocol.sustained, earlier)
        else:
            run = run_of(marks(sets), interruption, protocol.sustained)
    with _part("inputs"):
        inputs = named(newer, without(known.inputs, gone))
    return replace(
        known,
        facts=facts,
        episodes=seen,
        concerns=raised,
        sets=sets,
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
