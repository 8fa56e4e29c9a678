"""The table of criteria, one rule each, and the guard that turns any failure inside a rule into `unknown`."""

from collections.abc import Callable
from datetime import datetime

from app.domain.assessment import Criterion, Finding, Outcome
from app.domain.codes import Code
from app.domain.readiness.criteria_course import fresh, medication_settled, sustained, symptoms_settled
from app.domain.readiness.criteria_dose import baseline_sound, clocks_certain, dose_finished, minutes_since_dose
from app.domain.readiness.criteria_people import concerns_acknowledged, escort_present, tablets_in_step
from app.domain.readiness.criteria_set import ITEM_RULES
from app.domain.readiness.evidence import Evidence
from app.domain.readiness.limits import limits_of
from app.domain.readiness.verdicts import Verdict

Rule = Callable[[Evidence, datetime], Verdict]

RULES: dict[Criterion, Rule] = {
    Criterion.DOSE_FINISHED: dose_finished,
    Criterion.CLOCKS_CERTAIN: clocks_certain,
    Criterion.MINUTES_SINCE_DOSE: minutes_since_dose,
    Criterion.BASELINE_SOUND: baseline_sound,
    **ITEM_RULES,
    Criterion.SUSTAINED: sustained,
    Criterion.FRESH: fresh,
    Criterion.SYMPTOMS_SETTLED: symptoms_settled,
    Criterion.MEDICATION_SETTLED: medication_settled,
    Criterion.CONCERNS_ACKNOWLEDGED: concerns_acknowledged,
    Criterion.ESCORT_PRESENT: escort_present,
    Criterion.TABLETS_IN_STEP: tablets_in_step,
}

TIMED = (
    Criterion.MINUTES_SINCE_DOSE,
    Criterion.FRESH,
    Criterion.MEDICATION_SETTLED,
    Criterion.TABLETS_IN_STEP,
)
"""The criteria that time alone can change. No other rule reads `as_of`; a test holds them to it."""


def could_not_be_evaluated(criterion: Criterion, error: Exception, where: str) -> Finding:
    """Fail closed: unknown, never met. Named are the part that failed and the type of its error.

    The error's own text is left out, as it might hold a patient's values.
    """
    params = {"failure": type(error).__name__, "where": where}
    return Finding(criterion, Outcome.UNKNOWN, Code.COULD_NOT_BE_EVALUATED, params, (), {})


def evaluate(criterion: Criterion, evidence: Evidence, as_of: datetime) -> Finding:
    """One criterion's finding, whatever happens inside its rule."""
    try:
        verdict = RULES[criterion](evidence, as_of)
        limits = limits_of(criterion, evidence.protocol, evidence.facts.events)
        on = tuple(sorted(set(verdict.on)))
        return Finding(criterion, verdict.outcome, verdict.code, verdict.params, on, limits)
    except Exception as error:  # noqa: BLE001 - whatever fails, the answer is unknown
        return could_not_be_evaluated(criterion, error, criterion.value)
