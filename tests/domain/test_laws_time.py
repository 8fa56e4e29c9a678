"""Laws about time: what `lapses_at`, `next_change_at` and `earliest_met_at` promise, and zones that change nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.assessment import Criterion, Outcome, Status
from app.domain.concerns import Concern
from app.domain.events import (
    BaselineAccepted,
    ConcernAcknowledged,
    Event,
    EventKind,
    ReadingRef,
    Route,
    SymptomResolved,
)
from app.domain.facts import Escort, Facts
from app.domain.instants import minutes
from app.domain.protocol.values import Protocol
from app.domain.readiness import assess
from app.domain.readiness.criteria_people import first_silence
from app.domain.readiness.evidence import gather, in_one_order
from tests.domain.sessions_made import AS_OF, law, made, recovery_readings
from tests.spec.language import session
from tests.spec.protocols import EXAMPLE

TICK = timedelta(microseconds=1)
NEW = UUID(int=7)
SHARES = st.integers(0, 999)
"""Thousandths of a stretch of time, its end excluded."""


@law
@given(made(), SHARES)
def test_what_is_met_stays_met_until_it_lapses_and_no_longer(one, share):
    now = assess(one.facts, one.protocol, AS_OF)
    assume(now.status is Status.MET)
    assert now.lapses_at is not None
    between = AS_OF + (now.lapses_at - AS_OF) * share // 1000
    for instant in (between, now.lapses_at - TICK):
        then = assess(one.facts, one.protocol, instant)
        assert then.status is Status.MET
        assert then.lapses_at == now.lapses_at
        assert [finding.because for finding in then.findings] == [finding.because for finding in now.findings]
    assert assess(one.facts, one.protocol, now.lapses_at).status is not Status.MET


@law
@given(made(), SHARES, st.integers(0, 6 * 60))
def test_no_outcome_changes_before_the_next_change_and_one_does_at_it(one, share, far):
    now = assess(one.facts, one.protocol, AS_OF)
    if now.next_change_at is None:
        assert assess(one.facts, one.protocol, AS_OF + minutes(far)).outcomes() == now.outcomes()
        return
    for instant in (AS_OF + (now.next_change_at - AS_OF) * share // 1000, now.next_change_at - TICK):
        assert assess(one.facts, one.protocol, instant).outcomes() == now.outcomes()
    assert assess(one.facts, one.protocol, now.next_change_at).outcomes() != now.outcomes()


@law
@given(made())
def test_the_next_change_is_that_of_the_clocks_or_the_first_silence(one):
    now = assess(one.facts, one.protocol, AS_OF)
    silence = first_silence(one.facts.tablets, one.protocol.tablet_seconds)
    in_step = now.outcomes()[Criterion.TABLETS_IN_STEP] is Outcome.MET
    both = (now.next_if_heard_at, silence if in_step else None)
    assert now.next_change_at == min((at for at in both if at is not None), default=None)


def _unwaited(concerns: tuple[Concern, ...]) -> list[Event]:
    return [
        Event(uuid5(NEW, one.id), EventKind.CONCERN_ACKNOWLEDGED, AS_OF, ConcernAcknowledged(one.id))
        for one in concerns
        if one.waits
    ]


def people_done(facts: Facts, protocol: Protocol) -> Facts:
    """The same session after people did what is theirs, a moment before `as_of`."""
    seen = gather(in_one_order(facts), protocol)
    moment, events = AS_OF - TICK, _unwaited(seen.concerns)
    for episode in seen.episodes:
        if episode.closed_by is None:
            events.append(
                Event(uuid5(NEW, episode.code), EventKind.SYMPTOM_RESOLVED, moment, SymptomResolved(episode.code))
            )
    if seen.oxygen.now is not None:
        events.append(Event(uuid5(NEW, "oxygen"), EventKind.OXYGEN_STOPPED, moment))
    if not seen.baseline.sound and not seen.baseline.accepted:
        used = tuple(ReadingRef(UUID(one.id), one.revision) for one in seen.baseline.rests_on)
        events.append(Event(uuid5(NEW, "accepted"), EventKind.BASELINE_ACCEPTED, AS_OF, BaselineAccepted(used)))
    return replace(
        facts,
        events=(*facts.events, *events),
        escort=Escort("A. Friend", present=True, present_at=AS_OF),
        tablets=(),
    )


def sets_on_schedule(facts: Facts, protocol: Protocol, until: datetime) -> Facts:
    """The same session with good sets when they are due (at once where one is overdue), up to and including `until`."""
    after = recovery_readings(facts)
    ended = gather(in_one_order(facts), protocol).timeline.ended
    assert ended is not None
    last = max((reading.measured_at for reading in after), default=ended.at)
    best = _best(facts, protocol)
    added, due = [], max(last + minutes(protocol.schedule.recovery), AS_OF)
    while due <= until:
        added.append(replace(best, id=uuid5(NEW, due.isoformat()), measured_at=due))
        due += minutes(protocol.schedule.recovery)
    return replace(facts, readings=(*facts.readings, *added))


def _best(facts: Facts, protocol: Protocol):
    """A set of the standard session, as its protocol grades it: the baselines made by chance stay near it or not."""
    from tests.spec.language import good_reading

    reading = good_reading("best", AS_OF)
    seen = next(
        (r for r in facts.readings if r.consciousness and r.consciousness.scale is protocol.consciousness_scale), None
    )
    if seen is not None:
        reading = replace(reading, consciousness=seen.consciousness)
    if protocol.dissociation_instrument:
        reading = replace(
            reading, dissociation=replace(reading.dissociation, instrument="cadss", version="23-item", score=0)
        )
    return reading


@law
@given(made())
def test_the_earliest_instant_is_reached_on_schedule_and_not_before(one):
    now = assess(one.facts, one.protocol, AS_OF)
    earliest = now.earliest_met_at
    if now.status is Status.MET:
        assert earliest == AS_OF
        return
    # The promise is made of good sets: where this session's baseline leaves the standard set good, it must be kept.
    assume(earliest is not None)
    assume(all(reading.measured_at < AS_OF - TICK for reading in one.facts.readings))
    assume(all(event.at < AS_OF - TICK for event in one.facts.events))
    done = people_done(one.facts, one.protocol)
    at_last = sets_on_schedule(done, one.protocol, earliest)
    newest = gather(in_one_order(sets_on_schedule(done, one.protocol, AS_OF + minutes(60))), one.protocol).newest
    assume(newest is not None and newest.grade == "good")
    assert assess(at_last, one.protocol, earliest).status is Status.MET
    if earliest > AS_OF:
        before = sets_on_schedule(done, one.protocol, earliest - TICK)
        assert assess(before, one.protocol, earliest - TICK).status is not Status.MET


ZONES = [
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "Asia/Tehran",
]


def transitions(zone: ZoneInfo) -> list[datetime]:
    """Every hour in 2020-2035 in which the zone's offset changes."""
    found, at = [], datetime(2020, 1, 1, tzinfo=UTC)
    day = timedelta(days=1)
    while at.year < 2036:
        if at.astimezone(zone).utcoffset() != (at + day).astimezone(zone).utcoffset():
            hour = at
            while hour.astimezone(zone).utcoffset() == (hour + timedelta(hours=1)).astimezone(zone).utcoffset():
                hour += timedelta(hours=1)
            found.append(hour + timedelta(hours=1))
        at += day
    return found


