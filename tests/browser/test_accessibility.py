"""axe on every screen, state and theme; the keyboard alone; no control too small for a gloved thumb."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chairs import Chair, ward
from tests.browser.clinic import PASSWORD, Account, Clinic
from tests.browser.tablet import Tablet
from tests.browser.ward import enrol

THEMES: tuple[dict[str, Any], ...] = (
    {"color_scheme": "light"},
    {"color_scheme": "dark"},
    {"color_scheme": "light", "contrast": "more"},
    {"color_scheme": "dark", "contrast": "more"},
)
SIZES = (
    {"width": 820, "height": 1180},
    {"width": 1180, "height": 820},
    {"width": 390, "height": 844},
    {"width": 590, "height": 410},
)
"""The last is a landscape tablet at 200 % zoom."""
FOCUSED = """() => {
  const at = document.activeElement;
  if (at === document.body) return "";
  return (at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? at.textContent ?? "").trim();
}"""
SMALL = """() => [...document.querySelectorAll("button, a.button, input, select, textarea, summary.button")]
  .filter((each) => each.checkVisibility({ visibilityProperty: true }) && each.getBoundingClientRect().height > 0)
  .filter((each) => { const box = each.getBoundingClientRect(); return box.height < 47.5 || box.width < 47.5; })
  .map((each) => (each.getAttribute("aria-label") ?? each.textContent ?? each.id).trim())"""


def violations(page: Page, axe: str, *, colors_alone: bool = False) -> list[str]:
    """What axe finds wrong, one line for each kind, with the first element."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(axe)
    asked = {"resultTypes": ["violations"]} | ({"runOnly": ["cat.color"]} if colors_alone else {})
    found = page.evaluate("(asked) => axe.run(document, asked)", asked)
    return [f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:160]}" for each in found["violations"]]


class Looker:
    """Looks at the screen that is shown, in every theme and size, and remembers what was wrong."""

    def __init__(self, page: Page, axe: str) -> None:
        self.page = page
        self.wrong: list[str] = []
        self.looks = 0
        self._axe = axe

    def __call__(self, what: str) -> None:
        for theme in THEMES:
            self.page.emulate_media(contrast=theme.get("contrast", "no-preference"), color_scheme=theme["color_scheme"])
            # a theme changes colours and nothing else: the rest is asked once
            found = violations(self.page, self._axe, colors_alone=theme is not THEMES[0])
            self.wrong += [f"{what} {theme}: {line}" for line in found]
            self.looks += 1
        for size in SIZES:
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wide > 0:
                self.wrong.append(f"{what} {size}: {wide} px wider than the screen")
            self.wrong += [f"{what} {size}: too small: {name}" for name in self.page.evaluate(SMALL)]
        self.page.set_viewport_size(SIZES[0])  # type: ignore[arg-type]


@pytest.fixture
def look(tablet: Tablet, axe: str) -> Iterator[Looker]:
    looker = Looker(tablet.page, axe)
    yield looker
    assert looker.wrong == []
    print(f"\naxe: {looker.looks} looks")


@pytest.fixture
def engine_name() -> str:
    """How a screen looks does not hang on the database behind it."""
    return "sqlite"


def opened(tablet: Tablet, address: str, words: str) -> None:
    tablet.open(f"/#/{address}")
    expect(tablet.page.get_by_text(words).first).to_be_visible()


