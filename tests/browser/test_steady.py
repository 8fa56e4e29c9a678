"""Nothing moves under a finger: what the app says by itself comes and goes, and every button stays where it is.

A tap is a touch and, some milliseconds later, a click at the same place. What moves between the two takes the click to
another choice, or to another patient."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.ward import at_home, check_in, sign_in

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # where things stand on a screen

SHAPES = ({"width": 820, "height": 1180}, {"width": 1080, "height": 760}, {"width": 390, "height": 844})
PLACES = """
() => [...document.querySelectorAll(":is(main, header, footer) :is(a:not(.saved), button, input)")]
  .map((each) => [each.ariaLabel || each.innerText || each.id, each.getBoundingClientRect()])
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


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape['width']}x{shape['height']}")
def test_a_lost_connection_moves_nothing(new_tablet: Callable[..., Tablet], clinic: Clinic, shape: Any):
    chair = check_in(clinic, "Probe")
    tablet = new_tablet()
    tablet.page.set_viewport_size(shape)
    tablet.open()
    sign_in(tablet, clinic.nurse)
    at_home(tablet)
    tablet.open(f"/#/entry/{chair.session_id}")
    gone = tablet.page.get_by_text("Not connected since")
    there = tablet.page.get_by_text("Connected", exact=True)
    expect(tablet.page.get_by_role("radiogroup", name="Gait")).to_be_visible()
    expect(there).to_be_visible()
    before = tablet.state(PLACES)
    assert any(each.startswith("moderate at ") for each in before)

    tablet.context.set_offline(True)
    expect(gone).to_be_visible(timeout=60_000)
    assert moved(tablet, before) == []
    assert tablet.state(READ_WHOLE)
    tablet.context.set_offline(False)
    expect(there).to_be_visible(timeout=60_000)
    assert moved(tablet, before) == []

    tablet.state(REFUSED)
    assert moved(tablet, before) == []

    # the positive control: what is put above everything moves everything
    tablet.state(FROM_ABOVE)
    assert moved(tablet, before)


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
