"""What was opened with a reason waits for the lead on a screen of its own, until they have looked at it."""

from uuid import UUID, uuid4

import pytest
from playwright.sync_api import expect

from app.commands.running import operator
from app.services import break_glass
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_accessibility import violations
from tests.browser.test_accounts import picture
from tests.browser.ward import check_in, sign_in

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # what a screen says


def test_the_lead_looks_at_what_was_opened(tablet: Tablet, clinic: Clinic, axe: str) -> None:
    chair, database = check_in(clinic, "Rivera"), clinic.app.state.frame.database
    [home] = {UUID(clinic.ask(clinic.lead, "GET", "/v1/account")["clinic"]["id"])}
    for reason in ("a complaint, 12/26", "the insurer asked"):
        arguments = (uuid4(), UUID(chair.session_id), reason)
        database.write_now(break_glass.open_at_console, operator(home), clinic.clock.now(), *arguments)
    tablet.open("/#/setup")
    sign_in(tablet, clinic.lead)
    tablet.tap(tablet.page.get_by_role("link", name="Opened with a reason"))
    waiting = tablet.page.locator("section", has_text="Nobody has looked at these")
    done = tablet.page.locator("section", has=tablet.page.get_by_role("heading", name="Looked at"))
    expect(waiting.get_by_text("a complaint, 12/26")).to_be_visible()
    expect(waiting.get_by_text("Rivera, Maria")).to_have_count(2)
    expect(done.get_by_text("None yet.")).to_be_visible()
    for theme in ("light", "dark"):
        tablet.page.emulate_media(color_scheme=theme)
        assert violations(tablet.page, axe) == []
        picture(tablet, f"opened-{theme}")
    one = waiting.locator("li", has_text="a complaint, 12/26")
    tablet.tap(one.get_by_role("button", name="I have looked at it"))
    expect(one.get_by_text("Type what you found, so that it can be read later.")).to_be_visible()
    one.get_by_label("What you think of it").fill("asked for by our lawyer; in order")
    tablet.tap(one.get_by_role("button", name="I have looked at it"))
    expect(done.get_by_text("asked for by our lawyer; in order")).to_be_visible()
    expect(waiting.get_by_text("a complaint, 12/26")).to_have_count(0)
    expect(waiting.get_by_text("the insurer asked")).to_be_visible()
    picture(tablet, "opened-one-looked-at")
