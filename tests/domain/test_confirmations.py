"""Signing and leaving as rules of their own: every refusal, every field it names, and each instant at its edge."""

from datetime import UTC, datetime, timedelta
from itertools import permutations, product
from uuid import UUID

import pytest

from app.domain.assessment import Criterion, Outcome, Status
from app.domain.confirmations import (
    AlreadySigned,
    CriteriaMet,
    CriteriaNotMet,
    EscortMissing,
    LeftBeforeSigned,
    NoticeOpen,
    NotSigned,
    ReasonNeeded,
    SignatureOutdated,
    check_decision,
    check_leaving,
    last_word,
    open_criteria,
    signature_in_force,
    signed_text,
)
from app.domain.records import (
    Confirmation,
    Decision,
    Kept,
    KeptAssessment,
    Notice,
    NoticeHistory,
    NoticeKind,
    Signer,
)

SIGNED = datetime(2026, 3, 8, 14, 20, 37, 250_000, tzinfo=UTC)
SIGNED_MINUTE = datetime(2026, 3, 8, 14, 20, tzinfo=UTC)
ENDED = SIGNED - timedelta(minutes=75)
INSTANT = timedelta(microseconds=1)
SIGNATURE_MINUTES = 30
LAPSES = SIGNED + timedelta(minutes=SIGNATURE_MINUTES)
DR = Signer(UUID(int=7), "Dr. Ada Probe", "clinician")
DIGEST, OTHER, THIRD = "a" * 64, "b" * 64, "c" * 64
CONFIRM, DECLINE, OVERRIDE = Decision.CONFIRM, Decision.DECLINE, Decision.OVERRIDE
ALL_MET = {criterion.value: Outcome.MET.value for criterion in Criterion}


def confirmation(decision=CONFIRM, digest=DIGEST, named=(), at=SIGNED):
    value = Confirmation(UUID(int=1), decision, digest, "alert, steady", None, tuple(named), "what was signed", at)
    return Kept(value, 1, DR, at)


def assessment(status, digest=DIGEST):
    return KeptAssessment(3, SIGNED, SIGNED, status.value, digest, "1", {}, 9, "i", (), {}, {}, None, None, None, None)


def notice(*, acknowledged):
    stands = Notice(
        UUID(int=2), NoticeKind.LATE_INFORMATION, "a reading was corrected", SIGNED, UUID(int=7), None, None
    )
    return NoticeHistory(stands, Kept("seen", 1, DR, SIGNED) if acknowledged else None)


def outcomes(**other):
    return ALL_MET | {name.replace("_", "-"): outcome.value for name, outcome in other.items()}


def leave(**other):
    """Asks to leave where nothing stands in the way, but for what is given."""
    usual = {
        "signed": confirmation(),
        "outcomes": ALL_MET,
        "notices": (),
        "escort_present": True,
        "left_at": SIGNED + timedelta(minutes=5),
        "now": SIGNED + timedelta(minutes=5),
        "signature_minutes": SIGNATURE_MINUTES,
        "dose_ended_at": ENDED,
    }
    return check_leaving(**usual | other)


# --- the signature in force -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("decisions", "stands"),
    [
        ((), False),
        ((CONFIRM,), True),
        ((OVERRIDE,), True),
        ((DECLINE,), False),
        ((DECLINE, CONFIRM), True),
        ((DECLINE, OVERRIDE), True),
        ((CONFIRM, DECLINE), False),
        ((OVERRIDE, DECLINE), False),
        ((CONFIRM, OVERRIDE), True),
        ((CONFIRM, DECLINE, OVERRIDE), True),
        ((DECLINE, CONFIRM, DECLINE), False),
        ((CONFIRM, CONFIRM, CONFIRM), True),
    ],
)
def test_the_last_word_counts_and_a_decline_takes_an_earlier_one_back(decisions, stands):
    signed = [
        confirmation(decision, f"{n}" * 64, at=SIGNED + timedelta(minutes=n)) for n, decision in enumerate(decisions)
    ]
    for listed in permutations(signed):
        assert last_word(listed) is (signed[-1] if signed else None)
        assert signature_in_force(listed) is (signed[-1] if stands else None)


@pytest.mark.parametrize("word", [CONFIRM, OVERRIDE])
@pytest.mark.parametrize(("digest", "minutes"), [(DIGEST, -1), (DIGEST, 0), (DIGEST, 1), (OTHER, 0), (OTHER, 1)])
def test_a_decline_on_the_same_assessment_or_of_the_same_instant_counts_however_they_are_listed(word, digest, minutes):
    signed, decline = confirmation(word), confirmation(DECLINE, digest, at=SIGNED + timedelta(minutes=minutes))
    for listed in permutations((confirmation(CONFIRM, THIRD, at=SIGNED - timedelta(hours=1)), signed, decline)):
        assert last_word(listed) is decline
        assert signature_in_force(listed) is None


