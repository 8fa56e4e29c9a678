"""Laws: order, repeats and revisions; stricter protocols; one finding each; failures; the digest; replay."""

import importlib
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.assessment import Criterion, Outcome, Status
from app.domain.canonical import digest
from app.domain.codes import Code
from app.domain.protocol.values import AbsoluteLimits, ConcernLimits, DoseClock, Protocol, RecoveryLimits
from app.domain.readiness import (
    RULES,
    TIMED,
    NotReplayable,
    as_judged,
    assess,
    is_to_be_kept,
    outcomes_of,
    replay,
)
from app.domain.readiness import evidence as evidence_module
from app.domain.readiness import items as items_module
from app.domain.readiness.criteria_people import tablet_states
from app.domain.symptoms import Severity, SymptomCode
from app.domain.vitals import Vital
from tests.domain.sessions_made import AS_OF, law, made
from tests.spec.language import session
from tests.spec.protocols import EXAMPLE, NASAL

assess_module = importlib.import_module("app.domain.readiness.assess")
"""The module; the package's attribute of that name is the function."""


@law
@given(made(), st.integers(0, 1000))
def test_order_of_arrival_and_repeats_change_nothing(one, seed):
    chance = Random(seed)

    def shuffled(facts: tuple[Any, ...]) -> tuple[Any, ...]:
        again = [*facts, *chance.sample(facts, k=min(len(facts), 2))]
        chance.shuffle(again)
        return tuple(again)

    facts = one.facts
    mixed = replace(
        facts, readings=shuffled(facts.readings), events=shuffled(facts.events), tablets=shuffled(facts.tablets)
    )
    assert assess(mixed, one.protocol, AS_OF) == assess(facts, one.protocol, AS_OF)


@law
@given(made())
def test_an_older_revision_that_arrives_again_changes_nothing(one):
    newer = tuple(replace(reading, revision=2) for reading in one.facts.readings)
    older = tuple(replace(reading, heart_rate=200, gait_steady=None) for reading in one.facts.readings)
    now = replace(one.facts, readings=newer)
    both = replace(one.facts, readings=(*newer, *(r for r in older if r.revision == 1)))
    assert assess(both, one.protocol, AS_OF).digest == assess(now, one.protocol, AS_OF).digest


@law
@given(made())
def test_every_criterion_has_exactly_one_finding_and_the_status_follows(one):
    assessment = assess(one.facts, one.protocol, AS_OF)
    assert [finding.criterion for finding in assessment.findings] == list(Criterion)
    outcomes = set(assessment.outcomes().values())
    wanted = Status.MET
    if Outcome.NOT_MET in outcomes:
        wanted = Status.NOT_MET
    elif Outcome.UNKNOWN in outcomes:
        wanted = Status.CANNOT_TELL
    assert assessment.status is wanted
    assert not any(finding.code is Code.COULD_NOT_BE_EVALUATED for finding in assessment.findings)


@law
@given(made())
def test_the_same_arguments_give_the_same_digest_of_the_document(one):
    first, second = (assess(one.facts, one.protocol, AS_OF) for _ in range(2))
    assert first == second
    assert first.digest == digest(first.document)
    assert outcomes_of(first.document) == first.outcomes()


@law
@given(made(), st.integers(1, 600))
def test_findings_carry_no_age(one, seconds):
    """An outcome that has not changed is said in the same words a while later."""
    now, then = (assess(one.facts, one.protocol, at) for at in (AS_OF, AS_OF + timedelta(seconds=seconds)))
    for before, after in zip(now.findings, then.findings, strict=True):
        if before.outcome is after.outcome and before.criterion not in TIMED:
            assert before == after
    if now.outcomes() == then.outcomes() and now.status is Status.MET:
        assert now.findings == then.findings
        assert not is_to_be_kept(now.document, then.document)


# --- stricter protocols ----------------------------------------------------------------------------------------------


def _recovery(protocol: Protocol, vital: Vital, **change: int) -> Protocol:
    limits: RecoveryLimits = replace(protocol.recovery[vital], **change)  # type: ignore[arg-type]
    return replace(protocol, recovery={**protocol.recovery, vital: limits})


