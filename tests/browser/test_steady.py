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
