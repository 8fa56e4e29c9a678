"""Two patients who are easily taken for each other, and a hand that slips: blocked, or plainly on the screen."""

import random
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chairs import Chair, maria, marta
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet

SLIPS = 8


@pytest.fixture
def engine_name() -> str:
    """The hand slips before anything reaches a database; the story runs on both."""
    return "sqlite"


@pytest.fixture
def pair(clinic: Clinic) -> tuple[Chair, Chair]:
    return maria(clinic).checked_in("3"), marta(clinic).checked_in("4")


def shown(page: Page) -> str:
    """The patient whom the banner names, by record number."""
    expect(page.locator(".patient")).to_be_visible()
    found = re.search(r"R-\d+", page.locator(".patient").inner_text())
    assert found is not None
    return found[0]


def finish(tablet: Tablet) -> None:
    """All that is not a number, then the save button, whoever it names."""
    tablet.tap(tablet.radio("Awake", "5 awake"))
    tablet.tap(tablet.radio("Dissociation", "none"))
    tablet.tap(tablet.radio("Gait", "steady"))
    tablet.tap(tablet.radio("Orientated", "yes"))
    tablet.tap(tablet.page.locator("[data-field=symptoms]").get_by_role("button", name="none"))
    tablet.tap(tablet.button(re.compile("^Save set for")))
    expect(tablet.page.get_by_role("heading", name="Discharge criteria")).to_be_visible()


def systolics(chair: Chair) -> list[int]:
    return [reading["systolic"] for reading in chair.read()["readings"]]


def field(page: Page, name: str) -> str:
    return page.get_by_label(re.compile(f"^{name}")).input_value()


def signed_in(tablet: Tablet, clinic: Clinic) -> None:
    tablet.open()
    tablet.sign_in(clinic.nurse)
    expect(tablet.link("New set for Rivera, Maria")).to_be_visible()


def test_both_cards_warn_of_each_other(tablet: Tablet, clinic: Clinic, pair: tuple[Chair, Chair]):
    signed_in(tablet, clinic)
    cards = tablet.page.get_by_role("listitem")
    expect(cards.filter(has_text="R-2231")).to_contain_text("look-alike: chair 4 (Rivera-Lopez, Marta)")
    expect(cards.filter(has_text="R-2213")).to_contain_text("look-alike: chair 3 (Rivera, Maria)")
    expect(cards.filter(has_text="R-2231")).to_contain_text("1984-03-11")


def test_the_wrong_card_shows_whose_it_is_before_and_at_saving(
    tablet: Tablet, clinic: Clinic, pair: tuple[Chair, Chair]
):
    signed_in(tablet, clinic)
    tablet.tap(tablet.link("New set for Rivera-Lopez, Marta"))
    banner = tablet.page.locator("header .patient")
    for identifier in ("RIVERA-LOPEZ, Marta", "1984-11-03", "R-2213", "chair 4"):
        expect(banner).to_contain_text(identifier)
    expect(tablet.button("Save set for Rivera-Lopez, as Ada Nurse")).to_be_visible()
    expect(tablet.button(re.compile("^Save set for Rivera,"))).to_have_count(0)
    tablet.page.mouse.wheel(0, 3000)
    expect(banner).to_be_in_viewport()


def test_the_wrong_patient_in_the_search(tablet: Tablet, clinic: Clinic):
    maria(clinic)
    Chair(clinic, "Rivera", "Mario", "1948-03-11", "R-2232").known()
    signed_in_without_chairs(tablet, clinic)
    tablet.tap(tablet.link("Patients and new session"))
    tablet.fill("Name or record number", "Rivera")
    card = tablet.page.get_by_role("listitem").filter(has=tablet.button("New session for Rivera, Mario"))
    expect(card).to_contain_text("Looks like Rivera, Maria, born 1984-03-11, R-2231")
    tablet.tap(tablet.button("New session for Rivera, Mario"))
    expect(tablet.page.get_by_role("main")).to_contain_text("Looks like Rivera, Maria")
    # the patient in the chair says 1984
    tablet.fill("Type the patient's birth year", "1984")
    tablet.tap(tablet.button(re.compile("^Check in Rivera")))
    expect(tablet.page.get_by_role("alert").first).to_contain_text("birth year is not this patient's")
    assert clinic.sessions() == []


