"""A severe value typed at another tablet is on this one's screen within seconds, whatever it shows; it is heard until
somebody says *Seen*, and moves nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chairs import Chair, maria, marta
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_steady import PLACES, SHAPES, moved
from tests.browser.ward import enrol, inside, lock, set_pin, sign_in, unlock

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # what a screen says of the board

LISTEN = """
{
  window.__heard = [];
  const plain = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...given) {
    window.__heard.push(this.frequency.value);
    return plain.apply(this, given);
  };
  window.__felt = [];
  Navigator.prototype.vibrate = (pattern) => { window.__felt.push(pattern); return true; };
  window.__lit = 0;
  WakeLock.prototype.request = () => {
    window.__lit += 1;
    const lock = { released: false, release: async () => {
      if (!lock.released) window.__lit -= 1;
      lock.released = true;
    } };
    return Promise.resolve(lock);
  };
  const now = performance.now.bind(performance);
  window.__later = 0;
  performance.now = () => now() + window.__later;
}
"""
"""An init script: what is sounded and felt is noted, and the clock by which it is said again can be put forward."""
SEVERE = 5
"""Tones of a severe concern."""
UNLIKELY = {"systolic": 205, "diastolic": 118, "spo2": 88}
FRIGHTENING: dict[str, Any] = {**UNLIKELY, "confirmed_unlikely": list(UNLIKELY)}


@pytest.fixture
def listening(new_tablet: Callable[..., Tablet]) -> Tablet:
    tablet = new_tablet()
    tablet.context.add_init_script(LISTEN)
    return tablet


def strip(tablet: Tablet) -> Locator:
    return tablet.page.get_by_role("list", name="Needs a person now")


def tones(tablet: Tablet) -> int:
    heard: list[Any] = tablet.state("window.__heard")
    return len(heard)


def until(tablet: Tablet, what: str, value: int) -> None:
    """Waits until the page says so."""
    tablet.until(lambda: tablet.state(what), value)


def infusing(chair: Chair) -> Chair:
    """With its two sets before the dose."""
    chair.set()
    chair.clinic.clock.forward(10)
    chair.set()
    chair.start()
    return chair


def test_a_severe_concern_from_elsewhere(listening: Tablet, clinic: Clinic):
    there, here = infusing(maria(clinic).checked_in("3")), marta(clinic).checked_in("4")
    here.set()
    tablet, page = listening, listening.page
    tablet.open()
    sign_in(tablet, clinic.nurse)
    tablet.open(f"/#/entry/{here.id}")
    expect(page.get_by_role("radiogroup", name="Gait")).to_be_visible()
    for shape in SHAPES:
        page.set_viewport_size(shape)
        expect(strip(tablet)).to_contain_text("Nothing is urgent.")
        before = tablet.state(PLACES)
        taken = there.set(**FRIGHTENING)
        expect(strip(tablet)).to_contain_text("Chair 3 · RIVERA BP 205/118, SpO2 88: look now")
        assert moved(tablet, before) == []
        expect(page).to_have_title(re.compile(r"^\(1\) New set"))
        there.correct(taken, "typed by mistake")
        expect(strip(tablet)).to_contain_text("Nothing is urgent.")
    # each was a new one
    assert tones(tablet) == SEVERE * len(SHAPES)
    assert len(tablet.state("window.__felt")) == len(SHAPES)


def test_it_is_heard_until_somebody_says_seen(listening: Tablet, clinic: Clinic):
    chair = infusing(maria(clinic).checked_in("3"))
    tablet, page = listening, listening.page
    tablet.open()
    enrol(tablet)
    sign_in(tablet, clinic.nurse)
    set_pin(tablet, clinic.nurse)
    until(tablet, "window.__lit", 1)
    chair.set(**FRIGHTENING)
    expect(strip(tablet)).to_contain_text("look now")
    until(tablet, "window.__heard.length", SEVERE)
    page.wait_for_timeout(2_000)
    assert tones(tablet) == SEVERE, "once, not every second"
    tablet.state("window.__later += 60_000")
    until(tablet, "window.__heard.length", 2 * SEVERE)

    tablet.tap(tablet.button(re.compile("^Seen: Chair 3")))
    expect(tablet.button(re.compile("^Seen ✓: Chair 3"))).to_be_disabled()
    tablet.state("window.__later += 60_000")
    page.wait_for_timeout(2_500)
    assert tones(tablet) == 2 * SEVERE
    # seen is not acknowledged: it goes on being shown, and a tap on it goes to the chair
    tablet.tap(strip(tablet).get_by_role("link"))
    expect(page).to_have_url(re.compile(f"#/session/{chair.id}$"))
    until(tablet, "window.__lit", 0)

    lock(tablet)
    locked = page.get_by_role("region", name="Needs a person now")
    expect(locked).to_contain_text("Chair 3: concern")
    expect(locked).to_contain_text("Locked: alerts are not heard here.")
    assert "rivera" not in page.content().lower()
    unlock(tablet, clinic.nurse)
    expect(inside(tablet)).to_be_visible()
    # on this tablet it was seen, whoever comes
    expect(tablet.button(re.compile("^Seen ✓: Chair 3"))).to_be_disabled()
    assert tones(tablet) == 2 * SEVERE


def test_an_overdue_set_and_what_is_chosen_on_the_tablet(listening: Tablet, clinic: Clinic):
    maria(clinic).checked_in("3").set()
    tablet, page = listening, listening.page
    tablet.open()
    sign_in(tablet, clinic.nurse)
    tablet.tap(tablet.radio("Sound of an overdue set", "off"))
    expect(strip(tablet)).to_contain_text("Nothing is urgent.")
    tablet.pass_by(40)
    expect(strip(tablet)).to_contain_text(re.compile(r"Chair 3 · RIVERA set \d+ min overdue"))
    page.wait_for_timeout(1_500)
    assert tones(tablet) == 0
    tablet.tap(tablet.radio("Sound of an overdue set", "loud"))
    assert tones(tablet) == 2, "what was chosen is heard at once"
    page.reload()
    sign_in(tablet, clinic.nurse)
    expect(tablet.radio("Sound of an overdue set", "loud")).to_be_checked()
    # the service is gone: what was known is shown as such
    clinic.stop()
    expect(page.get_by_text("As last heard:")).to_be_visible(timeout=60_000)


def test_what_the_lead_settles_holds_on_every_tablet(
    listening: Tablet, new_tablet: Callable[..., Tablet], clinic: Clinic
):
    leads = new_tablet()
    leads.open("/#/clinic")
    sign_in(leads, clinic.lead)
    leads.open("/#/clinic")
    leads.tap(leads.radio("Sound", "Quiet at most"))
    leads.tap(leads.radio("A severe concern may be made on a tablet", "Quiet, not silent"))
    leads.tap(leads.radio("Vibration", "Tablets do not vibrate"))
    leads.fill("Seconds until a call grows", "15")
    leads.tap(leads.button("Save for every tablet"))
    expect(leads.page.get_by_text("Settled by")).to_be_visible()

    chair = infusing(maria(clinic).checked_in("3"))
    tablet, page = listening, listening.page
    tablet.open()
    sign_in(tablet, clinic.nurse)
    severe = page.get_by_role("radiogroup", name="Sound of a severe concern")
    expect(severe.get_by_role("radio")).to_have_count(1)
    expect(tablet.radio("Sound of a severe concern", "quiet")).to_be_checked()
    expect(page.get_by_role("radiogroup", name="Sound of an overdue set").get_by_role("radio")).to_have_count(2)
    chair.set(**FRIGHTENING)
    until(tablet, "window.__heard.length", SEVERE)
    tablet.state("window.__later += 15_000")
    until(tablet, "window.__heard.length", 2 * SEVERE)
    assert tablet.state("window.__felt") == []


def test_what_one_tablet_has_seen_no_other_calls_again(
    listening: Tablet, new_tablet: Callable[..., Tablet], clinic: Clinic
):
    chair = infusing(maria(clinic).checked_in("3"))
    tablet, other = listening, new_tablet()
    for each in (tablet, other):
        each.open()
        sign_in(each, clinic.nurse)
    chair.set(**FRIGHTENING)
    until(tablet, "window.__heard.length", SEVERE)
    expect(other.button(re.compile("^Seen: Chair 3"))).to_be_visible()
    # what has only just come takes no tap
    other.page.wait_for_timeout(500)
    other.tap(other.button(re.compile("^Seen: Chair 3")))
    expect(other.button(re.compile("^Seen ✓: Chair 3"))).to_be_visible()
    tablet.state("window.__later += 60_000")
    expect(tablet.button(re.compile("^Seen ✓: Chair 3"))).to_be_visible()
    assert tones(tablet) == SEVERE


PUSHED = """
{
  Object.defineProperty(Notification, "permission", { get: () => "default" });
  Notification.requestPermission = () => Promise.resolve("granted");
  PushManager.prototype.subscribe = async function (asked) {
    window.__asked = new Uint8Array(asked.applicationServerKey).length;
    const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
    const point = await crypto.subtle.exportKey("raw", pair.publicKey);
    return { endpoint: "https://push.example/one", getKey: (name) => (name === "auth" ? new ArrayBuffer(16) : point) };
  };
}
"""
"""An init script: a person who allows it, and a push service that takes every browser; there is neither here."""
SHOWN = """
  self.__shown = [];
  ServiceWorkerRegistration.prototype.showNotification = async (title, said) => void self.__shown.push([title, said]);
