"""From an empty service to a charted set, without a terminal; and whatever can come between."""

import re
import subprocess
from pathlib import Path

from playwright.sync_api import Request, Route, expect

from tests.browser import empty
from tests.browser.clinic import PASSWORD
from tests.browser.empty import LATE, TITLE, Empty, at_the_lock_screen
from tests.browser.tablet import Tablet
from tests.browser.test_story import answer_screening, check_in, give, take_set
from tests.browser.ward import at_home
from tests.commands.test_serving import serving

TOKEN = re.compile(r"#first-run=([A-Za-z0-9_-]{43,})$")


def link_of(process: subprocess.Popen[str]) -> str:
    """The link on the console."""
    assert process.stdout is not None
    for _ in range(4):
        line = process.stdout.readline().strip()
        if TOKEN.search(line):
            return line
    raise AssertionError("the console shows no link")


def screened(tablet: Tablet) -> None:
    answer_screening(tablet)
    tablet.tap(tablet.button(re.compile("^Save screening for Probe")))
    tablet.all_in_the_record()


def handed_over(tablet: Tablet, username: str) -> None:
    tablet.tap(tablet.button("Lock"))
    empty.sign_in(tablet, username)


def test_from_serve_to_a_charted_set_without_a_terminal(
    tablet: Tablet, engine_name: str, database_url: str, tmp_path: Path
):
    """As a clinic lead would: the link is all that comes from the console."""
    told: list[Request] = []
    tablet.page.on("request", lambda request: told.append(request))  # noqa: PLW0108  # a builtin holds no mark of the driver
    # on SQLite there is not even a file
    named = {} if engine_name == "sqlite" else {"DATABASE_URL": database_url}
    with serving(tmp_path, **named) as (process, url):
        link = link_of(process)
        token = link.rpartition("=")[2]
        tablet.open(link)
        expect(tablet.page.get_by_role("heading", name=TITLE)).to_be_visible()
        assert tablet.page.url == f"{url}/"
        expect(tablet.page.get_by_text("Europe/Vienna: it is")).to_be_visible()
        empty.set_up(tablet)
        empty.approve(tablet)
        tablet.tap(tablet.link("Add a colleague"))
        empty.add_colleague(tablet, "Ada Nurse", "Nurse")
        empty.add_colleague(tablet, "Cleo Clinician", "Clinician")
        tablet.tap(tablet.link("Back to setting up"))
        expect(tablet.page.get_by_text("Nurses: 1. Clinicians: 1.")).to_be_visible()
        tablet.tap(tablet.button("End my shift on this tablet"))

        empty.sign_in(tablet, "ada")
        check_in(tablet, "IV infusion")
        screened(tablet)
        handed_over(tablet, "cleo")
        tablet.tap(tablet.button("Clear this session for Probe, as Cleo Clinician"))
        expect(tablet.page.get_by_text("cleared by Cleo Clinician")).to_be_visible()
        handed_over(tablet, "ada")
        tablet.tap(tablet.link("To the session"))
        take_set(tablet)
        give(tablet, "infusion started", Dose_in_mg="36")
        take_set(tablet, ("138", "88", "80", "15", "98"))
        tablet.all_in_the_record()

        (session,) = empty.in_the_record(url, "ada")
        assert session["state"] == "infusing"
        assert [reading["systolic"] for reading in session["readings"]] == [124, 138]
        assert {reading["recorded_by"]["name"] for reading in session["readings"]} == {"Ada Nurse"}
        # the token went to the service once, in a body; it is in no address, and in no line of the console
        assert [each.url for each in told if token in (each.post_data or "")] == [f"{url}/v1/first-run"]
        assert not [each.url for each in told if token in each.url or token in repr(each.headers)]
        assert token not in tablet.state("JSON.stringify([{ ...sessionStorage }, { ...localStorage }])")
        process.terminate()
        out, err = process.communicate(timeout=20)
        # the first line of the script's token stands there; nothing was written after the start
        assert out.count(token) <= 1
        assert err == ""


