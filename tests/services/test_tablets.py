"""Tablets in step: a set still lying on a silent tablet keeps the flag from rising; a wrong clock is marked.

A browser that nobody enrolled and that holds nothing only looks: it moves no verdict.
"""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.db import tablets
from app.db.engine import Database
from app.domain.events import EventKind
from app.domain.instants import to_text
from app.domain.people import Role, RoleMayNot
from app.domain.records import FlagChange
from app.domain.tablets import CLOCK_LIMIT_MS, Contact, Tablet, clock_is_doubtful
from app.services import enrolment, readiness, readings
from app.services.tablets import Heard, TabletNotOpen, contact, release
from tests import factories
from tests.factories import at
from tests.services.ward import Ward


@pytest.fixture
def ward(database: Database) -> Ward:
    return Ward(database)


def hear(
    ward: Ward, tablet: UUID, now: float, *sessions: UUID, unsent: int = 0, offset: int = 0, pace: int = 1, **said: Any
) -> Heard:
    heard: Heard = ward.write(contact, tablet, Contact(unsent, sessions, offset, **said), pace, now=now)
    return heard


def ready_too(ward: Ward) -> UUID:
    """Another patient's session whose flag is up."""
    session_id = ward.plan(ward.add_patient())
    ward.treat(session_id)
    ward.recover(session_id)
    return session_id


def enrol(ward: Ward, tablet: UUID | None = None, now: float = -200) -> UUID:
    """A tablet with a name on its back."""
    tablet_id = tablet or uuid4()
    ward.write(enrolment.put, tablet_id, Tablet("Blue one"), None, at(0), now=now)
    return tablet_id


def drafts_at(ward: Ward, tablet: UUID) -> dict[UUID, bool]:
    """What a tablet has open, and whether an unfinished set of it lies there."""
    return {session_id: here.draft for session_id, here in ward.read(tablets.open_at, tablet).items()}


def changes(ward: Ward, session_id: UUID) -> list[tuple[FlagChange, Any]]:
    return [(kept.change, kept.as_of) for kept in ward.assessments(session_id) if kept.change]


def in_step(ward: Ward, session_id: UUID, now: float) -> str:
    return ward.assessment(session_id, now).outcomes["tablets-in-step"]


def test_a_tablet_that_falls_silent_withdraws_the_flag_at_the_instant_it_does(ward: Ward):
    session_id, tablet = ward.ready(), enrol(ward)
    hear(ward, tablet, 103, session_id)
    assert in_step(ward, session_id, 104.9) == "met"
    assert in_step(ward, session_id, 105) == "not-met"
    assert changes(ward, session_id) == [(FlagChange.RAISED, at(102)), (FlagChange.WITHDRAWN, at(105))]


def test_heartbeats_keep_it_up_and_make_no_assessments(ward: Ward):
    session_id, tablet = ward.ready(), enrol(ward)
    before = len(ward.assessments(session_id))
    for now in (103, 104, 105, 106, 107):
        hear(ward, tablet, now, session_id)
    assert in_step(ward, session_id, 108) == "met"
    assert len(ward.assessments(session_id)) == before


def test_a_silence_that_a_late_heartbeat_ends_stays_on_record(ward: Ward):
    session_id, tablet = ward.ready(), enrol(ward)
    hear(ward, tablet, 103, session_id)
    hear(ward, tablet, 110, session_id)  # nobody looked between
    assert changes(ward, session_id)[1:] == [(FlagChange.WITHDRAWN, at(105)), (FlagChange.RAISED, at(110))]


def test_a_look_from_a_browser_nobody_enrolled_changes_no_verdict(ward: Ward):
    session_id, phone = ward.ready(), uuid4()
    before = ward.assessments(session_id)
    hear(ward, phone, 103, session_id)
    assert ward.assessment(session_id, 103).digest == before[-1].digest
    # it goes without a word, and the flag lasts as long as the newest set is fresh
    assert in_step(ward, session_id, 121.9) == "met"
    assert ward.assessment(session_id, 121.9).status == "met"
    assert ward.assessment(session_id, 122).status == "not-met"
    assert changes(ward, session_id) == [(FlagChange.RAISED, at(102)), (FlagChange.WITHDRAWN, at(122))]
    assert in_step(ward, session_id, 122) == "met"


