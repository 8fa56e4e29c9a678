"""What each criterion is held against; near the baseline exactly, as integer comparisons with (sum, count)."""

from collections.abc import Callable, Mapping
from functools import partial

from app.domain.assessment import BaselineVital, Criterion
from app.domain.canonical import Json
from app.domain.events import Event, MedicationGiven
from app.domain.protocol.values import Protocol, RecoveryLimits
from app.domain.vitals import Vital

VITAL_OF: Mapping[Criterion, Vital] = {
    Criterion.HEART_RATE_RECOVERED: Vital.HEART_RATE,
    Criterion.SYSTOLIC_RECOVERED: Vital.SYSTOLIC,
    Criterion.DIASTOLIC_RECOVERED: Vital.DIASTOLIC,
    Criterion.RESPIRATORY_RATE_RECOVERED: Vital.RESPIRATORY_RATE,
    Criterion.SPO2_RECOVERED: Vital.SPO2,
}
"""The criteria that compare a vital with its baseline, and so rest on it too."""


def too_far_up(value: int, reference: BaselineVital, limits: RecoveryLimits) -> bool:
    """Whether `value` lies further above the baseline than the protocol allows. Bounds are inclusive."""
    distance = value * reference.count - reference.sum
    if limits.percent_up is not None and 100 * distance > limits.percent_up * reference.sum:
        return True
    return limits.delta_up is not None and distance > limits.delta_up * reference.count


def too_far_down(value: int, reference: BaselineVital, limits: RecoveryLimits) -> bool:
    """Whether `value` lies further below the baseline than the protocol allows. Bounds are inclusive."""
    distance = reference.sum - value * reference.count
    if limits.percent_down is not None and 100 * distance > limits.percent_down * reference.sum:
        return True
    return limits.delta_down is not None and distance > limits.delta_down * reference.count


def allowed_band(reference: BaselineVital, limits: RecoveryLimits) -> tuple[int, int]:
    """The lowest and highest whole numbers that are met: for sentences and pictures, the comparisons above decide.

    Needs a known baseline. The two bounds cross where the absolute limits leave no room around this baseline.
    """
    total, count = reference.sum, reference.count
    lows, highs = [limits.floor], [limits.ceiling]
    if limits.percent_up is not None:
        highs.append((total * (100 + limits.percent_up)) // (100 * count))
    if limits.percent_down is not None:
        lows.append(-((-total * (100 - limits.percent_down)) // (100 * count)))
    if limits.delta_up is not None:
        highs.append((total + limits.delta_up * count) // count)
    if limits.delta_down is not None:
        lows.append(-((-total + limits.delta_down * count) // count))
    return max(lows), min(highs)


def minutes_to_settle(protocol: Protocol, medication: str) -> int:
    """The minutes of one medication. What is not listed takes the longest: nobody has said that it is harmless."""
    lengths = protocol.medication_minutes
    return lengths[medication] if medication in lengths else max(lengths.values())


def _of_baseline(protocol: Protocol) -> Mapping[str, Json]:
    bounds = sorted(protocol.baseline.limits.items())
    return {vital.value: {"floor": one.floor, "ceiling": one.ceiling} for vital, one in bounds}


def _of_vital(vital: Vital, protocol: Protocol) -> Mapping[str, Json]:
    limits = protocol.recovery[vital]
    return {
        "percent_up": limits.percent_up,
        "percent_down": limits.percent_down,
        "delta_up": limits.delta_up,
        "delta_down": limits.delta_down,
        "floor": limits.floor,
        "ceiling": limits.ceiling,
    }


def _of_run(protocol: Protocol) -> Mapping[str, Json]:
    rule = protocol.sustained
    return {"sets": rule.sets, "minutes": rule.minutes, "spacing": rule.spacing, "max_gap": rule.max_gap}


def _of_symptoms(protocol: Protocol) -> Mapping[str, Json]:
    return {
        "from_severity": protocol.symptoms.from_severity.value,
        "always": [code.value for code in sorted(protocol.symptoms.always)],
    }


def _of_concerns(protocol: Protocol) -> Mapping[str, Json]:
    return {
        vital.value: {"floor": one.floor, "ceiling": one.ceiling, "delta": one.delta}
        for vital, one in sorted(protocol.concerns.items())
        if one.acknowledge
    }


_LIMITS: Mapping[Criterion, Callable[[Protocol], Mapping[str, Json]]] = {
    **{criterion: partial(_of_vital, vital) for criterion, vital in VITAL_OF.items()},
    Criterion.MINUTES_SINCE_DOSE: lambda protocol: {
        clock.value: length for clock, length in protocol.dose_minutes.items()
    },
    Criterion.BASELINE_SOUND: _of_baseline,
    Criterion.SPO2_RECOVERED: lambda protocol: {"floor": protocol.spo2.floor, "max_drop": protocol.spo2.max_drop},
    Criterion.CONSCIOUSNESS_RECOVERED: lambda protocol: {"scale": protocol.consciousness_scale.value},
    Criterion.DISSOCIATION_ABSENT: lambda protocol: {"instrument": protocol.dissociation_instrument},
    Criterion.SUSTAINED: _of_run,
    Criterion.FRESH: lambda protocol: {"minutes": protocol.fresh_minutes},
    Criterion.SYMPTOMS_SETTLED: _of_symptoms,
    Criterion.CONCERNS_ACKNOWLEDGED: _of_concerns,
    Criterion.TABLETS_IN_STEP: lambda protocol: {"seconds": protocol.tablet_seconds},
}
"""A table, as every criterion is asked for at every assessment. Those that are not here have no numbers."""


def limits_of(criterion: Criterion, protocol: Protocol, events: tuple[Event, ...]) -> Mapping[str, Json]:
    """The protocol's numbers for one criterion, as a finding shows them; of medications, those that were given."""
    if criterion is Criterion.MEDICATION_SETTLED:
        given = sorted({event.detail.code for event in events if isinstance(event.detail, MedicationGiven)})
        return {code: minutes_to_settle(protocol, code) for code in given}
    shown = _LIMITS.get(criterion)
    return shown(protocol) if shown else {}