def test_an_empty_service_asks_for_the_link_at_its_address(tablet: Tablet, service: Empty):
    tablet.open(service.url)
    expect(tablet.page.get_by_role("heading", name="The link from the console")).to_be_visible()
    tablet.tap(tablet.button("Go on"))
    expect(tablet.page.get_by_text("Paste the link from the console.")).to_be_visible()
    tablet.fill("The link, or the token in it", f"  {service.link}\n")
    tablet.tap(tablet.button("Go on"))
    empty.set_up(tablet)


def test_a_link_opened_in_a_page_that_is_open_leaves_no_token_in_the_history(tablet: Tablet, service: Empty):
    tablet.open(service.url)
    expect(tablet.page.get_by_role("heading", name="The link from the console")).to_be_visible()
    tablet.open(service.link)
    expect(tablet.page.get_by_label("Name of the clinic")).to_be_visible()
    assert tablet.page.url == f"{service.url}/"
    history = tablet.context.new_cdp_session(tablet.page).send("Page.getNavigationHistory")
    assert not [entry["url"] for entry in history["entries"] if "first-run" in entry["url"]]


def test_a_wrong_link_is_said_and_loses_nothing(tablet: Tablet, service: Empty):
    tablet.open(f"{service.url}/#first-run={'x' * 43}")
    empty.name_clinic(tablet)
    empty.name_lead(tablet)
    expect(tablet.page.get_by_text("This link is not the one of this start.")).to_be_visible()
    tablet.fill("The link, or the token in it", service.link)
    tablet.tap(tablet.button("Go on"))
    expect(tablet.page.get_by_label("Name of the clinic")).to_have_value("North Clinic")
    tablet.tap(tablet.button("Go on"))
    expect(tablet.page.get_by_label("Username")).to_have_value("lena")
    tablet.tap(tablet.button("Set up North Clinic"))
    expect(tablet.page.get_by_role("heading", name="Set up North Clinic")).to_be_visible()


def test_what_is_missing_or_weak_is_said_where_it_is(tablet: Tablet, service: Empty):
    tablet.open(service.link)
    tablet.tap(tablet.button("Go on"))
    expect(tablet.page.get_by_text("Type the clinic's name")).to_be_visible()
    empty.name_clinic(tablet, name="North Clinic\u202e")
    tablet.fill("Your name, as colleagues know it", "Lena Lead")
    tablet.fill("Username", "lena")
    tablet.fill("Password", "too short")
    tablet.tap(tablet.button(re.compile("^Set up North")))
    expect(tablet.page.get_by_text("This has 9 of at least 15 characters.")).to_be_visible()
    tablet.fill("Password", "abcabcabcabcabcabc")
    tablet.fill("The same password again", "abcabcabcabcabcab")
    tablet.tap(tablet.button(re.compile("^Set up North")))
    expect(tablet.page.get_by_text("The two passwords differ")).to_be_visible()
    tablet.tap(tablet.button("Show the password"))
    expect(tablet.page.get_by_label("The same password again")).to_have_count(0)
    tablet.tap(tablet.button(re.compile("^Set up North")))
    # the service finds a fault of the first step
    expect(tablet.page.get_by_text("holds a control character")).to_be_visible()
    tablet.fill("Name of the clinic", "North Clinic")
    tablet.tap(tablet.button("Go on"))
    tablet.tap(tablet.button("Set up North Clinic"))
    expect(tablet.page.get_by_text("is a simple pattern")).to_be_visible()
    tablet.fill("Password", PASSWORD)
    tablet.tap(tablet.button("Set up North Clinic"))
    expect(tablet.page.get_by_role("heading", name="Set up North Clinic")).to_be_visible()


def test_of_two_pages_at_once_the_second_is_told_and_may_sign_in(tablet: Tablet, service: Empty):
    second = empty.tablet_at(tablet.context)
    for each in (tablet, second):
        each.open(service.link)
        empty.name_clinic(each)
    empty.name_lead(tablet)
    expect(tablet.page.get_by_role("heading", name="Set up North Clinic")).to_be_visible()
    # by itself, before anything was sent from here
    expect(second.page.get_by_text(LATE)).to_be_visible()
    at_the_lock_screen(second)
    empty.sign_in(second, "lena")


