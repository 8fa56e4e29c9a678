"""What a session still lacks before its dose may start: what the start gate refuses for, and what recovery will need.

The gate (`app.domain.deciding.events`) and everybody who is told beforehand take it from here, so that nobody is told
that all is there where the dose would then be refused.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.assessment import Baseline
from app.domain.canonical import Document
from app.domain.codes import Code
from app.domain.derive import Derived
from app.domain.errors import Conflict, FieldError
from app.domain.events import Route
from app.domain.instants import minutes, to_text, to_text_or_none
from app.domain.protocol.values import BaselineRule, IfWrong, Protocol, SameDayCheck
from app.domain.readings import Reading
from app.domain.records import Screening, SessionRecord
from app.domain.screening import Exclusion, SameDayAnswer, clearances_end, unanswered, unresolved
from app.domain.sentences import Reason
from app.domain.sessions import SessionState


class StartGate(Conflict):
    """A dose needs a screening and a same-day check that are answered and clear (or overridden), and a clearance."""

    code = "start-gate"


@dataclass(frozen=True, slots=True)
class StillMissing:
    """One thing that is missing. `after`: only after that instant (UTC), None where it is missing already.

    `refuses`: without it a dose is refused; the others are what the rules of recovery will ask for. `field`: where it
    is entered.
    """

    reason: Reason
    field: str
    refuses: bool
    after: datetime | None = None

    def at(self, instant: datetime) -> bool:
        """Whether it is missing then."""
        return self.after is None or instant > self.after

    def document(self) -> Document:
        """`{code, params, because, refuses, after}`."""
        return {
            "code": self.reason.code.value,
            "params": dict(self.reason.params),
            "because": self.reason.words,
            "refuses": self.refuses,
            "after": to_text_or_none(self.after),
        }


def refusing(
    answers: Mapping[Exclusion, bool] | None, overridden: Collection[Exclusion], clearances: Collection[datetime | None]
) -> Iterator[StillMissing]:
    """What a dose is refused for: screening not answered, an exclusion that stands, no clearance.

    `answers` None: nobody screened. `overridden`: all exclusions under a signed override of this session.
    `clearances`: the `until` of each clearance there is, the session's own and its course's.
    """
    if answers is None:
        yield StillMissing(Reason(Code.NOT_SCREENED), "screening", refuses=True)
    else:
        for code, exclusions in (
            (Code.EXCLUSION_NOT_ANSWERED, unanswered(answers)),
            (Code.EXCLUSION_PRESENT, unresolved(answers, overridden)),
        ):
            for one in exclusions:
                yield StillMissing(Reason(code, {"exclusion": one.value}), f"screening.answers.{one}", refuses=True)
    if not clearances:
        yield StillMissing(Reason(Code.NOT_CLEARED), "clearance", refuses=True)
    elif (end := clearances_end(clearances)) is not None:
        ended = Reason(Code.CLEARANCE_ENDED, {"until": to_text(end)})
        yield StillMissing(ended, "clearance", refuses=True, after=end)


def of_same_day(
    check: SameDayCheck, asked: Screening, cleared: Collection[str], overridden: Collection[str]
) -> Iterator[StillMissing]:
    """What the protocol's same-day check refuses a dose for. An item that nobody answered is never right.

    `cleared`: items that a clinician has cleared for this session; `overridden`: those under a signed override.
    """
    answers = asked.same_day if asked.asked_at else {}
    for name, item in check.items.items():
        answer, field = answers.get(name), f"screening.same_day.{name}"
        params = {"item": name, "question": item.question, "answer": item.wrong}
        if answer is None:
            del params["answer"]
            yield StillMissing(Reason(Code.SAME_DAY_NOT_ANSWERED, params), field, refuses=True)
        elif answer is SameDayAnswer.RIGHT or item.if_wrong is IfWrong.NOTE or name in overridden:
            continue
        elif item.if_wrong is IfWrong.STOP:
            yield StillMissing(Reason(Code.SAME_DAY_STOPS, params), field, refuses=True)
        elif name not in cleared:
            yield StillMissing(Reason(Code.SAME_DAY_ASKS, params), field, refuses=True)
    if asked.asked_at is not None and answers:
        too_old = Reason(Code.SAME_DAY_TOO_OLD, {"asked_at": to_text(asked.asked_at), "hours": check.hours})
        until = asked.asked_at + minutes(60 * check.hours)
        yield StillMissing(too_old, "screening.asked_at", refuses=True, after=until)


def _refusing(record: SessionRecord, protocol: Protocol) -> Iterator[StillMissing]:
    asked = record.screening.value if record.screening else None
    yield from refusing(
        asked.answers if asked else None,
        {exclusion for override in record.overrides for exclusion in override.value.exclusions},
        [held.value.until for held in (record.clearance, record.course_clearance) if held],
    )
    # where nobody has screened at all, that says it
    if asked is not None and protocol.same_day is not None:
        overridden = {item for override in record.overrides for item in override.value.same_day}
        cleared = record.clearance.value.same_day if record.clearance else ()
        yield from of_same_day(protocol.same_day, asked, cleared, overridden)


def check_start_gate(record: SessionRecord, protocol: Protocol, at: datetime) -> None:
    """Raises `StartGate` naming everything that a dose at `at` (UTC) is refused for.

    `at` is the dose's own instant, so that a dose charted late is judged by what held when it was given.
    """
    missing = [FieldError(one.field, one.reason.words) for one in _refusing(record, protocol) if one.at(at)]
    if missing:
        raise StartGate(f"No dose yet: {'; '.join(fault.message for fault in missing)}.", errors=missing)


def missing_to_start(record: SessionRecord, derived: Derived) -> tuple[StillMissing, ...] | None:
    """What is missing before the first dose, now or after an instant. None: it has begun, or it cannot be told.

    Never raises.
    """
    life, evidence = derived.life, derived.evidence
    if life is None or evidence is None or derived.over:
        return None
    if life.state not in {SessionState.PLANNED, SessionState.CHECKED_IN} or evidence.timeline.started is not None:
        return None
    try:
        rule, readings = evidence.protocol.baseline, evidence.facts.readings
        refused = _refusing(record, evidence.protocol)
        return (*refused, *_of_baseline(evidence.baseline, readings, rule), *_of_weight(record))
    except Exception:  # noqa: BLE001 - what is charted is kept all the same, and nothing is said to be there
        return None


def _of_baseline(baseline: Baseline, readings: Sequence[Reading], rule: BaselineRule) -> Iterator[StillMissing]:
    """Whether a dose now would find a baseline, a sound or an accepted one, and until when."""
    reasons = [vital.reason for vital in baseline.vitals.values() if vital.count == 0]
    counted = [one.params["counted"] for one in reasons if one.code is Code.TOO_FEW_READINGS]
    if counted:
        sets = {"counted": min(one for one in counted if isinstance(one, int)), "needed": rule.min_readings}
        yield StillMissing(Reason(Code.BASELINE_SETS_MISSING, sets), "readings", refuses=False)
        return
    if reasons:
        yield StillMissing(Reason(Code.BASELINE_NOT_FORMED, {"why": reasons[0].document()}), "readings", refuses=False)
        return
    if not baseline.sound and not baseline.accepted:
        # that it is provisional goes without saying before a dose
        why = baseline.reason.params.get("why", baseline.reason.document())
        yield StillMissing(Reason(Code.BASELINE_NOT_SOUND, {"why": why}), "readings", refuses=False)
    aged = {"needed": rule.min_readings, "max_age": rule.max_age_minutes}
    until = min(
        _oldest_needed([UUID(one.id) for one in vital.rests_on], readings, rule) for vital in baseline.vitals.values()
    )
    too_old = Reason(Code.BASELINE_TOO_OLD, aged)
    yield StillMissing(too_old, "readings", refuses=False, after=until + minutes(rule.max_age_minutes))


def _oldest_needed(these: Iterable[UUID], readings: Sequence[Reading], rule: BaselineRule) -> datetime:
    """When the oldest was measured of the newest that make as many as are needed."""
    names = set(these)
    instants = sorted({one.measured_at for one in readings if one.id in names}, reverse=True)
    return instants[rule.min_readings - 1]


def _of_weight(record: SessionRecord) -> Iterator[StillMissing]:
    """An infusion is dosed by weight."""
    header = record.header.value
    if header.route is Route.IV_INFUSION and header.weight_kg is None:
        yield StillMissing(Reason(Code.WEIGHT_NOT_GIVEN), "weight_kg", refuses=False)
