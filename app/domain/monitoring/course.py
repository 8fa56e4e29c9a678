"""How long the patient was watched, and when they would have been ready but for the two hours."""

from dataclasses import replace
from datetime import datetime

from app.domain.assessment import Criterion, Outcome
from app.domain.facts import Facts
from app.domain.forms import Answer
from app.domain.instants import MINUTE, to_text
from app.domain.monitoring.fields import Missing, Monitored, Value, on_events, on_readings
from app.domain.readiness import assess

FLOOR_MINUTES = 120
"""The label's two hours of observation, counted from the first device as its monitoring form does."""

NOT_OF_THE_PATIENT = frozenset(
    {
        Criterion.MINUTES_SINCE_DOSE,  # the very question: when, but for the hours
        Criterion.FRESH,  # says how old a set is, not how the patient is
        Criterion.ESCORT_PRESENT,
        Criterion.TABLETS_IN_STEP,
    }
)
"""Criteria that say nothing of how the patient was."""


def left(session: Monitored) -> Value | Missing:
    """When the patient left."""
    at = session.left_at
    return Missing("the patient has not left") if at is None else Value(to_text(at), to_text(at))


def signed(session: Monitored) -> Value | Missing:
    """When a clinician signed, and whether the patient had left by then."""
    if session.signed is None:
        return Missing("no signature is in force")
    value, by = session.signed.value, session.signed.by
    at, left_at = to_text(value.signed_at), value.had_left_at
    after = f", afterwards: the patient had left at {to_text(left_at)}" if left_at is not None else ""
    return Value(at, f"{at} by {by.name}{after}")


def observed_minutes(session: Monitored) -> Value | Missing:
    """Whole minutes from the first device to leaving."""
    first, left = session.clock(), session.left_at
    if isinstance(first, Missing):
        return first
    if left is None:
        return Missing("the patient has not left")
    whole = (left - first.at) // MINUTE
    return Value(whole, f"{whole} minutes", on_events([first]))


def two_hours(session: Monitored) -> Value | Missing:
    """Whether at least two hours passed from the first device to leaving."""
    watched = observed_minutes(session)
    if isinstance(watched, Missing):
        return watched
    assert isinstance(watched.value, int)
    answer = Answer.YES if watched.value >= FLOOR_MINUTES else Answer.NO
    return Value(answer.value, f"{answer.value}: {watched.words} of at least {FLOOR_MINUTES}", watched.rests_on)


def facts_by(facts: Facts, at: datetime) -> Facts:
    """What had been measured and done by an instant."""
    return replace(
        facts,
        readings=tuple(one for one in facts.readings if one.measured_at <= at),
        events=tuple(one for one in facts.events if one.at <= at),
        tablets=(),
    )


def _unmet(session: Monitored, at: datetime) -> list[Criterion]:
    found = assess(facts_by(session.facts, at), session.protocol, at).outcomes()
    return [one for one, outcome in found.items() if outcome is not Outcome.MET and one not in NOT_OF_THE_PATIENT]


def ready_minutes(session: Monitored) -> Value | Missing:
    """Whole minutes from the first device to the beginning of the last stretch in which every criterion held.

    The rules are asked at the instant of each reading and event, of what had been measured and done by then, leaving
    out what says nothing of the patient. A stretch that broke again does not count: the later instant is the safer one.
    """
    first, left = session.clock(), session.left_at
    if isinstance(first, Missing):
        return first
    if left is None:
        return Missing("the patient has not left")
    instants = {one.measured_at for one in session.while_here()}
    instants |= {one.at for one in session.facts.events if first.at < one.at <= left}
    since: datetime | None = None
    unmet: list[Criterion] = []
    for at in sorted(instants):
        unmet = _unmet(session, at)
        since = None if unmet else (since or at)
    if since is None:
        said = ", ".join(unmet) if unmet else "nothing was measured after the first device"
        return Missing(f"the criteria were not met at leaving: {said}")
    whole = (since - first.at) // MINUTE
    rests = [one for one in session.while_here() if one.measured_at == since]
    words = f"{whole} minutes, at {to_text(since)}"
    return Value(whole, words, on_readings(rests) + on_events([first]))
