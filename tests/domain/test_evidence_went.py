"""What one session tells of how the clinic works: sets late, values corrected, what was last in the way, how long."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.dose import timeline
from app.domain.events import DoseStarted, EventKind
from app.domain.own_evidence.counted import told_in
from app.domain.own_evidence.intervals import Seen
from app.domain.own_evidence.went import (
    Sets,
    arrival_of,
    last_in_way,
    sets_of,
    values_of,
    withdrawn_after_signing,
)
from app.domain.records import FlagChange, ReadingHistory, Void
from tests import factories
from tests.domain import shipped
from tests.domain.test_brief import GIVEN, LEFT, record, signed, told
from tests.factories import at

PROTOCOL = shipped.protocol()


def sets(*taken, events=GIVEN, closed=109):
    found = [factories.event(*one) for one in events]
    readings = [factories.reading(minutes) for minutes in taken]
    return sets_of(PROTOCOL, timeline(found), readings, arrival_of(found), at(closed))


IN_TIME = (-20, -10, 0, 10, 20, 30, 40, 55, 70, 85, 100)


def test_the_schedule_is_the_one_that_these_tests_are_about():
    schedule = PROTOCOL.schedule
    assert (schedule.baseline, schedule.infusion, schedule.recovery, schedule.grace) == (10, 10, 15, 3)


def test_sets_in_time_are_none_late():
    assert sets(*IN_TIME) == Sets(11, 0)


@pytest.mark.parametrize(("moved", "late"), [(12, 0), (13, 0), (14, 1)])
def test_a_set_is_late_after_the_grace_and_the_next_one_is_due_from_it(moved, late):
    assert sets(*[moved if taken == 10 else taken for taken in IN_TIME]).late == late


def test_a_set_that_was_never_taken_before_the_phase_was_over_is_late():
    assert sets(*[taken for taken in IN_TIME if taken not in (30, 40)]) == Sets(10, 1)
    assert sets(*[taken for taken in IN_TIME if taken < 60], closed=200) == Sets(9, 1)


def test_of_a_session_without_any_set_each_phase_has_one_that_was_due():
    assert sets(closed=200) == Sets(3, 3)


def test_an_arrival_that_nobody_typed_leaves_the_baseline_out():
    assert sets(*IN_TIME, events=GIVEN[1:]) == Sets(9, 0)


def test_values_that_say_something_else_now_are_corrected_and_void_sets_are_left_out():
    first = factories.reading(20, systolic=186)
    again = replace(first, revision=2, systolic=136)
    mended = ReadingHistory((factories.kept(first), factories.kept(again)))
    plain = ReadingHistory((factories.kept(factories.reading(30)),))
    void = ReadingHistory(mended.revisions, factories.kept(Void(first.id, "another patient's")))
    typed, corrected = values_of((plain,))
    assert corrected == 0
    assert typed > 5
    assert values_of((plain, mended, void)) == (2 * typed, 1)


class Judged:
    """An assessment, as far as is looked at."""

    def __init__(self, minutes, change=None, **outcomes):
        self.recorded_at = at(minutes)
        self.change = change
        self.raised_at = at(minutes) if change is FlagChange.RAISED else None
        self.outcomes = {name.replace("_", "-"): outcome for name, outcome in outcomes.items()}


WAITS = Judged(90, gait_steady="unknown", sustained="not-met", fresh="met")
RAISED = Judged(102, FlagChange.RAISED, gait_steady="met", sustained="met", fresh="met")
OLD = Judged(120, FlagChange.WITHDRAWN, gait_steady="met", sustained="met", fresh="not-met")
WORSE = Judged(120, FlagChange.WITHDRAWN, gait_steady="met", sustained="not-met", fresh="met")


def test_what_was_not_met_just_before_the_flag_was_last_in_the_way():
    held = record(assessments=(Judged(60, fresh="not-met"), WAITS, RAISED, OLD))
    assert last_in_way(held, at(102)) == ["gait-steady", "sustained"]
    assert last_in_way(held, at(103)) is None
    assert last_in_way(held, None) is None
    assert last_in_way(record(assessments=(RAISED,)), at(102)) is None


@pytest.mark.parametrize(("after", "expected"), [((), False), ((OLD,), False), ((WORSE,), True), ((OLD, WORSE), True)])
def test_a_flag_that_was_withdrawn_after_signing(after, expected):
    held = record(assessments=(WAITS, RAISED, *after), confirmations=signed())
    assert withdrawn_after_signing(held) is expected
    assert withdrawn_after_signing(record(assessments=(WAITS, RAISED, *after))) is None


def test_one_that_was_withdrawn_before_is_another_matter():
    early = Judged(95, FlagChange.WITHDRAWN, sustained="not-met")
    assert withdrawn_after_signing(record(assessments=(early, RAISED), confirmations=signed())) is False


def test_the_brief_keeps_it_once_the_session_is_over_and_it_can_be_read_again():
    went = told(record(confirmations=signed(), discharge=LEFT))
    found = told_in(went)
    assert found is not None
    assert {name.value: value for name, value in found.minutes.items()} == {
        "dose-end-to-flag": 62,
        "flag-to-signature": 2,
        "signature-to-leaving": 5,
        "dose-end-to-leaving": 69,
    }
    assert (found.route.value, found.protocol.id, found.withdrawn) == ("iv-infusion", "iv-infusion-example", False)
    assert found.values == Seen(0, 0)


def test_of_a_session_that_goes_on_or_had_no_dose_it_keeps_nothing():
    assert told(record(confirmations=signed()))["went"] is None
    assert told(record(events=(*GIVEN[:1], (5, EventKind.CANCELLED, None))))["went"] is None


def test_a_leaving_that_is_no_discharge_has_no_minutes():
    found = told(record(events=(*GIVEN, (60, EventKind.LEFT_AGAINST_ADVICE, None))))["went"]
    assert set(found["minutes"].values()) == {None}


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        {"went": None},
        {"route": "by-mouth"},
        {"sets": {"due": 3, "late": 4}},
        {"sets": {"due": "3", "late": 1}},
        {"values": {"typed": 3}},
        {"minutes": {"dose-end-to-flag": -1}},
        {"minutes": {"dose-end-to-moon": 1}},
        {"last_in_way": ["luck"]},
        {"withdrawn_after_signing": 1},
    ],
)
def test_a_kept_brief_that_cannot_be_read_tells_nothing_of_the_session(broken):
    whole = told(record(confirmations=signed(), discharge=LEFT))
    assert told_in(whole) is not None
    if broken and "went" not in broken:
        broken = whole | {"went": whole["went"] | broken}
    assert told_in(broken) is None


def test_what_fails_here_takes_nothing_else_of_the_brief_away(monkeypatch):
    from app.domain import brief

    def fails(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(brief, "went", fails)
    found = told(record(confirmations=signed(), discharge=LEFT))
    assert (found["went"], found["minutes_to_flag"]) == (None, 62)


def test_a_further_dose_ends_later():
    more = (*GIVEN, (60, EventKind.INFUSION_STARTED, DoseStarted(Decimal(4))), (65, EventKind.INFUSION_STOPPED, None))
    held = record(events=more, confirmations=signed(), discharge=LEFT)
    assert told(held)["went"]["minutes"]["dose-end-to-leaving"] == 44
