from datetime import UTC, datetime, timedelta

import pytest

from app.domain.screening import LABELS, Exclusion, StartGate, check_start_gate, present, unanswered, unresolved

AT = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
CLEAR = dict.fromkeys(Exclusion, False)
FOREVER = [None]


def missing(answers, overridden=(), clearances=FOREVER):
    with pytest.raises(StartGate) as refused:
        check_start_gate(answers, overridden, clearances, AT)
    assert refused.value.code == "start-gate"
    return {fault.field: fault.message for fault in refused.value.errors}


def test_the_eight_exclusions_have_their_permanent_ids():
    assert [exclusion.value for exclusion in Exclusion] == [
        "active-substance-abuse",
        "no-negative-urine-toxicology",
        "history-of-psychosis",
        "raised-intracranial-pressure",
        "pregnancy",
        "uncontrolled-hypertension",
        "unstable-cardiovascular-disease",
        "previous-negative-response",
    ]
    assert set(LABELS) == set(Exclusion)


def test_all_answered_no_and_cleared_opens_the_gate():
    check_start_gate(CLEAR, (), FOREVER, AT)


def test_nothing_at_all_names_everything():
    assert set(missing(None, (), [])) == {"screening", "clearance"}


@pytest.mark.parametrize("exclusion", Exclusion)
def test_each_exclusion_left_unanswered_is_named(exclusion):
    answers = {other: False for other in Exclusion if other is not exclusion}
    assert set(missing(answers)) == {f"screening.answers.{exclusion}"}
    assert unanswered(answers) == [exclusion]
    # an override cannot stand in for an answer
    assert "answer this one" in missing(answers, [exclusion])[f"screening.answers.{exclusion}"]


@pytest.mark.parametrize("exclusion", Exclusion)
def test_each_exclusion_present_stops_the_dose_until_it_is_overridden(exclusion):
    answers = CLEAR | {exclusion: True}
    assert "must override" in missing(answers)[f"screening.answers.{exclusion}"]
    assert set(missing(answers, set(Exclusion) - {exclusion})) == {f"screening.answers.{exclusion}"}
    assert present(answers) == unresolved(answers, ()) == [exclusion]
    assert unresolved(answers, [exclusion]) == []
    check_start_gate(answers, [exclusion], FOREVER, AT)


def test_a_clearance_covers_its_last_instant_and_not_the_next():
    check_start_gate(CLEAR, (), [AT], AT)
    ended = AT - timedelta(microseconds=1)
    assert "ended at 2026-03-08T09:29:59.999999Z" in missing(CLEAR, (), [ended])["clearance"]


def test_one_valid_clearance_is_enough_and_the_latest_end_is_named():
    past, earlier = AT - timedelta(days=1), AT - timedelta(days=2)
    check_start_gate(CLEAR, (), [past, None], AT)
    check_start_gate(CLEAR, (), [past, AT + timedelta(days=1)], AT)
    assert "2026-03-07" in missing(CLEAR, (), [earlier, past])["clearance"]
    assert "must clear the course or this session" in missing(CLEAR, (), [])["clearance"]


def test_the_sentence_names_each_missing_thing():
    with pytest.raises(StartGate, match=r"current pregnancy is present.*must clear the course"):
        check_start_gate(CLEAR | {Exclusion.PREGNANCY: True}, (), [], AT)
