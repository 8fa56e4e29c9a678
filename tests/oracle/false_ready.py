"""Mistakes put into the rules on purpose: the comparison must see every one of them, or it proves nothing.

A mistake is made by what the rules are given (a limit one step off, facts read carelessly), or by taking one finding of
such a run while all others stay right. The oracle is always given the truth.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.events import BaselineAccepted, Event, EventKind, ReadingRef
from app.domain.facts import Facts
from app.domain.protocol.values import AbsoluteLimits, BaselineMethod, Protocol
from app.domain.readings import Reading
from app.domain.symptoms import Severity
from app.domain.vitals import (
    CONSCIOUSNESS_SCORES,
    Consciousness,
    Dissociation,
    DissociationGrade,
    Oxygen,
    OxygenKind,
    Vital,
)
from tests.oracle import oracle, plainly, verdicts
from tests.oracle.differential import Rules, Verdict, real

TICK = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
OXYGEN = {EventKind.OXYGEN_STARTED, EventKind.OXYGEN_STOPPED}
BAD: dict[str, Rules] = {}


def mistake(rules: Rules) -> Rules:
    """Lists the rules with one mistake in them under the function's name."""
    BAD[rules.__name__] = rules
    return rules


def restated(outcomes: dict[str, str], verdict: Verdict) -> Verdict:
    """The verdict with these outcomes instead, its status by the rule."""
    words = set(outcomes.values())
    status = "not-met" if "not-met" in words else "cannot-tell" if "unknown" in words else "met"
    return {**verdict, "outcomes": outcomes, "status": status}


def only(criterion: str, wrong: Verdict, right: Verdict) -> Verdict:
    """Everything right but one finding."""
    return restated({**right["outcomes"], criterion: wrong["outcomes"][criterion]}, right)


def of_readings(change: Callable[[Reading], Reading]) -> Rules:
    """The rules on readings that were each changed."""
    return lambda facts, protocol, as_of: real(
        replace(facts, readings=tuple(change(r) for r in facts.readings)), protocol, as_of
    )


def of_events(change: Callable[[Event], Event]) -> Rules:
    """The rules on events that were each changed."""
    return lambda facts, protocol, as_of: real(
        replace(facts, events=tuple(change(e) for e in facts.events)), protocol, as_of
    )


def without(facts: Facts, kinds: set[EventKind]) -> Facts:
    """The facts without events of these kinds."""
    return replace(facts, events=tuple(e for e in facts.events if e.kind not in kinds))


def of_protocol(name: str, change: Callable[[Protocol], Protocol]) -> None:
    """Lists the rules under a protocol that is not the one asked for."""
    BAD[name] = lambda facts, protocol, as_of: real(facts, change(protocol), as_of)


def _recovery(**step: int) -> Callable[[Protocol], Protocol]:
    def change(p: Protocol) -> Protocol:
        def stepped(limit):
            given = {k: getattr(limit, k) + by for k, by in step.items() if getattr(limit, k) is not None}
            return replace(limit, **given)

        return replace(p, recovery={vital: stepped(limit) for vital, limit in p.recovery.items()})

    return change


def _sustained(**step: int) -> Callable[[Protocol], Protocol]:
    return lambda p: replace(
        p, sustained=replace(p.sustained, **{k: getattr(p.sustained, k) + v for k, v in step.items()})
    )


def _baseline(**step: int) -> Callable[[Protocol], Protocol]:
    return lambda p: replace(
        p, baseline=replace(p.baseline, **{k: getattr(p.baseline, k) + v for k, v in step.items()})
    )


