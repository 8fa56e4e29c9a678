"""Symptoms on the pad: every name can be read and tapped, on a tablet on its side and upright, and on a phone."""

import re
from typing import Any

import pytest
from playwright.sync_api import ViewportSize, expect

from app.domain.symptoms import ALWAYS_SEVERE, SymptomCode, label
from tests.browser.chairs import Chair, maria
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.ward import sign_in

SCREENS: tuple[ViewportSize, ...] = (
    {"width": 1080, "height": 760},
    {"width": 820, "height": 1180},
    {"width": 390, "height": 844},
)
SMALLEST = 44
"""Pixels of CSS that a gloved finger needs."""

# what a person can see of each: its name in one piece, in front, and buttons in front that a finger meets
READ = """() => [...document.querySelectorAll(".symptom")].map((symptom) => {
  symptom.scrollIntoView({ block: "center" });
  const name = symptom.querySelector(".symptom-name");
  const inFront = (element) => {
    const box = element.getBoundingClientRect();
    const points = [0.1, 0.5, 0.9].map((part) => [box.left + box.width * part, box.top + box.height / 2]);
    return points.every(([x, y]) => {
      const found = document.elementFromPoint(x, y);
      const own = found !== null && found.closest(".symptom") === symptom;
      return own && (element.contains(found) || found.contains(element));
    });
  };
  const text = document.createRange();
  text.selectNodeContents(name);
  const buttons = [...symptom.querySelectorAll("button")];
  const boxes = buttons.map((button) => button.getBoundingClientRect());
  const words = text.getBoundingClientRect();
  return {
    name: symptom.getAttribute("aria-label"),
    read: inFront(name) && boxes.every((box) => words.bottom <= box.top),
    inside: words.left >= 0 && words.right <= innerWidth && name.scrollWidth <= name.clientWidth,
    tapped: buttons.every(inFront),
    smallest: Math.min(...boxes.flatMap((box) => [box.width, box.height])),
    grades: buttons.length,
  };
})"""


@pytest.fixture
def engine_name() -> str:
    """What a screen shows does not hang on the database behind the service."""
    return "sqlite"


@pytest.fixture
def chair(clinic: Clinic) -> Chair:
    return maria(clinic).checked_in("3")


def open_list(tablet: Tablet, chair: Chair) -> None:
    tablet.open()
    sign_in(tablet, tablet.clinic.nurse)
    tablet.open(f"/#/entry/{chair.id}")
    tablet.tap(tablet.page.locator("[data-field=symptoms]").get_by_role("button", name="name one"))
    expect(tablet.page.get_by_role("heading", name="Often")).to_be_visible()


def symptom(tablet: Tablet, name: str) -> Any:
    return tablet.page.get_by_role("group", name=name, exact=True)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: f"{screen['width']}x{screen['height']}")
def test_every_name_can_be_read_and_every_severity_tapped(tablet: Tablet, chair: Chair, screen: ViewportSize):
    tablet.page.set_viewport_size(screen)
    open_list(tablet, chair)
    found = tablet.state(READ)
    assert {each["name"] for each in found} == {label(code) for code in SymptomCode}
    unreadable = [each for each in found if not (each["read"] and each["inside"] and each["tapped"])]
    assert unreadable == []
    assert min(each["smallest"] for each in found) >= SMALLEST
    # what has no mild form offers none
    assert {each["name"] for each in found if each["grades"] == 1} == {label(code) for code in ALWAYS_SEVERE}
    # the look can fail: a name that lies under its buttons is seen
    tablet.state("document.querySelectorAll('.symptom-grades').forEach((each) => (each.style.marginTop = '-40px'))")
    assert [each["name"] for each in tablet.state(READ) if each["read"]] == []


def test_found_by_a_piece_of_its_name_and_kept(tablet: Tablet, clinic: Clinic, chair: Chair):
    open_list(tablet, chair)
    page = tablet.page
    tablet.fill("Find a symptom", "Arrest")
    expect(page.locator(".symptom")).to_have_count(1)
    expect(symptom(tablet, "cardiac arrest").get_by_role("button")).to_have_count(1)
    tablet.fill("Find a symptom", "toothache")
    expect(page.get_by_text("Write it in the note")).to_be_visible()
    # digits in the search are no digits of a vital
    tablet.fill("Find a symptom", "")
    page.get_by_label("Find a symptom").press_sequentially("12")
    expect(page.get_by_role("textbox", name="Systolic")).to_have_value("")
    tablet.fill("Find a symptom", "faint")
    expect(page.get_by_text("Write it in the note")).to_be_visible()
    tablet.fill("Find a symptom", "sync")
    tablet.tap(symptom(tablet, "syncope").get_by_role("button", name="yes (severe)"))
    tablet.fill("Find a symptom", "")
    tablet.tap(symptom(tablet, "nausea").get_by_role("button", name="mild"))
    # another grade takes the place of the first; the same tap takes a name back
    tablet.tap(symptom(tablet, "nausea").get_by_role("button", name="moderate"))
    tablet.tap(symptom(tablet, "rash").get_by_role("button", name="mild"))
    tablet.tap(symptom(tablet, "rash").get_by_role("button", name="mild"))
    tablet.tap(tablet.button("Back to the numbers"))
    tablet.type_digits("12480721498")
    for group, choice in (
        ("Awake", "5 awake"),
        ("Dissociation", "none"),
        ("Gait", "steady"),
        ("Orientated", "yes"),
    ):
        tablet.tap(tablet.radio(group, choice))
    tablet.tap(tablet.button(re.compile("^Save set")))
    expect(page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
    tablet.all_in_the_record()
    (kept,) = chair.read()["readings"]
    assert {(each["code"], each["severity"]) for each in kept["symptoms"]} == {
        ("syncope", "severe"),
        ("nausea", "moderate"),
    }
    # the next set asks about them first
    tablet.open(f"/#/entry/{chair.id}")
    tablet.tap(page.locator("[data-field=symptoms]").get_by_role("button", name="name one"))
    first = page.get_by_role("region", name="Named before").locator(".symptom")
    expect(first).to_have_count(2)
    expect(first.first).to_contain_text("named before: moderate")