def test_what_a_browser_holds_blocks_until_it_says_otherwise(ward: Ward):
    session_id, phone = ward.ready(), uuid4()
    hear(ward, phone, 103, session_id, unsent=1)
    assert in_step(ward, session_id, 117) == "not-met"
    hear(ward, phone, 117, session_id)
    assert in_step(ward, session_id, 117) == "met"


@pytest.mark.parametrize("enrolled", [True, False])
def test_an_unfinished_set_blocks_its_own_session_until_it_is_finished(ward: Ward, enrolled: bool):
    session_id, other, tablet = ward.ready(), ready_too(ward), enrol(ward) if enrolled else uuid4()
    hear(ward, tablet, 103, session_id, other, drafts=(session_id,))
    assert (in_step(ward, session_id, 103), in_step(ward, other, 103)) == ("not-met", "met")
    # the pad is left, the draft stays: no screen shows the session, and it is blocked all the same
    hear(ward, tablet, 104, other, drafts=(session_id,))
    assert in_step(ward, session_id, 104) == "not-met"
    hear(ward, tablet, 105, other)
    assert (in_step(ward, session_id, 105), in_step(ward, other, 105)) == ("met", "met")
    assert drafts_at(ward, tablet) == {other: False}


def test_a_draft_finished_while_another_item_waits_is_no_draft_any_more(ward: Ward):
    session_id, tablet = ward.ready(), enrol(ward)
    hear(ward, tablet, 103, drafts=(session_id,))
    assert drafts_at(ward, tablet) == {session_id: True}
    hear(ward, tablet, 104, unsent=1)
    assert drafts_at(ward, tablet) == {session_id: False}
    assert in_step(ward, session_id, 104) == "not-met"


def test_an_unfinished_set_is_released_by_a_lead(ward: Ward):
    session_id, phone = ward.ready(), uuid4()
    hear(ward, phone, 103, drafts=(session_id, uuid4()))
    ward.write(release, phone, session_id, "lost", now=104, who=factories.actor(ward.clinic.id, Role.LEAD))
    assert in_step(ward, session_id, 104) == "met"


def test_silence_is_counted_on_the_wall_clock(ward: Ward):
    """At 60 clinic seconds in one of the wall's, two minutes of silence are two hours of the clinic's."""
    session_id, tablet = ward.ready(), enrol(ward)
    hear(ward, tablet, 0, session_id, pace=60)
    assert in_step(ward, session_id, 119.9) == "met"
    assert in_step(ward, session_id, 120) == "not-met"
    # a clock that stands is set by hand: its minutes are the wall's
    hear(ward, tablet, 121, session_id, pace=0)
    assert in_step(ward, session_id, 122.9) == "met"
    assert in_step(ward, session_id, 123) == "not-met"


def test_a_browser_counts_as_a_tablet_from_the_moment_it_is_enrolled(ward: Ward):
    session_id, tablet = ward.ready(), uuid4()
    hear(ward, tablet, 103, session_id)
    enrol(ward, tablet, now=104)
    assert in_step(ward, session_id, 104.9) == "met"
    assert in_step(ward, session_id, 105) == "not-met"
    assert changes(ward, session_id)[1:] == [(FlagChange.WITHDRAWN, at(105))]


def test_enrolled_when_long_silent_it_blocks_from_then_on_and_not_before(ward: Ward):
    session_id, tablet = ward.ready(), uuid4()
    hear(ward, tablet, 103, session_id)
    enrol(ward, tablet, now=110)
    assert in_step(ward, session_id, 110) == "not-met"
    assert changes(ward, session_id)[1:] == [(FlagChange.WITHDRAWN, at(110))]