def signed_in_without_chairs(tablet: Tablet, clinic: Clinic) -> None:
    tablet.open()
    tablet.sign_in(clinic.nurse)
    expect(tablet.page.get_by_text("No session is under way")).to_be_visible()


def test_a_new_session_by_an_address_of_somebody_else(tablet: Tablet, clinic: Clinic):
    one, other = maria(clinic), marta(clinic)
    signed_in_without_chairs(tablet, clinic)
    tablet.tap(tablet.link("Patients and new session"))
    tablet.tap(tablet.button("New session for Rivera, Maria"))
    expect(tablet.page.get_by_label("Type the patient's birth year")).to_be_visible()
    assert one.patient_id in tablet.page.url
    tablet.state(f"location.hash = '#/new/{other.patient_id}'")
    expect(tablet.page.get_by_text("Choose the patient again from the list")).to_be_visible()
    expect(tablet.button(re.compile("^Check in"))).to_have_count(0)


def test_back_and_forth_between_two_sets(tablet: Tablet, clinic: Clinic, pair: tuple[Chair, Chair]):
    one, other = pair
    signed_in(tablet, clinic)
    tablet.tap(tablet.link("New set for Rivera, Maria"))
    tablet.type_digits("131")
    tablet.page.go_back()
    tablet.tap(tablet.link("New set for Rivera-Lopez, Marta"))
    expect(tablet.button(re.compile("^Save set for Rivera-Lopez"))).to_be_visible()
    assert field(tablet.page, "Systolic") == ""
    tablet.type_digits("14180721498")
    tablet.page.go_back()
    expect(tablet.link("New set for Rivera, Maria")).to_be_visible()
    tablet.page.go_forward()
    expect(tablet.page.locator("header")).to_contain_text("R-2213")
    expect(tablet.page.get_by_label(re.compile("^Systolic"))).to_have_value("141")
    finish(tablet)
    tablet.all_in_the_record()
    assert (systolics(one), systolics(other)) == ([], [141])
    tablet.open(f"/#/entry/{one.id}")
    expect(tablet.page.get_by_label(re.compile("^Systolic"))).to_have_value("131")


def test_two_tabs_with_two_sessions(tablet: Tablet, clinic: Clinic, pair: tuple[Chair, Chair]):
    one, other = pair
    signed_in(tablet, clinic)
    second = Tablet(tablet.context, clinic)
    signed_in(second, clinic)
    tablet.tap(tablet.link("New set for Rivera, Maria"))
    second.tap(second.link("New set for Rivera-Lopez, Marta"))
    for mine, theirs in zip("13280721498", "14280721498", strict=True):
        tablet.type_digits(mine)
        second.type_digits(theirs)
    finish(second)
    finish(tablet)
    tablet.all_in_the_record()
    second.all_in_the_record()
    assert (systolics(one), systolics(other)) == ([132], [142])


def test_the_address_edited_by_hand(tablet: Tablet, clinic: Clinic, pair: tuple[Chair, Chair]):
    one, other = pair
    of_other = other.set()
    signed_in(tablet, clinic)
    tablet.tap(tablet.link("New set for Rivera, Maria"))
    tablet.type_digits("13380721498")
    tablet.state(f"location.hash = '#/entry/{other.id}'")
    expect(tablet.page.locator("header")).to_contain_text("R-2213")
    expect(tablet.button(re.compile("^Save set for Rivera-Lopez"))).to_be_visible()
    assert [field(tablet.page, name) for name in ("Systolic", "Diastolic", "SpO2")] == ["", "", ""]
    # a set of the other patient, to be corrected under this one's name
    tablet.state(f"location.hash = '#/entry/{one.id}/{of_other}'")
    expect(tablet.page.get_by_text("The reading to correct is not on this tablet")).to_be_visible()
    # a session that is nobody's
    tablet.state("location.hash = '#/entry/00000000-0000-4000-8000-000000000000'")
    expect(tablet.page.locator("header")).not_to_contain_text("RIVERA")
    expect(tablet.button(re.compile("^Save"))).to_have_count(0)
    assert (systolics(one), systolics(other)) == ([], [124])


