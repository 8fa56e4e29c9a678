"""The nine criteria that one item of the newest recovery set decides (`items` judges the item)."""

from collections.abc import Callable
from datetime import datetime

from app.domain.assessment import Criterion
from app.domain.codes import Code
from app.domain.instants import to_text
from app.domain.readiness.evidence import Evidence
from app.domain.readiness.findings import of_events
from app.domain.readiness.items import Item
from app.domain.readiness.limits import VITAL_OF
from app.domain.readiness.verdicts import Verdict, not_met, unknown

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


def _newest(criterion: Criterion, evidence: Evidence) -> Verdict:
    """The item is met in the newest recovery set."""
    newest = evidence.newest
    if newest is None:
        return unknown(Code.NO_RECOVERY_SET)
    vital = VITAL_OF.get(criterion)
    compared_with = evidence.baseline.vitals[vital].rests_on if vital else ()
    return newest.verdicts[ITEMS[criterion]].also({"at": to_text(newest.at)}, (*newest.on, *compared_with))


def spo2_recovered(evidence: Evidence, _as_of: datetime) -> Verdict:
    """The item, and no oxygen started since: the newest value says nothing about a patient who needed it afterwards."""
    judged = _newest(Criterion.SPO2_RECOVERED, evidence)
    running, newest = evidence.oxygen.now, evidence.newest
    if running is None or newest is None or running.at <= newest.at:
        return judged
    seen = {name: value for name, value in judged.params.items() if name != "also"}
    started = {"oxygen_started_at": to_text(running.at)}
    return not_met(Code.OXYGEN_STARTED_SINCE, {**seen, **started}, (*judged.on, *of_events(running)))


def _rule(criterion: Criterion) -> Callable[[Evidence, datetime], Verdict]:
    return lambda evidence, _as_of: _newest(criterion, evidence)


ITEM_RULES: dict[Criterion, Callable[[Evidence, datetime], Verdict]] = {
    **{criterion: _rule(criterion) for criterion in ITEMS},
    Criterion.SPO2_RECOVERED: spo2_recovered,
}
