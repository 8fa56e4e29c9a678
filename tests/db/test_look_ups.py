"""Searching patients, and the lists of sessions: what is found, in which order, page by page."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.db import patients, sessions
from app.db.work import EVERY_CLINIC
from app.domain.lookalikes import alike_because, likeness
from tests import factories
from tests.db.filled import NOW, add_session, fill, line


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
    for family, given_name, born, number in PEOPLE:
        person = factories.patient(family_name=family, given_name=given_name, birth_date=born, record_number=number)
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
    ("muller, zoe", ["A-100"]),
    ("A_1%", ["A-101", "A-100", "A_1%"]),
    ("%", []),
    ("_", []),
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


def test_candidates_are_those_who_share_what_look_alikes_share(people):
    numbers = {this: kept.value.record_number for this, kept in people.read(patients.search, None, None, None, 50)[0]}

    def near(**other):
        one = likeness(factories.patient(**other))
        return {numbers[found.id] for found in people.read(patients.candidates, [one])[one]}

    far = {"family_name": "Xu", "given_name": "Li", "birth_date": date(2000, 2, 20), "record_number": "Z"}
    assert near(**far) == set()
    assert near(**far | {"birth_date": date(1980, 5, 4)}) == {"A-100"}
    swapped = {"family_name": "Ma", "given_name": "Al", "birth_date": date(1980, 5, 4)}
    assert near(**far | swapped) == {"A-100", "B-7"}  # the same, and day and month swapped with the same initials
    assert near(**far | {"family_name": "Mullxx"}) == set()
    assert near(**far | {"family_name": "Mullen"}) == {"A-100", "A-101"}
    assert near(**far | {"family_name": "Umller"}) == {"A-100", "A-101"}
    assert near(**far | {"record_number": "a-109"}) == {"A-100", "A-101"}
    assert near(**far | {"family_name": "José", "given_name": "o'brien"}) == {"A_1%"}


def test_a_revised_patient_is_a_candidate_by_the_new_names_only(people):
    [(patient_id, kept)], _ = people.read(patients.search, "zoe", None, None, 5)
    renamed = replace(kept.value, family_name="Weiss", record_number="Q", birth_date=date(2001, 1, 1))
    people.write(patients.keep, patient_id, renamed, 2)
    before, after = likeness(kept.value), likeness(renamed)
    found = people.read(patients.candidates, [before, after])
    assert patient_id not in {one.id for one in found[before]}
    assert [(one.id, one.revision, one.likeness) for one in found[after]] == [(patient_id, 2, after)]


def test_candidates_are_asked_in_parts_and_none_is_lost(people, monkeypatch):
    asked = {likeness(kept.value) for _, kept in people.read(patients.search, None, None, None, 50)[0]}
    whole = people.read(patients.candidates, asked)
    monkeypatch.setattr(patients, "AT_ONCE", 7)
    assert people.read(patients.candidates, asked) == whole
    assert all(found for found in whole.values())


# --- never narrower than the rule ------------------------------------------------------------------------------------

LETTERS = "abř'-"
NAMES = st.text(LETTERS, max_size=5) | st.sampled_from(["", "Smithson", "Simthson", "Łukasz", "lukas"])
LONG = st.text("ab", min_size=22, max_size=28)
BORN = st.builds(date, st.sampled_from([1980, 1981]), st.integers(1, 12), st.integers(1, 12))


@st.composite
def slipped(draw, text):
    """The text with one letter added, left out or mistyped, or two that changed places; or as it was."""
    place = draw(st.integers(0, max(len(text) - 1, 0)))
    letter = draw(st.sampled_from("abz"))
    return draw(
        st.sampled_from(
            [
                text,
                text[:place] + letter + text[place:],
                text[:place] + text[place + 1 :],
                text[:place] + letter + text[place + 1 :],
                text[:place] + text[place + 1 : place + 2] + text[place : place + 1] + text[place + 2 :],
            ]
        )
    )


@st.composite
def pairs(draw):
    """Two patients: of their names, dates and numbers some are alike."""
    family, given_name, number = draw(NAMES | LONG), draw(NAMES | LONG), draw(NAMES | LONG)
    one = factories.patient(family_name=family, given_name=given_name, record_number=number, birth_date=draw(BORN))
    names = draw(slipped(family) | NAMES), draw(slipped(given_name) | NAMES)
    if draw(st.booleans()) and draw(st.booleans()):
        names = names[::-1]
    other = factories.patient(
        family_name=names[0],
        given_name=names[1],
        record_number=draw(slipped(number) | NAMES),
        birth_date=draw(st.just(one.birth_date) | BORN),
    )
    return one, other


def found_beside(filled, pair):
    """Whether the second is a candidate for the first, looked for in the database; nothing stays kept."""
    one, other = pair
    this = uuid4()

    def verb(work):
        patients.keep(work, this, other, 1)
        found = patients.candidates(work, [likeness(one)])[likeness(one)]
        assert all(candidate.likeness == likeness(other) for candidate in found if candidate.id == this)
        raise Undone(this in {candidate.id for candidate in found})

    with pytest.raises(Undone) as undone:
        filled.write(verb)
    return undone.value.found


class Undone(Exception):
    def __init__(self, found):
        self.found = found


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pair=pairs())
def test_whoever_the_rule_marks_is_a_candidate(filled, pair):
    assume(alike_because(*pair))
    assert found_beside(filled, pair)


def test_control_a_key_less_and_somebody_is_missed(filled, monkeypatch):
    pair = (
        factories.patient(family_name="Smithson"),
        factories.patient(family_name="Simthson", birth_date=date(1950, 1, 1), record_number="Q"),
    )
    assert alike_because(*pair)
    assert found_beside(filled, pair)
    monkeypatch.setattr("app.domain.lookalikes.slip_keys", lambda word: frozenset({word[:3]}))
    assert not found_beside(filled, pair)


# --- lists of sessions -----------------------------------------------------------------------------------------------


def put(filled, state="planned", active=False, **other):
    patient_id, session_id = uuid4(), uuid4()
    filled.write(patients.keep, patient_id, factories.patient(), 1)
    filled.write(add_session, session_id, factories.header(patient_id))
    if state != "planned":
        filled.write(sessions.write_line, session_id, 0, line(state=state, active=active, **other))
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


def test_a_line_of_the_board_carries_the_session_s_line(filled):
    [row], _ = filled.read(sessions.board, "active", None, 10)
    assert row.line == line(course_id=filled.course_id)
    assert row.patient_id == filled.patient_id
    assert row.version == 1


def test_due_sessions_are_those_whose_time_has_come_in_any_clinic(filled):
    twin = fill(filled.database)
    soon, later = NOW + timedelta(minutes=5), NOW + timedelta(hours=5)
    first = put(filled, "recovering", active=True, next_change_at=soon)
    put(filled, "recovering", active=True, next_change_at=later)
    put(filled, "recovering", active=True, next_change_at=None)

    def due(until, limit=10):
        return filled.database.read_now(sessions.due_for_change, EVERY_CLINIC, NOW, until, limit)

    assert due(soon - timedelta(microseconds=1)) == []
    assert [(found.clinic_id, found.id, found.at) for found in due(soon)] == [(filled.clinic.id, first, soon)]
    assert {found.clinic_id for found in due(NOW + timedelta(hours=1))} == {filled.clinic.id, twin.clinic.id}
    assert len(due(later, limit=2)) == 2
