"""The screens follow the phase, and hold what they must: the sheet whole, twelve chairs, four on a phone."""

import re
from typing import Any

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.chairs import Chair, maria
from tests.browser.clinic import PASSWORD, Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_accounts import picture
from tests.browser.test_story import QUESTIONS
from tests.browser.ward import check_in, sign_in

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # what a screen shows

LANDSCAPE: ViewportSize = {"width": 1080, "height": 760}
PHONE: ViewportSize = {"width": 390, "height": 844}
WHOLE = """() => {
  const foot = document.querySelector(".foot").getBoundingClientRect().top;
  return [...document.querySelectorAll(".chair")].filter((each) => each.getBoundingClientRect().bottom <= foot).length;
}"""
FOCUS = "document.activeElement.textContent"


def test_before_the_dose_what_is_missing(tablet: Tablet, clinic: Clinic):
    chair = check_in(clinic, "Probe")
    page = tablet.page
    tablet.open()
    sign_in(tablet, clinic.nurse)
    tablet.open(f"/#/session/{chair.session_id}")
    panel = page.get_by_role("region", name="Before the dose")
    expect(panel).to_contain_text("3 things are missing to start")
    for missing in ("Screening is not answered", "No clinician has cleared it", "0 of 2 baseline sets"):
        expect(panel.get_by_role("link", name=missing)).to_be_visible()
    expect(panel).to_contain_text("Weight 72.5 kg")
    # nothing of recovery stands open yet
    expect(page.locator(".finding:visible")).to_have_count(0)
    # the same is said where the dose is typed
    tablet.open(f"/#/event/{chair.session_id}/infusion-started")
    expect(page.get_by_text("0 of 2 baseline sets")).to_be_visible()
    expect(page.get_by_text("The service will refuse this dose: Screening is not answered")).to_be_visible()
    # and on the chair's tile
    tablet.open("/#/board")
    expect(page.locator(".chair", has_text="PROBE")).to_contain_text("To start: Screening is not answered")


def test_in_the_infusion_what_to_watch(tablet: Tablet, clinic: Clinic):
    chair = maria(clinic).checked_in("3")
    chair.set()
    clinic.clock.forward(10)
    chair.set()
    chair.start()
    tablet.open()
    sign_in(tablet, clinic.clinician)
    tablet.open(f"/#/session/{chair.id}")
    panel = tablet.page.get_by_role("region", name="Watch")
    expect(panel).to_contain_text("Next set in 10 min")
    expect(panel).to_contain_text("0 of 40 min planned")
    tablet.pass_by(45)
    expect(panel).to_contain_text("5 min over the plan of 40")
    expect(panel).to_contain_text(re.compile("Set overdue by 3[45] min"))
    expect(tablet.link(re.compile("^New set .*overdue"))).to_be_visible()
    # one button for all concerns, and a note with it
    chair.set(systolic=182, diastolic=112)
    tablet.fill("Note (kept with it, if any)", "looked at, calm")
    tablet.tap(tablet.button("I have seen all 2, Cleo Clinician"))
    expect(tablet.page.get_by_role("region", name="Concerns")).to_have_count(0)
    tablet.all_in_the_record()
    record = chair.read()
    seen = [each for each in record["events"] if each["kind"] == "concern-acknowledged"]
    assert len(seen) == 2
    assert [each["detail"]["text"] for each in record["events"] if each["kind"] == "addendum"] == [
        "Concerns seen: looked at, calm"
    ]