"""
"""In the worker: a browser without a screen shows no notification, so what it would show is noted."""


def test_a_tablet_that_is_not_looked_at_is_called(new_tablet: Callable[..., Tablet], clinic: Clinic):
    tablet = new_tablet()
    page = tablet.page
    tablet.context.add_init_script(PUSHED)
    tablet.open()
    tablet.state(
        "new Promise((on) => { const worker = navigator.serviceWorker;"
        " worker.controller ? on() : worker.addEventListener('controllerchange', on); })"
    )
    sign_in(tablet, clinic.nurse)
    tablet_id = tablet.state("localStorage.getItem('tablet')")
    path = f"/v1/tablets/{tablet_id}/push"
    assert clinic.ask(clinic.nurse, "GET", path)["called"] is False, "nobody has said so"
    expect(page.get_by_role("region", name="Calls while nobody looks")).to_contain_text("When nobody has said Seen")
    tablet.tap(tablet.button("Call this tablet too"))
    expect(page.get_by_text("This tablet is called until your shift here ends.")).to_be_visible()
    assert tablet.state("window.__asked") == 65
    assert clinic.ask(clinic.nurse, "GET", path)["called"] is True

    devtools = tablet.context.new_cdp_session(page)
    registered: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registered.extend(each["registrationId"] for each in event["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    tablet.until(lambda: len(registered) > 0, wanted=True)
    lock(tablet)
    [worker] = tablet.context.service_workers
    worker.evaluate(f"() => {{{SHOWN}}}")
    message = {"origin": clinic.url, "registrationId": registered[0], "data": '{"chair": "3"}'}
    devtools.send("ServiceWorker.deliverPushMessage", message)
    devtools.send("ServiceWorker.deliverPushMessage", message)
    tablet.until(lambda: worker.evaluate("self.__shown.length"), 2)
    shown = worker.evaluate("self.__shown")
    assert [(title, said["body"]) for title, said in shown] == [("Infusion Vitals", "Chair 3: look")] * 2
    # the second takes the place of the first, and is heard again
    assert {(said["tag"], said["renotify"]) for _, said in shown} == {("Chair 3: look", True)}


def test_nothing_heard_is_not_nothing_urgent(tablet: Tablet, clinic: Clinic):
    tablet.open()
    sign_in(tablet, clinic.nurse)
    expect(strip(tablet)).to_contain_text("Nothing is urgent.")
    clinic.stop()
    expect(strip(tablet)).to_contain_text("Unknown: alerts are not heard now.", timeout=60_000)


def test_a_tap_is_for_what_stood_there(tablet: Tablet, clinic: Clinic):
    """What comes before it in the line takes no tap that was meant for another chair."""
    late, grave = maria(clinic).checked_in("3"), infusing(marta(clinic).checked_in("4"))
    late.set()
    clinic.clock.forward(40)
    grave.set()
    tablet.open()
    sign_in(tablet, clinic.nurse)
    first = strip(tablet).get_by_role("link").first
    expect(first).to_contain_text("Chair 3")
    # a finger is down while a graver one arrives: nothing moves under it
    first.dispatch_event("pointerdown")
    grave.set(**FRIGHTENING)
    expect(tablet.page.locator(".chair", has_text="R-2213")).to_contain_text("205", timeout=2_500)
    expect(first).to_contain_text("Chair 3")
    # what has only just come there is not tapped
    tapped = tablet.state(
        """() => new Promise((tell) => {
             const strip = document.querySelector(".alerts ul");
             const watch = new MutationObserver(() => {
               const [first] = strip.querySelectorAll("a");
               first.click();
               tell([first.textContent, location.hash]);
             });
             watch.observe(strip, { childList: true, subtree: true, characterData: true });
             strip.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
           })"""
    )
    assert "Chair 4" in tapped[0]
    assert "session" not in tapped[1]
    tablet.page.wait_for_timeout(500)
    tablet.tap(first)
    expect(tablet.page).to_have_url(re.compile(f"#/session/{grave.id}$"))
