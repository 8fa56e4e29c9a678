"""The simulated truth against the published anchors (docs/clinical-sources.md, "Time courses")."""

from dataclasses import replace
from random import Random
from statistics import fmean, pstdev

import pytest

from app.demo.curves import (
    NOISE,
    NOISE_SPAN,
    Bump,
    Cohort,
    Complaint,
    Levels,
    Physiology,
    draw,
    effect,
    grade,
    measure,
    not_recovered,
    recovered_since,
    truth_at,
)
from app.domain.symptoms import Severity, SymptomCode
from app.domain.vitals import Vital

MANY = 4000

# minute: mean and SD of the systolic rise, mean diastolic, mean heart rate, CADSS mean, % CADSS 0, % CADSS above 4
ANCHORS = {
    0: (0, 0, 0, 0, 0, 100, 0),
    10: (8.4, 5.8, 5.8, 2.1, 1.9, 36, 11),
    20: (12.7, 8.8, 8.8, 3.2, 3.8, 26, 28),
    30: (14.9, 10.3, 10.4, 3.8, 5.8, 12, 39),
    40: (16.0, 11.1, 11.2, 4.1, 7.6, 12, 50),
    50: (11.3, 7.9, 7.9, 2.9, 3.7, 23, 27),
    60: (8.0, 5.6, 5.6, 2.0, 1.3, 59, 9),
    80: (4.0, 2.8, 2.8, 1.0, 0.1, 94, 1),
    100: (2.0, 1.4, 1.4, 0.5, 0, 99, 0),
    120: (1.0, 0.7, 0.7, 0.3, 0, 100, 0),
    240: (0, 0, 0, 0, 0, 100, 0),
}


@pytest.fixture(scope="module")
def yale() -> list[Physiology]:
    chance = Random(11)
    return [draw(Cohort.YALE, chance, late_share=0) for _ in range(MANY)]


@pytest.mark.parametrize("minute", ANCHORS)
def test_the_cohort_runs_through_the_published_anchors(yale: list[Physiology], minute: int) -> None:
    systolic, spread, diastolic, heart_rate, cadss, none, significant = ANCHORS[minute]
    truths = [truth_at(body, minute) for body in yale]
    rises = [truth.levels.systolic - body.rest.systolic for truth, body in zip(truths, yale, strict=True)]
    assert fmean(rises) == pytest.approx(systolic, abs=0.6)
    assert pstdev(rises) == pytest.approx(spread, abs=0.6)
    assert fmean(t.levels.diastolic - b.rest.diastolic for t, b in zip(truths, yale, strict=True)) == pytest.approx(
        diastolic, abs=0.5
    )
    assert fmean(t.levels.heart_rate - b.rest.heart_rate for t, b in zip(truths, yale, strict=True)) == pytest.approx(
        heart_rate, abs=0.5
    )
    totals = [truth.cadss for truth in truths]
    assert fmean(totals) == pytest.approx(cadss, abs=0.8)
    assert 100 * sum(total == 0 for total in totals) / MANY == pytest.approx(none, abs=10)
    assert 100 * sum(total > 4 for total in totals) / MANY == pytest.approx(significant, abs=7)


def test_severe_hypertension_is_as_rare_as_reported(yale: list[Physiology]) -> None:
    severe = sum(body.rest.systolic + body.rise.systolic >= 180 for body in yale) / MANY
    assert 0.004 < severe < 0.018


def test_pressures_at_rest_go_together(yale: list[Physiology]) -> None:
    s, d = [b.rest.systolic for b in yale], [b.rest.diastolic for b in yale]
    ms, md = fmean(s), fmean(d)
    joint = fmean((a - ms) * (b - md) for a, b in zip(s, d, strict=True))
    assert joint / (pstdev(s) * pstdev(d)) == pytest.approx(0.7, abs=0.04)


def test_the_cohorts_differ_as_published() -> None:
    def peak(cohort: Cohort, age: int = 45) -> float:
        chance = Random(3)
        return fmean(draw(cohort, chance, age=age).rise.systolic for _ in range(MANY))

    means = [peak(one) for one in (Cohort.YALE, Cohort.ESKETAMINE, Cohort.POOLED, Cohort.GUANGZHOU, Cohort.EMORY)]
    assert means == sorted(means, reverse=True)
    assert means[0] / means[-1] > 3
    assert peak(Cohort.ESKETAMINE, age=70) > peak(Cohort.ESKETAMINE)


def test_most_nasal_patients_are_free_of_dissociation_in_time() -> None:
    chance = Random(5)
    gone = [draw(Cohort.ESKETAMINE, chance, late_share=0).cadss_gone for _ in range(MANY)]
    assert sum(at <= 90 for at in gone) / MANY == pytest.approx(0.92, abs=0.02)
    assert sum(at <= 120 for at in gone) / MANY == pytest.approx(0.975, abs=0.01)


