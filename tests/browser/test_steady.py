"""Nothing moves under a finger: what the app says by itself comes and goes, and every button stays where it is.

A tap is a touch and, some milliseconds later, a click at the same place. What moves between the two takes the click to
another choice, or to another patient."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, ViewportSize, expect

from tests.browser.clinic import Clinic
from tests.browser.late import answer_late, replaced
from tests.browser.tablet import ONE_MORE_TASK, Tablet
from tests.browser.ward import Chair, at_home, check_in, sign_in

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # where things stand on a screen

SHAPES: tuple[ViewportSize, ...] = (
    {"width": 820, "height": 1180},
    {"width": 1080, "height": 760},
    {"width": 390, "height": 844},
)
PLACES = """
() => [...document.querySelectorAll(":is(main, header, footer) :is(a:not(.saved), button, input)")]
  .map((each) => [each, each.ariaLabel || each.innerText || each.labels?.[0]?.innerText || each.id])
  .map(([each, name]) => [name, each.getBoundingClientRect()])
  .map(([name, { x, y }]) => `${name} at ${Math.round(x)}, ${Math.round(y)}`)
"""
REFUSED = "document.querySelector('.saved').textContent = '\u26a0 12 refused: look'"
READ_WHOLE = """
() => {
  const said = document.querySelector(".notices > [role=status]");
  return said.scrollHeight <= said.clientHeight;
}
"""
FROM_ABOVE = "document.getElementById('app').insertAdjacentHTML('afterbegin', '<p>said by itself</p>')"


def moved(tablet: Tablet, before: list[str]) -> list[str]:
    """What no longer stands where it stood."""
    now = set(tablet.state(PLACES))
    return [each for each in before if each not in now]


def on_the_entry(tablet: Tablet, clinic: Clinic, chair: Chair) -> list[str]:
    """Where everything stands on the screen of a new set, with the service there."""
    tablet.open()
    sign_in(tablet, clinic.nurse)
    tablet.tap(tablet.button("I have read this"))
    at_home(tablet)
    tablet.open(f"/#/entry/{chair.session_id}")
    expect(tablet.page.get_by_role("radiogroup", name="Gait")).to_be_visible()
    expect(tablet.page.get_by_text("Connected", exact=True)).to_be_visible()
    before: list[str] = tablet.state(PLACES)
    assert any(each.startswith("moderate at ") for each in before)
    return before


def test_a_lost_connection_moves_nothing(new_tablet: Callable[..., Tablet], clinic: Clinic):
    chair = check_in(clinic, "Probe")
    tablets = [new_tablet() for _ in SHAPES]  # all at once: each waits until it knows that nobody answers
    for tablet, shape in zip(tablets, SHAPES, strict=True):
        tablet.page.set_viewport_size(shape)
    places = [on_the_entry(tablet, clinic, chair) for tablet in tablets]

    for tablet in tablets:
        tablet.context.set_offline(True)
    for tablet, before in zip(tablets, places, strict=True):
        expect(tablet.page.get_by_text("Not connected since")).to_be_visible(timeout=60_000)
        assert moved(tablet, before) == []
        assert tablet.state(READ_WHOLE)
    for tablet in tablets:
        tablet.context.set_offline(False)
    for tablet, before in zip(tablets, places, strict=True):
        expect(tablet.page.get_by_text("Connected", exact=True)).to_be_visible(timeout=60_000)
        assert moved(tablet, before) == []

        tablet.state(REFUSED)
        assert moved(tablet, before) == []

        # the positive control: what is put above everything moves everything
        tablet.state(FROM_ABOVE)
        assert moved(tablet, before)


KEPT_PROTOCOLS = "localStorage.removeItem('protocols')"


def test_choices_that_come_late_replace_nothing_in_a_hand(tablet: Tablet, clinic: Clinic):
    chair = check_in(clinic, "Probe")
    tablet.open()
    sign_in(tablet, clinic.nurse)
    at_home(tablet)
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    tablet.page.route("**/v1/protocols/*/versions/*", hold)
    tablet.state(KEPT_PROTOCOLS)
    tablet.page.reload()
    sign_in(tablet, clinic.nurse)
    tablet.open(f"/#/event/{chair.session_id}/medication-given")
    name = tablet.page.get_by_label("Name of the medication", exact=True)
    tablet.tap(name)
    with tablet.page.expect_response("**/v1/protocols/*/versions/*"):
        for route in waiting:
            route.continue_()
    tablet.page.wait_for_function("localStorage.getItem('protocols') !== null")
    tablet.page.evaluate(ONE_MORE_TASK)
    expect(name).to_be_focused()
    tablet.page.keyboard.type("ondansetron")
    expect(name).to_have_value("ondansetron")

    # the positive control: with the list known before, the form begins with its choices
    tablet.open(f"/#/event/{chair.session_id}/addendum")
    tablet.open(f"/#/event/{chair.session_id}/medication-given")
    expect(tablet.page.get_by_role("radiogroup", name="Medication")).to_be_visible()


HELD = """
{
  const plain = crypto.subtle.encrypt.bind(crypto.subtle);
  const free = new Promise((go) => { window.__free = go; });
  crypto.subtle.encrypt = async (...given) => { if (window.__held) await free; return plain(...given); };
}
"""
"""An init script: what is to be kept waits while `__held` is set, until `__free()`."""


def test_what_ends_late_takes_nobody_along(tablet: Tablet, clinic: Clinic):
    here, there = check_in(clinic, "Probe", "1"), check_in(clinic, "Probst", "2")
    tablet.context.add_init_script(HELD)
    tablet.open()
    sign_in(tablet, clinic.nurse)
    tablet.open(f"/#/event/{here.session_id}/addendum")
    tablet.fill("What is to be added", "seen by the dentist")
    tablet.state("window.__held = true")
    tablet.tap(tablet.button("Save addendum for Probe"))
    tablet.open(f"/#/entry/{there.session_id}")
    expect(tablet.page.get_by_role("radiogroup", name="Gait")).to_be_visible()
    tablet.state("window.__held = false; window.__free()")
    tablet.all_in_the_record()
    assert tablet.page.url.endswith(f"/#/entry/{there.session_id}")
    (session,) = (each for each in clinic.sessions() if each["id"] == here.session_id)
    assert [each["kind"] for each in session["events"]] == ["checked-in", "addendum"]


def test_no_answer_puts_another_in_the_place_of_what_stands(tablet: Tablet, clinic: Clinic):
    chair = check_in(clinic, "Probe")
    patient = next(each for each in clinic.sessions() if each["id"] == chair.session_id)["patient"]["id"]
    by_role = {
        clinic.nurse: [
            *(f"{screen}/{chair.session_id}" for screen in ("session", "entry", "event", "start", "review", "release")),
            *(f"{screen}/{patient}" for screen in ("new", "past")),
            *("", "patients", "days", "outbox", "account"),
        ],
        clinic.lead: [
            *("setup", "setup/protocols", "setup/colleagues", "setup/iv-infusion-example:1", "elsewhere"),
            *("clinic", "clinic/tablets", "clinic/walls", "clinic/provider", "clinic/break-glass"),
        ],
    }
    answer_late(tablet)
    for who, screens in by_role.items():
        tablet.open()
        sign_in(tablet, who)
        found = [replaced(tablet, screen) for screen in screens]
        assert sum(stood for stood, _ in found) > 0
        assert [name for _, names in found for name in names] == []
        tablet.lock()
