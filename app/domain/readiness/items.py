"""One reading of a recovery set, judged item by item. What was not seen is unknown, never normal."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.assessment import Baseline, Outcome
from app.domain.baseline import is_dissociated, oxygen_words
from app.domain.canonical import Json
from app.domain.protocol.values import Protocol
from app.domain.readiness.episodes import blocks
from app.domain.readiness.limits import allowed_band, relative_words, too_far_down, too_far_up
from app.domain.readiness.verdicts import Verdict, met, not_met, unknown, worst
from app.domain.readings import Reading
from app.domain.symptoms import label as symptom_label
from app.domain.vitals import VITALS, DissociationGrade, Oxygen, OxygenKind, Vital, fully_conscious

LOOK_AGAIN = "look again in the next set"
OVERRIDE = "the rules do not bend for it, a signed override with a reason is the intended way"


class Item(StrEnum):
    """What each set is judged on."""

    HEART_RATE = "heart_rate"
    SYSTOLIC = "systolic"
    DIASTOLIC = "diastolic"
    RESPIRATORY_RATE = "respiratory_rate"
    SPO2 = "spo2"
    CONSCIOUSNESS = "consciousness"
    DISSOCIATION = "dissociation"
    GAIT_STEADY = "gait_steady"
    ORIENTATED = "orientated"
    SYMPTOMS = "symptoms"


@dataclass(frozen=True, slots=True)
class Near:
    """What near the baseline means for one vital, in words and numbers: said of every set, so made once."""

    words: str
    reference: Mapping[str, Json]
    allowed: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a reading is judged against. `gait_unsteady_before` and `dissociated_before`: seen so before the dose."""

    protocol: Protocol
    baseline: Baseline
    near: Mapping[Vital, Near]
    """For each vital with relative limits whose baseline is known."""
    gait_unsteady_before: bool
    dissociated_before: bool


def ground(protocol: Protocol, baseline: Baseline, before: Iterable[Reading]) -> Ground:
    """The ground for one session; `before` are its readings before the dose."""
    near = {
        vital: Near(
            words=f"{relative_words(limits)} the baseline {reference.shown}",
            reference={"sum": reference.sum, "count": reference.count, "shown": reference.shown},
            allowed=allowed_band(reference, limits),
        )
        for vital, limits in protocol.recovery.items()
        if (reference := baseline.vitals[vital]).known
    }
    before = tuple(before)
    return Ground(
        protocol=protocol,
        baseline=baseline,
        near=near,
        gait_unsteady_before=any(reading.gait_steady is False for reading in before),
        dissociated_before=any(is_dissociated(reading) for reading in before),
    )


def _why_blank(reading: Reading, item: str) -> str:
    reason = dict(reading.not_measured).get(item)
    return f"was not measured ({reason})" if reason else "was not given"


def _vital(vital: Vital, reading: Reading, ground: Ground) -> Verdict:
    label = VITALS[vital].label
    value = reading.vital(vital)
    if value is None:
        return unknown(f"{label} {_why_blank(reading, vital.value)}: measure it in the next set", value=None)
    limits, reference = ground.protocol.recovery[vital], ground.baseline.vitals[vital]
    absolute = None
    if value < limits.floor:
        absolute = f"{label} {value} is below the floor {limits.floor}"
    elif value > limits.ceiling:
        absolute = f"{label} {value} is above the ceiling {limits.ceiling}"
    if not reference.known:
        if absolute is not None:
            because = f"{absolute}, and there is no baseline to compare with: {LOOK_AGAIN}"
            return not_met(because, value=value, baseline=None)
        because = f"{label} {value} has no baseline to be compared with ({reference.because})"
        return unknown(because, value=value, baseline=None)
    near = ground.near[vital]
    values: dict[str, Json] = {"value": value, "baseline": near.reference, "allowed": list(near.allowed)}
    far = too_far_up(value, reference, limits) or too_far_down(value, reference, limits)
    low, high = near.allowed
    if low > high:
        because = (
            f"{label} {value}: no value is both {near.words} and from {limits.floor} to {limits.ceiling}, {OVERRIDE}"
        )
    elif absolute is not None and not far:
        because = f"{absolute}, though it is {near.words}: where that is this patient's usual, {OVERRIDE}"
    elif absolute is not None:
        because = f"{absolute}, and outside {low} to {high}: {LOOK_AGAIN}"
    elif far:
        because = f"{label} {value} lies outside {low} to {high}, which is {near.words}: {LOOK_AGAIN}"
    else:
        because = f"{label} {value} is {near.words}, between {limits.floor} and {limits.ceiling}"
        return Verdict(Outcome.MET, because, values)
    return Verdict(Outcome.NOT_MET, because, values)


