"""What the spec tables cannot reach: exhaustive arithmetic, words, orders of equals, and shapes."""

from dataclasses import asdict, replace
from itertools import product

import pytest

from app.domain.assessment import BaselineVital, Criterion, Outcome, Status
from app.domain.canonical import canonical_json, digest
from app.domain.codes import Code
from app.domain.concerns import concerns
from app.domain.dose import DoseState, timeline
from app.domain.instants import to_text
from app.domain.protocol.values import RecoveryLimits
from app.domain.readiness import RULES, TIMED, assess, status_of
from app.domain.readiness.evidence import gather, in_one_order
from app.domain.readiness.limits import allowed_band, too_far_down, too_far_up
from app.domain.readiness.verdicts import met, not_met, unknown, worst, worst_outcome
from app.domain.readings import Phase
from app.domain.sentences import Reason, relative_words
from app.domain.vitals import Vital
from tests.spec.language import AS_OF, SESSION, ago, named, session
from tests.spec.protocols import EXAMPLE, PROTOCOLS

WIDE = RecoveryLimits(None, None, None, None, 0, 400)


def reference_of(total: int, count: int) -> BaselineVital:
    return BaselineVital(total, count, Reason(Code.BASELINE_INSIDE), ())


@pytest.mark.parametrize("percent", [5, 10, 15, 20, 30])
def test_percent_is_the_inequality_on_every_whole_number(percent):
    """100 * |x * count - sum| <= p * sum, for sums of one to three readings, and the band says the same."""
    limits = replace(WIDE, percent_up=percent, percent_down=percent)
    for count, total in product((1, 2, 3), range(40, 360, 7)):
        reference = reference_of(total, count)
        low, high = allowed_band(reference, limits)
        for value in range(401):
            inside = 100 * abs(value * count - total) <= percent * total
            assert (not too_far_up(value, reference, limits) and not too_far_down(value, reference, limits)) is inside
            assert (low <= value <= high) is inside


@pytest.mark.parametrize("delta", [2, 6, 30])
def test_delta_is_the_inequality_on_every_whole_number(delta):
    limits = replace(WIDE, delta_up=delta, delta_down=delta)
    for count, total in product((1, 2, 3), range(40, 360, 7)):
        reference = reference_of(total, count)
        low, high = allowed_band(reference, limits)
        for value in range(401):
            inside = abs(value * count - total) <= delta * count
            assert (not too_far_up(value, reference, limits) and not too_far_down(value, reference, limits)) is inside
            assert (low <= value <= high) is inside


def test_the_band_is_also_bounded_by_floor_and_ceiling():
    reference = reference_of(244, 2)
    limits = RecoveryLimits(20, 20, 15, 10, 90, 130)
    assert allowed_band(reference, limits) == (112, 130)
    assert allowed_band(reference, replace(limits, floor=115)) == (115, 130)
    assert allowed_band(reference_of(200, 1), limits) == (190, 130)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (RecoveryLimits(20, 20, None, None, 1, 2), "within 20 % of"),
        (RecoveryLimits(None, None, 4, 4, 1, 2), "within 4 of"),
        (RecoveryLimits(10, 20, None, None, 1, 2), "at most 10 % above and at most 20 % below"),
        (RecoveryLimits(20, 20, 4, None, 1, 2), "within 20 % of and at most 4 above"),
        (RecoveryLimits(None, 20, 4, None, 1, 2), "at most 20 % below and at most 4 above"),
    ],
)
def test_relative_limits_in_words(limits, words):
    assert relative_words(asdict(limits)) == words


def test_a_reference_is_shown_rounded_half_up():
    assert [reference_of(total, 2).shown for total in (243, 244, 245)] == [122, 122, 123]
    assert [reference_of(total, 3).shown for total in (364, 365, 366)] == [121, 122, 122]


def test_the_worst_is_not_met_then_unknown_then_met_and_the_first_of_equals():
    a, b, c, d = Code.NO_DOSE, Code.NO_ESCORT, Code.NO_TABLET, Code.NO_CONCERN
    assert worst([met(a), unknown(b), not_met(c), not_met(d)]).code is c
    assert worst([met(a), unknown(b), met(c)]).code is b
    assert worst_outcome([Outcome.MET, Outcome.MET]) is Outcome.MET


def test_a_status_of_nothing_asked_is_not_met_by_default():
    assert status_of([]) is Status.CANNOT_TELL
    assert status_of([Outcome.MET]) is Status.MET
    assert status_of([Outcome.MET, Outcome.UNKNOWN]) is Status.CANNOT_TELL
    assert status_of([Outcome.UNKNOWN, Outcome.NOT_MET]) is Status.NOT_MET


def test_every_criterion_has_a_rule_and_the_timed_ones_are_among_them():
    assert set(RULES) == set(Criterion)
    assert set(TIMED) < set(Criterion)