def test_screens_of_a_nurse(tablet: Tablet, clinic: Clinic, look: Looker):
    chairs = ward(clinic)
    tablet.open()
    expect(tablet.page.get_by_label("Username")).to_be_visible()
    look("sign-in")
    tablet.fill("Username", "nobody")
    tablet.fill("Password", "wrong wrong wrong")
    tablet.tap(tablet.button("Sign in"))
    expect(tablet.page.get_by_role("alert")).to_be_visible()
    look("sign-in refused")
    tablet.sign_in(clinic.nurse)
    expect(tablet.page.get_by_text("Criteria met")).to_be_visible()
    look("board")
    enrol(tablet)
    tablet.fill("Set a PIN for quick unlocking until the end of the shift", "482913")
    tablet.tap(tablet.button("Set PIN"))
    expect(tablet.page.get_by_text("The PIN is set")).to_be_visible()
    opened(tablet, "patients", "RIVERA-LOPEZ")
    look("patients")
    tablet.tap(tablet.button("Add a patient"))
    tablet.tap(tablet.button("Add the patient"))
    expect(tablet.page.get_by_role("alert").first).to_be_visible()
    look("a new patient, incomplete")
    tablet.tap(tablet.button("New session for Chen, Wei"))
    tablet.fill("Type the patient's birth year", "1900")
    tablet.tap(tablet.button(re.compile("^Check in")))
    expect(tablet.page.get_by_role("alert").first).to_be_visible()
    look("new session, wrong birth year")
    opened(tablet, f"start/{chairs.new.id}", "Screening")
    look("start")
    for name in ("met", "alike", "concern", "new"):
        opened(tablet, f"session/{getattr(chairs, name).id}", "Discharge criteria")
        look(f"session, {name}")
    opened(tablet, f"entry/{chairs.alike.id}", "Measured at")
    look("entry")
    tablet.type_digits("30")
    tablet.tap(tablet.button("Next"))
    tablet.tap(tablet.button(re.compile("^Save set for")))
    look("entry with faults")
    tablet.tap(tablet.button("Symptoms not measured"))
    look("entry, why not measured")
    opened(tablet, f"event/{chairs.concern.id}", "What was given or done?")
    look("event")
    opened(tablet, f"event/{chairs.concern.id}/medication-given", "Medication")
    look("event form")
    opened(tablet, "outbox", "Everything typed here is in the record")
    look("outbox, empty")
    tablet.tap(tablet.button("Lock"))
    expect(tablet.button("Unlock as Ada Nurse")).to_be_visible()
    look("lock with a PIN")


def test_screens_without_the_service(tablet: Tablet, clinic: Clinic, look: Looker):
    chairs = ward(clinic)
    tablet.open()
    tablet.sign_in(clinic.nurse)
    expect(tablet.page.get_by_text("Criteria met")).to_be_visible()
    opened(tablet, f"session/{chairs.met.id}", "Discharge criteria")
    tablet.context.set_offline(True)
    expect(tablet.page.get_by_text("Unknown: not connected since")).to_be_visible(timeout=40_000)
    look("session, not connected")
    tablet.tap(tablet.link(re.compile("^New set")))
    tablet.type_digits("12480721498")
    for group, choice in (("Awake", "5 awake"), ("Dissociation", "none"), ("Gait", "steady"), ("Orientated", "yes")):
        tablet.tap(tablet.radio(group, choice))
    tablet.tap(tablet.page.locator("[data-field=symptoms]").get_by_role("button", name="none"))
    tablet.tap(tablet.button(re.compile("^Save set for")))
    expect(tablet.link("1 on this tablet")).to_be_visible()
    look("session, unsent")
    tablet.tap(tablet.link("1 on this tablet"))
    look("outbox, unsent")
    tablet.tap(tablet.link("Board"))
    look("board, not connected")
    opened(tablet, f"session/{chairs.new.id}", "This session was not opened on this tablet before")
    look("session, only its line")
    opened(tablet, f"entry/{chairs.new.id}", "Awake: which scale?")
    look("entry, the scale is not known")
    tablet.tap(tablet.radio("Awake: which scale?", "RASS"))
    expect(tablet.radio("Awake", "0 calm")).to_be_visible()
    look("entry, the scale was chosen")
    opened(tablet, f"event/{chairs.new.id}/oxygen-started", "Flow in l/min")
    tablet.fill("Flow in l/min", "2")
    tablet.tap(tablet.button(re.compile("^Save oxygen started")))
    expect(tablet.link("2 on this tablet")).to_be_visible()
    chairs.new.event("cancelled")
    tablet.context.set_offline(False)
    refused = tablet.link("1 refused: look")
    expect(refused).to_be_visible(timeout=40_000)
    tablet.tap(refused)
    tablet.page.get_by_text("Both versions").click()
    look("outbox, refused")