def test_a_lost_tablet_taken_out_of_use_still_blocks_until_it_is_released(ward: Ward):
    session_id, tablet = ward.ready(), enrol(ward)
    hear(ward, tablet, 103, session_id)
    ward.write(enrolment.put, tablet, Tablet("Blue one", in_use=False), 1, at(0), now=104)
    assert in_step(ward, session_id, 105) == "not-met"


def test_a_heartbeat_is_told_what_it_moved(ward: Ward):
    session_id, tablet = ward.ready(), enrol(ward)
    kept = ward.assessment(session_id, 103)
    told = hear(ward, tablet, 103, session_id)
    assert told.name == "Blue one"
    (one,) = told.sessions
    assert (one.session_id, one.status, one.as_of, one.digest) == (session_id, "met", at(102), kept.digest)
    assert one.lapses_at == at(105)
    assert hear(ward, tablet, 104.5, session_id).sessions[0].lapses_at == at(106.5)
    # as the readiness itself says
    assert ward.read(readiness.current, session_id, now=104.6)[0]["lapses_at"] == to_text(at(106.5))
    assert hear(ward, tablet, 121, session_id).sessions[0].lapses_at == at(122)
    (one,) = hear(ward, tablet, 121.5, session_id, unsent=1).sessions
    assert (one.status, one.as_of, one.lapses_at) == ("not-met", at(121.5), None)
    assert one.digest == ward.assessment(session_id, 121.5).digest != kept.digest


def test_a_heartbeat_is_told_of_what_is_on_its_screen_alone(ward: Ward, database: Database):
    other = Ward(database)
    theirs, planned, draft, tablet = other.ready(), ward.plan(), ward.plan(ward.add_patient()), uuid4()
    told = hear(ward, tablet, 103, planned, theirs, uuid4(), planned, drafts=(draft,))
    assert [one.session_id for one in told.sessions] == [planned]
    assert hear(ward, tablet, 104).sessions == ()


def test_a_closed_session_is_told_as_it_was_left(ward: Ward):
    session_id, phone = ward.ready(), uuid4()
    ward.sign(session_id, 104)
    ward.discharge(session_id, 106)
    left = ward.assessment(session_id, 107)
    (one,) = hear(ward, phone, 107, session_id).sessions
    assert (one.status, one.as_of, one.digest) == (left.status, left.as_of, left.digest)
    assert one.lapses_at is None


def test_unsent_items_keep_the_flag_down_even_after_the_tablet_closed_the_session(ward: Ward):
    session_id, tablet = ward.ready(), uuid4()
    hear(ward, tablet, 103, session_id, unsent=1)
    assert in_step(ward, session_id, 103) == "not-met"
    hear(ward, tablet, 103.5, unsent=1)
    assert in_step(ward, session_id, 104) == "not-met"
    hear(ward, tablet, 104, unsent=0)
    assert in_step(ward, session_id, 104) == "met"
    assert in_step(ward, session_id, 115) == "met"  # it has left: its silence means nothing


def test_a_lead_releases_a_tablet_with_a_reason(ward: Ward):
    session_id, tablet = ward.ready(), uuid4()
    hear(ward, tablet, 103, session_id, unsent=2)
    with pytest.raises(RoleMayNot):
        ward.write(release, tablet, session_id, "dropped", now=104)
    lead = factories.actor(ward.clinic.id, Role.LEAD)
    ward.write(release, tablet, session_id, "fell into the sink", now=104, who=lead)
    assert in_step(ward, session_id, 104) == "met"
    with pytest.raises(TabletNotOpen):
        ward.write(release, tablet, session_id, "again", now=104, who=lead)


