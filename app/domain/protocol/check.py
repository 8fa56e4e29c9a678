"""The proof that a protocol asks for what it must.

A perfect session meets it, and the same session with any vital, item, set or event missing does not.

The bands of `parse` already keep numbers sane. This runs the rules themselves, so that a fault of the rules or of the
schema that let a protocol be met with no vitals is found before anybody approves it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.assessment import Assessment, Outcome, Status
from app.domain.errors import FieldError
from app.domain.events import DeviceGiven, DoseStarted, Event, EventKind, Route
from app.domain.facts import Escort, Facts, TabletContact
from app.domain.instants import MINUTE, SECOND, minutes
from app.domain.protocol.parse import ProtocolInvalid
from app.domain.protocol.values import Protocol
from app.domain.readiness import assess
from app.domain.readings import Reading
from app.domain.vitals import (
    CONSCIOUSNESS_SCORES,
    INSTRUMENTS,
    VITALS,
    Consciousness,
    Dissociation,
    DissociationGrade,
    Oxygen,
    OxygenKind,
    Vital,
)

DOSE_START = datetime(2026, 1, 5, 10, tzinfo=UTC)
"""Any instant would do: the rules know durations only."""
DOSE_MINUTES = 40

ITEMS = (
    *(vital.value for vital in Vital),
    "oxygen",
    "consciousness",
    "dissociation",
    "symptoms",
    "gait_steady",
    "orientated",
)
"""Every field of a reading that readiness rests on; a test walks the fields and fails when one is not here."""
NOT_ITEMS = frozenset({"id", "revision", "measured_at", "not_measured", "confirmed_unlikely", "note", "clock_doubtful"})


@dataclass(frozen=True, slots=True)
class PerfectSession:
    """A session in which everything went well, and the instant at which it should be met."""

    facts: Facts
    as_of: datetime
    dose_end: datetime

    def recovery(self, reading: Reading) -> bool:
        """Whether the reading belongs to the recovery."""
        return reading.measured_at > self.dose_end


Rules = Callable[[Facts, Protocol, datetime], Assessment]


def check(protocol: Protocol, rules: Rules = assess) -> None:
    """Raises `ProtocolInvalid` where the protocol could never be met, or could be met with something missing.

    `rules` are those of readiness; whoever tests this hands in others.
    """
    faults = [*_room(protocol)] or [*_can_be_met(protocol, rules), *_needs_all(protocol, rules)]
    if faults:
        raise ProtocolInvalid("This protocol does not ask for what it must.", errors=faults)


def perfect_session(protocol: Protocol) -> PerfectSession:
    """The best session this protocol can see: typical values, everything answered, everybody there."""
    usual = {vital: sum(_passing(vital, protocol)) // 2 for vital in Vital}
    rule = protocol.baseline
    before = [DOSE_START - SECOND - place * minutes(rule.spacing) for place in reversed(range(rule.min_readings))]
    if protocol.route is Route.IV_INFUSION:
        dose_end = DOSE_START + minutes(DOSE_MINUTES)
        dose: tuple[Event, ...] = (
            Event(_id(1), EventKind.INFUSION_STARTED, DOSE_START, DoseStarted(Decimal(40))),
            Event(_id(2), EventKind.INFUSION_STOPPED, dose_end),
        )
    else:
        dose_end = DOSE_START
        dose = (Event(_id(1), EventKind.NASAL_DEVICE_GIVEN, DOSE_START, DeviceGiven(Decimal(56))),)
    wanted = protocol.sustained
    gap = min(max(wanted.spacing, protocol.schedule.recovery), wanted.max_gap)
    # where sets must come closer together than they count, only every so many counts
    stride = -(-wanted.spacing // gap)
    counted = max(wanted.sets, -(-wanted.minutes // (stride * gap)) + 1)
    sets = (counted - 1) * stride + 1
    first = dose_end + minutes(max((*protocol.dose_minutes.values(), 1)))
    after = [first + place * minutes(gap) for place in range(sets)]
    instants = [*before, *after]
    readings = tuple(_reading(_id(100 + place), at, usual, protocol) for place, at in enumerate(instants))
    as_of = after[-1]
    facts = Facts(
        session_id=_id(0),
        events=(Event(_id(3), EventKind.CHECKED_IN, before[0] - MINUTE), *dose),
        readings=readings,
        escort=Escort("escort", present=True, present_at=as_of),
        tablets=(TabletContact(_id(4), heard_at=as_of, unsent=0, draft=False, enrolled=True, pace=1),),
    )
    return PerfectSession(facts, as_of, dose_end)


def lacking(session: PerfectSession) -> Iterator[tuple[str, Facts]]:
    """The same session with one thing missing at a time, in words."""
    facts = session.facts
    recovery = tuple(reading for reading in facts.readings if session.recovery(reading))
    baseline = tuple(reading for reading in facts.readings if not session.recovery(reading))
    for item in ITEMS:
        yield f"{item} in the newest set", _blanked(facts, recovery[-1:], item)
        yield f"{item} in every set after the dose", _blanked(facts, recovery, item)
    for vital in Vital:
        yield f"{vital.value} before the dose", _blanked(facts, baseline, vital.value)
    yield "every value of every reading", _blanked(facts, facts.readings, *ITEMS)
    # the baseline has just as many readings as the protocol asks for, and no protocol is content with one set
    for name, gone in (
        ("every reading", facts.readings),
        ("every set after the dose", recovery),
        ("every reading before the dose", baseline),
        ("every set after the dose but the newest", recovery[:-1]),
        ("the first reading before the dose", baseline[:1]),
    ):
        yield name, replace(facts, readings=tuple(reading for reading in facts.readings if reading not in gone))
    for event in facts.events:
        if event.kind is not EventKind.CHECKED_IN:
            yield f"the event {event.kind}", replace(facts, events=tuple(e for e in facts.events if e is not event))
    yield "the escort", replace(facts, escort=None)


def _blanked(facts: Facts, chosen: tuple[Reading, ...], *items: str) -> Facts:
    blank: dict[str, Any] = dict.fromkeys(items)
    return replace(facts, readings=tuple(replace(each, **blank) if each in chosen else each for each in facts.readings))


def _room(protocol: Protocol) -> Iterator[FieldError]:
    for vital in Vital:
        low, high = _passing(vital, protocol)
        if low > high:
            yield FieldError(
                f"concern.{vital}",
                f"leaves no {vital} that neither concerns anybody nor breaks another limit:"
                f" the highest floor is {low}, the lowest ceiling {high}",
            )


def _can_be_met(protocol: Protocol, rules: Rules) -> Iterator[FieldError]:
    session = perfect_session(protocol)
    for finding in rules(session.facts, protocol, session.as_of).findings:
        if finding.outcome is not Outcome.MET:
            yield FieldError(
                f"criteria.{finding.criterion}", f"can never be met, not even by a perfect session: {finding.because}"
            )


def _needs_all(protocol: Protocol, rules: Rules) -> Iterator[FieldError]:
    session = perfect_session(protocol)
    for missing, facts in lacking(session):
        assessment = rules(facts, protocol, session.as_of)
        if assessment.status is Status.MET:
            yield FieldError("criteria", f"would be met by a session without {missing}")


def _id(number: int) -> UUID:
    return UUID(int=number)


def _passing(vital: Vital, protocol: Protocol) -> tuple[int, int]:
    """The likely values that every absolute limit of the protocol lets pass: from the first to the second."""
    likely = VITALS[vital].likely
    limits = (protocol.baseline.limits.get(vital), protocol.concerns.get(vital), protocol.recovery.get(vital))
    floors = [likely.low, *(each.floor for each in limits if each is not None and each.floor is not None)]
    ceilings = [likely.high, *(each.ceiling for each in limits if each is not None and each.ceiling is not None)]
    if vital is Vital.SPO2:
        floors.append(protocol.spo2.floor)
    return max(floors), min(ceilings)


def _reading(name: UUID, at: datetime, usual: dict[Vital, int], protocol: Protocol) -> Reading:
    scale = protocol.consciousness_scale
    instrument = protocol.dissociation_instrument
    version = next((version for known, version in INSTRUMENTS if known == instrument), None)
    return Reading(
        id=name,
        revision=1,
        measured_at=at,
        heart_rate=usual[Vital.HEART_RATE],
        systolic=usual[Vital.SYSTOLIC],
        diastolic=usual[Vital.DIASTOLIC],
        respiratory_rate=usual[Vital.RESPIRATORY_RATE],
        spo2=usual[Vital.SPO2],
        oxygen=Oxygen(OxygenKind.ROOM_AIR),
        consciousness=Consciousness(scale, CONSCIOUSNESS_SCORES[scale][0]),
        dissociation=Dissociation(DissociationGrade.NONE, instrument, version, score=None if instrument is None else 0),
        symptoms=(),
        gait_steady=True,
        orientated=True,
    )


def unlisted_fields() -> set[str]:
    """Fields of a reading that are neither an item nor known to be none: must be empty."""
    return {field.name for field in fields(Reading)} - set(ITEMS) - NOT_ITEMS