def test_screens_of_a_clinician(tablet: Tablet, clinic: Clinic, look: Looker):
    chairs = ward(clinic)
    tablet.open()
    tablet.sign_in(clinic.clinician)
    opened(tablet, f"session/{chairs.concern.id}", "I have seen all 2")
    look("session with a concern to acknowledge")
    opened(tablet, f"start/{chairs.new.id}", "Clearance")
    look("start, clinician")
    excluded = Chair(clinic, "Haddad", "Lina", "1988-08-08", "R-4411").known().checked_in("9", "pregnancy")
    opened(tablet, f"start/{excluded.id}", "No dose: current pregnancy")
    look("start, an exclusion to override")
    opened(tablet, f"review/{chairs.met.id}", "Your own look at the patient")
    look("review, met")
    for looked in ("Alert", "Steady on their feet", "Speaks clearly"):
        tablet.tap(tablet.page.get_by_role("checkbox", name=looked))
    look("review, decision")
    tablet.tap(tablet.button(re.compile("^Confirm")))
    look("review, signing")
    chairs.met.set(dissociation={"grade": "mild"})
    expect(tablet.page.get_by_role("heading", name="Something has changed while you looked")).to_be_visible()
    look("review, moved on")
    tablet.tap(tablet.button("I have looked again"))
    tablet.tap(tablet.page.get_by_role("checkbox", name="Alert"))
    tablet.tap(tablet.page.get_by_text("Override…"))
    look("review, override")
    tablet.tap(tablet.button("Override these criteria"))
    look("review, signing an override")
    tablet.fill("Reason", "seen at length, and well")
    tablet.fill("Your password", PASSWORD)
    tablet.tap(tablet.button("Sign as Cleo Clinician"))
    expect(tablet.page.get_by_role("heading", name=re.compile("^Overridden by Cleo"))).to_be_visible()
    look("review, signed")
    tablet.tap(tablet.page.get_by_role("checkbox", name="Alert"))
    expect(tablet.button(re.compile("^Take the override back"))).to_be_visible()
    look("review, to be taken back")
    tablet.tap(tablet.radio("Instructions given", "Yes"))
    tablet.tap(tablet.button("Rivera leaves now"))
    expect(tablet.page.locator("header").get_by_text("discharged")).to_be_visible()
    chairs.met.event("addendum", text="what came to light afterwards")
    expect(tablet.button(re.compile("^I have seen this"))).to_be_visible(timeout=60_000)
    look("review, discharged, with a notice")
    opened(tablet, f"session/{chairs.met.id}", "Discharge criteria")
    look("session, discharged, with a notice")


def reach(page: Page, name: str) -> None:
    """Tabs until what has the focus is called so; where the focus went by itself, no tab is needed."""
    for _ in range(80):
        found = page.evaluate(FOCUSED)
        if re.search(name, found):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {name}")


def by_keyboard(page: Page, *names: str) -> None:
    for name in names:
        reach(page, name)
        page.keyboard.press(
            "Space" if page.evaluate("document.activeElement.matches('button, [type=radio]')") else "Enter"
        )


def signed_in_by_keyboard(page: Page, who: Account) -> None:
    expect(page.get_by_label("Username")).to_be_visible()
    for name, text in (("Username", who.username), ("Password", PASSWORD)):
        reach(page, name)
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=re.compile("^New set for"))).to_be_visible()


def test_a_set_by_keyboard_alone(tablet: Tablet, clinic: Clinic, chair: Chair):
    page = tablet.page
    tablet.open()
    signed_in_by_keyboard(page, clinic.nurse)
    by_keyboard(page, "^New set for Rivera")
    expect(page.get_by_text("Measured at")).to_be_visible()
    reach(page, "^Systolic")
    page.keyboard.type("12480721498")
    by_keyboard(page, "5 awake", "^none$", "^steady$", "^yes$", "^none$", "^Save set for Rivera")
    expect(page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
    tablet.all_in_the_record()
    last = chair.read()["readings"][-1]
    assert (last["systolic"], last["diastolic"], last["spo2"]) == (124, 80, 98)
    assert (last["dissociation"]["grade"], last["gait_steady"], last["orientated"], last["symptoms"]) == (
        "none",
        True,
        True,
        [],
    )


def test_a_signature_by_keyboard_alone(tablet: Tablet, clinic: Clinic, chair: Chair):
    page = tablet.page
    tablet.open()
    signed_in_by_keyboard(page, clinic.clinician)
    by_keyboard(page, "^Review Rivera")
    expect(page.get_by_role("heading", name="Your own look at the patient")).to_be_visible()
    by_keyboard(page, "Alert", "Steady on their feet", "Speaks clearly", "^.? ?Confirm")
    reach(page, "Your password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("^Confirmed by Cleo"))).to_be_visible()
    assert chair.read()["confirmations"][0]["decision"] == "confirm"


def test_axe_sees_what_is_wrong(tablet: Tablet, axe: str):
    tablet.open()
    expect(tablet.page.get_by_label("Username")).to_be_visible()
    tablet.page.evaluate("document.querySelectorAll('label').forEach((each) => each.replaceWith(...each.childNodes))")
    assert any(line.startswith("label:") for line in violations(tablet.page, axe))
    tablet.page.evaluate("for (const each of document.querySelectorAll('button')) each.style.color = '#888'")
    assert any(line.startswith("color-contrast:") for line in violations(tablet.page, axe, colors_alone=True))
