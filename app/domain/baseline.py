"""The baseline: this patient's reference values for this session, kept as (sum, count) so that nothing is rounded.

No clock enters: the window ends at the dose start. Before a dose has begun the baseline is provisional, its window
ends at the newest reading, and it says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import assert_never

from app.domain.assessment import Baseline, BaselineVital, RestsOn
from app.domain.canonical import Json
from app.domain.codes import Code
from app.domain.dose import Timeline
from app.domain.events import BaselineAccepted, Event, ReadingRef
from app.domain.instants import minutes, to_text
from app.domain.protocol.values import BaselineMethod, BaselineRule
from app.domain.readings import Phase, Reading
from app.domain.sentences import Reason
from app.domain.vitals import DissociationGrade, Oxygen, OxygenKind, Vital, fully_conscious


def rests_on_readings(readings: Sequence[Reading]) -> tuple[RestsOn, ...]:
    """The readings as a finding names them: each once, sorted."""
    return tuple(sorted({RestsOn("reading", str(reading.id), reading.revision) for reading in readings}))


def is_dissociated(reading: Reading) -> bool:
    """Whether the reading says so: a grade other than none, or any score above 0."""
    seen = reading.dissociation
    if seen is None:
        return False
    scores = [score for _, score in seen.items]
    if seen.score is not None:
        scores.append(seen.score)
    return seen.grade is not DissociationGrade.NONE or any(score > 0 for score in scores)


@dataclass(frozen=True, slots=True)
class _Formed:
    """One vital's reference, the readings behind it, and for SpO2 the oxygen they shared."""

    vital: BaselineVital
    used: tuple[Reading, ...]
    oxygen: Oxygen | None = None


def _unknown(code: Code, params: Mapping[str, Json], seen: Sequence[Reading]) -> _Formed:
    return _Formed(BaselineVital(0, 0, Reason(code, params), rests_on_readings(seen)), ())


def _spaced(instants: Sequence[datetime], spacing: int) -> list[datetime]:
    """Instants at least `spacing` minutes apart, counted from the newest back; newest first."""
    kept: list[datetime] = []
    for at in sorted(instants, reverse=True):
        if not kept or kept[-1] - at >= minutes(spacing):
            kept.append(at)
    return kept


def _reference(values: Sequence[int], method: BaselineMethod) -> tuple[int, int]:
    """(sum, count) of values given newest first."""
    match method:
        case BaselineMethod.MEAN:
            return sum(values), len(values)
        case BaselineMethod.MEDIAN:
            ordered, middle = sorted(values), len(values) // 2
            if len(values) % 2:
                return ordered[middle], 1
            return ordered[middle - 1] + ordered[middle], 2
        case BaselineMethod.LAST:
            return values[0], 1
        case _:
            assert_never(method)


def _shared_oxygen(used: Sequence[Reading]) -> Oxygen | None:
    """The one kind the readings share, with the highest flow any of them gives; None where they do not share one.

    A missing flow does not raise the highest one: what recovery may use stays at what is known.
    """
    given = [reading.oxygen for reading in used]
    kinds = {oxygen.kind if oxygen is not None else None for oxygen in given}
    if kinds == {OxygenKind.ROOM_AIR}:
        return Oxygen(OxygenKind.ROOM_AIR)
    if kinds != {OxygenKind.SUPPLEMENTAL}:
        return None
    flows = [oxygen.flow_l_min for oxygen in given if oxygen is not None and oxygen.flow_l_min is not None]
    return Oxygen(OxygenKind.SUPPLEMENTAL, max(flows) if flows else None)