STRICTER = {
    "percent up": lambda p: _recovery(p, Vital.SYSTOLIC, percent_up=5),
    "percent down": lambda p: _recovery(p, Vital.HEART_RATE, percent_down=5),
    "delta up": lambda p: _recovery(p, Vital.RESPIRATORY_RATE, delta_up=2),
    "delta down": lambda p: _recovery(p, Vital.RESPIRATORY_RATE, delta_down=2),
    "a delta more": lambda p: _recovery(p, Vital.DIASTOLIC, delta_up=5, delta_down=5),
    "floor": lambda p: _recovery(p, Vital.SYSTOLIC, floor=110),
    "ceiling": lambda p: _recovery(p, Vital.SYSTOLIC, ceiling=130),
    "spo2 floor": lambda p: replace(p, spo2=replace(p.spo2, floor=97)),
    "max drop": lambda p: replace(p, spo2=replace(p.spo2, max_drop=0)),
    "instrument": lambda p: replace(p, dissociation_instrument="cadss"),
    "dose minutes": lambda p: replace(p, dose_minutes={clock: n + 30 for clock, n in p.dose_minutes.items()}),
    "sets": lambda p: replace(p, sustained=replace(p.sustained, sets=p.sustained.sets + 1)),
    "minutes": lambda p: replace(p, sustained=replace(p.sustained, minutes=p.sustained.minutes + 5)),
    "spacing": lambda p: replace(p, sustained=replace(p.sustained, spacing=p.sustained.spacing + 4)),
    "max gap": lambda p: replace(p, sustained=replace(p.sustained, max_gap=p.sustained.max_gap - 4)),
    "fresh": lambda p: replace(p, fresh_minutes=p.fresh_minutes - 8),
    "from severity": lambda p: replace(p, symptoms=replace(p.symptoms, from_severity=Severity.MILD)),
    "always": lambda p: replace(p, symptoms=replace(p.symptoms, always=frozenset(SymptomCode))),
    "medication": lambda p: replace(p, medication_minutes={c: n + 30 for c, n in p.medication_minutes.items()}),
    "tablet seconds": lambda p: replace(p, tablet_seconds=60),
    "baseline limits": lambda p: replace(
        p, baseline=replace(p.baseline, limits={**p.baseline.limits, Vital.SYSTOLIC: AbsoluteLimits(115, 125)})
    ),
    "min readings": lambda p: replace(p, baseline=replace(p.baseline, min_readings=p.baseline.min_readings + 1)),
    "concerns": lambda p: replace(
        p, concerns={**p.concerns, Vital.SYSTOLIC: ConcernLimits(100, 130, 10, acknowledge=True)}
    ),
}


@law
@given(made(), st.sampled_from(sorted(STRICTER)))
def test_a_stricter_protocol_is_never_met_where_the_looser_is_not(one, name):
    stricter = STRICTER[name](one.protocol)
    if assess(one.facts, stricter, AS_OF).status is Status.MET:
        assert assess(one.facts, one.protocol, AS_OF).status is Status.MET


HARDLY = {
    "percent up": "s2 systolic 130",
    "percent down": "s2 heart_rate 60",
    "delta up": "s2 respiratory_rate 18",
    "delta down": "s2 respiratory_rate 10",
    "a delta more": "s2 diastolic 90",
    "floor": "s2 systolic 100",
    "ceiling": "s2 systolic 140",
    "spo2 floor": "s2 spo2 95",
    "max drop": "s2 spo2 97",
    "instrument": "",
    "dose minutes": "stop at 61",
    "sets": "",
    "minutes": "s1 at 13",
    "spacing": "s1 at 13; reading x at 8",
    "max gap": "s1 at 23",
    "fresh": "s2 at 15; s1 at 30",
    "from severity": "s2 symptoms nausea mild",
    "always": "s2 symptoms nausea mild",
    "medication": "event m medication-given ondansetron at 20",
    "tablet seconds": "tablet t heard 1:30 unsent 0",
    "baseline limits": "b1 systolic 110",
    "min readings": "",
    "concerns": "reading x at 110; x systolic 140",
}


@pytest.mark.parametrize("name", sorted(STRICTER))
def test_each_of_them_is_stricter(name):
    """The control: for each there is a session that the looser protocol passes and the stricter does not."""
    facts = session(EXAMPLE.route, HARDLY[name])
    loose = replace(EXAMPLE, sustained=replace(EXAMPLE.sustained, sets=2, minutes=5)) if name == "spacing" else EXAMPLE
    assert assess(facts, loose, AS_OF).status is Status.MET
    stricter = STRICTER[name](loose)
    if name == "spacing":
        stricter = replace(stricter, sustained=replace(stricter.sustained, sets=3))
        loose = replace(loose, sustained=replace(loose.sustained, sets=3))
        assert assess(facts, loose, AS_OF).status is Status.MET
    assert assess(facts, stricter, AS_OF).status is not Status.MET


