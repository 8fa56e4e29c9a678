"""No way leads to "Criteria met", or to a signature on it, when the service's word is not fresh."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chairs import Chair
from tests.browser.clinic import PASSWORD, Account, Clinic
from tests.browser.deaf import Link
from tests.browser.tablet import Tablet

UNKNOWN = re.compile("Unknown: not connected since")


@pytest.fixture
def engine_name() -> str:
    """What a tablet shows does not hang on the database behind the service."""
    return "sqlite"


@pytest.fixture
def link(clinic: Clinic) -> Iterator[Link]:
    with Link(int(urlsplit(clinic.url).port or 0)) as opened:
        yield opened


@pytest.fixture
def linked(new_tablet: Callable[..., Tablet], link: Link, clinic: Clinic, chair: Chair) -> Callable[[Account], Tablet]:
    """A tablet behind the link, its timers in the test's hand, its board showing the met flag."""

    def make(who: Account) -> Tablet:
        tablet = new_tablet()
        tablet.page.clock.install()
        tablet.open(link.url)
        tablet.fill("Username", who.username)
        tablet.fill("Password", PASSWORD)
        tablet.tap(tablet.button("Sign in"))
        expect(tablet.page.get_by_text("Criteria met")).to_be_visible()
        return tablet

    return make


def walk(page: Page, address: str) -> None:
    page.evaluate(f"location.hash = '#/{address}'")
    page.clock.run_for(1000)


def nothing_green(page: Page, chair: Chair) -> None:
    """Every way to the flag, and to the decision behind it."""
    for address in (
        "board",
        f"session/{chair.id}",
        f"review/{chair.id}",
        f"entry/{chair.id}",
        f"start/{chair.id}",
        "board",
    ):
        walk(page, address)
        expect(page.locator("header")).to_be_visible()
        expect(page.get_by_text("Criteria met")).to_have_count(0)
        expect(page.get_by_role("link", name=re.compile("^Review Rivera"))).to_have_count(0)
        expect(page.get_by_role("button", name=re.compile("^Confirm"))).to_have_count(0)
        expect(page.get_by_role("button", name=re.compile("^Sign as"))).to_have_count(0)


def test_offline(linked: Callable[[Account], Tablet], clinic: Clinic, chair: Chair):
    tablet = linked(clinic.clinician)
    tablet.context.set_offline(True)
    tablet.page.clock.run_for(30_000)
    expect(tablet.page.get_by_text(UNKNOWN)).to_be_visible()
    nothing_green(tablet.page, chair)


def test_offline_in_the_middle_of_signing(linked: Callable[[Account], Tablet], clinic: Clinic, chair: Chair):
    tablet = linked(clinic.clinician)
    begin_to_sign(tablet, chair)
    tablet.context.set_offline(True)
    tablet.page.clock.run_for(30_000)
    expect(tablet.page.get_by_text("Nothing can be signed now")).to_be_visible()
    expect(tablet.button(re.compile("^Sign as"))).to_have_count(0)
    nothing_green(tablet.page, chair)


def test_a_stream_that_is_a_black_hole(linked: Callable[[Account], Tablet], clinic: Clinic, link: Link, chair: Chair):
    tablet = linked(clinic.clinician)
    page = tablet.page
    link.deaf = True
    page.clock.run_for(26_000)
    expect(page.get_by_text(UNKNOWN)).to_be_visible()
    nothing_green(page, chair)
    # the rest of the service still answers: that alone brings no flag back
    for _ in range(3):
        with page.expect_response(re.compile("/contact$")) as answer:
            page.clock.run_for(16_000)
        assert answer.value.ok
        nothing_green(page, chair)
    link.deaf = False
    page.clock.run_for(30_000)
    expect(page.get_by_text("Criteria met")).to_be_visible()


def test_a_stream_that_is_late(linked: Callable[[Account], Tablet], clinic: Clinic, link: Link, chair: Chair):
    tablet = linked(clinic.clinician)
    link.late = 12
    chair.set(dissociation={"grade": "mild"})
    # it goes on speaking, and says what is no longer so
    expect(tablet.page.get_by_text("Criteria met")).to_have_count(0, timeout=10_000)
    expect(tablet.page.get_by_text(re.compile("the service's last word is|not connected since")).first).to_be_visible()
    expect(tablet.page.get_by_text("Not met yet")).to_be_visible()
    link.late = 0
    nothing_green(tablet.page, chair)


