"""A session charted days later: the patient left at their own time, and a clinician signs afterwards."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from app.db.engine import Database
from app.domain.assessment import Status
from app.domain.confirmations import AlreadySigned, CriteriaNotMet, ExaminedByNeeded, LeavingDiffers, SignatureOutdated
from app.domain.deciding.sheets import BadSession
from app.domain.events import DeviceGiven, EventKind, Route
from app.domain.facts import Escort
from app.domain.monitoring import summary
from app.domain.records import Decision, FlagChange
from app.domain.sessions import SessionState, state_of
from app.domain.typed import FutureInstant
from app.services import boards, clinic_papers, escort, readings, rebuilding, sessions
from app.services.protocols import pinned
from app.services.readiness import replay_all
from app.services.session_work import OtherSessionActive
from tests import factories
from tests.factories import at
from tests.services.ward import Ward

LATER = 3 * 24 * 60
LEFT = 110


@pytest.fixture
def ward(database: Database) -> Ward:
    return Ward(database)


def say_left(ward: Ward, session_id: UUID, left: float | None, now: float, expected: int = 1, **other):
    header = factories.header(ward.patient, had_left_at=None if left is None else at(left), **other)
    return ward.write(sessions.put, session_id, header, expected, now=now)


def chart(ward: Ward, session_id: UUID, now: float = LATER, **last) -> None:
    """The whole session, typed at `now` with its own instants."""
    for minute, kind in (
        (-30, EventKind.CHECKED_IN),
        (0, EventKind.INFUSION_STARTED),
        (40, EventKind.INFUSION_STOPPED),
    ):
        ward.event(session_id, minute, kind, now=now)
    for minute in (-20, -10, 20, 92):
        ward.reading(session_id, minute, now=now)
    ward.reading(session_id, 102, now=now, **last)
    ward.write(escort.put, session_id, Escort("A friend", True, at(105)), None, now=now)


def charted(ward: Ward, now: float = LATER, **last) -> UUID:
    session_id = ward.plan(had_left_at=None)
    say_left(ward, session_id, LEFT, now)
    chart(ward, session_id, now, **last)
    return session_id


def sign(ward: Ward, session_id: UUID, now: float, decision: Decision = Decision.CONFIRM, **other):
    return ward.sign(session_id, now, decision, **{"had_left_at": at(LEFT), "examined_by": "Dr. Ada Probe"} | other)


def listed(ward: Ward, status: str, now: float = LATER + 60) -> list[UUID]:
    items, _, _ = ward.read(boards.page, status, None, 100, now=now)
    return [item["id"] for item in items]


def test_it_is_signed_afterwards_and_left_at_its_own_time(ward: Ward):
    session_id = charted(ward)
    seen = ward.assessment(session_id, LATER + 5)
    assert (seen.status, seen.as_of, seen.lapses_at, seen.next_change_at) == (Status.MET, at(LEFT), None, None)
    assert [kept.change for kept in ward.assessments(session_id) if kept.change] == [], (
        "no flag goes up for who is gone"
    )
    with pytest.raises(LeavingDiffers):
        ward.sign(session_id, LATER + 5)
    with pytest.raises(ExaminedByNeeded):
        sign(ward, session_id, LATER + 5, examined_by=None)
    signed, _ = sign(ward, session_id, LATER + 10, digest=seen.digest)
    assert signed.value.signed_text.startswith(
        "Signed afterwards: the patient had left at 2026-03-07T13:50:00Z.\n"
        "Examined before they left by: Dr. Ada Probe.\n"
        "I confirm that the discharge criteria were met when the patient left."
    )
    with pytest.raises(LeavingDiffers):
        ward.discharge(session_id, LATER + 12)
    discharged, _ = ward.discharge(session_id, LATER + 12, LEFT)
    assert (discharged.value.left_at, discharged.value.signed_afterwards) == (at(LEFT), True)
    record = ward.record(session_id, LATER + 20)
    assert state_of(Route.IV_INFUSION, record.events_in_force(), discharged=True) is SessionState.DISCHARGED
    assert record.assessment is not None
    assert (record.assessment.digest, record.notices) == (seen.digest, ())


def test_of_criteria_that_were_not_met_at_the_leaving_only_an_override_speaks(ward: Ward):
    session_id = charted(ward, orientated=False)
    with pytest.raises(CriteriaNotMet):
        sign(ward, session_id, LATER + 5)
    signed, _ = sign(ward, session_id, LATER + 5, Decision.OVERRIDE, reason="seen by Dr. Probe, oriented on asking")
    assert signed.value.named == ("orientated", "sustained")
    assert ward.discharge(session_id, LATER + 6, LEFT)[0].value.signed_afterwards


def test_the_session_of_today_does_not_stand_in_its_way(ward: Ward):
    session_id = ward.plan()
    say_left(ward, session_id, LEFT, LATER)
    today = ward.plan()
    ward.event(today, LATER - 20, EventKind.CHECKED_IN)
    chart(ward, session_id)
    assert listed(ward, "active") == [today]
    assert listed(ward, "afterwards") == [session_id]
    sign(ward, session_id, LATER + 5)
    ward.discharge(session_id, LATER + 6, LEFT)
    assert listed(ward, "afterwards") == []
    assert session_id in listed(ward, "closed")
    assert listed(ward, "active") == [today]


def test_without_a_leaving_two_sessions_of_a_patient_are_never_live(ward: Ward):
    session_id, today = ward.plan(), ward.plan()
    ward.event(today, LATER - 20, EventKind.CHECKED_IN)
    with pytest.raises(OtherSessionActive):
        ward.event(session_id, -30, EventKind.CHECKED_IN, now=LATER)
    say_left(ward, session_id, LEFT, LATER)
    ward.event(session_id, -30, EventKind.CHECKED_IN, now=LATER)
    with pytest.raises(OtherSessionActive) as refused:
        ward.reading(session_id, LEFT + 1, now=LATER)
    assert "had left at 2026-03-07T13:50:00Z" in refused.value.detail
    with pytest.raises(OtherSessionActive):
        say_left(ward, session_id, None, LATER, expected=2)


def test_what_lies_after_the_leaving_puts_it_back_on_the_board(ward: Ward):
    session_id = charted(ward, now=115)
    assert listed(ward, "active", 116) == []
    late = ward.reading(session_id, 117, orientated=False)
    assert listed(ward, "active", 118) == [session_id]
    seen = ward.assessment(session_id, 118)
    assert (seen.status, seen.as_of) == (Status.NOT_MET, at(117))
    with pytest.raises(LeavingDiffers):
        sign(ward, session_id, 118)
    with pytest.raises(BadSession) as refused:
        say_left(ward, session_id, 116, 118, expected=2)
    assert "measured at 2026-03-07T13:57:00Z" in refused.value.errors[0].message
    assert say_left(ward, session_id, 117, 118, expected=2)[0].value.had_left_at == late.measured_at
    assert listed(ward, "active", 119) == []


def test_a_live_flag_is_withdrawn_but_never_raised_of_a_patient_who_had_left(ward: Ward):
    session_id = ward.ready()
    raised = [(FlagChange.RAISED, at(102))]
    say_left(ward, session_id, LEFT, 115)

    def moved():
        return [(kept.change, kept.as_of) for kept in ward.assessments(session_id) if kept.change]

    assert moved() == raised
    slow = ward.reading(session_id, 104, now=120, heart_rate=130)
    assert moved() == [*raised, (FlagChange.WITHDRAWN, at(LEFT))]
    ward.write(readings.void, session_id, slow.id, "another patient's", now=121)
    assert ward.assessment(session_id, 122).status == Status.MET
    assert len(moved()) == 2
    sign(ward, session_id, 123)
    assert ward.discharge(session_id, 124, LEFT)[0].value.ready_at == at(102)


def test_a_signature_before_the_leaving_holds_however_late_the_leaving_is_typed(ward: Ward):
    session_id = ward.ready()
    ward.sign(session_id, 108)
    with pytest.raises(SignatureOutdated):
        ward.discharge(session_id, LATER, LEFT)
    say_left(ward, session_id, LEFT, LATER)
    discharged, _ = ward.discharge(session_id, LATER + 1, LEFT)
    assert (discharged.value.left_at, discharged.value.signed_afterwards) == (at(LEFT), False)


def test_who_examined_the_patient_later_cannot_have_seen_them_leave_before(ward: Ward):
    session_id = ward.ready()
    ward.sign(session_id, 112, Decision.DECLINE, reason="sways")
    with pytest.raises(BadSession) as refused:
        say_left(ward, session_id, LEFT, 115)
    assert "examined the patient" in refused.value.errors[0].message
    say_left(ward, session_id, 113, 115)
    with pytest.raises(LeavingDiffers):
        sign(ward, session_id, 116)


def test_another_leaving_is_another_assessment_to_sign(ward: Ward):
    session_id = charted(ward)
    sign(ward, session_id, LATER + 5)
    with pytest.raises(AlreadySigned):
        sign(ward, session_id, LATER + 6)
    say_left(ward, session_id, LEFT - 1, LATER + 7, expected=2)
    with pytest.raises(SignatureOutdated):
        ward.discharge(session_id, LATER + 8, LEFT - 1)
    sign(ward, session_id, LATER + 9, had_left_at=at(LEFT - 1))
    assert ward.discharge(session_id, LATER + 10, LEFT - 1)[0].value.left_at == at(LEFT - 1)


def test_it_can_be_taken_back_by_a_decline(ward: Ward):
    session_id = charted(ward)
    sign(ward, session_id, LATER + 5)
    sign(ward, session_id, LATER + 6, Decision.DECLINE, reason="it was another patient", examined_by=None)
    with pytest.raises(AlreadySigned):
        sign(ward, session_id, LATER + 7)
    ward.event(session_id, LEFT, EventKind.LEFT_AGAINST_ADVICE, now=LATER + 8)
    assert session_id in listed(ward, "closed")


def test_a_leaving_lies_in_the_past_and_an_escort_before_it(ward: Ward):
    session_id = ward.plan()
    with pytest.raises(FutureInstant):
        say_left(ward, session_id, 60, 10)
    with pytest.raises(FutureInstant):
        ward.write(sessions.put, uuid4(), factories.header(ward.patient, had_left_at=at(60)), None, now=10)
    say_left(ward, session_id, LEFT, LATER)
    for seen in (None, at(LEFT + 1)):
        with pytest.raises(BadSession):
            ward.write(escort.put, session_id, Escort("A friend", True, seen), None, now=LATER)
    ward.write(escort.put, session_id, Escort("A friend", True, at(LEFT)), None, now=LATER)
    ward.write(escort.put, session_id, Escort("A friend", True, None), None, now=LATER)


def test_its_line_is_what_the_journal_comes_to_and_its_assessments_replay(ward: Ward):
    session_id = charted(ward)
    sign(ward, session_id, LATER + 5)
    assert ward.write(rebuilding.line, session_id, mend=False, now=LATER + 30)
    assert all(one.agrees for one in ward.read(replay_all, session_id))
    assert ward.record(session_id, LATER + 10_000).assessments[-1].as_of == at(LEFT), "time changes nothing any more"


def test_the_monitoring_summary_says_both_and_counts_to_the_leaving(ward: Ward):
    session_id = ward.plan(route=Route.INTRANASAL, protocol_id="intranasal-example")
    say_left(ward, session_id, 130, LATER, route=Route.INTRANASAL, protocol_id="intranasal-example")
    ward.event(session_id, -30, EventKind.CHECKED_IN, now=LATER)
    for minute in (0, 5):
        ward.event(session_id, minute, EventKind.NASAL_DEVICE_GIVEN, DeviceGiven(Decimal(28)), now=LATER)
    for minute in (-20, -10, 40, 112, 127):
        ward.reading(session_id, minute, now=LATER)
    ward.write(escort.put, session_id, Escort("A friend", True, at(125)), None, now=LATER)

    def answers():
        record = ward.record(session_id, LATER + 60)
        protocol = ward.read(pinned, record.header.value)
        return {one.id: one.answer for one in summary(record, protocol, ward.read(clinic_papers.site))}

    assert answers()["minutes"].value == 130
    assert answers()["left-at"].value == "2026-03-07T14:10:00Z"
    assert answers()["signed-at"].because == "no signature is in force"
    sign(ward, session_id, LATER + 5, had_left_at=at(130))
    ward.discharge(session_id, LATER + 6, 130)
    found = answers()
    assert (found["minutes"].value, found["two-hours"].value) == (130, "yes")
    assert found["signed-at"].words == (
        "2026-03-10T12:05:00Z by A clinician, afterwards: the patient had left at 2026-03-07T14:10:00Z"
    )