def test_a_decline_on_something_earlier_takes_nothing_back():
    earlier, signed = confirmation(DECLINE, OTHER, at=SIGNED - timedelta(minutes=1)), confirmation()
    for listed in permutations((earlier, signed)):
        assert last_word(listed) is signature_in_force(listed) is signed


def test_what_is_not_met_or_unknown_is_open_in_the_order_it_is_kept():
    kept = {"orientated": "not-met", "fresh": "met", "gait-steady": "unknown", "escort-present": "met", "a": "not-met"}
    assert open_criteria(kept) == ("orientated", "gait-steady", "a")
    assert open_criteria({}) == ()
    assert open_criteria(ALL_MET) == ()
    assert open_criteria(outcomes(orientated=Outcome.UNKNOWN)) == ("orientated",)


# --- what each decision needs -----------------------------------------------------------------------------------------
REASONS = {None: False, "": False, "  \n\t": False, "the set is not enough": True, " short ": True}


def refusal_of(decision, *, given, status):
    """What the words on signing say, in the order in which they are asked."""
    if decision is not CONFIRM and not given:
        return ReasonNeeded
    if decision is CONFIRM and status is not Status.MET:
        return CriteriaNotMet
    if decision is OVERRIDE and status is Status.MET:
        return CriteriaMet
    return None


@pytest.mark.parametrize(("decision", "reason", "status"), list(product(Decision, REASONS, Status)))
def test_every_decision_on_every_status_with_and_without_a_reason(decision, reason, status):
    expected = refusal_of(decision, given=REASONS[reason], status=status)
    for earlier in ((), (confirmation(DECLINE, OTHER),), (confirmation(CONFIRM, OTHER), confirmation(DECLINE, THIRD))):
        if expected is None:
            check_decision(decision, reason, assessment(status), earlier)
        else:
            with pytest.raises(expected):
                check_decision(decision, reason, assessment(status), earlier)


TRIED = ((CONFIRM, Status.MET), (DECLINE, Status.MET), (OVERRIDE, Status.NOT_MET))


@pytest.mark.parametrize("held", [(), ((CONFIRM, OTHER),), ((CONFIRM, OTHER), (DECLINE, THIRD)), ((DECLINE, OTHER),)])
def test_what_was_signed_on_another_assessment_stands_in_nobody_s_way(held):
    for decision, status in TRIED:
        check_decision(decision, "a reason", assessment(status), [confirmation(*one) for one in held])


@pytest.mark.parametrize(
    ("held", "possible"),
    [
        (((CONFIRM, DIGEST),), {DECLINE}),
        (((OVERRIDE, DIGEST),), {DECLINE}),
        (((DECLINE, DIGEST),), set()),
        (((CONFIRM, DIGEST), (DECLINE, DIGEST)), set()),
        (((CONFIRM, DIGEST), (DECLINE, OTHER)), {DECLINE}),
        (((DECLINE, OTHER), (CONFIRM, DIGEST)), {DECLINE}),
        (((DECLINE, DIGEST), (CONFIRM, OTHER)), set()),
    ],
)
def test_a_word_on_an_assessment_is_the_only_one_but_for_its_taking_back(held, possible):
    for decision, status in TRIED:
        signed = [confirmation(*one) for one in held]
        if decision in possible:
            check_decision(decision, "a reason", assessment(status), signed)
            continue
        with pytest.raises(AlreadySigned) as refused:
            check_decision(decision, "a reason", assessment(status), signed)
        assert refused.value.code == "already-signed"


def test_a_taking_back_needs_its_reason():
    with pytest.raises(ReasonNeeded):
        check_decision(DECLINE, " ", assessment(Status.MET), [confirmation()])


def test_a_decision_already_signed_is_said_before_anything_else():
    with pytest.raises(AlreadySigned):
        check_decision(OVERRIDE, None, assessment(Status.MET), [confirmation()])


@pytest.mark.parametrize("decision", [DECLINE, OVERRIDE])
def test_a_missing_reason_names_its_field_and_the_decision(decision):
    with pytest.raises(ReasonNeeded) as refused:
        check_decision(decision, " ", assessment(Status.NOT_MET), ())
    (error,) = refused.value.errors
    assert (error.field, refused.value.code) == ("reason", "reason-needed")
    assert error.message == f"say why: a decision to {decision.value} needs a reason"


@pytest.mark.parametrize("status", [Status.NOT_MET, Status.CANNOT_TELL])
def test_a_confirm_that_cannot_be_says_the_status_and_the_remedies(status):
    with pytest.raises(CriteriaNotMet, match="decline, or override with a reason") as refused:
        check_decision(CONFIRM, "looks well", assessment(status), ())
    assert (refused.value.code, refused.value.extra) == ("criteria-not-met", {"status": status.value})