def test_signing_answers_and_says_what_is_next(tablet: Tablet, clinic: Clinic):
    chair = maria(clinic).checked_in("3").recovered()
    page = tablet.page
    tablet.open()
    sign_in(tablet, clinic.clinician)
    expect(page.get_by_text("review needed")).to_be_visible()
    tablet.tap(tablet.link(re.compile("^Review Rivera")))
    for looked in ("Alert", "Steady on their feet", "Speaks clearly"):
        tablet.tap(page.get_by_role("checkbox", name=looked))
    tablet.tap(tablet.button(re.compile("^.? ?Confirm")))
    tablet.fill("Your password", PASSWORD)
    tablet.tap(tablet.button("Sign as Cleo Clinician"))
    banner = page.locator(".signed-banner")
    expect(banner).to_contain_text(re.compile(r"Confirmed by Cleo Clinician at \d\d:\d\d"))
    expect(banner).to_contain_text("may leave")
    tablet.open("/#/board")
    expect(page.get_by_text(re.compile(r"Confirmed by Cleo Clinician at \d\d:\d\d"))).to_be_visible()
    expect(tablet.link(re.compile("^Escort and leaving of Rivera"))).to_be_visible()
    expect(page.get_by_text("review needed")).to_have_count(0)
    picture(tablet, "board-signed")
    tablet.open(f"/#/session/{chair.id}")
    expect(banner).to_contain_text("Confirmed by Cleo Clinician")
    tablet.tap(banner.get_by_role("link", name="Escort and leaving"))
    tablet.tap(tablet.radio("Instructions given", "Yes"))
    tablet.fill("Condition and notes", "well")
    tablet.tap(tablet.button("Rivera leaves now"))
    expect(banner).to_contain_text(re.compile(r"Left at \d\d:\d\d\."))
    expect(banner).to_contain_text("Instructions given. With A friend.")


def test_the_sheet_fits_and_events_are_one_line(tablet: Tablet, clinic: Clinic):
    chair = maria(clinic).checked_in("3").recovered()
    chair.set(symptoms=[{"code": "nausea", "severity": "mild"}], oxygen={"kind": "supplemental", "flow_l_min": 2})
    tablet.page.set_viewport_size(LANDSCAPE)
    tablet.open()
    sign_in(tablet, clinic.nurse)
    tablet.open(f"/#/session/{chair.id}")
    expect(tablet.page.locator("tr.set-row")).to_have_count(5)
    sheet = tablet.page.locator(".sheet-scroll")
    box: Any = sheet.evaluate("(each) => [each.scrollWidth, each.clientWidth]")
    assert box[0] <= box[1]
    heights = tablet.state(
        "[...document.querySelectorAll('tr.event-row')].map((each) => each.getBoundingClientRect().height)"
    )
    assert len(heights) == 3
    assert max(heights) <= 50


def many(clinic: Clinic) -> list[Chair]:
    """Twelve chairs, in an order that is not theirs."""
    found = []
    for place in (7, 2, 11, 1, 12, 5, 3, 9, 4, 10, 6, 8):
        # names far from each other: look-alikes take a line of their own
        name = (
            "Adeyemi",
            "Bauer",
            "Costa",
            "Diaz",
            "Evans",
            "Fischer",
            "Gupta",
            "Horvat",
            "Ivanov",
            "Jansen",
            "Kimura",
            "Novak",
        )[place - 1]
        chair = (
            Chair(clinic, name, "Maria", f"19{50 + place}-0{place % 9 + 1}-1{place % 9}", f"R-{place}")
            .known()
            .checked_in(str(place))
        )
        chair.set()
        found.append(chair)
    return found


def test_twelve_chairs_on_a_tablet_and_four_on_a_phone(tablet: Tablet, clinic: Clinic):
    chairs = many(clinic)
    clinic.clock.forward(10)
    for chair in chairs:
        chair.set()
        chair.start()
    # one frightens, one is late: they stand in the line above, and every chair in its own place
    chairs[4].set(systolic=184, diastolic=112)
    tablet.page.set_viewport_size(LANDSCAPE)
    tablet.open()
    sign_in(tablet, clinic.nurse)
    page = tablet.page
    expect(page.locator(".chair")).to_have_count(12)
    assert page.locator(".chair-number").all_inner_texts() == [str(place) for place in range(1, 13)]
    urgent = page.get_by_role("list", name="Needs a person now")
    expect(urgent.get_by_role("listitem")).to_have_text([re.compile("Chair 12 · NOVAK BP 184/112: look now")])
    expect(page.locator(".chair", has_text="NOVAK")).to_contain_text("none")
    assert tablet.state(WHOLE) == 12
    page.set_viewport_size(PHONE)
    assert tablet.state(WHOLE) >= 4
    # the look can fail
    tablet.state("document.querySelectorAll('.chair').forEach((each) => (each.style.minHeight = '220px'))")
    page.set_viewport_size(LANDSCAPE)
    assert tablet.state(WHOLE) < 12


