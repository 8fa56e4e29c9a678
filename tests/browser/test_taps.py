"""What a full, normal set costs: taps, counted by the hand that makes them, and seconds by a keystroke-level model.

The model is the one of Card, Moran and Newell: a press (K), the way of the hand by Fitts's law over the distances and
sizes that the screen really has (0.1 s a bit), and a thought (M) before each unit done in one go: opening the pad, the
numbers, what was seen of the patient, the save. It knows no glove and no interruption: it compares screens, not people.
"""

import re
from math import dist, log2

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chairs import maria
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet

MOST = 18
SLOWEST = 13.0
"""Seconds."""
PRESS, A_BIT, THOUGHT = 0.2, 0.1, 1.35
"""Seconds: K of a practised hand, Fitts's slope, M."""


@pytest.fixture
def engine_name() -> str:
    """A tap is a tap on either database."""
    return "sqlite"


class Hand:
    """Taps with one finger, and adds up what the model says of each."""

    def __init__(self, tablet: Tablet) -> None:
        self.tablet = tablet
        self.seconds = 0.0
        self._at: tuple[float, float] | None = None

    def think(self) -> None:
        self.seconds += THOUGHT

    def tap(self, what: Locator) -> None:
        box = what.bounding_box()
        assert box is not None
        there = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        way = dist(self._at or there, there) / min(box["width"], box["height"])
        self.seconds += PRESS + A_BIT * max(0.0, log2(way + 0.5))
        self._at = there
        self.tablet.tap(what)


def test_a_full_normal_set_from_the_board(tablet: Tablet, clinic: Clinic):
    chair = maria(clinic).checked_in("3")
    tablet.open()
    tablet.sign_in(clinic.nurse)
    expect(tablet.link("New set for Rivera, Maria")).to_be_visible()
    tablet.taps = 0
    hand = Hand(tablet)
    hand.think()
    hand.tap(tablet.link("New set for Rivera, Maria"))
    expect(tablet.page.get_by_role("textbox", name="Systolic")).to_be_focused()
    hand.think()
    for digit in "124" + "80" + "72" + "14" + "98":
        hand.tap(tablet.page.get_by_role("button", name=digit, exact=True))
    hand.think()
    hand.tap(tablet.radio("Awake", "5 awake"))
    hand.tap(tablet.radio("Dissociation", "none"))
    hand.tap(tablet.radio("Gait", "steady"))
    hand.tap(tablet.radio("Orientated", "yes"))
    hand.tap(tablet.page.locator("[data-field=symptoms]").get_by_role("button", name="none"))
    hand.think()
    hand.tap(tablet.button(re.compile("^Save set for Rivera")))
    taps = tablet.taps
    expect(tablet.page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
    tablet.all_in_the_record()
    (kept,) = chair.read()["readings"]
    print(f"\na full normal set, symptoms and saving included: {taps} taps from the board (at most {MOST})")
    print(f"by the keystroke-level model: {hand.seconds:.1f} s (at most {SLOWEST:.0f})")
    assert taps <= MOST
    assert hand.seconds <= SLOWEST
    assert [kept[name] for name in ("systolic", "diastolic", "heart_rate", "respiratory_rate", "spo2")] == [
        124,
        80,
        72,
        14,
        98,
    ]
    assert kept["oxygen"]["kind"] == "room-air"
    assert (kept["consciousness"]["score"], kept["dissociation"]["grade"]) == (5, "none")
    assert (kept["gait_steady"], kept["orientated"], kept["symptoms"], kept["not_measured"]) == (True, True, [], {})