def test_esketamine_dissociates_less_each_time_and_racemic_ketamine_does_not() -> None:
    def peak(cohort: Cohort, number: int) -> float:
        return draw(cohort, Random(2), session_number=number, late_share=0).cadss_peak

    assert peak(Cohort.ESKETAMINE, 6) == pytest.approx(peak(Cohort.ESKETAMINE, 1) * 0.9**5)
    assert peak(Cohort.YALE, 6) == peak(Cohort.YALE, 1)


def test_late_recoverers_are_forced_in() -> None:
    chance = Random(8)
    late = sum(draw(Cohort.YALE, chance).cadss_gone > 115 for _ in range(MANY)) / MANY
    assert 0.03 < late < 0.07


def test_the_same_seed_draws_the_same_patient() -> None:
    assert draw(Cohort.YALE, Random(1)) == draw(Cohort.YALE, Random(1))
    assert draw(Cohort.YALE, Random(1)) != draw(Cohort.YALE, Random(2))


def test_the_drug_rises_to_its_full_effect_and_halves_every_twenty_minutes() -> None:
    assert effect(0, 40) == 0
    assert effect(-5, 40) == 0
    assert effect(40, 40) == pytest.approx(1)
    assert effect(60, 40) == pytest.approx(0.5)
    assert effect(38, 18) == pytest.approx(effect(18, 18) / 2)
    assert effect(18, 18) < 1


QUIET = Physiology(
    rest=Levels(120, 76, 70, 14, 98),
    rise=Levels(20, 12, 6, 0, 0),
    dose_minutes=40,
    cadss_peak=12,
    cadss_gone=62,
    gait_steady=70,
    orientated=66,
    alert=45,
)


def test_measuring_is_truth_and_noise() -> None:
    chance = Random(4)
    shown = [measure(truth_at(QUIET, 40), chance) for _ in range(MANY)]
    for vital in (Vital.SYSTOLIC, Vital.DIASTOLIC, Vital.HEART_RATE, Vital.RESPIRATORY_RATE):
        values = [one[vital] for one in shown]
        assert fmean(values) == pytest.approx(QUIET.rest.plus(QUIET.rise).of(vital), abs=0.4)
        assert pstdev(values) == pytest.approx(NOISE[vital], abs=0.3)
    assert max(one[Vital.SPO2] for one in shown) <= 100
    assert all(one[Vital.DIASTOLIC] < one[Vital.SYSTOLIC] for one in shown)


def test_recovery_waits_for_the_last_thing_to_return() -> None:
    assert any("CADSS" in one for one in not_recovered(QUIET, 55))
    assert not_recovered(QUIET, 65) == ("gait unsteady", "not orientated")
    assert not_recovered(QUIET, 69.9) == ("gait unsteady",)
    assert not_recovered(QUIET, 70) == ()
    assert recovered_since(QUIET, 100) == pytest.approx(70, abs=0.3)


def test_a_rise_beyond_the_noise_is_not_recovered() -> None:
    noise = NOISE_SPAN * NOISE[Vital.SYSTOLIC]
    at_edge = replace(QUIET, bumps=(Bump(90, 110, Levels(systolic=noise - 4)),))
    beyond = replace(QUIET, bumps=(Bump(90, 110, Levels(systolic=noise + 4)),))
    assert not_recovered(at_edge, 95) == ()
    assert not_recovered(beyond, 95)
    assert not_recovered(beyond, 89) == ()
    assert not_recovered(beyond, 110) == ()
    assert recovered_since(beyond, 130) > 100


def test_a_moderate_complaint_is_not_recovered_and_a_mild_one_is() -> None:
    sick = replace(QUIET, complaints=(Complaint(SymptomCode.NAUSEA, Severity.MODERATE, 30, 95),))
    assert not_recovered(sick, 94) == ("nausea moderate",)
    assert not_recovered(sick, 95) == ()
    mild = replace(QUIET, complaints=(Complaint(SymptomCode.NAUSEA, Severity.MILD, 30, 95),))
    assert not_recovered(mild, 94) == ()


def test_resting_dissociation_stays_and_is_graded() -> None:
    body = replace(QUIET, cadss_rest=6)
    assert truth_at(body, -10).cadss == 6
    assert truth_at(body, 200).cadss == 6
    assert truth_at(body, 40).cadss > 6
    assert not_recovered(body, 200) == ()
    assert (grade(0), grade(1), grade(5), grade(30)) == ("none", "mild", "moderate", "severe")


def test_oxygen_lifts_what_the_probe_shows() -> None:
    low = replace(QUIET, bumps=(Bump(20, 60, Levels(spo2=-9)),))
    assert truth_at(low, 25).levels.spo2 == pytest.approx(89)
    assert truth_at(low, 25, oxygen_l_min=3).levels.spo2 == pytest.approx(95)
