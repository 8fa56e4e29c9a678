"""A wall board: a link that the lead makes, a big screen without names, and its end."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.chairs import Chair, maria, marta
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_accessibility import violations
from tests.browser.test_alerts import FRIGHTENING, infusing
from tests.browser.ward import sign_in

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # what a screen says of the board
BIG: ViewportSize = {"width": 1920, "height": 1080}


def made(tablet: Tablet, clinic: Clinic, name: str = "Corridor", shows: str = "no initials") -> str:
    """The lead makes a link by the screens; the link."""
    tablet.open("/#/clinic/walls")
    sign_in(tablet, clinic.lead)
    tablet.fill("Where it hangs", name)
    tablet.tap(tablet.radio("Beside each chair it shows", shows))
    tablet.tap(tablet.button("Make its link"))
    link: str = tablet.page.locator("output.to-copy").inner_text()
    return link


def chair_on(page: Page, name: str) -> str:
    return page.locator(".wall-chair", has=page.locator(".wall-name b", has_text=re.compile(f"^{name}$"))).inner_text()


def test_a_big_screen_from_its_link_to_its_end(
    new_tablet: Callable[..., Tablet], clinic: Clinic, chair: Chair, axe: str
):
    other = infusing(marta(clinic).checked_in("4"))
    leads, screen = new_tablet(), new_tablet()
    link = made(leads, clinic)
    page = screen.page
    page.set_viewport_size(BIG)
    page.goto(link)
    expect(page.get_by_text("Criteria met, look")).to_be_visible()
    assert "Criteria met" in chair_on(page, "3")
    assert link.partition("=")[2] not in page.url, "the token stands in no address that somebody can read"
    other.set(**FRIGHTENING)
    expect(page.get_by_text("Concern: look now")).to_be_visible(timeout=10_000)
    assert "Concern" in chair_on(page, "4")
    shown = page.content().lower()
    for secret in ("rivera", "maria", "marta", "r-22", "1984", "205", "118"):
        assert secret not in shown, secret
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert violations(page, axe) == []

    # it never locks, and comes back by itself
    page.reload()
    expect(page.get_by_text("Criteria met, look")).to_be_visible()
    # no screen of the clinic's people opens beside it
    screen.open("/#/patients")
    expect(page.get_by_label("Username")).to_be_visible()
    screen.open("/#/wall")
    expect(page.get_by_text("Criteria met, look")).to_be_visible()

    leads.tap(leads.button("End its link: Corridor"))
    leads.tap(leads.button("Yes, end it now: Corridor"))
    expect(page.get_by_text("The link of this wall board has ended.")).to_be_visible(timeout=10_000)
    assert page.locator(".wall-chair").count() == 0
    page.reload()
    expect(page.get_by_text("This screen has no link of a wall board.")).to_be_visible()


def test_what_cannot_be_heard_is_not_known(new_tablet: Callable[..., Tablet], clinic: Clinic):
    chair = maria(clinic).checked_in("3").recovered()
    leads, screen = new_tablet(), new_tablet()
    link = made(leads, clinic, shows="initials")
    page = screen.page
    page.set_viewport_size(BIG)
    page.goto(link)
    expect(page.get_by_text("Criteria met, look")).to_be_visible()
    assert "MR" in chair_on(page, "3")
    # a flag that a worse set has ended is gone at once
    chair.set(systolic=190)
    expect(page.get_by_text("Criteria met, look")).not_to_be_visible(timeout=10_000)
    clinic.stop()
    expect(page.get_by_text(re.compile(r"^Not connected since \d\d:\d\d"))).to_be_visible(timeout=10_000)
    assert chair_on(page, "3").split() == ["3", "MR", "Unknown"]