def _oxygen_taken(oxygen: Oxygen | None, baseline_oxygen: Oxygen | None, label: str) -> Verdict:
    """Whether the patient breathed no more oxygen than at baseline."""
    if oxygen is None:
        return unknown("what the patient breathed was not given: say it in the next set")
    words = oxygen_words(oxygen)
    if oxygen.kind is OxygenKind.ROOM_AIR:
        return met(words)
    if oxygen.flow_l_min is None:
        return unknown("oxygen was given without its flow: correct the reading")
    if baseline_oxygen is None:
        return unknown(f"on {words}, and there is no baseline oxygen to compare with ({label})")
    if baseline_oxygen.kind is OxygenKind.ROOM_AIR:
        return not_met(f"on {words}, where the baseline was on room air: take a set without it when that is safe")
    if baseline_oxygen.flow_l_min is None:
        return unknown(f"on {words}, and the baseline flow was not given")
    more = oxygen.flow_l_min > baseline_oxygen.flow_l_min
    against = f"the baseline's {oxygen_words(baseline_oxygen)}"
    return (
        not_met(f"on {words}, more than {against}: {LOOK_AGAIN}") if more else met(f"{words}, no more than {against}")
    )


def _oxygen_running(oxygen: Oxygen | None) -> Verdict:
    """The item while oxygen runs by the events, whatever the value."""
    if oxygen is not None and oxygen.kind is OxygenKind.ROOM_AIR:
        return unknown("the reading says room air while the events say that oxygen runs: correct one of the two")
    return not_met("oxygen was running by the events: stop it when it is safe, then take a set on room air")


def _spo2(reading: Reading, ground: Ground, *, oxygen_runs: bool) -> Verdict:
    limits, reference = ground.protocol.spo2, ground.baseline.vitals[Vital.SPO2]
    value = reading.spo2
    seen: dict[str, Json] = {
        "value": value,
        "oxygen": oxygen_words(reading.oxygen) if reading.oxygen else None,
        "baseline": {"sum": reference.sum, "count": reference.count, "shown": reference.shown},
    }
    parts = [_oxygen_taken(reading.oxygen, ground.baseline.oxygen, reference.because)]
    if oxygen_runs:
        parts.append(_oxygen_running(reading.oxygen))
    drop_ok = reference.sum - (value or 0) * reference.count <= limits.max_drop * reference.count
    if value is None:
        parts.append(unknown(f"SpO2 {_why_blank(reading, 'spo2')}: measure it in the next set"))
    elif value < limits.floor and reference.known and drop_ok:
        near = f"at most {limits.max_drop} below the baseline {reference.shown}"
        because = f"SpO2 {value} is below the floor {limits.floor}, though {near}"
        parts.append(not_met(f"{because}: where that is this patient's usual, {OVERRIDE}"))
    elif value < limits.floor:
        parts.append(not_met(f"SpO2 {value} is below the floor {limits.floor}: {LOOK_AGAIN}"))
    elif not reference.known:
        parts.append(unknown(f"SpO2 {value} has no baseline to be compared with ({reference.because})"))
    elif not drop_ok:
        lower = f"more than {limits.max_drop} below the baseline {reference.shown}"
        parts.append(not_met(f"SpO2 {value} is {lower}: {LOOK_AGAIN}"))
    else:
        near = f"at most {limits.max_drop} below the baseline {reference.shown}"
        parts.append(met(f"SpO2 {value} is at least {limits.floor} and {near}"))
    overall = worst(parts).outcome
    because = "; ".join(part.because for part in reversed(parts) if part.outcome is overall)
    return Verdict(overall, because, seen)


def _consciousness(reading: Reading, ground: Ground) -> Verdict:
    scale, seen = ground.protocol.consciousness_scale, reading.consciousness
    if seen is None:
        return unknown(f"consciousness {_why_blank(reading, 'consciousness')}: grade it by {scale.value}", value=None)
    values: dict[str, Json] = {"scale": seen.scale.value, "value": seen.score}
    if seen.scale is not scale:
        return unknown(f"consciousness was graded by {seen.scale.value}: grade it by {scale.value}", **values)
    if fully_conscious(seen):
        return met(f"{scale.value} {seen.score} is fully conscious", **values)
    return not_met(f"{scale.value} {seen.score} is not fully conscious: {LOOK_AGAIN}", **values)


