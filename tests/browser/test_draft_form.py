"""A lead makes a new version of a protocol in a form, wrongly and rightly, and another lead approves it."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.clinic import PASSWORD, Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_accessibility import SIZES, Looker

PROTOCOL = "iv-infusion-example"


@pytest.fixture
def engine_name() -> str:
    """Every database answers as `tests/api` says."""
    return "sqlite"


def field(tablet: Tablet, table: str, label: str) -> Locator:
    return tablet.page.get_by_role("group", name=table, exact=True).get_by_label(label, exact=True)


def fault(tablet: Tablet, table: str) -> Locator:
    return tablet.page.get_by_role("group", name=table, exact=True).locator(".fault")


def pictures(tablet: Tablet, name: str) -> None:
    """For whoever wants to look: SHOTS names a folder."""
    if folder := os.environ.get("SHOTS"):
        for theme, size in (("light", SIZES[0]), ("dark", SIZES[0]), ("light", SIZES[2])):
            tablet.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            tablet.page.set_viewport_size(size)  # type: ignore[arg-type]
            tablet.page.screenshot(path=Path(folder, f"{name}-{theme}-{size['width']}.png"), full_page=True)
        tablet.page.set_viewport_size(SIZES[0])  # type: ignore[arg-type]


def test_a_lead_changes_a_limit_in_the_form_and_another_approves_it(tablet: Tablet, clinic: Clinic, axe: str) -> None:
    other = clinic._add("Lou Lead", "lead")
    page = tablet.page
    tablet.open(f"/#/setup/{PROTOCOL}:1")
    tablet.sign_in(clinic.lead)
    tablet.tap(tablet.link("Make a new version from this one"))
    wait = field(tablet, "Minutes since dose", "Since the end of the infusion, at least (min)")
    expect(wait).to_have_value("60")
    expect(tablet.button("Save version 2 as a draft")).to_be_disabled()

    # what the reader of numbers sees, at once, with what would be right
    wait.fill("7,5")
    wait.press("Tab")
    expect(fault(tablet, "Minutes since dose")).to_contain_text("is not whole")
    wait.fill("12")
    expect(fault(tablet, "Minutes since dose")).to_contain_text("15 to 240 min")
    tablet.tap(tablet.button("Save version 2 as a draft"))
    expect(wait).to_be_focused()
    expect(page.get_by_text("1 field is at fault.")).to_be_visible()
    wait.fill("75")
    expect(fault(tablet, "Minutes since dose")).to_have_count(0)

    # what only the service can know: other numbers hang on this one
    every = field(tablet, "When a set is due", "After the dose, a set every (min)")
    every.fill("28")
    tablet.tap(tablet.button("Save version 2 as a draft"))
    gap = field(tablet, "Sustained", "A gap longer than this begins anew (min)")
    expect(gap).to_be_focused()
    expect(fault(tablet, "Sustained")).to_contain_text("give a whole number from 31 to 60")
    expect(fault(tablet, "Fresh")).to_contain_text("at most 30")
    look = Looker(page, axe)
    look("the form with faults")
    assert look.wrong == []
    pictures(tablet, "draft-form")

    # no lock and no reload takes what was typed
    tablet.lock()
    page.reload()
    tablet.sign_in(clinic.lead)
    expect(wait).to_have_value("75")
    expect(every).to_have_value("28")
    expect(page.get_by_text("Until now: 60.")).to_be_visible()
    every.fill("15")
    tablet.tap(tablet.button("Save version 2 as a draft"))

    expect(page.get_by_text("New since version 1, which Cleo Clinician approved")).to_be_visible()
    expect(page.get_by_text("At least 75 minutes since the end of the infusion.").first).to_be_visible()
    expect(page.get_by_text("You wrote this version.")).to_be_visible()
    pictures(tablet, "draft-read")
    kept = clinic.ask(clinic.lead, "GET", f"/v1/protocols/{PROTOCOL}/versions/2/changes")
    assert [(one["field"], one["before"], one["after"]) for one in kept["since"]["changes"]] == [
        ("criteria.minutes-since-dose.infusion-end", 60, 75)
    ]
    tablet.lock()
    tablet.sign_in(other)
    tablet.fill("Your password", PASSWORD)
    tablet.tap(tablet.button(f"Approve {PROTOCOL}, version 2, as Lou Lead"))
    expect(page.get_by_text("Approved by Lou Lead on")).to_be_visible()
