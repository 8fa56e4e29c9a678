"""A small seeded run of the simulated clinics: planted effects are found, absent ones not, intervals hold the truth.

`python -m tests.evidence --clinics 1000` is the large one.
"""

from dataclasses import replace
from math import sqrt
from uuid import UUID

import pytest

from tests.evidence.clinics import DIFFERENT
from tests.evidence.coverage import MEASURES, PLANTED_NAMES, STATED, measure

CLINICS = 40
FEWEST_HELD = STATED - 3 * sqrt(STATED * (1 - STATED) / CLINICS)


@pytest.fixture(scope="module")
def found():
    return measure(CLINICS, seed=20)


def test_intervals_hold_the_truth_as_often_as_stated(found):
    assert set(MEASURES) < set(found.told)
    assert {name: found.share(name) for name in found.told if found.share(name) < FEWEST_HELD} == {}


def test_planted_effects_are_seen_and_absent_ones_are_not(found):
    assert len(PLANTED_NAMES) == len(DIFFERENT) == 2
    seen = {name: found.seen[name] / CLINICS for name in MEASURES}
    assert {name for name, share in seen.items() if share > 0.5} == PLANTED_NAMES
    assert max(share for name, share in seen.items() if name not in PLANTED_NAMES) < 1 - FEWEST_HELD


def test_control_intervals_that_count_sessions_and_not_patients_hold_it_less_often():
    def strangers(sessions):
        return [replace(one, patient_id=UUID(int=number)) for number, one in enumerate(sessions)]

    blind = measure(CLINICS, seed=20, as_seen=strangers)
    assert min(blind.share(f"{name}: dose-end-to-flag") for name in ("iv-standard", "iv-stricter")) < FEWEST_HELD