def _dissociation(reading: Reading, ground: Ground) -> Verdict:
    seen, wanted = reading.dissociation, ground.protocol.dissociation_instrument
    if seen is None:
        return unknown(f"dissociation {_why_blank(reading, 'dissociation')}: grade it in the next set", value=None)
    values: dict[str, Json] = {"value": seen.grade.value, "instrument": seen.instrument, "score": seen.score}
    if is_dissociated(reading):
        usual = f"the patient was dissociated before the dose too, {OVERRIDE}"
        then = usual if ground.dissociated_before else LOOK_AGAIN
        if seen.grade is not DissociationGrade.NONE:
            return not_met(f"dissociation was graded {seen.grade.value}: {then}", **values)
        return not_met(f"dissociation was graded none, but a score beside it is above 0: {then}", **values)
    if wanted is not None and (seen.instrument != wanted or seen.score is None):
        return unknown(f"dissociation was graded none but not scored by {wanted}: score it in the next set", **values)
    return met("dissociation was graded none, and no score is above 0", **values)


def _gait(reading: Reading, ground: Ground) -> Verdict:
    if reading.gait_steady is None:
        return unknown("gait was not looked at: look in the next set", value=None)
    if reading.gait_steady:
        return met("gait was steady", value=True)
    usual = f"it was so before the dose too, {OVERRIDE}"
    return not_met(f"gait was not steady: {usual if ground.gait_unsteady_before else LOOK_AGAIN}", value=False)


def _orientated(reading: Reading, _ground: Ground) -> Verdict:
    if reading.orientated is None:
        return unknown("orientation was not asked: ask in the next set", value=None)
    if reading.orientated:
        return met("the patient was orientated", value=True)
    return not_met(f"the patient was not orientated: {LOOK_AGAIN}", value=False)


def _symptoms(reading: Reading, ground: Ground) -> Verdict:
    if reading.symptoms is None:
        return unknown("symptoms were not asked: ask in the next set", value=None)
    named: list[Json] = [f"{s.code.value} {s.severity.value if s.severity else '?'}" for s in reading.symptoms]
    judged = [(s, blocks(s.code, s.severity, ground.protocol.symptoms)) for s in reading.symptoms]
    blocking = [symptom_label(symptom.code) for symptom, verdict in judged if verdict]
    ungraded = [symptom_label(symptom.code) for symptom, verdict in judged if verdict is None]
    if blocking:
        return not_met(f"{', '.join(blocking)} was named, which blocks", value=named)
    if ungraded:
        return unknown(f"{', '.join(ungraded)} was named without its severity", value=named)
    return met("symptoms were asked, and none that blocks was named", value=named)


_RULES: dict[Item, Callable[[Reading, Ground], Verdict]] = {
    Item.HEART_RATE: lambda reading, ground: _vital(Vital.HEART_RATE, reading, ground),
    Item.SYSTOLIC: lambda reading, ground: _vital(Vital.SYSTOLIC, reading, ground),
    Item.DIASTOLIC: lambda reading, ground: _vital(Vital.DIASTOLIC, reading, ground),
    Item.RESPIRATORY_RATE: lambda reading, ground: _vital(Vital.RESPIRATORY_RATE, reading, ground),
    Item.CONSCIOUSNESS: _consciousness,
    Item.DISSOCIATION: _dissociation,
    Item.GAIT_STEADY: _gait,
    Item.ORIENTATED: _orientated,
    Item.SYMPTOMS: _symptoms,
}


def judge(reading: Reading, ground: Ground, *, oxygen_runs: bool) -> dict[Item, Verdict]:
    """Every item of one reading. `oxygen_runs`: by the events, at its instant."""
    if reading.clock_doubtful:
        doubt = unknown("the tablet's clock was in doubt: correct the reading's time or take another set")
        return dict.fromkeys(Item, doubt)
    verdicts = {item: rule(reading, ground) for item, rule in _RULES.items()}
    verdicts[Item.SPO2] = _spo2(reading, ground, oxygen_runs=oxygen_runs)
    return verdicts