# --- a limit one step off
of_protocol("percent_up_one_more", _recovery(percent_up=1))
of_protocol("percent_down_one_more", _recovery(percent_down=1))
of_protocol("percent_one_less", _recovery(percent_up=-1, percent_down=-1))
of_protocol("delta_one_more", _recovery(delta_up=1, delta_down=1))
of_protocol("floor_one_lower", _recovery(floor=-1))
of_protocol("ceiling_one_higher", _recovery(ceiling=1))
of_protocol("spo2_floor_one_lower", lambda p: replace(p, spo2=replace(p.spo2, floor=p.spo2.floor - 1)))
of_protocol("spo2_drop_one_more", lambda p: replace(p, spo2=replace(p.spo2, max_drop=p.spo2.max_drop + 1)))
of_protocol("one_set_fewer", _sustained(sets=-1))
of_protocol("a_minute_less_sustained", _sustained(minutes=-1))
of_protocol("spacing_a_minute_less", _sustained(spacing=-1))
of_protocol("gap_a_minute_more", _sustained(max_gap=1))
of_protocol("fresh_a_minute_more", lambda p: replace(p, fresh_minutes=p.fresh_minutes + 1))
of_protocol("tablet_a_second_more", lambda p: replace(p, tablet_seconds=p.tablet_seconds + 1))
of_protocol("baseline_reading_fewer", _baseline(min_readings=-1))
of_protocol("baseline_a_minute_older", _baseline(max_age_minutes=1))
of_protocol("baseline_spacing_less", _baseline(spacing=-1))
of_protocol(
    "dose_clock_a_minute_less", lambda p: replace(p, dose_minutes={k: v - 1 for k, v in p.dose_minutes.items()})
)
of_protocol("dose_clock_forgotten", lambda p: replace(p, dose_minutes=dict(list(p.dose_minutes.items())[-1:])))
of_protocol("nothing_always_blocks", lambda p: replace(p, symptoms=replace(p.symptoms, always=frozenset())))
of_protocol("only_severe_blocks", lambda p: replace(p, symptoms=replace(p.symptoms, from_severity=Severity.SEVERE)))
of_protocol("instrument_not_asked", lambda p: replace(p, dissociation_instrument=None))
of_protocol("concerns_not_asked", lambda p: replace(p, concerns={}))
of_protocol("soundness_without_limits", lambda p: replace(p, baseline=replace(p.baseline, limits={})))
of_protocol("mean_for_median", lambda p: replace(p, baseline=replace(p.baseline, method=BaselineMethod.MEAN)))
of_protocol("last_for_any", lambda p: replace(p, baseline=replace(p.baseline, method=BaselineMethod.LAST)))
of_protocol(
    "unlisted_medicine_takes_the_shortest",
    lambda p: replace(
        p, medication_minutes={"glycopyrronium": min(p.medication_minutes.values()), **p.medication_minutes}
    ),
)
of_protocol(
    "soundness_limit_exclusive",
    lambda p: replace(
        p,
        baseline=replace(
            p.baseline,
            limits={
                v: AbsoluteLimits(b.floor, None if b.ceiling is None else b.ceiling - 1)
                for v, b in p.baseline.limits.items()
            },
        ),
    ),
)

# --- what is missing taken for normal
FILLED = {
    "gait_missing_is_steady": {"gait_steady": True},
    "orientation_missing_is_fine": {"orientated": True},
    "symptoms_not_asked_is_none": {"symptoms": ()},
    "dissociation_missing_is_none": {"dissociation": Dissociation(DissociationGrade.NONE)},
    "oxygen_missing_is_room_air": {"oxygen": Oxygen(OxygenKind.ROOM_AIR)},
}


def _filled(values):
    def change(reading):
        return replace(reading, **{k: v for k, v in values.items() if getattr(reading, k) is None})

    return of_readings(change)


for _name, _values in FILLED.items():
    BAD[_name] = _filled(_values)


@mistake
def vitals_carried_forward(facts, protocol, as_of):
    seen: dict[Vital, int] = {}
    kept = []
    for reading in sorted(facts.readings, key=lambda r: r.measured_at):
        values = {v.value: seen[v] for v in Vital if reading.vital(v) is None and v in seen}
        seen |= {v: value for v in Vital if (value := reading.vital(v)) is not None}
        kept.append(replace(reading, **values))
    return real(replace(facts, readings=tuple(kept)), protocol, as_of)


@mistake
def severity_missing_is_mild(facts, protocol, as_of):
    def change(reading):
        if reading.symptoms is None:
            return reading
        return replace(
            reading, symptoms=tuple(replace(s, severity=s.severity or Severity.MILD) for s in reading.symptoms)
        )

    return of_readings(change)(facts, protocol, as_of)


@mistake
def unknown_counts_as_met(facts, protocol, as_of):
    said = real(facts, protocol, as_of)
    broken = "not-met" in said["outcomes"].values()
    return {**said, "status": "not-met" if broken else "met"}


# --- values read carelessly
BAD["doubtful_readings_trusted"] = of_readings(lambda r: replace(r, clock_doubtful=False))
BAD["doubtful_events_trusted"] = of_events(lambda e: replace(e, clock_doubtful=False))


@mistake
def grade_alone(facts, protocol, as_of):
    def change(reading):
        d = reading.dissociation
        return reading if d is None or d.score is None else replace(reading, dissociation=replace(d, score=0, items=()))

    return of_readings(change)(facts, protocol, as_of)


