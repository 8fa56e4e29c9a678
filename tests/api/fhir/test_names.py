"""Searches by the beginning of a name, page by page in the order of the index of names: each once, nobody missed."""

import pytest

from app.api.cursors import write_cursor
from app.db.work import NIL
from app.exchange.sealed import looks_sealed
from tests.api.clinic import another_clinic
from tests.api.fhir.asking import bundle, everything, link, pages, resources

PEOPLE = (
    ("Sandovar", "Ana"),
    ("Sandovar Sandreza", "Bea"),  # found under two words of one name
    ("de la Sandoz", "Sandor"),  # and under both names
    ("Sand", "Eva"),
    ("SÁNDOR", "Ida"),
    ("Sandovar", "Olga"),  # the same key as another
    ("Sandovar", "Pia"),
    ("Zander", "Uma"),
)


@pytest.fixture(scope="module")
def people(clinic):
    """Their ids, in a clinic of their own."""
    own = another_clinic(clinic.service)
    found = {
        own.add_patient(family_name=family, given_name=given, record_number=f"N-{number}"): (family, given)
        for number, (family, given) in enumerate(PEOPLE)
    }
    return own, found


def names(found):
    return sorted((one["name"][0]["family"], one["name"][0]["given"][0]) for one in found)


ASKED = {
    "family=sand": PEOPLE[:7],
    "name=sand": PEOPLE[:7],
    "name=sand,zan": PEOPLE,
    "family=sandovar": (PEOPLE[0], PEOPLE[1], PEOPLE[5], PEOPLE[6]),
    "family=sandr": (PEOPLE[1],),
    "family=sand,sandovar": PEOPLE[:7],
    "given=sand": (PEOPLE[2],),
    "family=sand&given=sand": (PEOPLE[2],),
    "family=sand&given=o,p": (PEOPLE[5], PEOPLE[6]),
    "family=sand&birthdate=lt1800": (),
    "family=sand&_lastUpdated=gt2031-01-01": (),
    "family=sand&_lastUpdated=gt2000-01-01": PEOPLE[:7],
    "family=sandz": (),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_each_is_told_once_whatever_the_page(people, asked, count):
    own, _ = people
    assert names(everything(own.lead, f"Patient?{asked}&_count={count}")) == sorted(ASKED[asked])


@pytest.mark.parametrize("asked", ASKED)
def test_the_same_is_counted(people, asked):
    own, _ = people
    assert bundle(own.lead, f"Patient?{asked}&_total=accurate&_count=1")["total"] == len(ASKED[asked])


def test_entries_read_in_parts_of_one_come_to_the_same(people, monkeypatch):
    own, _ = people
    monkeypatch.setattr("app.db.search.IN_TURN", 1)
    for asked, expected in ASKED.items():
        assert names(everything(own.lead, f"Patient?{asked}&_count=2")) == sorted(expected), asked


def test_control_without_looking_for_earlier_keys_somebody_is_told_twice(people, monkeypatch):
    own, _ = people
    monkeypatch.setattr("app.db.name_search._lies_in", lambda _key, _within: False)
    found = names(everything(own.lead, "Patient?name=sand&_count=2"))
    assert len(found) > len(set(found)) == 7


def test_a_page_goes_on_behind_its_place_whoever_is_added_meanwhile(people):
    own, _ = people
    seen = []
    for number, page in enumerate(pages(own.lead, "Patient?family=sandovar&_count=1")):
        seen += resources(page)
        if number == 1:
            added = own.add_patient(family_name="Sandova", given_name="Before", record_number="N-before")
    assert names(seen) == sorted(ASKED["family=sandovar"])
    assert added not in {one["id"] for one in seen}, "before the place, and no one of this name"


def test_nobodys_name_stands_in_the_address_of_the_next_page(people):
    """The place of a page is the key of whoever stands last on it: the whole name."""
    own, _ = people
    for asked in ("family=sand", "name=sand&_lastUpdated=gt2000-01-01"):
        following = [link(page, "next") for page in pages(own.lead, f"Patient?{asked}&_count=2")]
        assert len(following) > 2
        assert all(looks_sealed(address.removeprefix("Patient?_page=")) for address in following if address)


def test_a_place_that_no_page_gave_is_no_mistake_of_ours(people):
    own, _ = people
    place = write_cursor(("patients", f"x{NIL}", "", ""))
    assert names(resources(bundle(own.lead, f"Patient?given=sand&_page={place}"))) == [PEOPLE[2]]
