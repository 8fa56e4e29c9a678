"""When time alone changes something: when the flag lapses, when it could be met at the earliest.

Time acts through few instants only (a clock that has run, a set that is no longer fresh, an enrolled tablet that
counts as silent); between two of them no outcome can change. So the rules are asked again at each of those instants.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.assessment import Criterion, Finding, Outcome, Status
from app.domain.codes import Code
from app.domain.instants import minutes
from app.domain.readiness.criteria_course import fresh_until, medication_clocks
from app.domain.readiness.criteria_dose import dose_clocks
from app.domain.readiness.criteria_people import silent_from
from app.domain.readiness.evidence import Evidence
from app.domain.readiness.rules import TIMED, evaluate
from app.domain.readiness.run import NO_RUN, Mark, run_of
from app.domain.readiness.sets import Grade


def status_of(outcomes: Iterable[Outcome]) -> Status:
    """Not met if any is not met; else cannot tell if any is unknown, or nothing was asked; else met."""
    seen = set(outcomes)
    if Outcome.NOT_MET in seen:
        return Status.NOT_MET
    return Status.MET if seen == {Outcome.MET} else Status.CANNOT_TELL


@dataclass(frozen=True, slots=True)
class Times:
    """The instants of an assessment; see `Assessment`."""

    lapses_at: datetime | None = None
    earliest_met_at: datetime | None = None
    next_change_at: datetime | None = None
    next_if_heard_at: datetime | None = None


def _turning_points(evidence: Evidence, as_of: datetime) -> list[datetime]:
    """Every instant after `as_of` at which time alone can change an outcome, in order."""
    points: list[datetime | None] = [run_at for _, run_at in dose_clocks(evidence).values()]
    points += [settled_at for _, _, settled_at in medication_clocks(evidence)]
    points += [fresh_until(one, evidence.protocol) for one in (evidence.newest, evidence.newest_complete) if one]
    points += [silent_from(tablet, evidence.protocol.tablet_seconds) for tablet in evidence.facts.tablets]
    return sorted({point for point in points if point is not None and point > as_of})


def _must_end_first(evidence: Evidence) -> bool:
    """Whether something is under way whose end will interrupt every run so far: a symptom that blocks, or oxygen."""
    blocking = any(episode.closed_by is None and episode.blocking is not False for episode in evidence.episodes)
    return blocking or evidence.oxygen.now is not None


def _completing_set(evidence: Evidence, as_of: datetime, first_due: datetime) -> datetime | None:
    """The set on schedule that completes `sustained`, if every set from the next due one on is good.

    None where no number of sets would: an interval longer than the largest gap, which the schema refuses.
    """
    rule, interval = evidence.protocol.sustained, evidence.protocol.schedule.recovery
    run = NO_RUN if _must_end_first(evidence) else evidence.run
    at = max(first_due, as_of)
    begins = max(at, evidence.interruption.at) if evidence.interruption else at
    enough = begins + minutes(rule.minutes + rule.sets * (rule.spacing + interval) + interval)
    while at <= enough:
        run = run_of((Mark(at, Grade.GOOD),), evidence.interruption, rule, run)
        if run.sustains(rule):
            return at
        at += minutes(interval)
    return None


def earliest_met_at(evidence: Evidence, as_of: datetime, findings: Mapping[Criterion, Finding]) -> datetime | None:
    """The earliest instant at which the status could be met; None where time and good sets cannot mend it.

    Escort, symptoms, acknowledgements, the acceptance of a baseline and tablets are people's: taken as done at once.
    """
    outcomes = {criterion: one.outcome for criterion, one in findings.items()}
    if status_of(outcomes.values()) is Status.MET:
        return as_of
    ended = evidence.timeline.ended
    run_at = [instant for _, instant in dose_clocks(evidence).values()]
    references = evidence.baseline.vitals.values()
    if (
        outcomes[Criterion.DOSE_FINISHED] is not Outcome.MET
        or outcomes[Criterion.CLOCKS_CERTAIN] is not Outcome.MET
        or ended is None
        or any(instant is None for instant in run_at)
        or not all(reference.known for reference in references)
        or any(one.code is Code.COULD_NOT_BE_EVALUATED for one in findings.values())
    ):
        return None
    waits = [as_of, *(instant for instant in run_at if instant is not None)]
    waits += [settled_at for _, _, settled_at in medication_clocks(evidence)]
    newest = evidence.newest
    # The sets so far are enough where they last until the clocks have run; else new ones may have to begin a new run.
    # (Where recovery is sustained the newest set is a good one, and so the newest complete one.)
    sustained = outcomes[Criterion.SUSTAINED] is Outcome.MET
    lasting = sustained and newest is not None and max(waits) < fresh_until(newest, evidence.protocol)
    if not lasting or _must_end_first(evidence):
        last_set = newest.at if newest else ended.at
        completing = _completing_set(evidence, as_of, last_set + minutes(evidence.protocol.schedule.recovery))
        if completing is None:
            return None
        waits.append(completing)
    return max(waits)


def times(evidence: Evidence, as_of: datetime, findings: Mapping[Criterion, Finding]) -> Times:
    """When the assessment made of `findings` at `as_of` lapses, could be met, and next changes by time alone."""
    now = {criterion: findings[criterion].outcome for criterion in TIMED}
    next_change_at = next_if_heard_at = None
    for point in _turning_points(evidence, as_of):
        changed = {
            criterion for criterion in TIMED if evaluate(criterion, evidence, point).outcome is not now[criterion]
        }
        if changed and next_change_at is None:
            next_change_at = point
        if changed - {Criterion.TABLETS_IN_STEP}:
            next_if_heard_at = point
            break
    # Where all is met, any change is a change for the worse: the first one ends it.
    is_met = status_of(one.outcome for one in findings.values()) is Status.MET
    return Times(
        lapses_at=next_change_at if is_met else None,
        earliest_met_at=earliest_met_at(evidence, as_of, findings),
        next_change_at=next_change_at,
        next_if_heard_at=next_if_heard_at,
    )