def test_an_override_of_nothing_is_told_to_confirm_or_decline():
    with pytest.raises(CriteriaMet, match="there is nothing to override") as refused:
        check_decision(OVERRIDE, "in a hurry", assessment(Status.MET), ())
    assert refused.value.code == "criteria-met"


# --- the text, word for word ------------------------------------------------------------------------------------------
FIRST_LINES = {
    CONFIRM: "I have examined the patient and confirm that the discharge criteria are met.",
    DECLINE: "I have examined the patient and decline the discharge.",
    OVERRIDE: "I have examined the patient and take responsibility for the discharge although these criteria are not "
    "met or cannot be told: orientated, gait-steady.",
}


@pytest.mark.parametrize("decision", Decision)
@pytest.mark.parametrize("reason", [None, "", "walks with a frame, as ever"])
def test_what_is_signed_word_for_word(decision, reason):
    text = signed_text(
        decision=decision,
        signer=DR,
        at=SIGNED,
        digest=DIGEST,
        seen={"orientated": "was not orientated", "gait-steady": "gait was not looked at"},
        own="alert, steady",
        reason=reason,
        until=SIGNED + timedelta(minutes=30),
    )
    bounds = [
        "Seen: orientated: was not orientated.",
        "Seen: gait-steady: gait was not looked at.",
        "Good until 2026-03-08T14:50:37.250000Z, unless one of these is worse than seen.",
    ]
    assert text.split("\n") == [
        FIRST_LINES[decision],
        *(bounds if decision is OVERRIDE else []),
        "My own assessment: alert, steady",
        *(["Reason: walks with a frame, as ever"] if reason else []),
        "Signed by Dr. Ada Probe, clinician, at 2026-03-08T14:20:37.250000Z.",
        f"Assessment: {DIGEST}",
    ]


# --- leaving ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("signed", [confirmation(), confirmation(OVERRIDE, named=("orientated",))])
def test_with_nothing_in_the_way_the_discharge_rests_on_the_signature(signed):
    assert leave(signed=signed) is signed
    assert leave(signed=signed, notices=(notice(acknowledged=True), notice(acknowledged=True))) is signed


def test_nobody_leaves_unsigned():
    with pytest.raises(NotSigned, match="a clinician confirms, or overrides with a reason") as refused:
        leave(signed=None)
    assert refused.value.code == "not-signed"


@pytest.mark.parametrize(
    ("ended", "holds"),
    [
        (SIGNED - INSTANT, True),
        (SIGNED, False),
        (SIGNED + INSTANT, False),
        (SIGNED + timedelta(minutes=4), False),
        (None, False),  # it runs again, or cannot be told
    ],
)
def test_a_signature_speaks_of_the_recovery_before_it_only(ended, holds):
    # not even an override that named everything carries over a further dose
    for signed in (confirmation(), confirmation(OVERRIDE, named=ALL_MET)):
        if holds:
            assert leave(signed=signed, dose_ended_at=ended) is signed
        else:
            with pytest.raises(SignatureOutdated, match="the dose went on after the signature") as refused:
                leave(signed=signed, dose_ended_at=ended)
            assert refused.value.code == "signature-outdated"


@pytest.mark.parametrize("acknowledged", [(False,), (False, True), (True, False), (False, False), (True, False, True)])
def test_one_open_notice_is_enough_to_stay(acknowledged):
    with pytest.raises(NoticeOpen, match="must acknowledge it first") as refused:
        leave(notices=[notice(acknowledged=one) for one in acknowledged])
    assert refused.value.code == "notice-open"


def test_nobody_leaves_without_an_escort_not_even_by_an_override():
    for signed in (confirmation(), confirmation(OVERRIDE, named=ALL_MET)):
        with pytest.raises(EscortMissing) as refused:
            leave(signed=signed, escort_present=False)
        (error,) = refused.value.errors
        assert (error.field, refused.value.code) == ("escort", "escort-missing")
        assert error.message == "enter who takes the patient home, and that they are here"


@pytest.mark.parametrize("criterion", [criterion for criterion in Criterion if criterion is not Criterion.FRESH])
@pytest.mark.parametrize("outcome", [Outcome.NOT_MET, Outcome.UNKNOWN])
def test_a_criterion_that_moved_keeps_the_patient_unless_the_signature_names_it(criterion, outcome):
    moved = ALL_MET | {criterion.value: outcome.value}
    with pytest.raises(SignatureOutdated) as refused:
        leave(outcomes=moved)
    assert refused.value.extra == {"criteria": [criterion.value]}
    assert refused.value.detail == (
        f"since the signature this is no longer met: {criterion.value}; a clinician must look again and sign anew"
    )
    override = confirmation(OVERRIDE, named=("sustained", criterion.value))
    assert leave(signed=override, outcomes=moved) is override
    with pytest.raises(SignatureOutdated, match=f"met: {criterion.value} \\(worse than signed\\);"):
        leave(signed=override, outcomes=moved, worse=(criterion.value,))