@pytest.mark.parametrize("name", sorted(PROTOCOLS))
def test_every_sentence_is_a_sentence(name):
    protocol = PROTOCOLS[name]
    for change in ("", "no b1", "s2 gait no; s2 systolic -", "empty", "escort none; s2 symptoms nausea ?"):
        for finding in assess(session(protocol.route, change), protocol, AS_OF).findings:
            assert not finding.because[0].islower(), finding.because
            assert finding.because.endswith("."), finding.because
            assert ".." not in finding.because


def test_the_document_names_its_inputs_and_holds_no_heartbeat():
    facts = session(EXAMPLE.route, "s1 revision 3; tablet t heard 1 unsent 0; tablet u heard 5 unsent 0")
    assessment = assess(facts, EXAMPLE, AS_OF)
    document = assessment.document
    assert document["rules"] == assessment.rules == "1"
    assert document["as_of"] == to_text(AS_OF)
    assert document["protocol"] == {"id": EXAMPLE.id, "version": 1, "hash": EXAMPLE.content_hash}
    readings = sorted((str(named(name)), 3 if name == "s1" else 1) for name in ("b1", "b2", "s1", "s2"))
    tablets = sorted([(str(named("t")), True), (str(named("u")), False)])
    assert document["inputs"] == digest(
        {
            "readings": [{"id": one, "revision": revision} for one, revision in readings],
            "events": sorted(str(named(name)) for name in ("start", "stop")),
            "escort": 1,
        }
    )
    assert document["tablets"] == [{"id": one, "in_step": fine} for one, fine in tablets]
    text = canonical_json(document).decode()
    assert to_text(ago("1")) not in text
    assert to_text(ago("5")) not in text
    assert set(document) == {"rules", "protocol", "as_of", "inputs", "tablets", "findings"}


def test_of_two_contacts_of_one_tablet_the_worse_wins_in_any_order():
    facts = session(EXAMPLE.route, "tablet t heard 0 unsent 0; tablet u heard 0 unsent 2")
    behind = replace(facts.tablets[1], id=facts.tablets[0].id)
    for tablets in ((facts.tablets[0], behind), (behind, facts.tablets[0])):
        assessment = assess(replace(facts, tablets=tablets), EXAMPLE, AS_OF)
        assert assessment.outcomes()[Criterion.TABLETS_IN_STEP] is Outcome.NOT_MET
        assert assessment.document["tablets"] == [{"id": str(named("t")), "in_step": False}]


def test_what_a_finding_rests_on_is_named_once_and_sorted():
    facts = session(EXAMPLE.route, "reading x at 3; x revision 2; event m medication-given ondansetron at 30")
    found = {one.criterion: one for one in assess(facts, EXAMPLE, AS_OF).findings}
    systolic = [(one.kind, one.id, one.revision) for one in found[Criterion.SYSTOLIC_RECOVERED].rests_on]
    wanted = [("reading", str(named(name)), 2 if name == "x" else 1) for name in ("b1", "b2", "s2", "x")]
    assert systolic == sorted(wanted)
    sustained = {one.id for one in found[Criterion.SUSTAINED].rests_on}
    assert sustained == {str(named(name)) for name in ("s1", "s2", "x", "m")}
    assert [one.id for one in found[Criterion.DOSE_FINISHED].rests_on] == sorted(
        str(named(name)) for name in ("start", "stop")
    )
    escort = found[Criterion.ESCORT_PRESENT].rests_on
    assert {(one.kind, one.id) for one in escort} == {("escort", str(SESSION)), ("event", str(named("stop")))}


def test_values_and_limits_of_a_vital_are_there_to_be_shown():
    found = {one.criterion: one for one in assess(session(EXAMPLE.route), EXAMPLE, AS_OF).findings}
    systolic = found[Criterion.SYSTOLIC_RECOVERED]
    assert systolic.code is Code.NEAR_BASELINE
    assert systolic.params == {
        "at": to_text(ago("3")),
        "vital": "systolic",
        "value": 122,
        "baseline": {"sum": 244, "count": 2, "shown": 122},
        "allowed": [98, 146],
    }
    assert systolic.limits == {
        "percent_up": 20,
        "percent_down": 20,
        "delta_up": None,
        "delta_down": None,
        "floor": 90,
        "ceiling": 160,
    }


def test_concerns_are_listed_with_who_acknowledged_them():
    facts = session(
        EXAMPLE.route,
        "reading x at 110; x systolic 190; x heart_rate 140; acknowledged a x.1.systolic; acknowledged c x.1.systolic",
    )
    evidence = gather(in_one_order(facts), EXAMPLE)
    seen = concerns(facts.readings, facts.events, EXAMPLE.concerns, evidence.baseline)
    assert [(one.id, one.value, one.waits) for one in seen] == [
        (f"{named('x')}.1.heart_rate", 140, True),
        (f"{named('x')}.1.systolic", 190, False),
    ]
    assert seen[1].acknowledged_by in {named("a"), named("c")}
    assert seen[1].because == f"systolic 190 at {to_text(ago('110'))} is above 180"
    assert seen == evidence.concerns


