"""What each noun keeps comes back as it was, in its clinic and nowhere else."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.db import clinics, courses, credentials, patients, protocols, session_records, sessions, sign_ins, staff
from app.db.clinics import DemoIsSettled
from app.db.refusals import AlreadyKept, DatabaseFault
from app.db.work import EVERY_CLINIC, Work, service_actor
from app.domain import keeping
from app.domain.assessment import Criterion
from app.domain.changes import change
from app.domain.journal import Kind
from app.domain.lookalikes import likeness
from app.domain.people import Clinic, Role, Staff
from app.domain.records import FlagChange, Void
from tests import factories
from tests.db.filled import NOW, SAID, add_session, assessment, fill, line


@pytest.fixture
def filled(database):
    return fill(database)


def test_a_whole_session_comes_back_as_it_was(filled):
    record = filled.read(sessions.load, filled.session_id)
    assert record.id == filled.session_id
    assert record.header.value == factories.header(filled.patient_id, course_id=filled.course_id)
    assert record.patient.value == factories.patient()
    assert record.course.value.planned_sessions == 6
    assert record.course_clearance.value.until == NOW + timedelta(hours=1)
    assert record.clearance.value.note == "today"
    assert record.screening.value == factories.clear_screening()
    assert [override.value.reason for override in record.overrides] == ["test was wrong"]
    assert record.escort.value.name == "Sam"
    [reading] = record.readings
    assert [kept.revision for kept in reading.revisions] == [1, 2]
    assert reading.current.value == factories.reading(2, id=filled.reading_id, revision=2)
    assert reading.current.reason == "typed wrong"
    assert reading.void is None
    assert {history.event.value.id: history.void is None for history in record.events} == {
        filled.event_id: True,
        filled.voided_event_id: False,
    }
    assert record.assessment.number == 1
    assert record.assessment.change is FlagChange.RAISED
    assert set(record.assessment.outcomes.values()) == {"met"}
    assert record.assessment.raised_at == NOW
    assert record.position == 10
    assert [kept.value.id for kept in record.confirmations] == [filled.confirmation_id]
    assert [(n.notice.id, n.acknowledged.value) for n in record.notices] == [(filled.notice_id, "seen")]
    assert record.discharge.value.left_at == NOW
    by = record.discharge.by
    assert (by.staff_id, by.name, by.role, record.discharge.recorded_at) == (None, "infusion-vitals", "service", NOW)


def test_who_typed_it_and_on_which_tablet_is_kept(filled):
    actor = factories.actor(filled.clinic.id, Role.NURSE, tablet_id=uuid4())
    reading_id = uuid4()
    fact = keeping.reading(factories.reading(5, id=reading_id))
    filled.database.write_now(Work.keep, actor, NOW, fact, filled.session_id)
    assert filled.read(session_records.session_of_fact, Kind.READING, reading_id) == filled.session_id
    kept = filled.read(sessions.load, filled.session_id).readings[-1].current
    assert kept.value.id == reading_id
    assert (kept.by.staff_id, kept.by.name, kept.by.role) == (actor.staff_id, "A nurse", "nurse")
    assert kept.tablet_id == actor.tablet_id


READS = {
    "staff.find": lambda f: (staff.find, f.staff_id),
    "staff.history": lambda f: (staff.history, f.staff_id, None, 9),
    "staff.page": lambda f: (staff.page, None, 9),
    "credentials.find": lambda f: (credentials.find, f.staff_id),
    "patients.find": lambda f: (patients.find, f.patient_id),
    "patients.history": lambda f: (patients.history, f.patient_id),
    "patients.history_page": lambda f: (patients.history_page, f.patient_id, None, 9),
    "patients.search": lambda f: (lambda work: patients.search(work, "probe", None, None, 10)[0],),
    "patients.candidates": lambda f: (
        lambda work: patients.candidates(work, [likeness(factories.patient())])[likeness(factories.patient())],
    ),
    "patients.revisions": lambda f: (patients.revisions, {f.patient_id: 1}),
    "patients.several": lambda f: (patients.several, [f.patient_id]),
    "courses.find": lambda f: (courses.find, f.course_id),
    "courses.history": lambda f: (courses.history, f.course_id, None, 9),
    "courses.clearance": lambda f: (courses.clearance, f.course_id),
    "courses.clearances": lambda f: (courses.clearances, f.course_id, None, 9),
    "courses.courses_of": lambda f: (courses.courses_of, f.patient_id, None, 9),
    "courses.sessions_of": lambda f: (courses.sessions_of, f.course_id),
    "sessions.find_header": lambda f: (sessions.find_header, f.session_id),
    "sessions.header_history": lambda f: (sessions.header_history, f.session_id),
    "sessions.load": lambda f: (sessions.load, f.session_id),
    "sessions.board": lambda f: (lambda work: sessions.board(work, "active", None, 10)[0],),
    "sessions.active_of": lambda f: (sessions.active_of, f.patient_id),
    "sessions.sessions_of": lambda f: (sessions.sessions_of, f.patient_id),
    "session_records.load_many": lambda f: (session_records.load_many, [f.session_id]),
    "session_records.page": lambda f: (session_records.page, session_records.Which(), None, 5),
    "session_records.session_of_fact": lambda f: (session_records.session_of_fact, Kind.READING, f.reading_id),
    "protocols.find": lambda f: (protocols.find, "example", 1),
    "protocols.history": lambda f: (protocols.history, "example", 1, None, 9),
    "protocols.all_versions": lambda f: (protocols.all_versions,),
    "protocols.page": lambda f: (protocols.page, None, 9),
}


def test_everything_is_found_in_its_clinic_and_nothing_in_another(filled):
    other = Clinic(uuid4(), "Hillside")
    filled.write(clinics.add, other)
    stranger = service_actor(other.id)
    for name, read in READS.items():
        verb, *args = read(filled)
        assert filled.read(verb, *args), name
        assert not filled.database.read_now(verb, stranger, NOW, *args), name


def test_the_same_ids_live_side_by_side_in_two_clinics(filled):
    """Every key begins with the clinic: an id that another clinic uses is free."""
    ids = {name: getattr(filled, name) for name in vars(filled) if name.endswith("_id") and name != "staff_id"}
    twin = fill(filled.database, clinic=Clinic(uuid4(), "Hillside"), **ids)
    mine, theirs = (one.read(sessions.load, filled.session_id) for one in (filled, twin))
    # the notice names its signer, an account is one clinic's, and a correction has an id of its own
    alike = [replace(one, notices=(), readings=()) for one in (mine, theirs)]
    assert alike[0] == alike[1]


def test_a_correction_in_another_session_is_stopped_by_the_database(filled):
    other = uuid4()
    filled.database.write_now(add_session, filled.actor, NOW, other, factories.header(filled.patient_id))
    with pytest.raises(DatabaseFault, match="follows the one before it"):
        filled.keep(keeping.reading(factories.reading(3, id=filled.reading_id, revision=3)), other)
    with pytest.raises(AlreadyKept):
        filled.keep(keeping.reading(factories.reading(3, id=filled.reading_id, revision=1)), other)
    with pytest.raises(DatabaseFault, match="follows the one before it"):
        filled.keep(keeping.reading(factories.reading(3, id=filled.reading_id, revision=5)))


def test_a_second_void_and_a_second_acknowledgement_are_refused(filled):
    for again in (
        keeping.void(Kind.EVENT_VOID, Void(filled.voided_event_id, "again")),
        keeping.acknowledgement(filled.notice_id, None),
    ):
        with pytest.raises(AlreadyKept):
            filled.keep(again)


def test_an_assessment_holds_what_changed_and_comes_back_whole(filled):
    no_longer = {**SAID["findings"], "fresh": {"criterion": "fresh", "outcome": "not-met"}}
    fresh = change(SAID, {**SAID, "findings": no_longer})
    grown = change(SAID, {**SAID, "baseline": {"vitals": {"spo2": {}}}})
    filled.keep(assessment(filled.session_id, 2, changed=fresh, status="not-met", change=None))
    filled.keep(assessment(filled.session_id, 3, changed=grown, status="not-met", change=None))
    first, second, third = filled.read(sessions.load, filled.session_id).assessments
    assert [kept.number for kept in (first, second, third)] == [1, 2, 3]
    assert set(first.outcomes.values()) == {"met"}
    assert [name for name, outcome in second.outcomes.items() if outcome != "met"] == ["fresh"]
    assert list(second.outcomes) == list(third.outcomes) == [criterion.value for criterion in Criterion]
    assert third.outcomes == second.outcomes
    assert (second.baseline, third.baseline) == ({"vitals": {}}, {"vitals": {"spo2": {}}})


# --- people ----------------------------------------------------------------------------------------------------------


def test_a_username_is_one_person_s_in_the_whole_installation(filled):
    other = Clinic(uuid4(), "Hillside")
    filled.write(clinics.add, other)

    def add(work, staff_id, username):
        staff.keep(work, staff_id, Staff(username, "Ann", Role.NURSE), 1)

    ann = uuid4()
    filled.database.write_now(add, filled.actor, NOW, ann, "Ann")
    with pytest.raises(AlreadyKept):
        filled.database.write_now(add, service_actor(other.id), NOW, uuid4(), "ann")
    found = filled.database.read_now(credentials.by_username, EVERY_CLINIC, NOW, "ANN")
    assert (found.clinic_id, found.staff_id, found.staff.username) == (filled.clinic.id, ann, "Ann")
    assert filled.read(staff.username_taken, "aNN") == ann
    assert filled.read(staff.username_taken, "nobody") is None
    filled.write(staff.keep, ann, Staff("Anna", "Anna", Role.CLINICIAN, active=False), 2)
    assert filled.database.read_now(credentials.by_username, EVERY_CLINIC, NOW, "ann") is None
    assert filled.read(credentials.by_username, "anna").staff == Staff("Anna", "Anna", Role.CLINICIAN, active=False)
    assert [kept.value.username for kept in filled.read(staff.history, ann, None, 9)] == ["Ann", "Anna"]


def test_a_password_s_hash_is_set_and_shown_nowhere_else(filled):
    filled.write(credentials.change_password, filled.staff_id, "another hash")
    assert filled.read(credentials.find, filled.staff_id).password_hash == "another hash"
    assert "hash" not in str(filled.read(staff.history, filled.staff_id, None, 9))


def test_a_sign_in_is_found_by_its_token_s_hash_used_and_ended(filled):
    token_hash = f"hash-{filled.sign_in_id}"
    found = filled.database.read_now(sign_ins.find, EVERY_CLINIC, NOW, token_hash)
    assert found.sign_in.id == filled.sign_in_id
    assert found.sign_in.ended_at is None
    assert found.staff.role is Role.LEAD
    assert found.clinic == filled.clinic
    later = NOW + timedelta(minutes=5)
    filled.write(sign_ins.touch, filled.sign_in_id, later)
    filled.write(sign_ins.end, filled.sign_in_id, later)
    filled.write(sign_ins.end, filled.sign_in_id, later + timedelta(minutes=5))
    found = filled.database.read_now(sign_ins.find, EVERY_CLINIC, NOW, token_hash)
    assert (found.sign_in.last_used_at, found.sign_in.ended_at) == (later, later)
    assert filled.database.read_now(sign_ins.find, EVERY_CLINIC, NOW, "unknown") is None


def test_an_installation_becomes_a_demo_only_before_its_first_clinic(database):
    before = database.read_now(clinics.installation, EVERY_CLINIC, NOW)
    assert before.demo is False
    database.write_now(clinics.mark_demo, EVERY_CLINIC, NOW)
    after = database.read_now(clinics.installation, EVERY_CLINIC, NOW)
    assert (after.demo, after.epoch, after.created_at) == (True, before.epoch, before.created_at)


def test_a_real_installation_never_becomes_a_demo(filled):
    with pytest.raises(DemoIsSettled):
        filled.database.write_now(clinics.mark_demo, EVERY_CLINIC, NOW)


# --- how values are kept ---------------------------------------------------------------------------------------------


INSTANTS = [
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2026, 3, 8, 6, 59, 59, 999_999, tzinfo=UTC),
    datetime(1900, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
    datetime(2199, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime.fromisoformat("2026-03-08T01:30:00-05:00"),
]


def test_an_instant_comes_back_to_the_microsecond_in_utc(filled):
    for version, instant in enumerate(INSTANTS, 1):
        filled.write(sessions.write_line, filled.session_id, version, line(due_at=instant))
        locked = filled.write(sessions.lock, filled.session_id)
        assert locked.line.due_at == instant
        assert locked.line.due_at.utcoffset() == timedelta(0)


def test_a_naive_instant_is_refused(filled):
    with pytest.raises(Exception, match="offset"):
        filled.write(sessions.write_line, filled.session_id, 1, line(due_at=datetime(2026, 3, 8)))  # noqa: DTZ001


TEXTS = ["Ω ≠ ∞", "🩺", "line\nbreak\ttab", "quote ' \" \\", "\u0000", "𐀀\ufffd"]


def test_any_text_comes_back_as_it_was(filled):
    for text in TEXTS:
        filled.keep(keeping.reading(factories.reading(9, id=uuid4(), note=text)))
        assert filled.read(sessions.load, filled.session_id).readings[-1].current.value.note == text


def test_many_at_once_are_all_kept(filled):
    ids = [uuid4() for _ in range(60)]

    def keep(work, reading_id: UUID):
        work.keep(keeping.reading(factories.reading(3, id=reading_id)), filled.session_id)

    async def many():
        await asyncio.gather(
            *(filled.database.write(keep, filled.actor, factories.asked(NOW), reading_id) for reading_id in ids)
        )

    asyncio.run(many())
    record = filled.read(sessions.load, filled.session_id)
    assert {history.current.value.id for history in record.readings} == {*ids, filled.reading_id}
