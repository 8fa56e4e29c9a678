"""Names on the screens: found as every list shows them, and one name alone is a name."""

import pytest
from playwright.sync_api import expect

from tests.browser.chairs import Chair
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet


@pytest.fixture
def engine_name() -> str:
    """What the screens form of a name is the same on both."""
    return "sqlite"


def test_a_patient_is_found_as_every_list_shows_them(tablet: Tablet, clinic: Clinic):
    Chair(clinic, "Haverkamp", "Ines", "1984-03-11", "R-2231").known()
    Chair(clinic, "O\u2019Brien", "Łukasz", "1979-05-02", "R-9917").known()
    tablet.open()
    tablet.sign_in(clinic.nurse)
    tablet.tap(tablet.link("Patients and new session"))
    found = tablet.page.locator("ul.cards > li")
    for text, shown in (("HAVERKAMP, Ines", "HAVERKAMP, Ines"), ("lukasz o'brien", "O\u2019BRIEN, Łukasz")):
        tablet.fill("Name or record number", text)
        expect(found).to_have_count(1)
        expect(found).to_contain_text(shown)


def test_one_name_is_added_and_stands_alone_on_every_screen(tablet: Tablet, clinic: Clinic):
    tablet.open()
    tablet.sign_in(clinic.nurse)
    tablet.tap(tablet.link("Patients and new session"))
    tablet.tap(tablet.button("Add a patient"))
    tablet.fill("Birth date", "1980-05-06")
    tablet.fill("Record number", "R-5511")
    tablet.tap(tablet.button("Add the patient"))
    expect(tablet.page.get_by_role("alert")).to_contain_text("A name (family, given or both)")
    tablet.fill("Given name", "Sukarno")
    tablet.tap(tablet.button("Add Sukarno"))
    card = tablet.page.locator(".card", has_text="R-5511")
    expect(card.locator("b")).to_have_text("SUKARNO")
    tablet.fill("Type the patient's birth year", "1980")
    tablet.tap(tablet.page.get_by_role("radio").first)
    tablet.fill("Chair", "3")
    tablet.tap(tablet.button("Check in Sukarno, as Ada Nurse"))
    expect(tablet.page.locator("header .patient h1")).to_have_text("SUKARNO")
    tablet.all_in_the_record()
    tablet.state("location.hash = '#/board'")
    chair = tablet.page.get_by_role("listitem").filter(has_text="R-5511")
    expect(chair.locator(".chair-name b")).to_have_text("SUKARNO")
    expect(tablet.link("New set for Sukarno")).to_be_visible()
    expect(tablet.page.get_by_text("SUKARNO,")).to_have_count(0)


def test_two_who_differ_by_two_letters_that_changed_places_warn_of_each_other(tablet: Tablet, clinic: Clinic):
    Chair(clinic, "Smithson", "Eva", "1984-03-11", "R-2231").known().checked_in("3")
    Chair(clinic, "Simthson", "Eva", "1951-07-30", "R-9917").known().checked_in("4")
    tablet.open()
    tablet.sign_in(clinic.nurse)
    cards = tablet.page.get_by_role("listitem")
    expect(cards.filter(has_text="R-2231")).to_contain_text("look-alike: chair 4 (Simthson, Eva)")
    expect(cards.filter(has_text="R-9917")).to_contain_text("look-alike: chair 3 (Smithson, Eva)")