def test_a_session_the_clinic_does_not_know_is_passed_over(ward: Ward, database: Database):
    other = Ward(database)
    theirs, mine, tablet = other.ready(), ward.ready(), uuid4()
    hear(ward, tablet, 103, mine, theirs, uuid4(), unsent=1)
    assert in_step(other, theirs, 104) == "met"
    assert drafts_at(ward, tablet) == {mine: False}


@pytest.mark.parametrize(
    ("offset", "doubtful"),
    [(None, False), (CLOCK_LIMIT_MS, False), (CLOCK_LIMIT_MS + 1, True), (-CLOCK_LIMIT_MS - 1, True)],
)
def test_a_clock_is_doubtful_beyond_a_minute(offset, doubtful):
    assert clock_is_doubtful(offset) is doubtful


def test_what_a_wrong_clock_stamped_is_marked_until_it_is_corrected(ward: Ward):
    session_id, tablet = ward.ready(), uuid4()
    hear(ward, tablet, 102.5, session_id, offset=90_000)
    wrong = replace(ward.nurse, tablet_id=tablet)
    reading = factories.reading(103)
    ward.write(readings.put, session_id, reading, now=103, who=wrong)
    ward.event(session_id, 103, EventKind.OXYGEN_STOPPED, who=replace(wrong, clock_offset_ms=0))
    found = ward.assessment(session_id, 104).outcomes
    assert (found["clocks-certain"], found["gait-steady"]) == ("unknown", "unknown")
    ward.write(readings.correct, session_id, reading.id, uuid4(), reading, "time was right", now=104)
    assert ward.assessment(session_id, 104).outcomes["clocks-certain"] == "met"


def test_the_offset_said_with_the_reading_counts_before_the_last_one_heard(ward: Ward):
    session_id, tablet = ward.ready(), uuid4()
    hear(ward, tablet, 102.5, session_id, offset=0)
    typed_then = replace(ward.nurse, tablet_id=tablet, clock_offset_ms=-120_000)
    ward.write(readings.put, session_id, factories.reading(103), now=103, who=typed_then)
    assert ward.assessment(session_id, 103).outcomes["clocks-certain"] == "unknown"


# --- two words of one tablet at once ---------------------------------------------------------------------------------


def two_words_at_once(ward: Ward, session_id: UUID, tablet: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """One word ("nothing open, two unsent") has read what is open and is held there; the other opens the session."""
    read, go_on = threading.Event(), threading.Event()
    look = tablets.open_at

    def look_and_wait(work: Any, tablet_id: UUID) -> Any:
        found = look(work, tablet_id)
        if not read.is_set():
            read.set()
            go_on.wait(2)
        return found

    monkeypatch.setattr(tablets, "open_at", look_and_wait)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(hear, ward, tablet, 103, unsent=2)
        assert read.wait(20)
        second = pool.submit(hear, ward, tablet, 103, session_id)
        wait([second], timeout=1)
        go_on.set()
        first.result()
        second.result()


def is_as_the_tablet_says(ward: Ward, session_id: UUID) -> bool:
    record = ward.record(session_id, 103)
    holds = any(tablet.unsent for tablet in record.tablets)
    latest = record.assessment
    return latest is not None and (latest.outcomes["tablets-in-step"] == "met") is not holds


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_two_words_of_one_tablet_at_once_are_taken_in_turn(ward: Ward, monkeypatch: pytest.MonkeyPatch):
    """B12: what is open was read before any lock, and a flag stood beside two unsent items."""
    session_id, tablet = ward.ready(), enrol(ward)
    hear(ward, tablet, 102)
    two_words_at_once(ward, session_id, tablet, monkeypatch)
    assert is_as_the_tablet_says(ward, session_id)


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_control_without_the_lock_the_flag_stands_beside_unsent_items(ward: Ward, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tablets, "lock", lambda _work, _tablet: None)
    session_id, tablet = ward.ready(), enrol(ward)
    hear(ward, tablet, 102)
    two_words_at_once(ward, session_id, tablet, monkeypatch)
    assert not is_as_the_tablet_says(ward, session_id)
