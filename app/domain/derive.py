"""What a record comes to under its protocol: derived once, here, and guarded here.

Assessment, board, session view, pack and FHIR take from one `Derived` and work nothing out again. Deriving never
raises: a part that fails is missing and says where, what rests on it is unknown, and the facts are kept all the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from app.domain.assessment import Assessment, Baseline, Criterion, Outcome
from app.domain.canonical import Document
from app.domain.codes import Code
from app.domain.concerns import Concern
from app.domain.dose import Timeline
from app.domain.facts import Facts, TabletContact
from app.domain.instants import utc
from app.domain.leaving import had_left_at
from app.domain.peaks import Peaks, peaks
from app.domain.prompts import Prompt, prompt_now
from app.domain.protocol.values import Protocol
from app.domain.readiness.assess import evidence_of, judge, nothing_known
from app.domain.readiness.criteria_people import first_silence
from app.domain.readiness.evidence import Evidence, PartFailed, going_on_in_order, holds_for, in_one_order
from app.domain.readiness.record import items_of
from app.domain.readiness.times import earliest_met_at
from app.domain.readings import Phase
from app.domain.records import SessionRecord
from app.domain.schedule import Due, next_due, phase_of_state
from app.domain.sessions import ACTIVE, CLOSED, Life, SessionState, closed_by, life_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Failed:
    """A part that could not be worked out: which one, and what kind of error. No value of the patient's."""

    part: str
    kind: str


@dataclass(frozen=True, slots=True)
class Derived:
    """Everything derived from one record at one instant. A part that could not be worked out is None.

    `had_left_at`: the session is charted afterwards, and the patient had left then (see `leaving`).
    """

    life: Life | None
    phase: Phase | None
    evidence: Evidence | None
    due: Due | None
    prompt: Prompt | None
    peaks: Peaks | None
    assessment: Assessment
    failed: tuple[Failed, ...]
    had_left_at: datetime | None

    def still(self, tablets: Sequence[TabletContact], now: datetime) -> "Derived | None":
        """The same at `now`, no rule asked again; None where time or a tablet may have changed it, or a part failed.

        For the record that it was derived from, of which nothing but its tablets may have changed. While nothing
        changes only the earliest instant at which all could be met moves. Never raises.
        """
        judged, evidence = self.assessment, self.evidence
        if self.failed or evidence is None or evidence.facts.tablets != tuple(tablets):
            return None
        if self.had_left_at is not None:
            return self
        if now < judged.as_of or (judged.next_change_at is not None and now >= judged.next_change_at):
            return None
        try:
            earliest = earliest_met_at(evidence, now, {one.criterion: one for one in judged.findings})
        except Exception:  # noqa: BLE001 - whoever derives it anew says what failed
            return None
        return replace(self, assessment=replace(judged, earliest_met_at=earliest))

    @property
    def dose(self) -> Timeline | None:
        """When the dose began and ended, and the phase of every reading."""
        return self.evidence.timeline if self.evidence else None

    @property
    def baseline(self) -> Baseline:
        """The reference values; none of them known where they could not be worked out."""
        return self.assessment.baseline

    @property
    def concerns(self) -> tuple[Concern, ...]:
        """Values outside the limits of concern, in order."""
        return tuple(self.evidence.concerns) if self.evidence else ()

    @property
    def outcomes(self) -> dict[str, str]:
        """Each criterion's outcome, by their permanent names."""
        return {one.criterion.value: one.outcome.value for one in self.assessment.findings}

    @property
    def findings(self) -> dict[str, Document]:
        """Each criterion's finding as it is kept, by its permanent name."""
        return {str(one["criterion"]): one for one in items_of(self.assessment.document, "findings")}

    @property
    def closed(self) -> bool:
        """Whether the session is known to be closed."""
        return self.life is not None and self.life.state in CLOSED

    @property
    def active(self) -> bool:
        """Whether the patient is here, so that the session is on the board."""
        return self.life is not None and self.life.state in ACTIVE and self.had_left_at is None

    @property
    def over(self) -> bool:
        """Whether time changes nothing any more: it is closed, or the patient had left."""
        return self.closed or self.had_left_at is not None

    @property
    def next_change_at(self) -> datetime | None:
        """The next instant at which time alone changes an outcome."""
        return None if self.over else self.assessment.next_change_at

    @property
    def next_if_heard_at(self) -> datetime | None:
        """The same, were no tablet to fall silent before."""
        return None if self.over else self.assessment.next_if_heard_at


def life_in(record: SessionRecord) -> Life:
    """Where the record's events and discharge say the session stands."""
    return life_of(record.header.value.route, record.events_in_force(), record.discharge is not None)


def known_state(record: SessionRecord) -> SessionState | None:
    """Where the session stands; None where that cannot be told, which deriving then says. Never raises."""
    try:
        return life_in(record).state
    except Exception:  # noqa: BLE001 - what is charted is kept all the same
        return None