@mistake
def any_scale_will_do(facts, protocol, as_of):
    scale = protocol.consciousness_scale

    def change(reading):
        level = reading.consciousness
        if level is None or level.score != CONSCIOUSNESS_SCORES[level.scale][0]:
            return reading
        return replace(reading, consciousness=Consciousness(scale, CONSCIOUSNESS_SCORES[scale][0]))

    return of_readings(change)(facts, protocol, as_of)


@mistake
def oxygen_ignored(facts, protocol, as_of):
    change = of_readings(lambda r: replace(r, oxygen=Oxygen(OxygenKind.ROOM_AIR)) if r.oxygen else r)
    return change(facts, protocol, as_of)


@mistake
def baseline_rounded(facts, protocol, as_of):
    """Each baseline reading takes the rounded reference of its vital."""
    readings, events = plainly.plain_readings(facts.readings), plainly.plain_events(facts.events)
    start = oracle.dose_of(events)["start"]
    baseline = oracle.baseline_of(readings, start, protocol.baseline)
    shown = {v: (2 * baseline[v][0] + baseline[v][1]) // (2 * baseline[v][1]) for v in verdicts.VITALS if baseline[v]}

    def change(reading):
        if start is not None and plainly.ticks(reading.measured_at) >= start:
            return reading
        return replace(reading, **{v: x for v, x in shown.items() if getattr(reading, v) is not None})

    right, wrong = real(facts, protocol, as_of), of_readings(change)(facts, protocol, as_of)
    named = [c for c in right["outcomes"] if c.endswith("-recovered")]
    return restated({**right["outcomes"], **{c: wrong["outcomes"][c] for c in named}}, right)


@mistake
def last_of_equal_instants_wins(facts, protocol, as_of):
    kept = {r.measured_at: r for r in facts.readings}
    return real(replace(facts, readings=tuple(kept.values())), protocol, as_of)


@mistake
def newest_mention_counts(facts, protocol, as_of):
    """A symptom is as severe as it was named last, not as its worst mention."""
    last: dict = {}
    for reading in sorted(facts.readings, key=lambda r: r.measured_at):
        last |= {s.code: s.severity for s in reading.symptoms or ()}

    def change(reading):
        named = reading.symptoms
        return (
            reading
            if named is None
            else replace(reading, symptoms=tuple(replace(s, severity=last[s.code]) for s in named))
        )

    wrong, right = of_readings(change)(facts, protocol, as_of), real(facts, protocol, as_of)
    return only("symptoms-settled", wrong, right)


# --- time
def shifted(facts: Facts, move: Callable[[datetime], datetime]) -> Facts:
    """All instants of the facts moved."""
    return replace(
        facts,
        events=tuple(replace(e, at=move(e.at)) for e in facts.events),
        readings=tuple(replace(r, measured_at=move(r.measured_at)) for r in facts.readings),
        escort=facts.escort
        and replace(facts.escort, present_at=facts.escort.present_at and move(facts.escort.present_at)),
        tablets=tuple(replace(t, heard_at=move(t.heard_at)) for t in facts.tablets),
    )


@mistake
def wall_clock(facts, protocol, as_of):
    """Local time subtracted as if it were elapsed time."""

    def move(t):
        return t.astimezone(ZoneInfo("America/New_York")).replace(tzinfo=UTC)

    return {
        **real(facts, protocol, as_of),
        "outcomes": real(shifted(facts, move), protocol, move(as_of))["outcomes"],
    }


@mistake
def minutes_without_seconds(facts, protocol, as_of):
    def move(t):
        return t.replace(second=0, microsecond=0)

    return real(shifted(facts, move), protocol, move(as_of))


@mistake
def later_than_now_ignored(facts, protocol, as_of):
    return real(
        replace(
            facts,
            events=tuple(e for e in facts.events if e.at <= as_of),
            readings=tuple(r for r in facts.readings if r.measured_at <= as_of),
        ),
        protocol,
        as_of,
    )


def _at(criterion: str, step: timedelta) -> Rules:
    """One finding as of an instant that is off by one tick: an inclusive bound taken for an exclusive one."""

    def rules(facts, protocol, as_of):
        return only(criterion, real(facts, protocol, as_of + step), real(facts, protocol, as_of))

    return rules


BAD["fresh_inclusive"] = _at("fresh", -TICK)
BAD["tablet_silence_exclusive"] = _at("tablets-in-step", -TICK)
BAD["dose_clock_exclusive"] = _at("minutes-since-dose", -TICK)
BAD["medication_exclusive"] = _at("medication-settled", -TICK)


@mistake
def end_is_recovery(facts, protocol, as_of):
    """A reading at the very end of the dose taken as the first of recovery."""
    end = oracle.dose_of(plainly.plain_events(facts.events)).get("end")

    def change(reading):
        at_end = plainly.ticks(reading.measured_at) == end
        return replace(reading, measured_at=reading.measured_at + TICK) if at_end else reading

    return of_readings(change)(facts, protocol, as_of)


@mistake
def resolved_at_its_mention(facts, protocol, as_of):
    """A resolution at the instant of the last mention closes."""
    later = of_events(lambda e: replace(e, at=e.at + TICK) if e.kind is EventKind.SYMPTOM_RESOLVED else e)
    return later(facts, protocol, as_of)


# --- events forgotten
def _forgotten(criterion: str, kinds: set[EventKind]) -> Rules:
    def rules(facts, protocol, as_of):
        return only(criterion, real(without(facts, kinds), protocol, as_of), real(facts, protocol, as_of))

    return rules


BAD["medication_no_interruption"] = _forgotten("sustained", {EventKind.MEDICATION_GIVEN})
BAD["oxygen_no_interruption"] = _forgotten("sustained", OXYGEN)
BAD["resolution_no_interruption"] = _forgotten("sustained", {EventKind.SYMPTOM_RESOLVED})
BAD["oxygen_events_ignored"] = _forgotten("spo2-recovered", OXYGEN)
BAD["pause_ignored"] = _forgotten("dose-finished", {EventKind.INFUSION_PAUSED})
BAD["rate_change_of_nothing"] = _forgotten("dose-finished", {EventKind.RATE_CHANGED})
BAD["resume_ignored"] = _forgotten("dose-finished", {EventKind.INFUSION_RESUMED, EventKind.INFUSION_PAUSED})


@mistake
def first_end_counts(facts, protocol, as_of):
    """Recovery counted from the first end: a further dose forgotten."""
    stops = sorted(e.at for e in facts.events if e.kind is EventKind.INFUSION_STOPPED)
    if not stops:
        return real(facts, protocol, as_of)
    kinds = {EventKind.INFUSION_STARTED, EventKind.INFUSION_RESUMED, EventKind.INFUSION_STOPPED}
    kept = tuple(e for e in facts.events if e.kind not in kinds or e.at <= stops[0])
    return real(replace(facts, events=kept), protocol, as_of)


# --- people
@mistake
def escort_whenever_seen(facts, protocol, as_of):
    escort = facts.escort
    if escort is None or not escort.present:
        return real(facts, protocol, as_of)
    return real(replace(facts, escort=replace(escort, present_at=as_of + MINUTE)), protocol, as_of)


@mistake
def escort_missing_is_absent(facts, protocol, as_of):
    said = real(facts, protocol, as_of)
    if facts.escort is not None:
        return said
    return restated({**said["outcomes"], "escort-present": "not-met"}, said)


@mistake
def unsent_ignored(facts, protocol, as_of):
    return real(replace(facts, tablets=tuple(replace(t, unsent=0) for t in facts.tablets)), protocol, as_of)


@mistake
def drafts_ignored(facts, protocol, as_of):
    return real(replace(facts, tablets=tuple(replace(t, draft=False) for t in facts.tablets)), protocol, as_of)


@mistake
def what_a_browser_holds_ignored(facts, protocol, as_of):
    return real(replace(facts, tablets=tuple(t for t in facts.tablets if t.enrolled)), protocol, as_of)


@mistake
def acceptance_of_any_readings(facts, protocol, as_of):
    """A baseline accepted once stays accepted, whatever was corrected since."""
    readings, events = plainly.plain_readings(facts.readings), plainly.plain_events(facts.events)
    used = oracle.baseline_of(readings, oracle.dose_of(events)["start"], protocol.baseline)["used"]
    refs = tuple(ReadingRef(r.id, r.revision) for r in facts.readings if (str(r.id), r.revision) in used)
    change = of_events(
        lambda e: replace(e, detail=BaselineAccepted(refs)) if e.kind is EventKind.BASELINE_ACCEPTED else e
    )
    return change(facts, protocol, as_of)


# --- the two times
@mistake
def lapse_forgets_tablets(facts, protocol, as_of):
    said = real(facts, protocol, as_of)
    if said["lapses_at"] is None:
        return said
    return {**said, "lapses_at": real(replace(facts, tablets=()), protocol, as_of)["lapses_at"]}


@mistake
def earliest_forgets_medication(facts, protocol, as_of):
    """The medicine's interruption is kept, its minutes are forgotten."""
    said = real(facts, protocol, as_of)
    short = replace(protocol, medication_minutes=dict.fromkeys((*protocol.medication_minutes, "glycopyrronium"), 0))
    return {**said, "earliest_met_at": real(facts, short, as_of)["earliest_met_at"]}