def test_a_tap_that_overtakes_the_address(tablet: Tablet, clinic: Clinic, pair: tuple[Chair, Chair]):
    one, other = pair
    signed_in(tablet, clinic)
    tablet.tap(tablet.link("New set for Rivera, Maria"))
    tablet.type_digits("13480721498")
    for group, choice in (("Awake", "5 awake"), ("Dissociation", "none"), ("Gait", "steady"), ("Orientated", "yes")):
        tablet.tap(tablet.radio(group, choice))
    tablet.tap(tablet.page.locator("[data-field=symptoms]").get_by_role("button", name="none"))
    # the address has changed and the screen has not: what is saved belongs to whom the screen still shows
    tablet.state(
        f"location.hash = '#/entry/{other.id}';"
        "[...document.querySelectorAll('button')].find((each) => each.textContent.startsWith('Save set')).click()"
    )
    expect(tablet.page.get_by_text("all in the record")).to_be_visible()
    tablet.open("/#/board")
    expect(tablet.link("New set for Rivera, Maria")).to_be_visible()
    assert systolics(other) == []
    assert systolics(one) in ([], [134])


def test_a_page_restored(tablet: Tablet, clinic: Clinic, pair: tuple[Chair, Chair]):
    one, other = pair
    signed_in(tablet, clinic)
    tablet.tap(tablet.link("New set for Rivera, Maria"))
    tablet.type_digits("135")
    # no hand leaves a page faster than this after a digit
    tablet.page.wait_for_timeout(500)
    tablet.page.goto("about:blank")
    tablet.page.go_back()
    expect(tablet.page.get_by_text(re.compile("RIVERA|Sign in")).first).to_be_visible()
    if tablet.page.get_by_label("Username").is_visible():
        assert tablet.page.get_by_text("RIVERA").count() == 0
        tablet.sign_in(clinic.nurse)
    assert shown(tablet.page) == "R-2231"
    expect(tablet.page.get_by_label(re.compile("^Systolic"))).to_have_value("135")
    expect(tablet.button(re.compile("^Save set for Rivera, as"))).to_be_visible()
    assert (systolics(one), systolics(other)) == ([], [])


def test_many_slips_by_chance(tablet: Tablet, clinic: Clinic, pair: tuple[Chair, Chair]):
    """Whoever is on the screen when a set is saved gets it, whatever way led there."""
    chance = random.Random(20)
    whose = {chair.record_number: chair for chair in pair}
    expected: dict[str, list[int]] = {number: [] for number in whose}
    signed_in(tablet, clinic)
    for slip in range(SLIPS):
        meant, other = chance.sample(pair, 2)
        tablet.open("/#/board")
        tablet.tap(tablet.link(f"New set for {meant.family_name}, {meant.given_name}"))
        expect(tablet.page.locator("header")).to_contain_text(meant.record_number)
        match chance.choice(("none", "edited", "other card", "back")):
            case "edited":
                tablet.state(f"location.hash = '#/entry/{other.id}'")
                expect(tablet.page.locator("header")).to_contain_text(other.record_number)
            case "other card":
                tablet.open("/#/board")
                tablet.tap(tablet.link(f"New set for {other.family_name}, {other.given_name}"))
                expect(tablet.page.locator("header")).to_contain_text(other.record_number)
            case "back":
                tablet.state(f"location.hash = '#/session/{other.id}'")
                expect(tablet.page.locator("header")).to_contain_text(other.record_number)
                tablet.page.go_back()
                expect(tablet.page.locator("header")).to_contain_text(meant.record_number)
            case _:
                pass
        number = shown(tablet.page)
        tablet.type_digits(f"{110 + slip}80721498")
        finish(tablet)
        expected[number].append(110 + slip)
    tablet.all_in_the_record()
    assert {number: systolics(chair) for number, chair in whose.items()} == expected