def changes_at(record: SessionRecord, protocol: Protocol, next_if_heard_at: datetime | None) -> datetime | None:
    """When time alone next changes an outcome: as its line says, or as a tablet that has it open falls silent.

    A silence counts where the last kept assessment found all tablets in step: else it changes nothing. Never raises:
    whoever derives hears what failed.
    """
    latest = record.assessment
    kept = latest.findings.get(Criterion.TABLETS_IN_STEP, {}) if latest else {}
    try:
        silent_at = first_silence(record.tablets, protocol.tablet_seconds)
    except Exception:  # noqa: BLE001 - what is charted is kept all the same
        return next_if_heard_at
    if silent_at is None or kept.get("outcome") != Outcome.MET:
        return next_if_heard_at
    if known_state(record) in CLOSED or leaving_of(record) is not None:
        return next_if_heard_at
    return silent_at if next_if_heard_at is None else min(silent_at, next_if_heard_at)


def closed_at(record: SessionRecord) -> datetime | None:
    """When the session closed: the leaving time, or the closing event's instant; None while it is open."""
    if record.discharge is not None:
        return record.discharge.value.left_at
    closed = closed_by(record.header.value.route, record.events_in_force())
    return closed[0] if closed else None


def leaving_of(record: SessionRecord) -> datetime | None:
    """When the patient had left; None too where that cannot be told, which deriving then says. Never raises."""
    try:
        return had_left_at(record)
    except Exception:  # noqa: BLE001 - what is charted is kept all the same
        return None


class _Guard:
    """Runs the parts, and notes which of them failed."""

    def __init__(self) -> None:
        self.failed: list[Failed] = []
        self.first: PartFailed | None = None

    def part(self, name: str, work_out: Callable[[], T]) -> T | None:
        try:
            return work_out()
        except Exception as error:  # noqa: BLE001 - whatever fails, the rest is told and this is unknown
            self.failed.append(Failed(name, type(error).__name__))
            self.first = self.first or PartFailed(name, error)
            return None

    def evidence(self, facts: Facts, protocol: Protocol, known: Evidence | None) -> Evidence | None:
        """The evidence, unless a part of it failed: which one, it says itself."""
        found = self.part("evidence", lambda: evidence_of(facts, protocol, known))
        if not isinstance(found, PartFailed):
            return found
        self.failed.append(Failed(found.part, type(found.error).__name__))
        self.first = self.first or found
        return None


def derive(record: SessionRecord, protocol: Protocol, as_of: datetime, known: Derived | None = None) -> Derived:
    """What this record comes to at `as_of`, an aware instant. Never raises for what a record holds.

    Where any part failed nothing is met: what the rules come to cannot be trusted beside it. `known`: what it came to
    before, whenever; it is the same without, but then all readings are gone through again.
    """
    as_of, guard = utc(as_of), _Guard()
    life = guard.part("life", lambda: life_in(record))
    phase = guard.part("phase", lambda: phase_of_state(life.state)) if life else None
    held = known.evidence if known else None
    facts = guard.part("facts", lambda: _in_order(record.facts(), held))
    evidence = guard.evidence(facts, protocol, held) if facts else None
    gone = guard.part("leaving", lambda: had_left_at(record))
    is_here = life is not None and life.state not in CLOSED and gone is None
    due = guard.part("due", lambda: next_due(protocol, record.header.value.route, facts)) if facts and is_here else None
    prompt = guard.part("prompt", lambda: _prompt(evidence)) if evidence and is_here else None
    peak = guard.part("peaks", lambda: _peaks(evidence, known)) if evidence else None
    assessment = guard.part("assessment", lambda: _judged(facts, protocol, as_of, guard.first or evidence))
    if assessment is None:
        assessment = nothing_known(protocol, as_of, record.position, guard.failed[0].part, guard.failed[0].kind)
    elif not guard.failed:
        guard.failed += (
            Failed(one.criterion.value, str(one.params["failure"]))
            for one in assessment.findings
            if one.code is Code.COULD_NOT_BE_EVALUATED
        )
    return Derived(life, phase, evidence, due, prompt, peak, assessment, tuple(guard.failed), gone)


def derive_at(record: SessionRecord, protocol: Protocol, now: datetime, known: Derived | None = None) -> Derived:
    """What it comes to for whoever looks `now`: as of the leaving, where the patient had left. Never raises."""
    return derive(record, protocol, leaving_of(record) or now, known)


def _in_order(facts: Facts, known: Evidence | None) -> Facts:
    return in_one_order(facts) if known is None else going_on_in_order(facts, known.facts)


def _prompt(evidence: Evidence) -> Prompt | None:
    return prompt_now(evidence.facts.readings, evidence.timeline, evidence.protocol.prompts)


def _peaks(evidence: Evidence, known: Derived | None) -> Peaks:
    """Of earlier peaks what holds is used where no reading that they may rest on has gone."""
    readings, before = evidence.facts.readings, known.evidence if known else None
    holds = holds_for(evidence.facts, evidence.protocol, before)
    if known is None or known.peaks is None or before is None or holds is None:
        return peaks(readings, evidence.timeline)
    newer, gone = readings[holds:], set(map(id, before.facts.readings[holds:]))
    if gone.difference(map(id, newer)):
        return peaks(readings, evidence.timeline)
    return peaks(newer, evidence.timeline, known.peaks)


def _judged(
    facts: Facts | None, protocol: Protocol, as_of: datetime, evidence: Evidence | PartFailed | None
) -> Assessment | None:
    return judge(facts, protocol, as_of, evidence) if facts and evidence else None