def test_what_this_app_does_not_know_is_told_by_its_code(
    linked: Callable[[Account], Tablet], clinic: Clinic, link: Link, chair: Chair
):
    tablet = linked(clinic.clinician)
    link.swapped = {b'"dissociation-absent"': b'"dissociation-waning"'}
    chair.set(dissociation={"grade": "mild"})
    expect(tablet.page.get_by_text("dissociation waning")).to_be_visible()
    expect(tablet.page.get_by_text("Criteria met")).to_have_count(0)
    walk(tablet.page, f"session/{chair.id}")
    expect(tablet.page.get_by_text("dissociation waning")).to_be_visible()


def test_a_chair_that_cannot_be_drawn_says_so(
    linked: Callable[[Account], Tablet], clinic: Clinic, link: Link, chair: Chair
):
    tablet = linked(clinic.clinician)
    page = tablet.page
    link.swapped = {b'"not_met"': b'"not-met"'}
    chair.set(dissociation={"grade": "mild"})
    expect(page.get_by_text("Unknown: this part of the screen failed")).to_be_visible()
    expect(page.get_by_text("Criteria met")).to_have_count(0)
    expect(page.get_by_role("heading", name="North Clinic")).to_be_visible()
    link.swapped = {}
    chair.set(dissociation={"grade": "mild"})
    expect(page.get_by_text("Not met yet")).to_be_visible()


def test_a_finger_that_rests_holds_no_picture(
    linked: Callable[[Account], Tablet], clinic: Clinic, link: Link, chair: Chair
):
    page = linked(clinic.clinician).page
    page.get_by_text("Criteria met").hover()
    page.mouse.down()
    chair.set(dissociation={"grade": "mild"})
    expect(page.get_by_text("Criteria met")).to_have_count(0)
    chair.event("left-against-advice")
    # and nobody ever hears that the finger is lifted
    expect(page.get_by_text("No session is under way")).to_be_visible()


def test_a_tablet_that_slept(linked: Callable[[Account], Tablet], clinic: Clinic, link: Link, chair: Chair):
    tablet = linked(clinic.clinician)
    page = tablet.page
    walk(page, f"session/{chair.id}")
    expect(page.get_by_text("Criteria met")).to_be_visible()
    link.deaf = True
    page.clock.fast_forward(120_000)
    expect(page.get_by_text("Criteria met")).to_have_count(0)
    nothing_green(page, chair)


def test_a_sign_in_that_ended(linked: Callable[[Account], Tablet], clinic: Clinic, chair: Chair):
    tablet = linked(clinic.clinician)
    (found,) = [each for each in clinic.ask(clinic.lead, "GET", "/v1/staff")["items"] if each["username"] == "cleo"]
    body = {"username": "cleo", "name": found["name"], "role": "clinician", "active": False}
    headers = {"Authorization": f"Bearer {clinic.lead.token}", "If-Match": f'"{found["revision"]}"'}
    clinic.client.put(f"{clinic.url}/v1/staff/{found['id']}", json=body, headers=headers).raise_for_status()
    tablet.page.clock.run_for(40_000)
    expect(tablet.page.get_by_label("Username")).to_be_visible()
    for address in ("board", f"session/{chair.id}", f"review/{chair.id}"):
        walk(tablet.page, address)
        expect(tablet.page.get_by_label("Username")).to_be_visible()
        expect(tablet.page.get_by_text(re.compile("Criteria met|Rivera", re.IGNORECASE))).to_have_count(0)


def test_something_typed_here_is_not_in_the_record(
    linked: Callable[[Account], Tablet], clinic: Clinic, link: Link, chair: Chair
):
    tablet = linked(clinic.clinician)
    page = tablet.page
    link.lost = (b"PUT /v1/sessions/",)
    walk(page, f"event/{chair.id}/medication-given")
    tablet.tap(tablet.radio("Medication", "other").or_(page.get_by_label("Name of the medication")).first)
    tablet.fill("Name of the medication", "ondansetron")
    tablet.tap(tablet.button(re.compile("^Save medication given for Rivera")))
    expect(tablet.link("1 on this tablet")).to_be_visible()
    page.clock.run_for(20_000)
    nothing_green(page, chair)
    walk(page, "board")
    expect(
        page.get_by_text("one entry on this tablet is not in the record yet").or_(page.get_by_text(UNKNOWN)).first
    ).to_be_visible()
    nothing_green(page, chair)


