"""Tablets in step: a set still lying on a silent tablet keeps the flag from rising; a wrong clock is marked."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from app.db import assessments, tablets
from app.db.engine import Database
from app.domain.events import EventKind
from app.domain.people import Role, RoleMayNot
from app.domain.records import FlagChange
from app.domain.tablets import CLOCK_LIMIT_MS, Contact, clock_is_doubtful
from app.services import readings
from app.services.assessing import outcomes
from app.services.tablets import TabletNotOpen, contact, release
from tests import factories
from tests.factories import at
from tests.services.ward import Ward


@pytest.fixture
def ward(database: Database) -> Ward:
    return Ward(database)


def hear(ward: Ward, tablet: UUID, now: float, *sessions: UUID, unsent: int = 0, offset: int = 0) -> None:
    ward.write(contact, tablet, Contact(unsent, sessions, offset), now=now)


def in_step(ward: Ward, session_id: UUID, now: float) -> str:
    return outcomes(ward.assessment(session_id, now).document)["tablets-in-step"]


def test_a_tablet_that_falls_silent_withdraws_the_flag_at_the_instant_it_does(ward: Ward):
    session_id, tablet = ward.ready(), uuid4()
    hear(ward, tablet, 103, session_id)
    assert in_step(ward, session_id, 104.9) == "met"
    assert in_step(ward, session_id, 105) == "not-met"
    changes = [(kept.change, kept.as_of) for kept in ward.read(assessments.all_kept, session_id) if kept.change]
    assert changes == [(FlagChange.RAISED, at(102)), (FlagChange.WITHDRAWN, at(105))]


def test_heartbeats_keep_it_up_and_make_no_assessments(ward: Ward):
    session_id, tablet = ward.ready(), uuid4()
    before = len(ward.read(assessments.all_kept, session_id))
    for now in (103, 104, 105, 106, 107):
        hear(ward, tablet, now, session_id)
    assert in_step(ward, session_id, 108) == "met"
    assert len(ward.read(assessments.all_kept, session_id)) == before


def test_a_silence_that_a_late_heartbeat_ends_stays_on_record(ward: Ward):
    session_id, tablet = ward.ready(), uuid4()
    hear(ward, tablet, 103, session_id)
    hear(ward, tablet, 110, session_id)  # nobody looked between
    changes = [(kept.change, kept.as_of) for kept in ward.read(assessments.all_kept, session_id) if kept.change]
    assert changes[1:] == [(FlagChange.WITHDRAWN, at(105)), (FlagChange.RAISED, at(110))]


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
    assert ward.read(tablets.open_at, tablet) == {mine}


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
    found = outcomes(ward.assessment(session_id, 104).document)
    assert (found["clocks-certain"], found["gait-steady"]) == ("unknown", "unknown")
    ward.write(readings.correct, session_id, reading.id, uuid4(), reading, "time was right", now=104)
    assert outcomes(ward.assessment(session_id, 104).document)["clocks-certain"] == "met"


def test_the_offset_said_with_the_reading_counts_before_the_last_one_heard(ward: Ward):
    session_id, tablet = ward.ready(), uuid4()
    hear(ward, tablet, 102.5, session_id, offset=0)
    typed_then = replace(ward.nurse, tablet_id=tablet, clock_offset_ms=-120_000)
    ward.write(readings.put, session_id, factories.reading(103), now=103, who=typed_then)
    assert outcomes(ward.assessment(session_id, 103).document)["clocks-certain"] == "unknown"
