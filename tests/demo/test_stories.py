"""Each story must bring about what it is named for, whatever else chance draws."""

from random import Random

import pytest

from app.demo.curves import Cohort, not_recovered, truth_at
from app.demo.stories import UNUSUAL, Plan, Slip, Story, plan, programme
from app.domain.events import Route
from app.domain.symptoms import Severity, SymptomCode

SEEDS = range(30)


def told(story: Story, seed: int) -> Plan:
    return plan(story, Cohort.YALE, Random(seed))


@pytest.mark.parametrize("story", Story)
def test_the_same_seed_tells_the_same_story(story: Story) -> None:
    assert told(story, 1) == told(story, 1)


@pytest.mark.parametrize("story", Story)
def test_every_story_ends_in_recovery_or_in_hospital(story: Story) -> None:
    for seed in SEEDS:
        body = told(story, seed).body
        if story is not Story.SENT_TO_HOSPITAL:
            assert not_recovered(body, 400) == ()


@pytest.mark.parametrize("seed", SEEDS)
def test_each_unusual_thing_happens(seed: int) -> None:
    late = told(Story.LATE_DISSOCIATION, seed).body
    assert truth_at(late, 125).cadss > 0
    gait = told(Story.UNSTEADY_GAIT, seed).body
    assert not_recovered(gait, 40 + 90) == ("gait unsteady",)
    assert truth_at(gait, 100).complaints[0].code is SymptomCode.NYSTAGMUS
    high = told(Story.HYPERTENSIVE_BASELINE, seed).body
    assert high.rest.systolic > 150
    panic = told(Story.PANIC_BASELINE, seed).body
    assert truth_at(panic, -10).levels.heart_rate > 105
    assert truth_at(panic, 100).levels.heart_rate < 90
    vagal = told(Story.VAGAL_EPISODE, seed).body
    assert min(truth_at(vagal, minute).levels.heart_rate for minute in range(40, 100)) < 47
    resting = told(Story.RESTING_DISSOCIATION, seed).body
    assert truth_at(resting, -10).cadss == 6
    oxygen = told(Story.OXYGEN_GIVEN, seed).body
    assert truth_at(oxygen, 20).levels.spo2 < 91
    assert truth_at(oxygen, 20, oxygen_l_min=2).levels.spo2 > 93
    early = told(Story.STOPPED_EARLY, seed)
    assert early.dose_minutes == 18
    assert truth_at(early.body, 25).levels.systolic < truth_at(early.body, 18).levels.systolic
    severe = told(Story.SEVERE_HYPERTENSION, seed).body
    assert truth_at(severe, 40).levels.systolic > 190
    wild = told(Story.MIDAZOLAM_GIVEN, seed).body
    assert truth_at(wild, 30).complaints[0].severity is Severity.SEVERE


@pytest.mark.parametrize("seed", SEEDS)
def test_the_correction_takes_away_a_flag_that_was_true_when_it_was_raised(seed: int) -> None:
    body = told(Story.CORRECTION_AFTER_FLAG, seed).body
    assert not_recovered(body, 40 + 47) == ("gait unsteady",)
    assert not_recovered(body, 40 + 60) == ()


def test_nasal_stories_have_two_devices_five_minutes_apart() -> None:
    nasal = told(Story.NASAL, 1)
    assert nasal.route is Route.INTRANASAL
    assert nasal.dose_minutes == 5
    assert plan(Story.ORDINARY, Cohort.ESKETAMINE, Random(1)).route is Route.INTRANASAL
    assert plan(Story.LATE_DISSOCIATION, Cohort.ESKETAMINE, Random(1)).route is Route.IV_INFUSION


def test_the_tablet_runs_ahead_by_less_than_is_let_pass() -> None:
    assert 0 < told(Story.FAST_TABLET, 1).tablet_ahead.total_seconds() < 120


def test_every_slip_belongs_to_a_story() -> None:
    found = set().union(*(told(story, 1).slips for story in Story))
    assert found == set(Slip)


def test_a_programme_tells_every_unusual_story() -> None:
    stories = programme(200, Random(7))
    assert len(stories) == 200
    assert set(UNUSUAL) <= set(stories)
    assert {Story.ORDINARY, Story.NASAL} <= set(stories)
    assert sum(story in UNUSUAL for story in stories) == 50
    assert stories == programme(200, Random(7))
    assert stories != programme(200, Random(8))


@pytest.mark.parametrize("count", [1, 5, 22, 23, 30])
def test_a_short_programme_has_as_many_sessions_as_asked(count: int) -> None:
    assert len(programme(count, Random(1))) == count
