"""One reading of a recovery set, judged item by item. What was not seen is unknown, never normal."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.assessment import Baseline, BaselineVital
from app.domain.baseline import is_dissociated
from app.domain.canonical import Json
from app.domain.codes import Code
from app.domain.protocol.values import Protocol
from app.domain.readiness.episodes import blocks
from app.domain.readiness.findings import breathed
from app.domain.readiness.limits import allowed_band, too_far_down, too_far_up
from app.domain.readiness.verdicts import Verdict, met, not_met, unknown, worst
from app.domain.readings import Reading
from app.domain.vitals import DissociationGrade, Oxygen, OxygenKind, Vital, fully_conscious


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
class Ground:
    """What a reading is judged against. `gait_unsteady_before` and `dissociated_before`: seen so before the dose."""

    protocol: Protocol
    baseline: Baseline
    allowed: Mapping[Vital, tuple[int, int]]
    """For each vital with relative limits whose baseline is known: the lowest and highest whole number that is met."""
    gait_unsteady_before: bool
    dissociated_before: bool


def ground(protocol: Protocol, baseline: Baseline, before: Iterable[Reading]) -> Ground:
    """The ground for one session; `before` are its readings before the dose."""
    before = tuple(before)
    return Ground(
        protocol=protocol,
        baseline=baseline,
        allowed={
            vital: allowed_band(baseline.vitals[vital], limits)
            for vital, limits in protocol.recovery.items()
            if baseline.vitals[vital].known
        },
        gait_unsteady_before=any(reading.gait_steady is False for reading in before),
        dissociated_before=any(is_dissociated(reading) for reading in before),
    )


def _blank(reading: Reading, item: str, not_given: Code, not_measured: Code) -> Verdict:
    """Nothing to judge: with its reason where one was given."""
    reason = dict(reading.not_measured).get(item)
    return unknown(not_measured, {"value": None, "reason": reason}) if reason else unknown(not_given, {"value": None})


def _reference(reference: BaselineVital) -> dict[str, Json]:
    """The baseline of one vital as a finding shows it, or why there is none."""
    if not reference.known:
        return {"baseline": None, "why": reference.reason.document()}
    return {"baseline": {"sum": reference.sum, "count": reference.count, "shown": reference.shown}}


def _vital(vital: Vital, reading: Reading, ground: Ground) -> Verdict:
    limits, reference, value = ground.protocol.recovery[vital], ground.baseline.vitals[vital], reading.vital(vital)
    seen: dict[str, Json] = {"vital": vital.value, "value": value, **_reference(reference)}
    if value is None:
        return _blank(reading, vital.value, Code.VITAL_NOT_GIVEN, Code.VITAL_NOT_MEASURED).also({"vital": vital.value})
    beyond = "floor" if value < limits.floor else "ceiling" if value > limits.ceiling else None
    if not reference.known:
        if beyond:
            return not_met(Code.BEYOND_LIMIT_WITHOUT_REFERENCE, {**seen, "beyond": beyond})
        return unknown(Code.NO_REFERENCE, seen)
    low, high = ground.allowed[vital]
    seen["allowed"] = [low, high]
    far = too_far_up(value, reference, limits) or too_far_down(value, reference, limits)
    if low > high:
        return not_met(Code.NO_ROOM, seen)
    if beyond:
        return not_met(Code.BEYOND_LIMIT if far else Code.BEYOND_LIMIT_NEAR_BASELINE, {**seen, "beyond": beyond})
    if far:
        return not_met(Code.FAR_FROM_BASELINE, seen)
    return met(Code.NEAR_BASELINE, seen)


def _oxygen_taken(oxygen: Oxygen | None, usual: Oxygen | None) -> Verdict:
    """Whether the patient breathed no more oxygen than at baseline."""
    if oxygen is None:
        return unknown(Code.OXYGEN_NOT_GIVEN)
    if oxygen.kind is OxygenKind.ROOM_AIR:
        return met(Code.ON_ROOM_AIR)
    if oxygen.flow_l_min is None:
        return unknown(Code.FLOW_NOT_GIVEN)
    if usual is None:
        return unknown(Code.NO_BASELINE_OXYGEN)
    if usual.kind is OxygenKind.ROOM_AIR:
        return not_met(Code.BASELINE_ON_ROOM_AIR)
    if usual.flow_l_min is None:
        return unknown(Code.BASELINE_FLOW_NOT_GIVEN)
    return not_met(Code.MORE_OXYGEN) if oxygen.flow_l_min > usual.flow_l_min else met(Code.NO_MORE_OXYGEN)


def _oxygen_running(oxygen: Oxygen | None) -> Verdict:
    """The item while oxygen runs by the events, whatever the value."""
    if oxygen is not None and oxygen.kind is OxygenKind.ROOM_AIR:
        return unknown(Code.ROOM_AIR_WHILE_OXYGEN_RUNS)
    return not_met(Code.OXYGEN_RUNNING)


def _saturation(reading: Reading, ground: Ground) -> Verdict:
    """The value alone."""
    limits, reference, value = ground.protocol.spo2, ground.baseline.vitals[Vital.SPO2], reading.spo2
    if value is None:
        return _blank(reading, Vital.SPO2.value, Code.VITAL_NOT_GIVEN, Code.VITAL_NOT_MEASURED)
    near = reference.sum - value * reference.count <= limits.max_drop * reference.count
    if value < limits.floor:
        usual = reference.known and near
        return not_met(Code.SPO2_BELOW_FLOOR_NEAR_BASELINE if usual else Code.SPO2_BELOW_FLOOR)
    if not reference.known:
        return unknown(Code.NO_REFERENCE)
    return met(Code.SPO2_NEAR_BASELINE) if near else not_met(Code.SPO2_DROPPED)


def _spo2(reading: Reading, ground: Ground, *, oxygen_runs: bool) -> Verdict:
    """The value, the oxygen it was measured with, and oxygen by the events: the worst of them, and all that are so."""
    parts = [_saturation(reading, ground), _oxygen_taken(reading.oxygen, ground.baseline.oxygen)]
    if oxygen_runs:
        parts.insert(1, _oxygen_running(reading.oxygen))
    decides = worst(parts)
    seen: dict[str, Json] = {
        "vital": Vital.SPO2.value,
        "value": reading.spo2,
        "oxygen": breathed(reading.oxygen),
        "baseline_oxygen": breathed(ground.baseline.oxygen),
        "also": [part.code.value for part in parts if part.outcome is decides.outcome and part is not decides],
    }
    return decides.also({**seen, **_reference(ground.baseline.vitals[Vital.SPO2])})


def _consciousness(reading: Reading, ground: Ground) -> Verdict:
    seen = reading.consciousness
    if seen is None:
        return _blank(reading, "consciousness", Code.CONSCIOUSNESS_NOT_GIVEN, Code.CONSCIOUSNESS_NOT_MEASURED)
    values: dict[str, Json] = {"scale": seen.scale.value, "value": seen.score}
    if seen.scale is not ground.protocol.consciousness_scale:
        return unknown(Code.OTHER_SCALE, values)
    return met(Code.FULLY_CONSCIOUS, values) if fully_conscious(seen) else not_met(Code.NOT_FULLY_CONSCIOUS, values)


def _dissociation(reading: Reading, ground: Ground) -> Verdict:
    seen, wanted, before = reading.dissociation, ground.protocol.dissociation_instrument, ground.dissociated_before
    if seen is None:
        return _blank(reading, "dissociation", Code.DISSOCIATION_NOT_GIVEN, Code.DISSOCIATION_NOT_MEASURED)
    values: dict[str, Json] = {"value": seen.grade.value, "instrument": seen.instrument, "score": seen.score}
    if seen.grade is not DissociationGrade.NONE:
        return not_met(Code.DISSOCIATED_AS_BEFORE if before else Code.DISSOCIATED, values)
    if is_dissociated(reading):
        return not_met(Code.SCORE_ABOVE_ZERO_AS_BEFORE if before else Code.SCORE_ABOVE_ZERO, values)
    if wanted is not None and (seen.instrument != wanted or seen.score is None):
        return unknown(Code.NOT_SCORED, values)
    return met(Code.NOT_DISSOCIATED, values)


def _gait(reading: Reading, ground: Ground) -> Verdict:
    if reading.gait_steady is None:
        return unknown(Code.GAIT_NOT_SEEN, {"value": None})
    if reading.gait_steady:
        return met(Code.GAIT_STEADY, {"value": True})
    before = ground.gait_unsteady_before
    return not_met(Code.GAIT_UNSTEADY_AS_BEFORE if before else Code.GAIT_UNSTEADY, {"value": False})


def _orientated(reading: Reading, _ground: Ground) -> Verdict:
    if reading.orientated is None:
        return unknown(Code.ORIENTATION_NOT_ASKED, {"value": None})
    if reading.orientated:
        return met(Code.ORIENTATED, {"value": True})
    return not_met(Code.NOT_ORIENTATED, {"value": False})


def _symptoms(reading: Reading, ground: Ground) -> Verdict:
    """Only the outcome counts in a set; the criterion of the same name says which symptom, over all readings."""
    if reading.symptoms is None:
        return unknown(Code.SYMPTOMS_NOT_ASKED)
    judged = {blocks(symptom.code, symptom.severity, ground.protocol.symptoms) for symptom in reading.symptoms}
    if True in judged:
        return not_met(Code.SYMPTOM_BLOCKS)
    return unknown(Code.SYMPTOM_WITHOUT_SEVERITY) if None in judged else met(Code.NO_SYMPTOM_BLOCKS)


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
        return dict.fromkeys(Item, unknown(Code.SET_CLOCK_IN_DOUBT))
    verdicts = {item: rule(reading, ground) for item, rule in _RULES.items()}
    verdicts[Item.SPO2] = _spo2(reading, ground, oxygen_runs=oxygen_runs)
    return verdicts