def begin_to_sign(tablet: Tablet, chair: Chair) -> None:
    walk(tablet.page, f"review/{chair.id}")
    for looked in ("Alert", "Steady on their feet", "Speaks clearly"):
        tablet.tap(tablet.page.get_by_role("checkbox", name=looked))
    tablet.tap(tablet.button(re.compile("^Confirm: the criteria are met")))
    tablet.fill("Your password", PASSWORD)


def test_the_assessment_moves_on_under_the_hand(linked: Callable[[Account], Tablet], clinic: Clinic, chair: Chair):
    tablet = linked(clinic.clinician)
    begin_to_sign(tablet, chair)
    chair.set(dissociation={"grade": "mild"})
    expect(tablet.page.get_by_role("heading", name="Something has changed while you looked")).to_be_visible()
    says_what(tablet.page)
    expect(tablet.button(re.compile("^Sign as"))).to_have_count(0)
    tablet.tap(tablet.button("I have looked again"))
    for looked in ("Alert", "Steady on their feet", "Speaks clearly"):
        expect(tablet.page.get_by_role("checkbox", name=looked)).not_to_be_checked()
    expect(tablet.button(re.compile("^Confirm"))).to_have_count(0)
    assert chair.read()["confirmations"] == []


def test_a_set_that_changes_no_outcome_leaves_what_was_ticked(
    linked: Callable[[Account], Tablet], clinic: Clinic, chair: Chair
):
    tablet = linked(clinic.clinician)
    begin_to_sign(tablet, chair)
    before = chair.read()["readiness"]["digest"]
    chair.set()
    expect(tablet.page.get_by_role("heading", name="Something has changed while you looked")).to_be_visible()
    expect(tablet.button(re.compile("^Sign as"))).to_have_count(0)
    tablet.tap(tablet.button("I have looked again"))
    for looked in ("Alert", "Steady on their feet", "Speaks clearly"):
        expect(tablet.page.get_by_role("checkbox", name=looked)).to_be_checked()
    tablet.tap(tablet.button("Sign as Cleo Clinician"))
    expect(tablet.page.get_by_role("heading", name=re.compile("^Confirmed by Cleo"))).to_be_visible()
    record = chair.read()
    # what is signed is what was looked at again
    assert [one["digest"] for one in record["confirmations"]] == [record["readiness"]["digest"]] != [before]


def test_the_service_refuses_what_the_tablet_could_not_know(
    linked: Callable[[Account], Tablet], clinic: Clinic, link: Link, chair: Chair
):
    tablet = linked(clinic.clinician)
    begin_to_sign(tablet, chair)
    link.deaf = True
    chair.set(dissociation={"grade": "mild"})
    tablet.tap(tablet.button("Sign as Cleo Clinician"))
    expect(tablet.page.get_by_role("heading", name="Something has changed while you looked")).to_be_visible()
    says_what(tablet.page)
    assert chair.read()["confirmations"] == []


def says_what(page: Page) -> None:
    change = page.get_by_role("alert").filter(has_text="Something has changed")
    expect(change).to_contain_text("Dissociation absent: was met, now not met.")
    expect(change).to_contain_text("typed by Ada Nurse")


def test_confirming_needs_ones_own_look(linked: Callable[[Account], Tablet], clinic: Clinic, chair: Chair):
    tablet = linked(clinic.clinician)
    walk(tablet.page, f"review/{chair.id}")
    expect(tablet.page.get_by_role("checkbox", name="Alert")).to_be_visible()
    expect(tablet.button(re.compile("^(Confirm|Decline|Override)"))).to_have_count(0)
    tablet.tap(tablet.page.get_by_role("checkbox", name="Alert"))
    expect(tablet.button(re.compile("^Confirm"))).to_be_disabled()