def test_a_page_that_sends_too_late_is_told(tablet: Tablet, service: Empty):
    tablet.open(service.link)
    empty.name_clinic(tablet)
    # this page hears nothing of what happens elsewhere
    tablet.page.route(
        "**/v1/first-run", lambda route: route.abort() if route.request.method == "GET" else route.fallback()
    )
    service.set_up()
    tablet.page.unroute("**/v1/first-run")
    empty.name_lead(tablet)
    expect(tablet.page.get_by_text(LATE)).to_be_visible()
    at_the_lock_screen(tablet)


def test_a_used_link_shows_the_sign_in_and_says_why(tablet: Tablet, service: Empty):
    service.set_up()
    tablet.open(service.link)
    expect(tablet.page.get_by_text(LATE)).to_be_visible()
    at_the_lock_screen(tablet)
    assert tablet.page.url == f"{service.url}/"
    tablet.page.reload()
    at_the_lock_screen(tablet)
    expect(tablet.page.get_by_text(LATE)).to_have_count(0)


def test_loading_the_page_anew_loses_nothing_but_the_password(tablet: Tablet, service: Empty):
    tablet.open(service.link)
    empty.name_clinic(tablet)
    tablet.fill("Your name, as colleagues know it", "Lena Lead")
    tablet.fill("Password", PASSWORD)
    tablet.page.reload()
    expect(tablet.page.get_by_label("Name of the clinic")).to_have_value("North Clinic")
    expect(tablet.page.get_by_text("America/New_York: it is")).to_be_visible()
    tablet.tap(tablet.button("Go on"))
    expect(tablet.page.get_by_label("Your name, as colleagues know it")).to_have_value("Lena Lead")
    expect(tablet.page.get_by_label("Password", exact=True)).to_have_value("")
    assert PASSWORD not in tablet.state("JSON.stringify([{ ...sessionStorage }, { ...localStorage }])")


def test_a_lead_who_comes_back_before_the_end_is_shown_where_to_go_on(tablet: Tablet, service: Empty):
    tablet.open(service.link)
    empty.set_up(tablet)
    tablet.page.reload()
    empty.sign_in(tablet, "lena")
    expect(tablet.page.get_by_role("heading", name="Set up North Clinic")).to_be_visible()
    tablet.tap(tablet.link(re.compile("^Back$")))
    expect(tablet.page.get_by_text("No protocol is approved yet: no session can begin.")).to_be_visible()
    tablet.tap(tablet.link("Finish setting up"))
    empty.approve(tablet)
    tablet.tap(tablet.link(re.compile("^Back$")))
    expect(tablet.page.get_by_text("No session is under way.")).to_be_visible()
    expect(tablet.page.get_by_text("No protocol is approved yet")).to_have_count(0)


def test_an_answer_that_is_lost_is_not_asked_for_twice(tablet: Tablet, service: Empty):
    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.fallback()

    tablet.open(service.link)
    empty.name_clinic(tablet)
    tablet.page.route("**/v1/first-run", lose)
    empty.name_lead(tablet)
    expect(tablet.page.get_by_text(LATE)).to_be_visible()
    at_the_lock_screen(tablet)
    empty.sign_in(tablet, "lena")


def test_without_the_service_nothing_typed_is_lost(tablet: Tablet, service: Empty):
    tablet.open(service.link)
    tablet.fill("Name of the clinic", "North Clinic")
    tablet.context.set_offline(True)
    expect(tablet.page.get_by_text("The service cannot be heard.")).to_be_visible()
    expect(tablet.button("Go on")).to_be_disabled()
    tablet.context.set_offline(False)
    expect(tablet.button("Go on")).to_be_enabled()
    expect(tablet.page.get_by_label("Name of the clinic")).to_have_value("North Clinic")


