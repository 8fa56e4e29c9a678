"""The screens of setting up: whom they are for, what they fetch, by keyboard alone and for every eye."""

import re

from playwright.sync_api import Route, expect

from tests.browser import empty
from tests.browser.clinic import PASSWORD
from tests.browser.empty import LATE, Empty, at_the_lock_screen
from tests.browser.late import answer_late, replaced
from tests.browser.tablet import Tablet
from tests.browser.test_accessibility import Looker, by_keyboard, reach


def test_a_nurse_at_the_address_of_setting_up_is_at_the_board(tablet: Tablet, service: Empty):
    tablet.open(service.link)
    empty.set_up(tablet)
    tablet.tap(tablet.link("Add a colleague"))
    empty.add_colleague(tablet, "Ada Nurse", "Nurse")
    tablet.tap(tablet.button("Lock"))
    empty.sign_in(tablet, "ada")
    expect(tablet.page.get_by_text("No session is under way.")).to_be_visible()
    expect(tablet.link("Protocols and colleagues")).to_have_count(0)


LATE_EFFECTS = """
{
  const frame = window.requestAnimationFrame, wait = window.setTimeout;
  window.requestAnimationFrame = (act) => frame(() => wait(act, 1500));
  window.setTimeout = (act, ms, ...given) => wait(act, ms > 0 && ms <= 100 ? 1500 : ms, ...given);
}
"""
"""An init script: what follows a picture comes late, as on a busy tablet."""


def test_what_is_typed_while_the_zones_arrive_stays(tablet: Tablet, service: Empty):
    asked: list[Route] = []
    tablet.page.add_init_script(LATE_EFFECTS)
    tablet.page.route("**/v1/first-run", lambda route: asked.append(route))  # noqa: PLW0108  # a builtin holds no mark of the driver
    tablet.open(service.link)
    name = tablet.page.get_by_label("Name of the clinic")
    expect(name).to_be_visible()
    asked[0].continue_()
    expect(tablet.button("Go on")).to_be_enabled()
    name.fill("North Clinic")
    expect(tablet.page.get_by_text("Europe/Vienna: it is")).to_be_visible()
    expect(name).to_have_value("North Clinic")


def test_a_nurses_page_does_not_fetch_it(tablet: Tablet, service: Empty):
    """The code of setting up comes when it is first shown, and not before."""
    service.set_up()
    fetched: list[str] = []
    tablet.page.on("response", lambda response: fetched.append(response.url))
    tablet.open(service.url)
    at_the_lock_screen(tablet)
    tablet.page.wait_for_load_state("networkidle")
    assert not [url for url in fetched if "/assets/first-" in url]
    empty.sign_in(tablet, "lena")
    tablet.tap(tablet.link("Protocols and colleagues"))
    expect(tablet.page.get_by_role("heading", name="1. Protocols")).to_be_visible()
    assert [url for url in fetched if "/assets/first-" in url]


def test_every_screen_of_it_is_accessible(tablet: Tablet, service: Empty, axe: str):
    look = Looker(tablet.page, axe)
    tablet.open(service.url)
    expect(tablet.page.get_by_role("heading", name="The link from the console")).to_be_visible()
    look("the link")
    tablet.open(service.link)
    tablet.tap(tablet.button("Choose another time zone"))
    tablet.fill("Search a city or a region", "vienna")
    expect(tablet.button(re.compile("^Europe.Vienna"))).to_be_visible()
    look("the clinic, another zone")
    tablet.tap(tablet.button("Go on"))
    expect(tablet.page.get_by_text("Type the clinic's name")).to_be_visible()
    look("the clinic, incomplete")
    tablet.page.reload()
    empty.name_clinic(tablet)
    tablet.tap(tablet.button(re.compile("^Set up North")))
    expect(tablet.page.get_by_text("This has 0 of at least")).to_be_visible()
    look("the lead, incomplete")
    empty.name_lead(tablet)
    expect(tablet.page.get_by_text("There is no nurse yet.")).to_be_visible()
    look("what is to do")
    tablet.tap(tablet.link("Look at the protocols"))
    expect(tablet.page.get_by_text("Not approved").first).to_be_visible()
    look("protocols")
    tablet.tap(tablet.link(re.compile("^Read .*intranasal")))
    expect(tablet.page.get_by_role("heading", name="Approve it by name")).to_be_visible()
    look("a protocol")
    tablet.fill("Your password", PASSWORD)
    tablet.tap(tablet.button(re.compile("^Approve intranasal")))
    expect(tablet.page.get_by_text("Approved by Lena Lead on")).to_be_visible()
    look("a protocol, approved")
    tablet.tap(tablet.link("Back to setting up"))
    tablet.tap(tablet.link("Add a colleague"))
    tablet.tap(tablet.button("Add the colleague"))
    expect(tablet.page.get_by_text("Choose what they do.")).to_be_visible()
    look("a colleague, incomplete")
    empty.add_colleague(tablet, "Ada Nurse", "Nurse")
    look("colleagues")
    tablet.tap(tablet.link("Back to setting up"))
    tablet.tap(tablet.link(re.compile("^Back$")))
    expect(tablet.page.get_by_text("No session is under way.")).to_be_visible()
    look("a lead's board")
    tablet.tap(tablet.button("Lock"))
    tablet.page.goto("about:blank")
    tablet.open(service.link)
    expect(tablet.page.get_by_text(LATE)).to_be_visible()
    look("sign-in, too late")
    assert look.wrong == []


def test_the_next_step_comes_where_nothing_stood(tablet: Tablet, service: Empty):
    answer_late(tablet)
    tablet.open(service.link)
    empty.set_up(tablet)
    for screen in ("", "setup", "setup/protocols", "setup/colleagues", "setup"):
        stood, others = replaced(tablet, screen)
        assert stood
        assert others == []
    expect(tablet.link("Look at the protocols")).to_be_visible()


def test_it_can_be_done_by_keyboard_alone(tablet: Tablet, service: Empty):
    page = tablet.page
    tablet.open(service.link)
    for name, text in (("^Name of the clinic", "North Clinic"),):
        reach(page, name)
        page.keyboard.type(text)
    by_keyboard(page, "^Choose another time zone")
    reach(page, "^Search a city")
    page.keyboard.type("vienna")
    by_keyboard(page, "^Europe/Vienna")
    reach(page, "^A passkey")
    page.keyboard.press("ArrowDown")
    by_keyboard(page, "^Go on")
    typed = ("Your name, as", "Lena Lead"), ("^Username", "lena"), ("^Password", PASSWORD), ("^The same", PASSWORD)
    for name, text in typed:
        reach(page, name)
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Set up North Clinic")).to_be_visible()
    by_keyboard(page, "^Look at the protocols", "^Read IV infusion")
    reach(page, "^Your password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Approved by Lena Lead on")).to_be_visible()
    by_keyboard(page, "^Back to setting up", "^Add a colleague")
    reach(page, "^Name, as colleagues")
    page.keyboard.type("Cleo Clinician")
    reach(page, "^Nurse:")
    page.keyboard.press("ArrowDown")
    reach(page, "^Username")
    page.keyboard.type("cleo")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Cleo Clinician, clinician")).to_be_visible()