def test_each_screen_says_which_it_is(tablet: Tablet, clinic: Clinic):
    chair = maria(clinic).checked_in("3")
    page = tablet.page
    tablet.open()
    sign_in(tablet, clinic.nurse)
    expect(page).to_have_title("Board · Infusion Vitals")
    tablet.tap(page.locator(".chair-link"))
    expect(page).to_have_title("Session · chair 3 · Infusion Vitals")
    expect(page.get_by_role("heading", name="RIVERA, Maria")).to_be_focused()
    tablet.tap(tablet.link("Before the dose"))
    expect(page).to_have_title("Before the dose · chair 3 · Infusion Vitals")
    expect(page.get_by_role("heading", name="RIVERA, Maria")).to_be_focused()
    # where a screen sets the focus itself, it stays there
    tablet.open(f"/#/entry/{chair.id}")
    expect(page).to_have_title("New set · chair 3 · Infusion Vitals")
    page.wait_for_timeout(200)
    expect(page.get_by_role("textbox", name="Systolic")).to_be_focused()
    # no name of a patient stands in the tab, and none is left when it is locked
    tablet.lock()
    expect(page).to_have_title("Infusion Vitals")


def test_groups_of_one_choice_walk_by_arrows(tablet: Tablet, clinic: Clinic):
    chair = maria(clinic).checked_in("3")
    page = tablet.page
    tablet.open()
    sign_in(tablet, clinic.nurse)
    tablet.open(f"/#/entry/{chair.id}")
    # the pad has begun, with the focus where the digits go
    expect(page.get_by_role("textbox", name="Systolic")).to_be_focused()
    none = tablet.radio("Dissociation", "none")
    none.focus()
    page.keyboard.press("ArrowRight")
    expect(tablet.radio("Dissociation", "mild")).to_be_checked()
    expect(tablet.radio("Dissociation", "mild")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(none).to_be_checked()
    # throwing it away asks
    tablet.tap(tablet.button("Throw this set away"))
    expect(tablet.radio("Dissociation", "none")).to_be_checked()
    tablet.tap(tablet.button("Keep it"))
    expect(none).to_be_checked()
    tablet.tap(tablet.button("Throw this set away"))
    tablet.tap(tablet.button("Yes, throw it away"))
    expect(none).not_to_be_checked()


def test_screening_asks_so_that_yes_is_trouble(tablet: Tablet, clinic: Clinic):
    chair = check_in(clinic, "Probe")
    page = tablet.page
    tablet.open()
    sign_in(tablet, clinic.nurse)
    tablet.open(f"/#/start/{chair.session_id}")
    expect(page.get_by_role("heading", name="Same-day check")).to_be_visible()
    tablet.tap(tablet.button(re.compile("^Save screening")))
    expect(page.get_by_text("Not answered yet.")).to_have_count(QUESTIONS)
    for place in range(QUESTIONS):
        tablet.tap(
            page.get_by_role("region", name="Screening").get_by_role("radiogroup").nth(place).get_by_role("radio").first
        )
    tablet.tap(tablet.radio("Urine drug screen", "not done"))
    expect(page.get_by_text("stops the dose")).to_have_count(1)
    tablet.tap(tablet.button(re.compile("^Save screening")))
    expect(page.get_by_role("heading", name="No dose: no negative urine drug screen")).to_be_visible()
    tablet.all_in_the_record()
    (session,) = clinic.sessions()
    assert [name for name, present in session["screening"]["answers"].items() if present] == [
        "no-negative-urine-toxicology"
    ]
