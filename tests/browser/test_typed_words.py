"""Words that were typed and not saved: no moment without the service, no lock and no reload takes them."""

import pytest
from playwright.sync_api import expect

from tests.browser.chairs import Chair
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.ward import lock, sign_in

WORDS = "looks about, answers at once"


@pytest.fixture
def engine_name() -> str:
    """What a screen keeps does not hang on the database behind the service."""
    return "sqlite"


@pytest.fixture
def here(tablet: Tablet, clinic: Clinic, chair: Chair) -> Tablet:
    """A clinician has looked, ticked and written."""
    tablet.open()
    sign_in(tablet, clinic.clinician)
    tablet.open(f"/#/review/{chair.id}")
    tablet.tap(tablet.page.get_by_role("checkbox", name="Alert"))
    tablet.fill("In your own words", WORDS)
    tablet.fill("Condition and notes", "walks alone")
    return tablet


def test_a_service_that_is_not_heard_for_a_moment_takes_nothing(here: Tablet):
    here.context.set_offline(True)
    expect(here.page.get_by_text("Nothing can be signed now")).to_be_visible()
    expect(here.page.get_by_label("In your own words")).to_have_value(WORDS)
    here.context.set_offline(False)
    expect(here.page.get_by_text("Nothing can be signed now")).to_have_count(0)
    expect(here.page.get_by_label("In your own words")).to_have_value(WORDS)
    expect(here.page.get_by_role("checkbox", name="Alert")).to_be_checked()
    expect(here.page.get_by_label("Condition and notes")).to_have_value("walks alone")


def test_a_lock_and_a_reload_leave_the_words_to_their_writer_alone(here: Tablet, clinic: Clinic, chair: Chair):
    lock(here)
    here.page.reload()
    sign_in(here, clinic.nurse)
    here.open(f"/#/review/{chair.id}")
    expect(here.page.get_by_label("Condition and notes")).to_have_value("")
    # words hold nobody up: they are no unfinished set
    expect(here.page.get_by_text("Criteria met").first).to_be_visible()
    lock(here)
    sign_in(here, clinic.clinician)
    here.open(f"/#/review/{chair.id}")
    expect(here.page.get_by_label("In your own words")).to_have_value(WORDS)
    expect(here.page.get_by_label("Condition and notes")).to_have_value("walks alone")
    # whoever comes back looks again
    expect(here.page.get_by_role("checkbox", name="Alert")).not_to_be_checked()