# --- failures --------------------------------------------------------------------------------------------------------


def _raise(*_args: object, **_named: object) -> Any:
    raise ZeroDivisionError("182 mmHg")


@pytest.mark.parametrize("criterion", list(Criterion))
def test_a_failure_inside_a_rule_is_unknown_and_never_met(criterion, monkeypatch):
    facts = session(EXAMPLE.route)
    assert assess(facts, EXAMPLE, AS_OF).status is Status.MET
    monkeypatch.setitem(RULES, criterion, _raise)
    failed = assess(facts, EXAMPLE, AS_OF)
    assert failed.status is Status.CANNOT_TELL
    assert failed.lapses_at is failed.earliest_met_at is None
    finding = next(one for one in failed.findings if one.criterion is criterion)
    assert finding.outcome is Outcome.UNKNOWN
    assert finding.code is Code.COULD_NOT_BE_EVALUATED
    assert finding.params == {"failure": "ZeroDivisionError", "where": criterion.value}
    assert finding.because.startswith(f"Could not be evaluated ({criterion.value}): ")
    assert "182" not in str(failed.document)
    assert [one.criterion for one in failed.findings if one.outcome is not Outcome.MET] == [criterion]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("timeline", "dose"),
        ("baseline", "baseline"),
        ("oxygen_history", "oxygen"),
        ("episodes", "symptoms"),
        ("concerns", "concerns"),
        ("ground", "sets"),
        ("recovery_sets", "sets"),
        ("last_interruption", "run"),
        ("run_of", "run"),
        ("Evidence", "evidence"),
    ],
)
def test_a_failure_in_what_all_rest_on_makes_all_unknown_and_says_where(name, part, monkeypatch):
    monkeypatch.setattr(evidence_module, name, _raise)
    failed = assess(session(EXAMPLE.route), EXAMPLE, AS_OF)
    assert failed.status is Status.CANNOT_TELL
    assert set(failed.outcomes().values()) == {Outcome.UNKNOWN}
    assert failed.lapses_at is failed.earliest_met_at is failed.next_change_at is None
    assert all((reference.sum, reference.count) == (0, 0) for reference in failed.baseline.vitals.values())
    assert {str(one.params) for one in failed.findings} == {str({"failure": "ZeroDivisionError", "where": part})}
    assert failed.baseline.because.startswith(f"could not be evaluated ({part}): ")
    assert "182" not in str(failed)
    assert failed.baseline.sound is failed.baseline.oxygen is None
    assert not failed.baseline.accepted


def test_a_failure_in_judging_one_item_is_never_met(monkeypatch):
    for item in list(items_module.Item):
        if item is not items_module.Item.SPO2:
            with monkeypatch.context() as patch:
                patch.setitem(items_module._RULES, item, _raise)
                assert assess(session(EXAMPLE.route), EXAMPLE, AS_OF).status is Status.CANNOT_TELL
    monkeypatch.setattr(items_module, "_spo2", _raise)
    assert assess(session(EXAMPLE.route), EXAMPLE, AS_OF).status is Status.CANNOT_TELL


def test_a_failure_in_the_times_is_never_met(monkeypatch):
    monkeypatch.setattr(assess_module, "times", _raise)
    failed = assess(session(EXAMPLE.route), EXAMPLE, AS_OF)
    assert failed.status is Status.CANNOT_TELL
    assert failed.outcomes()[Criterion.FRESH] is Outcome.UNKNOWN
    assert [one.params["where"] for one in failed.findings if one.outcome is Outcome.UNKNOWN] == ["times"]
    assert failed.lapses_at is None


def test_a_protocol_without_a_clock_or_a_medication_list_is_not_met():
    """Neither passes the schema; should one come by another way, nothing is met by having asked nothing."""
    no_clock = replace(EXAMPLE, dose_minutes={})
    assert assess(session(EXAMPLE.route), no_clock, AS_OF).status is Status.CANNOT_TELL
    no_list = replace(EXAMPLE, medication_minutes={})
    given_one = session(EXAMPLE.route, "event m medication-given midazolam at 130")
    assert assess(given_one, no_list, AS_OF).status is Status.CANNOT_TELL


