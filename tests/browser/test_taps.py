"""How many taps a full, normal set costs, counted by the hand that makes them."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.chairs import maria
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet

MOST = 18


@pytest.fixture
def engine_name() -> str:
    """A tap is a tap on either database."""
    return "sqlite"


def test_a_full_normal_set_from_the_board(tablet: Tablet, clinic: Clinic):
    chair = maria(clinic).checked_in("3")
    tablet.open()
    tablet.sign_in(clinic.nurse)
    expect(tablet.link("New set for Rivera, Maria")).to_be_visible()
    tablet.taps = 0
    tablet.tap(tablet.link("New set for Rivera, Maria"))
    tablet.type_digits("124" + "80" + "72" + "14" + "98")
    tablet.tap(tablet.radio("Awake", "5 awake"))
    tablet.tap(tablet.radio("Dissociation", "none"))
    tablet.tap(tablet.radio("Gait", "steady"))
    tablet.tap(tablet.radio("Orientated", "yes"))
    tablet.tap(tablet.page.locator("[data-field=symptoms]").get_by_role("button", name="none"))
    tablet.tap(tablet.button(re.compile("^Save set for Rivera")))
    taps = tablet.taps
    expect(tablet.page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
    tablet.all_in_the_record()
    (kept,) = chair.read()["readings"]
    print(f"\na full normal set, symptoms and saving included: {taps} taps from the board (at most {MOST})")
    assert taps <= MOST
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
