"""Searching patients, and the lists of sessions: what is found, in which order, page by page."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from app.db import patients, sessions
from app.db.work import NOBODY
from tests import factories
from tests.db.filled import NOW, derived, fill


@pytest.fixture
def filled(database):
    return fill(database)


PEOPLE = [
    ("Müller", "Zoë", date(1980, 5, 4), "A-100"),
    ("MULLER", "Anna", date(1981, 1, 2), "A-101"),
    ("Müllerová", "Anna Marie", date(1980, 4, 5), "B-7"),
    ("O'Brien", "José", date(1975, 12, 31), "A_1%"),
    ("Ståhl", "Åsa", date(1990, 1, 1), "C-1"),
]


@pytest.fixture
def people(filled):
    for family, given, born, number in PEOPLE:
        person = factories.patient(family_name=family, given_name=given, birth_date=born, record_number=number)
        filled.write(patients.keep, uuid4(), person, 1)
    return filled


def found(people, text=None, born=None, limit=50):
    rows, after = people.read(patients.search, text, born, None, limit)
    assert after is None
    return [kept.value.record_number for _, kept in rows]


SEARCHES = [
    ("muller", ["A-101", "A-100", "B-7"]),
    ("MÜLLER", ["A-101", "A-100", "B-7"]),
    ("mul ann", ["A-101", "B-7"]),
    ("zoe", ["A-100"]),
    ("jose o'brien", ["A_1%"]),
    ("stahl", ["C-1"]),
    ("b-7", ["B-7"]),
    ("%", ["A_1%"]),
    ("_", ["A_1%"]),
    ("nobody", []),
]


def test_a_search_ignores_case_and_accents_and_takes_every_character_as_itself(people):
    for text, numbers in SEARCHES:
        assert found(people, text) == numbers, text


def test_a_search_by_birth_date(people):
    assert found(people, born=date(1980, 5, 4)) == ["A-100"]
    assert found(people, "muller", date(1980, 4, 5)) == ["B-7"]


def test_a_search_goes_on_where_the_page_ended(people):
    whole, _ = people.read(patients.search, None, None, None, 50)
    pages, after = [], None
    while True:
        some, after = people.read(patients.search, None, None, after, 2)
        assert len(some) <= 2
        pages += some
        if after is None:
            break
    assert pages == whole
    assert len(whole) == len(PEOPLE) + 1


def test_a_revised_patient_is_found_by_the_new_name_only(people):
    [(patient_id, kept)], _ = people.read(patients.search, "zoe", None, None, 5)
    renamed = factories.patient(family_name="Weiss", given_name="Zoë", record_number="A-100")
    people.write(patients.keep, patient_id, renamed, kept.revision + 1)
    assert found(people, "muller zoe") == []
    assert found(people, "weiss") == ["A-100"]
    assert [k.value.family_name for k in people.read(patients.history, patient_id)] == ["Müller", "Weiss"]


def test_near_offers_whoever_could_be_mistaken(people):
    def near(**other):
        return {kept.value.record_number for _, kept in people.read(patients.near, factories.patient(**other))}

    far = {"family_name": "Xu", "given_name": "Li", "birth_date": date(2000, 2, 20), "record_number": "Z"}
    assert near(**far) == set()
    assert near(**far | {"birth_date": date(1980, 5, 4)}) == {"A-100", "B-7"}  # the same, and day and month swapped
    assert near(**far | {"family_name": "Muelle"}) == set()
    assert near(**far | {"family_name": "Mullen"}) == {"A-100", "A-101", "B-7"}
    assert near(**far | {"record_number": "a-109"}) == {"A-100", "A-101"}
    assert near(**far | {"given_name": "o'brien"}) == {"A_1%"}


# --- lists of sessions -----------------------------------------------------------------------------------------------


def put(filled, state="planned", active=False, **other):
    patient_id, session_id = uuid4(), uuid4()
    filled.write(patients.keep, patient_id, factories.patient(), 1)
    filled.write(sessions.keep_header, session_id, factories.header(patient_id), 1)
    if state != "planned":
        filled.write(sessions.set_derived, session_id, 0, derived(state=state, active=active, **other))
    return session_id


def test_each_session_is_on_exactly_one_list(filled):
    ids = {
        "planned": {put(filled), put(filled)},
        "active": {filled.session_id, put(filled, "infusing", active=True)},
        "closed": {put(filled, "cancelled"), put(filled, "discharged")},
    }
    for listing, expected in ids.items():
        rows, after = filled.read(sessions.board, listing, None, 10)
        assert {row.id for row in rows} == expected
        assert after is None


@pytest.mark.parametrize("listing", ["planned", "closed"])
def test_a_list_goes_on_where_the_page_ended(filled, listing):
    for _ in range(5):
        put(filled, "planned" if listing == "planned" else "cancelled")
    whole = [row.id for row in filled.read(sessions.board, listing, None, 10)[0]]
    pages, after = [], None
    while True:
        rows, after = filled.read(sessions.board, listing, after, 2)
        pages += [row.id for row in rows]
        if after is None:
            break
    assert pages == whole == sorted(whole, reverse=listing == "closed")
    assert len(whole) == 5


def test_a_line_of_the_board_carries_what_was_derived(filled):
    [row], _ = filled.read(sessions.board, "active", None, 10)
    assert row.derived == derived()
    assert row.patient_id == filled.patient_id
    assert row.version == 1


def test_due_sessions_are_those_whose_time_has_come_in_any_clinic(filled):
    twin = fill(filled.database)
    soon, later = NOW + timedelta(minutes=5), NOW + timedelta(hours=5)
    first = put(filled, "recovering", active=True, next_change_at=soon)
    put(filled, "recovering", active=True, next_change_at=later)
    put(filled, "recovering", active=True, next_change_at=None)

    def due(until, limit=10):
        return filled.database.read_now(sessions.due_for_change, NOBODY, NOW, until, limit)

    assert due(soon - timedelta(microseconds=1)) == []
    assert [(found.clinic_id, found.id, found.at) for found in due(soon)] == [(filled.clinic.id, first, soon)]
    assert {found.clinic_id for found in due(NOW + timedelta(hours=1))} == {filled.clinic.id, twin.clinic.id}
    assert len(due(later, limit=2)) == 2