def test_a_concern_that_is_shown_only_waits_for_nobody():
    protocol = PROTOCOLS["concern-shown-only"]
    evidence = gather(in_one_order(session(protocol.route, "reading x at 110; x systolic 190")), protocol)
    assert [(one.value, one.must_be_acknowledged, one.waits) for one in evidence.concerns] == [(190, False, False)]


def test_a_reading_s_phase_follows_from_the_dose():
    dose = timeline(session(EXAMPLE.route).events)
    phases = [dose.phase_of(ago(minutes)) for minutes in ("131", "130", "90", "89")]
    assert phases == [Phase.BASELINE, Phase.INFUSION, Phase.INFUSION, Phase.RECOVERY]


def test_the_minutes_of_each_medication_given_are_shown():
    given = "event m medication-given ondansetron at 30; event n medication-given quetiapine at 130"
    found = {one.criterion: one for one in assess(session(EXAMPLE.route, given), EXAMPLE, AS_OF).findings}
    medication = found[Criterion.MEDICATION_SETTLED]
    assert medication.limits == {"ondansetron": 15, "quetiapine": 120}
    assert medication.params == {
        "given": [
            {"medication": name, "at": to_text(ago(at)), "settles_at": to_text(ago(until)), "settled": True}
            for name, at, until in (("quetiapine", "130", "10"), ("ondansetron", "30", "15"))
        ],
        "settled_at": to_text(ago("10")),
    }


@pytest.mark.parametrize(
    ("statements", "state"),
    [
        ("empty", DoseState.NONE),
        ("no stop", DoseState.RUNNING),
        ("no stop; event p infusion-paused at 90", DoseState.PAUSED),
        ("no start", DoseState.NONE),
        ("", DoseState.ENDED),
        ("no stop; event d nasal-device-given at 60", DoseState.RUNNING),
        ("event d nasal-device-given at 60", DoseState.ENDED),
    ],
)
def test_the_state_of_the_dose(statements, state):
    assert timeline(session(EXAMPLE.route, statements).events).state is state


def test_a_device_after_an_infusion_s_end_is_the_end():
    """No route has both; should a record hold both, the later one counts."""
    dose = timeline(session(EXAMPLE.route, "event d nasal-device-given at 60").events)
    assert dose.ended is not None
    assert dose.ended.at == ago("60")
    assert dose.infusion_end is not None
    assert dose.infusion_end.at == ago("90")
    assert dose.started is not None
    assert dose.started.at == ago("130")


def test_a_baseline_is_provisional_until_a_dose_begins():
    facts = session(EXAMPLE.route, "empty; reading b1 at 20; reading b2 at 10")
    before = assess(facts, EXAMPLE, AS_OF).baseline
    assert before.because.startswith("provisional, as no dose has begun")
    assert before.vitals[Vital.SYSTOLIC].sum == 244
    after = assess(session(EXAMPLE.route), EXAMPLE, AS_OF).baseline
    assert "provisional" not in after.because
    assert after.vitals[Vital.SYSTOLIC].because == (
        f"mean of 2 readings, from {to_text(ago('150'))} to {to_text(ago('140'))}"
    )


def test_sets_too_rare_to_sustain_anything_can_never_be_met():
    """The schema keeps the interval inside the largest gap; without it no number of good sets would do."""
    rare = replace(EXAMPLE, schedule=replace(EXAMPLE.schedule, recovery=30))
    assert assess(session(rare.route, "no s1"), rare, AS_OF).earliest_met_at is None
    assert assess(session(rare.route), rare, AS_OF).earliest_met_at == AS_OF


def test_of_a_long_run_as_many_sets_are_named_as_decide():
    sets = "; ".join(f"reading r{number} at {12 + 10 * number}" for number in range(40))
    assert (EXAMPLE.sustained.sets, EXAMPLE.sustained.spacing) == (2, 5)
    facts = session(EXAMPLE.route, f"start at 540; stop at 500; b1 at 560; b2 at 550; {sets}")
    (found,) = (one for one in assess(facts, EXAMPLE, AS_OF).findings if one.criterion is Criterion.SUSTAINED)
    assert (found.outcome, found.code) == (Outcome.MET, Code.RUN_LONG_ENOUGH)
    assert found.params == {
        "newest_at": to_text(ago("3")),
        "counted": 41,
        "from": to_text(ago("402")),
        "to": to_text(ago("3")),
        "began_after": None,
    }
    # r0 at 12 does not count: it came three minutes after s1
    assert {one.id for one in found.rests_on} == {str(named(name)) for name in ("r39", "s1", "s2")}
