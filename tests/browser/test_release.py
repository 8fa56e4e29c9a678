"""A lead sees which tablet holds a session back, and releases it with a reason."""

from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import expect

from tests.browser.chairs import maria
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.ward import sign_in
from tests.tablets_made import known


def test_a_lead_releases_a_tablet_that_holds_a_session_back(new_tablet: Callable[..., Tablet], clinic: Clinic):
    chair = maria(clinic).checked_in("3").recovered()
    away = str(uuid4())
    clinic.ask(clinic.lead, "PUT", f"/v1/tablets/{away}", known(away).enrolment("Blue one"))
    said = {"unsent": 2, "open_sessions": [str(chair.id)], "drafts": [], "clock_offset_ms": 0}
    clinic.ask(clinic.nurse, "PUT", f"/v1/tablets/{away}/contact", said)
    tablet = new_tablet()
    page = tablet.page
    tablet.open()
    sign_in(tablet, clinic.nurse)
    tablet.open(f"/#/session/{chair.id}")
    expect(page.get_by_text("Tablet “Blue one” has this session open")).to_be_visible()
    expect(tablet.link("Which tablet, and how it is released")).to_have_count(0)
    # an address typed by hand shows a nurse what can be done, and no release
    tablet.open(f"/#/release/{chair.id}")
    expect(page.get_by_text("A lead releases a tablet.")).to_be_visible()
    expect(page.get_by_role("button", name="Release")).to_have_count(0)
    tablet.lock()

    tablet.open()
    sign_in(tablet, clinic.lead)
    tablet.tap(tablet.link("a tablet holds it back"))
    card = page.get_by_role("region", name="“Blue one”")
    expect(card).to_contain_text("It said then that it holds 2 entries that are not in the record.")
    expect(card).to_contain_text("nothing more will come from “Blue one” for this session")
    release = tablet.button("Release “Blue one”")
    tablet.tap(release)
    expect(card).to_contain_text("Say why: it is kept with the release.")
    tablet.fill("Why is nothing more to come from it?", "fell into the sink; measured again")
    tablet.tap(release)
    expect(page.get_by_text("No tablet holds this session back.")).to_be_visible()
    findings = {one["criterion"]: one for one in chair.read()["readiness"]["findings"]}
    assert findings["tablets-in-step"]["outcome"] == "met"
    kept = clinic.ask(clinic.lead, "GET", f"/v1/audit?session_id={chair.id}")["items"]
    assert "fell into the sink; measured again" in [one["reason"] for one in kept]
    tablet.tap(tablet.link("To the session"))
    expect(page.get_by_text("Criteria met").first).to_be_visible()