def _form(vital: Vital, eligible: Sequence[Reading], rule: BaselineRule) -> _Formed:
    """One vital's reference from the readings inside the window that have it."""
    at_instant: dict[datetime, list[Reading]] = {
        at: list(group) for at, group in groupby(eligible, key=attrgetter("measured_at"))
    }
    for at, group in at_instant.items():
        # Also at an instant that spacing would skip: two values for one instant means that one of them is wrong.
        if len({reading.vital(vital) for reading in group}) > 1:
            return _unknown(Code.READINGS_DISAGREE, {"vital": vital.value, "at": to_text(at)}, group)
    instants = _spaced(list(at_instant), rule.spacing)
    used = [reading for at in instants for reading in at_instant[at]]
    if len(instants) < rule.min_readings:
        asked = {"needed": rule.min_readings, "max_age": rule.max_age_minutes, "spacing": rule.spacing}
        return _unknown(Code.TOO_FEW_READINGS, {"vital": vital.value, "counted": len(instants), **asked}, used)
    oxygen = None
    if vital is Vital.SPO2:
        oxygen = _shared_oxygen(used)
        if oxygen is None:
            return _unknown(Code.OXYGEN_NOT_SHARED, {}, used)
    # Every counted reading is used, also under `last`: it is among those that make the baseline known at all.
    values = [value for at in instants if (value := at_instant[at][0].vital(vital)) is not None]
    total, count = _reference(values, rule.method)
    taken = {"first": to_text(instants[-1]), "last": to_text(instants[0])}
    reason = Reason(Code.REFERENCE_TAKEN, {"method": rule.method.value, "readings": len(instants), **taken})
    return _Formed(BaselineVital(total, count, reason, rests_on_readings(used)), tuple(used), oxygen)


def _doubts(reading: Reading, rule: BaselineRule) -> Iterator[Reason]:
    """Why this reading makes the baseline unsound."""
    at = {"at": to_text(reading.measured_at)}
    for vital, limits in sorted(rule.limits.items()):
        value = reading.vital(vital)
        if value is None:
            continue
        seen = {"vital": vital.value, "value": value, **at}
        if limits.floor is not None and value < limits.floor:
            yield Reason(Code.DOUBT_BELOW, {**seen, "limit": limits.floor})
        if limits.ceiling is not None and value > limits.ceiling:
            yield Reason(Code.DOUBT_ABOVE, {**seen, "limit": limits.ceiling})
    # What was not looked at is not taken for normal: a clinician can accept it.
    if reading.consciousness is None:
        yield Reason(Code.DOUBT_CONSCIOUSNESS_NOT_GIVEN, at)
    elif not fully_conscious(reading.consciousness):
        yield Reason(Code.DOUBT_NOT_CONSCIOUS, at)
    if reading.dissociation is None:
        yield Reason(Code.DOUBT_DISSOCIATION_NOT_GIVEN, at)
    elif is_dissociated(reading):
        yield Reason(Code.DOUBT_DISSOCIATED, at)


def baseline(readings: Sequence[Reading], events: Sequence[Event], timeline: Timeline, rule: BaselineRule) -> Baseline:
    """The baseline of one session, from its readings in force (any order) and its acceptances."""
    before = [reading for reading in readings if timeline.phase_of(reading.measured_at) is Phase.BASELINE]
    provisional = timeline.started is None
    window_end = timeline.started.at if timeline.started else max((r.measured_at for r in before), default=None)
    window: list[Reading] = []
    if window_end is not None:
        begins = window_end - minutes(rule.max_age_minutes)
        window = [reading for reading in before if reading.measured_at >= begins and not reading.clock_doubtful]
        window.sort(key=attrgetter("measured_at", "id.int"))
    formed = {
        vital: _form(vital, [reading for reading in window if reading.vital(vital) is not None], rule)
        for vital in Vital
    }
    used = sorted({reading for one in formed.values() for reading in one.used}, key=lambda r: (r.measured_at, r.id.int))
    doubts: list[Json] = [doubt.document() for reading in used for doubt in _doubts(reading, rule)]
    # Exactly the readings and revisions used: an acceptance of other readings was made looking at another baseline.
    naming = {ReadingRef(reading.id, reading.revision) for reading in used}
    accepted = bool(used) and any(
        isinstance(event.detail, BaselineAccepted) and set(event.detail.readings) == naming for event in events
    )
    if not used:
        sound, reason = None, next(one.vital.reason for one in formed.values())
    elif doubts:
        sound, reason = False, Reason(Code.BASELINE_IN_DOUBT, {"doubts": doubts})
    else:
        sound, reason = True, Reason(Code.BASELINE_INSIDE)
    if provisional:
        reason = Reason(Code.BASELINE_PROVISIONAL, {"why": reason.document()})
    return Baseline(
        vitals={vital: one.vital for vital, one in formed.items()},
        oxygen=formed[Vital.SPO2].oxygen,
        sound=sound,
        accepted=accepted,
        reason=reason,
        rests_on=rests_on_readings(used),
    )
