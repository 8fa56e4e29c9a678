"""What a reading may hold."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from app.domain.errors import FieldError, Invalid
from app.domain.readings import Reading
from app.domain.texts import LINE, NOTE, text_faults
from app.domain.typed.amounts import amount_faults
from app.domain.typed.instants import CLOCK_DIFFERENCE, instant_faults
from app.domain.vitals import (
    CONSCIOUSNESS_SCORES,
    INSTRUMENTS,
    PULSE_PRESSURE,
    VITALS,
    Consciousness,
    Dissociation,
    InstrumentFacts,
    Oxygen,
    OxygenKind,
    Vital,
)

REQUIRED = (*(vital.value for vital in Vital), "consciousness", "dissociation")
"""A value, or *not measured* with a reason. Blank is neither."""
MEASURABLE = (*REQUIRED, "oxygen", "symptoms", "gait_steady", "orientated")
"""What may carry a *not measured* reason. Where the last three are absent without one, the rules call them unknown."""

HIGHEST_FLOW = Decimal(100)
"""Litres a minute; no wall outlet gives more."""


class ReadingInvalid(Invalid):
    """This reading cannot be right."""

    code = "reading-invalid"


class Unlikely(Invalid):
    """A value is unlikely. If it is what you measured, type it again and confirm it; it is kept then."""

    code = "confirm-unlikely"


def check_reading(reading: Reading, now: datetime) -> None:
    """Raises `ReadingInvalid` with every fault, or `Unlikely` where only confirmations are missing.

    `now` is the clinic's clock, UTC.
    """
    faults = [
        *instant_faults("measured_at", reading.measured_at, now),
        *_not_measured_faults(reading),
        *_possible_faults(reading),
        *_oxygen_faults(reading),
        *(_consciousness_faults(reading.consciousness) if reading.consciousness else ()),
        *(_dissociation_faults(reading.dissociation) if reading.dissociation else ()),
        *_symptom_faults(reading, now),
        *(text_faults("note", reading.note, longest=NOTE, lines=True, blank=True) if reading.note else ()),
    ]
    unconfirmed = {
        vital: why for vital, why in unlikely_vitals(reading).items() if vital not in reading.confirmed_unlikely
    }
    unlikely = [FieldError(vital.value, why) for vital, why in unconfirmed.items()]
    if faults:
        # the unlikely ones are named as well, so that nobody mends a reading twice
        raise ReadingInvalid(errors=[*faults, *unlikely])
    if unlikely:
        raise Unlikely(errors=unlikely, confirm=[vital.value for vital in unconfirmed])


def with_total(reading: Reading) -> Reading:
    """The reading with the total of its dissociation items filled in, where items were given and no total was.

    To be used before `check_reading`, which refuses items that are not complete.
    """
    dissociation = reading.dissociation
    if dissociation is None or not dissociation.items or dissociation.score is not None:
        return reading
    total = sum(score for _, score in dissociation.items)
    return replace(reading, dissociation=replace(dissociation, score=total))


def unlikely_vitals(reading: Reading) -> dict[Vital, str]:
    """Each vital whose value is possible but unlikely, with the sentence that asks for its confirmation."""
    found: dict[Vital, str] = {}
    for vital in Vital:
        value = reading.vital(vital)
        facts = VITALS[vital]
        if value is not None and facts.possible.holds(value) and not facts.likely.holds(value):
            likely = facts.likely
            found[vital] = f"{value} is unlikely (expected {likely.low} to {likely.high}); {_how(vital)}"
    if reading.systolic is not None and reading.diastolic is not None:
        difference = reading.systolic - reading.diastolic
        if difference > 0 and not PULSE_PRESSURE.holds(difference):
            for vital in (Vital.SYSTOLIC, Vital.DIASTOLIC):
                found.setdefault(
                    vital,
                    f"{reading.systolic}/{reading.diastolic} is unlikely: {difference} apart"
                    f" (expected {PULSE_PRESSURE.low} to {PULSE_PRESSURE.high}); {_how(vital)}",
                )
    return found


def _how(vital: Vital) -> str:
    return f'if that is what you measured, type it again and add "{vital.value}" to confirmed_unlikely'


def _given(reading: Reading, field: str) -> bool:
    return getattr(reading, field) is not None


def _not_measured_faults(reading: Reading) -> Iterable[FieldError]:
    reasons = dict(reading.not_measured)
    for field in REQUIRED:
        if not _given(reading, field) and field not in reasons:
            yield FieldError(field, "is blank: give a value, or say in not_measured why there is none")
    twice = Counter(field for field, _ in reading.not_measured)
    for field, reason in reading.not_measured:
        where = f"not_measured.{field}"
        if field not in MEASURABLE:
            yield FieldError(where, f"is not a field of a reading; known: {', '.join(MEASURABLE)}")
        elif _given(reading, field):
            yield FieldError(where, f"says not measured, but {field} has a value: keep one of the two")
        if twice[field] > 1:
            yield FieldError(where, "is given twice: keep one reason")
        yield from text_faults(where, reason, longest=LINE)


def _possible_faults(reading: Reading) -> Iterable[FieldError]:
    for vital in Vital:
        value = reading.vital(vital)
        possible = VITALS[vital].possible
        if value is not None and not possible.holds(value):
            yield FieldError(
                vital.value, f"{value} is impossible (possible: {possible.low} to {possible.high}): type it again"
            )
    if reading.systolic is not None and reading.diastolic is not None and reading.diastolic >= reading.systolic:
        # never swapped silently: which of the two was mistyped is for the nurse to say
        yield FieldError(
            "diastolic",
            f"{reading.diastolic} is not below systolic {reading.systolic}: look whether the two are swapped",
        )


def _oxygen_faults(reading: Reading) -> Iterable[FieldError]:
    oxygen = reading.oxygen
    if oxygen is None:
        if reading.spo2 is not None and "oxygen" not in dict(reading.not_measured):
            yield FieldError("oxygen", "is blank: say room-air or supplemental, SpO2 means nothing without it")
        return
    yield from _flow_faults(oxygen)


def _flow_faults(oxygen: Oxygen) -> Iterable[FieldError]:
    # supplemental without a flow is kept: the rules call it unknown
    if oxygen.flow_l_min is None:
        return
    if oxygen.kind is OxygenKind.ROOM_AIR:
        yield FieldError("oxygen.flow_l_min", "does not go with room-air: leave it out, or say supplemental")
    else:
        yield from amount_faults("oxygen.flow_l_min", oxygen.flow_l_min, HIGHEST_FLOW)


def _consciousness_faults(consciousness: Consciousness) -> Iterable[FieldError]:
    scores = CONSCIOUSNESS_SCORES[consciousness.scale]
    score = consciousness.score
    # True == 1 to Python, never to a nurse
    if isinstance(score, bool) or score not in scores:
        ordered = sorted(scores, key=lambda known: (isinstance(known, str), 0 if isinstance(known, str) else known))
        yield FieldError(
            "consciousness.score",
            f"is not on the scale {consciousness.scale}: give one of {', '.join(str(known) for known in ordered)}",
        )


def _dissociation_faults(dissociation: Dissociation) -> Iterable[FieldError]:
    scored = dissociation.score is not None or bool(dissociation.items)
    if dissociation.instrument is None:
        if scored or dissociation.version is not None:
            yield FieldError("dissociation.instrument", "is missing: a score needs its instrument and version")
        return
    if dissociation.version is None:
        yield FieldError("dissociation.version", "is missing: a score needs its instrument and version")
        return
    facts = INSTRUMENTS.get((dissociation.instrument, dissociation.version))
    if facts is None:
        known = ", ".join(f"{name} version {version}" for name, version in INSTRUMENTS)
        yield FieldError("dissociation.instrument", f"is not known in this version: give one of {known}")
        return
    if not scored:
        yield FieldError("dissociation.score", "is missing: give the total or every item, or leave the instrument out")
    if dissociation.items:
        yield from _item_faults(dissociation, facts)
    elif dissociation.score is not None and not 0 <= dissociation.score <= facts.ceiling:
        yield FieldError("dissociation.score", f"is {dissociation.score}: give a total from 0 to {facts.ceiling}")


def _item_faults(dissociation: Dissociation, facts: InstrumentFacts) -> Iterable[FieldError]:
    times = Counter(number for number, _ in dissociation.items)
    for number, score in dissociation.items:
        where = f"dissociation.items.{number}"
        if number not in facts.items:
            yield FieldError(where, f"is not an item of this version; it has {_numbers(facts.items)}")
        elif not 0 <= score <= facts.item_ceiling:
            yield FieldError(where, f"is {score}: give a score from 0 to {facts.item_ceiling}")
        if times[number] > 1:
            yield FieldError(where, "is given twice: keep one score")
    missing = [number for number in facts.items if number not in times]
    if missing:
        # a sum over some of the items would pass for a total
        yield FieldError("dissociation.items", f"lacks {_numbers(missing)}: without every item there is no total")
        return
    total = sum(score for _, score in dissociation.items)
    if dissociation.score is not None and dissociation.score != total:
        yield FieldError(
            "dissociation.score",
            f"is {dissociation.score}, but the items add up to {total}: leave the score out, or mend an item",
        )


def _numbers(numbers: Iterable[int]) -> str:
    return ", ".join(str(number) for number in numbers)


def _symptom_faults(reading: Reading, now: datetime) -> Iterable[FieldError]:
    times = Counter(symptom.code for symptom in reading.symptoms or ())
    for place, symptom in enumerate(reading.symptoms or ()):
        where = f"symptoms.{place}"
        if times[symptom.code] > 1:
            yield FieldError(f"{where}.code", f"{symptom.code} is named twice: name it once, with its worst severity")
        if symptom.onset is not None:
            future = list(instant_faults(f"{where}.onset", symptom.onset, now))
            yield from future
            if not future and symptom.onset > reading.measured_at + CLOCK_DIFFERENCE:
                yield FieldError(f"{where}.onset", "is after this set was taken: name it in the next set")