def test_a_page_kept_on_the_tablet_decides_nothing(tablet: Tablet, tmp_path: Path, sqlite_template: Path):
    """Its own files come from the worker; whether a clinic is there, from the service alone."""
    with Empty(empty.emptied(tmp_path, sqlite_template, "one")) as one:
        tablet.open(one.link)
        at_home(tablet)
        one.set_up()
        tablet.page.reload()
        at_the_lock_screen(tablet)
        empty.sign_in(tablet, "lena")
    # another, empty service at the same address
    with Empty(empty.emptied(tmp_path, sqlite_template, "two"), one.port) as two:
        tablet.page.goto("about:blank")
        tablet.open(two.url)
        expect(tablet.page.get_by_role("heading", name=TITLE)).to_be_visible()
        tablet.open(two.link)
        empty.set_up(tablet)


def test_what_is_approved_is_what_was_read(tablet: Tablet, service: Empty):
    tablet.open(service.link)
    empty.set_up(tablet)
    tablet.tap(tablet.link("Look at the protocols"))
    tablet.tap(tablet.link(re.compile("^Read .*iv-infusion-example")))
    expect(tablet.page.get_by_text("At least 60 minutes since the end of the infusion.")).to_be_visible()
    expect(tablet.page.get_by_text("EXAMPLE, not the standard")).to_be_visible()
    tablet.fill("Your password", "not the pass phrase")
    tablet.tap(tablet.button(re.compile("^Approve iv-infusion-example")))
    expect(tablet.page.get_by_text("The password is wrong.")).to_be_visible()
    # somebody revises the draft meanwhile
    tablet.state(CHANGE_DRAFT, PASSWORD)
    tablet.fill("Your password", PASSWORD)
    tablet.tap(tablet.button(re.compile("^Approve iv-infusion-example")))
    expect(tablet.page.get_by_text("It has changed since you read it, and was not approved.")).to_be_visible()
    expect(tablet.page.get_by_text("At least 75 minutes since the end of the infusion.")).to_be_visible()
    tablet.fill("Your password", PASSWORD)
    tablet.tap(tablet.button(re.compile("^Approve iv-infusion-example")))
    expect(tablet.page.get_by_text("Approved by Lena Lead on")).to_be_visible()


CHANGE_DRAFT = """async (password) => {
  const path = "/v1/protocols/iv-infusion-example/versions/1";
  const json = { "Content-Type": "application/json" };
  const signIn = { method: "POST", headers: json, body: JSON.stringify({ username: "lena", password }) };
  const token = (await (await fetch("/v1/sign-in", signIn)).json()).access_token;
  const headers = { Authorization: `Bearer ${token}`, ...json };
  const kept = await (await fetch(path, { headers })).json();
  kept.document.criteria["minutes-since-dose"]["infusion-end"] = 75;
  const revised = { ...headers, "If-Match": `"${kept.revision}"` };
  const answer = await fetch(path, { method: "PUT", headers: revised, body: JSON.stringify(kept.document) });
  if (!answer.ok) throw new Error(await answer.text());
}"""


def test_a_colleague_is_made_once_and_each_fault_is_named(tablet: Tablet, service: Empty):
    tablet.open(service.link)
    empty.set_up(tablet)
    tablet.tap(tablet.link("Add a colleague"))
    tablet.tap(tablet.button("Add the colleague"))
    for fault in ("Type the colleague's name", "Choose what they do.", "Choose a username"):
        expect(tablet.page.get_by_text(fault)).to_be_visible()
    empty.add_colleague(tablet, "Ada Nurse", "Nurse")
    tablet.fill("Name, as colleagues know it", "Another Ada")
    tablet.tap(tablet.page.get_by_role("radio", name=re.compile("^Clinician:")))
    tablet.fill("Username", "ADA")
    tablet.tap(tablet.button("Add Another Ada"))
    expect(tablet.page.get_by_text("is taken")).to_be_visible()
    tablet.fill("Username", "another")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    # made, and the answer is lost: the same again makes nobody twice
    tablet.page.route("**/v1/staff/*", lose)
    tablet.tap(tablet.button("Add Another Ada"))
    expect(tablet.page.get_by_text("The service cannot be heard. Try again when connected.")).to_be_visible()
    tablet.page.unroute("**/v1/staff/*")
    tablet.tap(tablet.button("Add Another Ada"))
    assert "#invitation=" in empty.link_for(tablet, "Another Ada")
    expect(tablet.page.get_by_text("Another Ada, clinician")).to_have_count(1)