def test_a_clock_of_the_other_route_is_missing():
    both = replace(EXAMPLE, dose_minutes={DoseClock.INFUSION_END: 60, DoseClock.FIRST_DEVICE: 120})
    assessment = assess(session(EXAMPLE.route), both, AS_OF)
    assert assessment.outcomes()[Criterion.MINUTES_SINCE_DOSE] is Outcome.UNKNOWN
    assert assessment.earliest_met_at is None


def test_only_the_timed_rules_read_the_instant():
    facts = session(
        NASAL.route, "tablet t heard 1 unsent 0; browser p heard 9 unsent 0; event m medication-given midazolam at 100"
    )
    evidence = evidence_module.gather(evidence_module.in_one_order(facts), NASAL)
    for criterion in set(Criterion) - set(TIMED):
        instants = (AS_OF - timedelta(days=9), AS_OF, AS_OF + timedelta(days=9))
        assert len({str(RULES[criterion](evidence, at)) for at in instants}) == 1


# --- what is kept, and replay ----------------------------------------------------------------------------------------


@law
@given(made())
def test_a_kept_assessment_is_replayed_to_the_same_digest(one):
    kept = assess(one.facts, one.protocol, AS_OF)
    named = as_judged(kept.document, replace(one.facts, tablets=()))
    again = replay(kept.document, named, one.protocol)
    assert again.digest == kept.digest
    assert tablet_states(named.tablets, one.protocol, AS_OF) == tablet_states(one.facts.tablets, one.protocol, AS_OF)


def test_a_replay_needs_the_facts_the_protocol_and_the_rules_it_names():
    facts = session(EXAMPLE.route)
    kept = assess(facts, EXAMPLE, AS_OF).document
    later = replace(facts.readings[0], revision=2)
    for other in (
        replace(facts, readings=facts.readings[1:]),
        replace(facts, readings=(later, *facts.readings[1:])),
        replace(facts, events=facts.events[1:]),
        replace(facts, escort=None),
    ):
        with pytest.raises(NotReplayable, match="not what the assessment looked at"):
            as_judged(kept, other)
    with pytest.raises(NotReplayable, match="not the one the assessment names"):
        replay(kept, facts, NASAL)
    with pytest.raises(NotReplayable, match="Rules version 0"):
        replay({**kept, "rules": "0"}, facts, EXAMPLE)


BEFORE = "tablet t heard 0 unsent 0"


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ("", False),
        ("tablet t heard 0:30 unsent 0", False),
        ("tablet t heard 0 unsent 1", True),
        ("tablet u heard 0 unsent 0", False),
        ("s2 gait no", True),
        ("s2 revision 2", True),
        ("event a addendum at 1", True),
        ("reading x at 5", True),
        ("escort none", True),
        ("escort seen at 19", False),
    ],
)
def test_what_makes_an_assessment_worth_keeping(change, kept):
    before = assess(session(EXAMPLE.route, BEFORE), EXAMPLE, AS_OF).document
    after = assess(session(EXAMPLE.route, BEFORE, change), EXAMPLE, AS_OF + timedelta(seconds=20)).document
    assert is_to_be_kept(before, after) is kept
    assert is_to_be_kept(None, after)


def test_another_revision_of_the_escort_s_sheet_makes_it_worth_keeping():
    facts = session(EXAMPLE.route)
    assert facts.escort is not None
    again = replace(facts, escort=replace(facts.escort, revision=2))
    assert is_to_be_kept(assess(facts, EXAMPLE, AS_OF).document, assess(again, EXAMPLE, AS_OF).document)


def test_other_rules_or_another_protocol_make_it_worth_keeping():
    before = assess(session(EXAMPLE.route), EXAMPLE, AS_OF).document
    assert is_to_be_kept(before, {**before, "rules": "2"})
    assert is_to_be_kept(before, assess(session(EXAMPLE.route), replace(EXAMPLE, version=2), AS_OF).document)


def test_what_is_said_of_one_criterion_changes_no_others_outcome():
    before = assess(session(EXAMPLE.route), EXAMPLE, AS_OF).document
    after = assess(session(EXAMPLE.route, "escort none; s2 gait no"), EXAMPLE, AS_OF).document
    differ = [Criterion.GAIT_STEADY, Criterion.SUSTAINED, Criterion.ESCORT_PRESENT]
    assert [one for one in Criterion if outcomes_of(before)[one] != outcomes_of(after)[one]] == differ
