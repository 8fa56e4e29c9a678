"""Prompts: what the protocol asks for where a blood pressure is raised. They are shown; nothing is ordered by them.

Before the dose: measure it again, and then call a clinician. From the dose on the same, with limits of its own. No
criterion asks for them: what frightens is a concern, and what keeps a patient here is a finding.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from operator import attrgetter

from app.domain.canonical import Document
from app.domain.codes import Code
from app.domain.dose import Timeline
from app.domain.instants import minutes, to_text
from app.domain.protocol.values import Pressure, PressurePrompt, PromptTime
from app.domain.readings import Reading
from app.domain.sentences import Reason


class PromptAct(StrEnum):
    """What is asked for."""

    MEASURE_AGAIN = "measure-again"
    CALL_CLINICIAN = "call-clinician"


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked for now, and the set that it rests on. `due_at` (UTC): from when a set answers it."""

    act: PromptAct
    reason: Reason
    rests_on: Reading
    due_at: datetime

    def document(self) -> Document:
        """`{act, code, params, because, reading_id, due_at}`."""
        return {
            "act": self.act.value,
            "code": self.reason.code.value,
            "params": dict(self.reason.params),
            "because": self.reason.words,
            "reading_id": str(self.rests_on.id),
            "due_at": to_text(self.due_at),
        }


def prompt_now(
    readings: Sequence[Reading], dose: Timeline, rules: Mapping[PromptTime, PressurePrompt]
) -> Prompt | None:
    """What the readings in force, in order, ask for now; None for nothing, or where the protocol has no such rule.

    It ends with a set that is not raised, taken as long after as the rule says: one that comes sooner, or in which the
    pressure is not known, answers nothing.
    """
    rule = rules.get(PromptTime.BEFORE_DOSE if dose.started is None else PromptTime.FROM_DOSE)
    if rule is None:
        return None
    begin = 0 if dose.started is None else bisect_left(readings, dose.started.at, key=attrgetter("measured_at"))
    first: Reading | None = None
    newest: Reading | None = None
    called = False
    # without a call for each reading: a long session has hundreds, and most are not raised
    for reading in islice(readings, begin, None):
        upper, lower = reading.systolic, reading.diastolic
        raised = (upper is not None and upper >= rule.systolic) or (lower is not None and lower >= rule.diastolic)
        if not raised and (first is None or upper is None or lower is None):
            continue
        since = newest if called else first
        answers = since is not None and reading.measured_at >= since.measured_at + minutes(rule.again_minutes)
        if raised:
            called = called or answers or _is_far(reading, rule.once)
            first, newest = first or reading, reading
        elif answers:
            first, newest, called = None, None, False
    rests_on = newest if called else first
    return None if rests_on is None else _prompt(rests_on, rule, called=called)


def _is_far(reading: Reading, once: Pressure | None) -> bool:
    """Whether one of the two is so high that a clinician is called at once."""
    upper, lower = reading.systolic, reading.diastolic
    return once is not None and (
        (upper is not None and upper >= once.systolic) or (lower is not None and lower >= once.diastolic)
    )


def _prompt(reading: Reading, rule: PressurePrompt, *, called: bool) -> Prompt:
    code, limit = Code.PRESSURE_RAISED, (rule.systolic, rule.diastolic)
    if called and rule.once is not None and _is_far(reading, rule.once):
        code, limit = Code.PRESSURE_FAR_RAISED, (rule.once.systolic, rule.once.diastolic)
    elif called:
        code = Code.PRESSURE_STAYS_RAISED
    due_at = reading.measured_at + minutes(rule.again_minutes)
    params = {
        "systolic": reading.systolic,
        "diastolic": reading.diastolic,
        "at": to_text(reading.measured_at),
        "limit": list(limit),
        "due": to_text(due_at),
    }
    act = PromptAct.CALL_CLINICIAN if called else PromptAct.MEASURE_AGAIN
    return Prompt(act, Reason(code, params), reading, due_at)
