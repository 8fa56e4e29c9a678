"""What a raised blood pressure asks for, where the session is looked at."""

import pytest
from playwright.sync_api import expect

from tests.browser.chairs import maria
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.ward import sign_in

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # what a screen shows


def test_it_is_asked_for_until_a_set_has_answered(tablet: Tablet, clinic: Clinic):
    chair = maria(clinic).checked_in("3")
    chair.set(systolic=152, diastolic=94)
    tablet.open()
    sign_in(tablet, clinic.nurse)
    tablet.open(f"/#/session/{chair.id}")
    asked = tablet.page.get_by_role("region", name="What the protocol asks for")
    expect(asked).to_contain_text("Measure the blood pressure again")
    expect(asked).to_contain_text("It was 152/94 at")
    expect(asked).to_contain_text("asked for from 140/90 on. Measure again from")
    tablet.pass_by(10)
    expect(asked).to_contain_text("Measure again now.")
    chair.set(systolic=149, diastolic=88)
    expect(asked).to_contain_text("Call a clinician")
    clinic.clock.forward(10)
    chair.set()
    expect(asked).to_have_count(0)