def test_an_override_lets_pass_what_it_names_and_nothing_more():
    moved = outcomes(orientated=Outcome.NOT_MET, gait_steady=Outcome.UNKNOWN, sustained=Outcome.NOT_MET)
    with pytest.raises(SignatureOutdated, match="no longer met: gait-steady, sustained;") as refused:
        leave(signed=confirmation(OVERRIDE, named=("orientated",)), outcomes=moved)
    assert refused.value.extra == {"criteria": ["gait-steady", "sustained"]}


@pytest.mark.parametrize(
    ("now", "passes"),
    [
        (SIGNED, True),
        (SIGNED + timedelta(minutes=29), True),
        (LAPSES - INSTANT, True),
        (LAPSES, False),
        (LAPSES + INSTANT, False),
        (LAPSES + timedelta(hours=2), False),
    ],
)
def test_a_mere_lapse_is_let_pass_for_the_minutes_of_the_signature(now, passes):
    lapsed = outcomes(fresh=Outcome.NOT_MET)
    left = {"now": now, "left_at": now}
    assert leave(**left).value.digest == DIGEST  # where nothing lapsed, the minutes play no part
    if passes:
        assert leave(outcomes=lapsed, **left).value.digest == DIGEST
    else:
        with pytest.raises(SignatureOutdated, match="no longer met: fresh;"):
            leave(outcomes=lapsed, **left)
    # an override that names it lets it pass for as long
    override = confirmation(OVERRIDE, named=("fresh",))
    if passes:
        assert leave(signed=override, outcomes=lapsed, **left) is override
    else:
        with pytest.raises(SignatureOutdated, match="the override was good until"):
            leave(signed=override, outcomes=lapsed, **left)


def test_a_freshness_that_cannot_be_told_is_no_mere_lapse():
    with pytest.raises(SignatureOutdated) as refused:
        leave(outcomes=outcomes(fresh=Outcome.UNKNOWN))
    assert refused.value.extra == {"criteria": ["fresh"]}


def test_a_lapse_excuses_nothing_beside_it():
    for other in (Outcome.NOT_MET, Outcome.UNKNOWN):
        with pytest.raises(SignatureOutdated) as refused:
            leave(outcomes=outcomes(fresh=Outcome.NOT_MET, tablets_in_step=other))
        assert refused.value.extra == {"criteria": ["tablets-in-step"]}


@pytest.mark.parametrize(
    ("signed_at", "left_at", "holds"),
    [
        (SIGNED, SIGNED, True),
        (SIGNED, SIGNED - INSTANT, True),  # tablets type whole minutes
        (SIGNED, SIGNED_MINUTE, True),
        (SIGNED, SIGNED_MINUTE - INSTANT, False),
        (SIGNED, SIGNED_MINUTE - timedelta(minutes=1), False),
        (SIGNED, SIGNED_MINUTE - timedelta(hours=3), False),
        (SIGNED_MINUTE, SIGNED_MINUTE, True),
        (SIGNED_MINUTE, SIGNED_MINUTE - INSTANT, False),
    ],
)
def test_the_minute_of_the_signature_is_not_before_it_and_the_one_before_is(signed_at, left_at, holds):
    signed = confirmation(at=signed_at)
    if holds:
        assert leave(signed=signed, left_at=left_at) is signed
    else:
        with pytest.raises(LeftBeforeSigned, match="left-against-advice") as refused:
            leave(signed=signed, left_at=left_at)
        (error,) = refused.value.errors
        shown = {SIGNED: "2026-03-08T14:20:37.250000Z", SIGNED_MINUTE: "2026-03-08T14:20:00Z"}[signed_at]
        assert (error.field, error.message) == ("left_at", f"not before the signature at {shown}")
        assert refused.value.code == "left-before-signed"


def test_what_stands_in_the_way_is_said_one_by_one_in_a_fixed_order():
    obstacles = [
        (NotSigned, {"signed": None}),
        (SignatureOutdated, {"dose_ended_at": None}),
        (NoticeOpen, {"notices": (notice(acknowledged=False),)}),
        (EscortMissing, {"escort_present": False}),
        (SignatureOutdated, {"outcomes": outcomes(orientated=Outcome.NOT_MET)}),
        (LeftBeforeSigned, {"left_at": SIGNED - timedelta(hours=1)}),
    ]
    for first, (refusal, _) in enumerate(obstacles):
        remaining = {name: value for _, other in obstacles[first:] for name, value in other.items()}
        with pytest.raises(refusal):
            leave(**remaining)
