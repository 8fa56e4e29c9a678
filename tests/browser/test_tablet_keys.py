"""A tablet's key in Chromium: enrolled by the lead's hand, used without anybody seeing it, renewed, lost, and ended."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Request, Response, expect

from tests.browser.chairs import maria
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_accessibility import violations
from tests.browser.test_story import take_set
from tests.browser.ward import (
    all_that_lies,
    at_home,
    check_in,
    enrol,
    inside,
    lock,
    read_outbox,
    set_pin,
    sign_in,
    unlock,
)

DAY = 24 * 60
FORGET = """() => new Promise((done) => { const asked = indexedDB.open("tablet", 1); asked.onsuccess = () => {
  const tx = asked.result.transaction("own", "readwrite"); tx.objectStore("own").clear();
  tx.oncomplete = () => { asked.result.close(); done(); }; }; })"""
STEAL = """() => new Promise((tell) => { const asked = indexedDB.open("tablet", 1); asked.onsuccess = () => {
  const all = asked.result.transaction("own").objectStore("own").get("own");
  all.onsuccess = async () => {
    const said = [];
    for (const form of ["pkcs8", "jwk"])
      said.push(await crypto.subtle.exportKey(form, all.result.now.key).then(() => "out", (why) => why.name));
    said.push(JSON.stringify(all.result.now.key));
    tell(said); }; }; })"""

SIGNS_SLOWLY = """{
  const plain = SubtleCrypto.prototype.sign;
  let turn = Promise.resolve();
  SubtleCrypto.prototype.sign = function (...given) {
    turn = turn.then(() => new Promise((done) => setTimeout(done, 300)));
    return turn.then(() => plain.apply(this, given));
  };
}"""


def by_hand(tablet: Tablet, clinic: Clinic, name: str = "Blue one", button: str = "Enrol this tablet") -> None:
    """The lead enrols the tablet on its own screen."""
    tablet.open("/#/clinic/tablets")
    if not inside(tablet).is_visible():
        sign_in(tablet, clinic.lead)
    tablet.fill("What people call it", name)
    tablet.tap(tablet.button(button))
    expect(tablet.page.get_by_text(f"It is enrolled as {name}, and known by its key.")).to_be_visible()


def good(answer: Response) -> bool:
    """Whether a heartbeat was heard."""
    return answer.url.endswith("/contact") and answer.ok


def heard(tablet: Tablet) -> Request:
    """The next heartbeat whose answer is good."""
    with tablet.page.expect_response(good) as found:
        tablet.state("dispatchEvent(new Event('focus'))")
    return found.value.request


def numbers(clinic: Clinic) -> list[dict[str, Any]]:
    return [one for one in clinic.ask(clinic.lead, "GET", "/v1/tablets")["items"] if one["name"]]


def test_a_lead_renames_an_enrolled_tablet_and_it_stays_the_one_it_is(
    new_tablet: Callable[..., Tablet], clinic: Clinic
) -> None:
    tablet = new_tablet()
    by_hand(tablet, clinic)
    page = tablet.page
    (before,) = numbers(clinic)
    tablet.tap(page.get_by_label("Rename: Blue one"))
    save = tablet.button("Save the new name of Blue one")
    tablet.tap(save)
    field = page.get_by_label("Its new name", exact=True)
    expect(field).to_be_focused()
    expect(page.get_by_text("Type what people call it")).to_be_visible()
    # what only the service sees stands beside the field too
    field.fill("Blue \u202e two")
    tablet.tap(save)
    expect(page.get_by_text("holds a control character")).to_be_visible()
    expect(field).to_have_value("Blue \u202e two")
    field.fill("Blue two")
    tablet.tap(save)
    expect(page.get_by_text("It is enrolled as Blue two, and known by its key.")).to_be_visible()
    (after,) = numbers(clinic)
    assert (after["name"], after["revision"]) == ("Blue two", 2)
    assert (after["id"], after["public_key"], after["in_use"]) == (before["id"], before["public_key"], True)
    lock(tablet)
    sign_in(tablet, clinic.nurse)
    heard(tablet)


def test_enrolled_charted_locked_unlocked_and_heard(
    new_tablet: Callable[..., Tablet], clinic: Clinic, axe: str, tmp_path
):
    chair = check_in(clinic, "Probe")
    tablet = new_tablet()
    tablet.open()
    sign_in(tablet, clinic.nurse)
    expect(tablet.page.get_by_text("This browser is not enrolled")).to_be_visible()
    lock(tablet)
    by_hand(tablet, clinic)
    for theme in ("light", "dark"):
        tablet.page.emulate_media(color_scheme=theme)
        assert violations(tablet.page, axe) == []
        tablet.page.screenshot(path=tmp_path / f"tablets-{theme}.png", full_page=True)
    lock(tablet)
    tablet.open("/")
    sign_in(tablet, clinic.nurse)
    set_pin(tablet, clinic.nurse)
    expect(tablet.page.get_by_text("This browser is not enrolled")).to_have_count(0)
    first = heard(tablet)
    assert re.match(r"\d+\.", first.headers["x-tablet-proof"])
    lock(tablet)
    unlock(tablet, clinic.nurse)
    expect(inside(tablet)).to_be_visible()
    later = heard(tablet)
    sent = [int(one.headers["x-tablet-proof"].partition(".")[0]) for one in (first, later)]
    assert sent == sorted(sent)
    tablet.open(f"/#/session/{chair.session_id}")
    take_set(tablet)
    expect(tablet.page.get_by_text("all in the record").first).to_be_visible()
    assert len(clinic.sessions()[0]["readings"]) == 1
    # the same heartbeat sent by another hand says nothing any more
    headers = {name: first.headers[name] for name in ("authorization", "x-tablet-id", "x-tablet-proof")}
    again = clinic.client.request(
        "PUT", first.url, content=first.post_data or "", headers=headers | {"content-type": "application/json"}
    )
    assert (again.status_code, again.json()["code"]) in {(409, "old-tablet-proof"), (401, "not-signed-in")}


@pytest.mark.parametrize("engine_name", ["sqlite"])  # what lies on the tablet
def test_who_copies_what_can_be_read_speaks_for_nothing(new_tablet: Callable[..., Tablet], clinic: Clinic):
    tablet = new_tablet()
    tablet.open()
    enrol(tablet)
    sign_in(tablet, clinic.nurse)
    assert tablet.state(STEAL) == ["InvalidAccessError", "InvalidAccessError", "{}"]
    assert "EXTRACTABLE" not in all_that_lies(tablet)
    # another browser that says it is this tablet, with a password of the clinic's
    thief = new_tablet()
    stolen = tablet.state("JSON.stringify({ ...localStorage })")
    thief.context.add_init_script(f"for (const [k, v] of Object.entries({stolen})) localStorage.setItem(k, v)")
    thief.open()
    sign_in(thief, clinic.other_nurse)
    expect(thief.page.get_by_text("Not signed with this tablet's key").first).to_be_visible()
    chair = check_in(clinic, "Probe")
    thief.open(f"/#/session/{chair.session_id}")
    take_set(thief)
    thief.page.wait_for_timeout(3000)
    assert clinic.sessions()[0]["readings"] == []
    # what was typed is kept, and not refused for good
    assert read_outbox(thief) == 1
    expect(thief.page.get_by_text("1 on this tablet").first).to_be_visible()


@pytest.mark.parametrize("engine_name", ["sqlite"])  # the tablet's own doing
def test_a_key_of_thirty_days_is_renewed_by_itself(tablet: Tablet, clinic: Clinic):
    tablet.open()
    tablet_id = enrol(tablet)
    sign_in(tablet, clinic.nurse)
    heard(tablet)
    history = f"/v1/tablets/{tablet_id}/history"
    clinic.clock.forward(30 * DAY)
    with tablet.page.expect_response(lambda answer: answer.url.endswith("/public-key")) as found:
        heard(tablet)
    assert found.value.status == 204
    keys = [one["public_key"] for one in clinic.ask(clinic.lead, "GET", history)["items"]]
    assert len(set(keys)) == 2
    assert json.loads(found.value.request.post_data or "")["public_key"] == keys[1]
    heard(tablet)
    heard(tablet)
    assert len(clinic.ask(clinic.lead, "GET", history)["items"]) == 2


@pytest.mark.parametrize("engine_name", ["sqlite"])  # the tablet's own doing
def test_a_lost_key_keeps_what_is_typed_until_a_lead_enrols_it_again(tablet: Tablet, clinic: Clinic):
    chair = check_in(clinic, "Probe")
    tablet.open()
    enrol(tablet, "Blue one")
    sign_in(tablet, clinic.nurse)
    heard(tablet)
    tablet.state(FORGET)
    tablet.open(f"/#/session/{chair.session_id}")
    take_set(tablet)
    expect(tablet.page.get_by_text("Not signed with this tablet's key").first).to_be_visible()
    assert clinic.sessions()[0]["readings"] == []
    lock(tablet)
    tablet.open("/#/clinic/tablets")
    sign_in(tablet, clinic.lead)
    expect(tablet.page.get_by_text("A nurse or a clinician who signs in here sends what lies on it.")).to_have_count(1)
    expect(tablet.page.get_by_text("but its key is not here")).to_be_visible()
    by_hand(tablet, clinic, button="Enrol it again")
    assert read_outbox(tablet) == 1, "a lead sends nothing of others"
    lock(tablet)
    tablet.open("/")
    sign_in(tablet, clinic.other_nurse)
    expect(tablet.page.get_by_text("all in the record").first).to_be_visible()
    (reading,) = clinic.sessions()[0]["readings"]
    assert reading["recorded_by"]["name"] == clinic.nurse.name


@pytest.mark.parametrize("engine_name", ["sqlite"])  # the service's doing
def test_out_of_use_it_is_shut_at_once(new_tablet: Callable[..., Tablet], clinic: Clinic):
    lost, leads = new_tablet(), new_tablet()
    lost.open()
    enrol(lost, "Blue one")
    sign_in(lost, clinic.nurse)
    set_pin(lost, clinic.nurse)
    heard(lost)
    leads.open("/#/clinic/tablets")
    sign_in(leads, clinic.lead)
    leads.tap(leads.button("Take out of use: Blue one"))
    expect(leads.page.get_by_text("Whoever is signed in on it is signed out at once")).to_be_visible()
    leads.tap(leads.button("Yes, out of use now: Blue one"))
    expect(leads.page.get_by_text("out of use", exact=True)).to_be_visible()
    lost.state("dispatchEvent(new Event('focus'))")
    expect(inside(lost)).to_have_count(0)
    unlock(lost, clinic.nurse)
    expect(lost.page.get_by_label("Ada Nurse, PIN")).to_have_count(0)
    lost.fill("Username", clinic.nurse.username)
    lost.fill("Password", "a long enough pass phrase")
    lost.tap(lost.button("Sign in"))
    expect(lost.page.get_by_text("This tablet is no longer in use at this clinic")).to_be_visible()


@pytest.mark.parametrize("engine_name", ["sqlite"])  # what a page does that goes
def test_a_page_that_goes_says_so_in_what_it_has_signed_before(new_tablet: Callable[..., Tablet], clinic: Clinic):
    """Also one that goes as soon as its heartbeat is heard, on a tablet that signs slowly."""
    chair = maria(clinic).checked_in("3").recovered()
    tablet = new_tablet()
    tablet.context.add_init_script(SIGNS_SLOWLY)
    tablet.open()
    enrol(tablet)
    sign_in(tablet, clinic.nurse)
    at_home(tablet)
    with tablet.page.expect_response(lambda answer: good(answer) and str(chair.id) in (answer.request.post_data or "")):
        tablet.open(f"/#/session/{chair.id}")
    assert numbers(clinic)[0]["open_sessions"] == [str(chair.id)]
    tablet.page.goto("about:blank")
    tablet.until(lambda: numbers(clinic)[0]["open_sessions"], [])