def moved(facts: Facts, by: timedelta, zone: ZoneInfo | None) -> Facts:
    """The session at another date, its instants given in UTC or in a zone's local time."""

    def there(instant: datetime) -> datetime:
        later = instant + by
        return later if zone is None else later.astimezone(zone)

    return replace(
        facts,
        readings=tuple(replace(reading, measured_at=there(reading.measured_at)) for reading in facts.readings),
        events=tuple(replace(one, at=there(one.at)) for one in facts.events),
        escort=facts.escort
        and replace(facts.escort, present_at=facts.escort.present_at and there(facts.escort.present_at)),
        tablets=tuple(replace(one, heard_at=there(one.heard_at)) for one in facts.tablets),
    )


@pytest.mark.parametrize("name", ZONES)
def test_no_change_of_a_zone_s_clocks_is_seen_by_any_rule(name):
    """A session of two hours and a half laid over each change: local times say an hour more or less, nobody hears."""
    zone = ZoneInfo(name)
    # The dose ended 59 minutes ago: an hour that the wall clock adds would make it two.
    facts = session(Route.IV_INFUSION, "stop at 59", "tablet t heard 1 unsent 0")
    here = assess(facts, EXAMPLE, AS_OF)
    changes = transitions(zone)
    for change in changes:
        by = change + minutes(30) - AS_OF
        plain = assess(moved(facts, by, None), EXAMPLE, AS_OF + by)
        local = assess(moved(facts, by, zone), EXAMPLE, (AS_OF + by).astimezone(zone))
        assert local.digest == plain.digest
        assert plain.outcomes() == here.outcomes()
        assert [plain.earliest_met_at, plain.next_change_at] == [
            at and at + by for at in (here.earliest_met_at, here.next_change_at)
        ]


def test_the_wall_clock_would_have_said_an_hour_more():
    """The positive control: in local time the hour after the spring change counts double."""
    zone = ZoneInfo("America/New_York")
    ended = datetime(2026, 3, 8, 6, 31, tzinfo=UTC)
    local = (ended + minutes(59)).astimezone(zone) - ended.astimezone(zone)
    assert local == timedelta(hours=1, minutes=59)
    assert len(transitions(zone)) == 32
