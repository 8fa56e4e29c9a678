"""The nine criteria that one item of the newest recovery set decides."""

from collections.abc import Callable, Mapping
from datetime import datetime

from app.domain.assessment import Criterion, Finding, Outcome
from app.domain.canonical import Json
from app.domain.instants import to_text
from app.domain.protocol.values import Protocol, RecoveryLimits
from app.domain.readiness.evidence import Evidence
from app.domain.readiness.findings import finding, of_events, of_readings
from app.domain.readiness.items import Item
from app.domain.vitals import Vital

ITEMS: dict[Criterion, Item] = {
    Criterion.HEART_RATE_RECOVERED: Item.HEART_RATE,
    Criterion.SYSTOLIC_RECOVERED: Item.SYSTOLIC,
    Criterion.DIASTOLIC_RECOVERED: Item.DIASTOLIC,
    Criterion.RESPIRATORY_RATE_RECOVERED: Item.RESPIRATORY_RATE,
    Criterion.SPO2_RECOVERED: Item.SPO2,
    Criterion.CONSCIOUSNESS_RECOVERED: Item.CONSCIOUSNESS,
    Criterion.DISSOCIATION_ABSENT: Item.DISSOCIATION,
    Criterion.GAIT_STEADY: Item.GAIT_STEADY,
    Criterion.ORIENTATED: Item.ORIENTATED,
}
VITAL_ITEMS: dict[Item, Vital] = {Item(vital.value): vital for vital in Vital}
"""The items that are compared with the baseline, and so rest on it too."""


def _recovery_limits(limits: RecoveryLimits) -> dict[str, Json]:
    return {
        "percent_up": limits.percent_up,
        "percent_down": limits.percent_down,
        "delta_up": limits.delta_up,
        "delta_down": limits.delta_down,
        "floor": limits.floor,
        "ceiling": limits.ceiling,
    }


def _limits(item: Item, protocol: Protocol) -> Mapping[str, Json]:
    match item:
        case Item.HEART_RATE | Item.SYSTOLIC | Item.DIASTOLIC | Item.RESPIRATORY_RATE:
            return _recovery_limits(protocol.recovery[VITAL_ITEMS[item]])
        case Item.SPO2:
            return {"floor": protocol.spo2.floor, "max_drop": protocol.spo2.max_drop}
        case Item.CONSCIOUSNESS:
            return {"scale": protocol.consciousness_scale.value}
        case Item.DISSOCIATION:
            return {"instrument": protocol.dissociation_instrument}
        case _:
            return {}


def _item_finding(criterion: Criterion, evidence: Evidence) -> Finding:
    item = ITEMS[criterion]
    limits = _limits(item, evidence.protocol)
    newest = evidence.newest
    if newest is None:
        because = "There is no recovery set: take one after the dose has ended"
        return finding(criterion, Outcome.UNKNOWN, because, limits=limits)
    verdict = newest.verdicts[item]
    rests_on = of_readings(newest.readings)
    if (vital := VITAL_ITEMS.get(item)) is not None:
        rests_on = (*rests_on, *evidence.baseline.vitals[vital].rests_on)
    return finding(
        criterion,
        verdict.outcome,
        f"In the set at {to_text(newest.at)}: {verdict.because}",
        rests_on=rests_on,
        values={"at": to_text(newest.at), **verdict.values},
        limits=limits,
    )


def spo2_recovered(evidence: Evidence, _as_of: datetime) -> Finding:
    """The item, and no oxygen started since: the newest value says nothing about a patient who needed it afterwards."""
    judged = _item_finding(Criterion.SPO2_RECOVERED, evidence)
    running, newest = evidence.oxygen.now, evidence.newest
    if running is None or newest is None or running.at <= newest.at:
        return judged
    because = (
        f"Oxygen was started at {to_text(running.at)}, after the newest set at {to_text(newest.at)}, and runs: "
        "stop it when it is safe, then take sets on room air"
    )
    return finding(
        Criterion.SPO2_RECOVERED,
        Outcome.NOT_MET,
        because,
        rests_on=(*judged.rests_on, *of_events(running)),
        values={**judged.values, "oxygen_started_at": to_text(running.at)},
        limits=judged.limits,
    )


def _rule(criterion: Criterion) -> Callable[[Evidence, datetime], Finding]:
    return lambda evidence, _as_of: _item_finding(criterion, evidence)


ITEM_RULES: dict[Criterion, Callable[[Evidence, datetime], Finding]] = {
    **{criterion: _rule(criterion) for criterion in ITEMS},
    Criterion.SPO2_RECOVERED: spo2_recovered,
}
