"""What each criterion is held against; near the baseline exactly, as integer comparisons with (sum, count)."""

from collections.abc import Mapping

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


def limits_of(criterion: Criterion, protocol: Protocol, events: tuple[Event, ...]) -> Mapping[str, Json]:
    """The protocol's numbers for one criterion, as a finding shows them; of medications, those that were given."""
    match criterion:
        case Criterion.MINUTES_SINCE_DOSE:
            return {clock.value: length for clock, length in protocol.dose_minutes.items()}
        case Criterion.BASELINE_SOUND:
            bounds = sorted(protocol.baseline.limits.items())
            return {vital.value: {"floor": one.floor, "ceiling": one.ceiling} for vital, one in bounds}
        case Criterion.SPO2_RECOVERED:
            return {"floor": protocol.spo2.floor, "max_drop": protocol.spo2.max_drop}
        case Criterion.CONSCIOUSNESS_RECOVERED:
            return {"scale": protocol.consciousness_scale.value}
        case Criterion.DISSOCIATION_ABSENT:
            return {"instrument": protocol.dissociation_instrument}
        case Criterion.SUSTAINED:
            rule = protocol.sustained
            return {"sets": rule.sets, "minutes": rule.minutes, "spacing": rule.spacing, "max_gap": rule.max_gap}
        case Criterion.FRESH:
            return {"minutes": protocol.fresh_minutes}
        case Criterion.SYMPTOMS_SETTLED:
            return {
                "from_severity": protocol.symptoms.from_severity.value,
                "always": [code.value for code in sorted(protocol.symptoms.always)],
            }
        case Criterion.MEDICATION_SETTLED:
            given = sorted({event.detail.code for event in events if isinstance(event.detail, MedicationGiven)})
            return {code: minutes_to_settle(protocol, code) for code in given}
        case Criterion.CONCERNS_ACKNOWLEDGED:
            return {
                vital.value: {"floor": one.floor, "ceiling": one.ceiling, "delta": one.delta}
                for vital, one in sorted(protocol.concerns.items())
                if one.acknowledge
            }
        case Criterion.TABLETS_IN_STEP:
            return {"seconds": protocol.tablet_seconds}
        case _ if criterion in VITAL_OF:
            limits = protocol.recovery[VITAL_OF[criterion]]
            return {
                "percent_up": limits.percent_up,
                "percent_down": limits.percent_down,
                "delta_up": limits.delta_up,
                "delta_down": limits.delta_down,
                "floor": limits.floor,
                "ceiling": limits.ceiling,
            }
        case _:
            return {}
