"""The clinic that cannot lose a day: the database is lost, an older backup brought back; the tablet has the rest."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Route, expect

from app.commands.backing_up import back_up, bring_back
from app.exchange import backup_file
from app.settings import Settings
from tests.browser.chairs import Chair
from tests.browser.clinic import PASSWORD, Account, Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_accessibility import Looker
from tests.browser.test_accounts import picture
from tests.browser.test_story import take_set
from tests.browser.test_tablet_keys import DAY, heard
from tests.browser.ward import enrol, lock, read_outbox, sign_in
from tests.tablets_made import known

KEY = backup_file.new_identity()


@pytest.fixture
def engine_name() -> str:
    """What a tablet offers again does not hang on the database behind the service."""
    return "sqlite"


@pytest.fixture
def chair(clinic: Clinic) -> Chair:
    return Chair(clinic, "Probe", "Maria", "1984-03-11", "R-2231").known().checked_in("3")


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    (tmp_path / "scratch").mkdir()
    return Settings(database_url=database_url, backup_scratch=tmp_path / "scratch")


def chart(tablet: Tablet, who: Account, chair: Chair) -> None:
    """One set, by somebody who signs in for it and locks the tablet."""
    sign_in(tablet, who)
    tablet.open(f"/#/session/{chair.id}")
    expect(tablet.page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
    take_set(tablet)
    tablet.all_in_the_record()
    lock(tablet)


def lose_and_bring_back(clinic: Clinic, settings: Settings, backup: Path) -> None:
    clinic.stop()
    file = Path(settings.database_url.removeprefix("sqlite:///"))
    for path in file.parent.glob(f"{file.name}*"):
        path.unlink()
    bring_back(settings, backup, [KEY], {})
    clinic.start()


def begin_sign_in(tablet: Tablet, who: Account) -> None:
    tablet.fill("Username", who.username)
    tablet.fill("Password", PASSWORD)
    tablet.tap(tablet.button("Sign in"))


def typed(chair: Chair) -> list[tuple[Any, Any, Any]]:
    return [(one["id"], one["measured_at"], one["recorded_by"]["name"]) for one in chair.read()["readings"]]


def test_what_was_lost_comes_back_from_the_tablet(
    tablet: Tablet, clinic: Clinic, chair: Chair, settings: Settings, tmp_path: Path
):
    tablet.open()
    chart(tablet, clinic.other_nurse, chair)
    back_up(settings, tmp_path / "monday.age", [KEY.to_public()])
    chart(tablet, clinic.nurse, chair)
    before = typed(chair)
    assert [name for _, _, name in before] == ["Bea Nurse", "Ada Nurse"]
    lose_and_bring_back(clinic, settings, tmp_path / "monday.age")
    assert typed(chair) == before[:1], "the second was lost"
    # somebody else signs in: the tablet hears of another life of the record, and begins anew with what it laid by
    with tablet.page.expect_event("load"):
        begin_sign_in(tablet, clinic.other_nurse)
    sign_in(tablet, clinic.other_nurse)
    tablet.all_in_the_record()
    assert read_outbox(tablet) == 0
    assert typed(chair) == before, "once, under who typed it, with its own times"
    # and it is over: nothing is offered a third time
    tablet.open(f"/#/session/{chair.id}")
    tablet.page.reload()
    sign_in(tablet, clinic.other_nurse)
    tablet.all_in_the_record()
    assert typed(chair) == before
    told = clinic.ask(clinic.lead, "GET", "/v1/restored")
    assert {"kind": "reading", "count": 1} in told["came_back"]


def test_the_control_without_the_offer_it_stays_lost(
    new_tablet: Any, clinic: Clinic, chair: Chair, settings: Settings, tmp_path: Path
):
    tablet = new_tablet(service_workers="block")

    def nothing(route: Route) -> None:
        route.fulfill(content_type="text/javascript", body="export const offerAgain = () => 0, letGoOfOld = () => 0;")

    tablet.page.route("**/again-*.js", nothing)
    tablet.open()
    chart(tablet, clinic.other_nurse, chair)
    back_up(settings, tmp_path / "monday.age", [KEY.to_public()])
    chart(tablet, clinic.nurse, chair)
    lose_and_bring_back(clinic, settings, tmp_path / "monday.age")
    with tablet.page.expect_event("load"):
        begin_sign_in(tablet, clinic.other_nurse)
    sign_in(tablet, clinic.other_nurse)
    tablet.all_in_the_record()
    assert len(typed(chair)) == 1


def test_a_lead_reads_what_came_back_what_did_not_and_what_to_do(
    tablet: Tablet, clinic: Clinic, chair: Chair, settings: Settings, tmp_path: Path, axe: str
):
    page, look, red = tablet.page, Looker(tablet.page, axe), str(uuid4())
    clinic.ask(clinic.lead, "PUT", f"/v1/tablets/{red}", known(red).enrolment("Red tablet"))
    tablet.open()
    sign_in(tablet, clinic.lead)
    tablet.open("/#/setup")
    tablet.tap(tablet.link("What a restore lost"))
    expect(page.get_by_text("This record was never brought back from a backup.")).to_be_visible()
    look("never brought back")
    picture(tablet, "restored-never")
    tablet.open("/#/board")
    lock(tablet)
    back_up(settings, tmp_path / "monday.age", [KEY.to_public()])
    typed_at = clinic.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    lose_and_bring_back(clinic, settings, tmp_path / "monday.age")
    chair.set(measured_at=typed_at)
    with page.expect_event("load"):
        begin_sign_in(tablet, clinic.lead)
    sign_in(tablet, clinic.lead)
    expect(page.get_by_text("One tablet may still hold what was lost.")).to_be_visible()
    picture(tablet, "restored-board")
    tablet.tap(tablet.link("What came back"))
    expect(page.get_by_text("Red tablet: never heard of")).to_be_visible()
    expect(page.get_by_text("Sets of readings: 1")).to_be_visible()
    expect(page.get_by_text("Find every tablet that is named above.")).to_be_visible()
    look("a tablet has not come back")
    picture(tablet, "restored")
    life = clinic.ask(clinic.lead, "GET", "/v1/restored")["epoch"]
    contact = {"unsent": 2, "open_sessions": [], "clock_offset_ms": 0, "epoch": life}
    clinic.ask(clinic.nurse, "PUT", f"/v1/tablets/{red}/contact", contact)
    tablet.tap(tablet.button("Look again"))
    expect(page.get_by_text("Red tablet: still holds 2 unsent")).to_be_visible()
    clinic.ask(clinic.nurse, "PUT", f"/v1/tablets/{red}/contact", {**contact, "unsent": 0})
    tablet.tap(tablet.button("Look again"))
    expect(page.get_by_text("Every enrolled tablet has been heard of since")).to_be_visible()
    look("every tablet has come back")
    tablet.open("/#/board")
    expect(page.get_by_text("PROBE").first).to_be_visible()
    expect(page.get_by_text("may still hold what was lost")).to_have_count(0)
    assert look.wrong == []


def test_a_tablet_whose_key_was_renewed_since_goes_on_with_the_one_before(
    tablet: Tablet, clinic: Clinic, settings: Settings, tmp_path: Path
):
    tablet.open()
    tablet_id = enrol(tablet)
    sign_in(tablet, clinic.nurse)
    heard(tablet)
    lock(tablet)
    clinic.clock.forward(30 * DAY)
    chair = Chair(clinic, "Probe", "Maria", "1984-03-11", "R-2231").known().checked_in("3")
    back_up(settings, tmp_path / "monday.age", [KEY.to_public()])
    with tablet.page.expect_response(lambda answer: answer.url.endswith("/public-key") and answer.ok):
        chart(tablet, clinic.nurse, chair)
    before = typed(chair)
    assert len(before) == 1
    lose_and_bring_back(clinic, settings, tmp_path / "monday.age")
    assert typed(chair) == []
    with tablet.page.expect_event("load"):
        sign_in(tablet, clinic.nurse)
    chart(tablet, clinic.nurse, chair)
    assert read_outbox(tablet) == 0
    after = typed(chair)
    assert (len(after), after[0]) == (2, before[0]), "what was lost, and one more"
    keys = [one["public_key"] for one in clinic.ask(clinic.lead, "GET", f"/v1/tablets/{tablet_id}/history")["items"]]
    assert len(keys) == len(set(keys)), "nobody has enrolled it again"
