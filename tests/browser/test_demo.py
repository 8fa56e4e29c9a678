"""The live demo at 60 times real speed, by hand: a look changes no verdict, a chair left open can be signed."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import TimeoutError as TooLate

from tests.demo.live import Live, fresh_console, real_service

LOOKED = ("Alert", "Steady on their feet", "Speaks clearly")
LOOK_SECONDS = 12
"""Many times the two clinic minutes of a silence: 720 seconds of the clinic's."""
PATIENCE_SECONDS = 240


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder: Path = tmp_path_factory.mktemp("demo") / "demo"
    with Live(real_service, folder, fresh_console()) as live:
        yield live


@pytest.fixture
def visitor(browser: Browser, demo: Live) -> Iterator[Callable[[str, str], Page]]:
    """Somebody new to it, signed in as the console says."""
    opened = []

    def come(username: str, name: str) -> Page:
        context = browser.new_context(
            base_url=demo.accounts["url"], viewport={"width": 820, "height": 1180}, has_touch=True
        )
        opened.append(context)
        page = context.new_page()
        page.goto("/")
        page.get_by_label("Username", exact=True).fill(username)
        page.get_by_label("Password", exact=True).fill(demo.password(username))
        page.get_by_role("button", name="Sign in").tap()
        expect(page.get_by_text(name, exact=True)).to_be_visible()
        return page

    yield come
    for context in opened:
        context.close()


def in_step(demo: Live, session_id: str) -> dict[str, Any]:
    findings = demo.get(f"/v1/sessions/{session_id}/readiness")["findings"]
    return next(one for one in findings if one["criterion"] == "tablets-in-step")


def open_a_met_chair(page: Page) -> str:
    """The first on the board; which session it is."""
    page.goto("/#/")
    met = page.locator(".chair", has=page.get_by_text(re.compile("Criteria met")))
    met.first.locator(".chair-link").tap(timeout=PATIENCE_SECONDS * 1000)
    expect(page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
    found = re.search("#/session/(.+)$", page.url)
    assert found, page.url
    return found[1]


def tap_where_it_is(what: Locator) -> bool:
    """A tap that may come too late: the clinic goes on under the hand."""
    try:
        what.tap(timeout=3_000)
    except Exception:  # noqa: BLE001  # whatever was in the way, the screen is looked at again
        return False
    return True


def is_open(box: Locator) -> bool:
    """Whether it is there and not ticked; it may go while it is being looked at."""
    try:
        return box.is_visible() and not box.is_checked(timeout=1_000)
    except TooLate:
        return False


def sign(page: Page, session_id: str, password: str) -> bool:
    """As a clinician would, looking again whenever a set comes in; False where the flag truly went."""
    page.goto(f"/#/review/{session_id}")
    signed = page.get_by_role("heading", name=re.compile("^Confirmed by Dr Cedar"))
    own_look = page.get_by_role("heading", name=re.compile("^(Your own look|Something has changed)"))
    until = time.monotonic() + 90
    while time.monotonic() < until:
        if signed.is_visible():
            return True
        if not own_look.is_visible():
            page.wait_for_timeout(200)
            continue
        again = page.get_by_role("button", name="I have looked again")
        if again.is_visible():
            tap_where_it_is(again)
            continue
        boxes = [page.get_by_role("checkbox", name=looked) for looked in LOOKED]
        open_boxes = [box for box in boxes if is_open(box)]
        confirm = page.get_by_role("button", name=re.compile("^Confirm: the criteria are met"))
        field = page.get_by_label("Your password", exact=True)
        if open_boxes:
            tap_where_it_is(open_boxes[0])
        elif field.is_visible():
            field.fill(password)
            tap_where_it_is(page.get_by_role("button", name="Sign as Dr Cedar"))
        elif confirm.is_visible():
            tap_where_it_is(confirm)
        page.wait_for_timeout(200)
    return False


def test_opening_a_met_chair_changes_no_verdict_and_it_can_be_signed_by_hand(
    demo: Live, visitor: Callable[[str, str], Page]
):
    page = visitor("cedar", "Dr Cedar")
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        session_id = open_a_met_chair(page)
        ends = time.monotonic() + LOOK_SECONDS
        while time.monotonic() < ends:
            finding = in_step(demo, session_id)
            assert finding["outcome"] == "met", finding["because"]
            page.wait_for_timeout(500)
        expect(page.get_by_text("bring it into reach")).to_have_count(0)
        if sign(page, session_id, demo.password("cedar")):
            break
        assert time.monotonic() < until, "no chair could be signed"
    record = demo.get(f"/v1/sessions/{session_id}")
    mine = [one for one in record["confirmations"] if one["tablet_id"] is not None]
    assert [(one["decision"], one["signed_by"]["name"]) for one in mine] == [("confirm", "Dr Cedar")]
    kept = demo.get(f"/v1/sessions/{session_id}/assessments")["items"]
    of_tablets = {
        finding["outcome"] for one in kept for finding in one["findings"] if finding["criterion"] == "tablets-in-step"
    }
    assert of_tablets == {"met"}


def test_a_nurse_charts_a_set_by_hand_at_60_times_real_speed(demo: Live, visitor: Callable[[str, str], Page]):
    page = visitor("alder", "Alder")
    chair = next(
        one
        for one in demo.board()["items"]
        if one["phase"] == "recovery" and one["last_set"] and one["status"] != "met"
    )
    last = chair["last_set"]
    page.goto(f"/#/session/{chair['id']}")
    page.get_by_role("link", name=re.compile("^New set")).tap()
    for vital in ("systolic", "diastolic", "heart_rate", "respiratory_rate", "spo2"):
        for digit in str(last[vital]):
            page.get_by_role("button", name=digit, exact=True).tap()
    radio = {"Awake": "5 awake", "Dissociation": "none", "Gait": "steady", "Orientated": "yes"}
    for group, choice in radio.items():
        page.get_by_role("radiogroup", name=group).get_by_role("radio", name=choice, exact=True).tap()
    page.locator("[data-field=symptoms]").get_by_role("button", name="none").tap()
    page.get_by_role("button", name=re.compile("^Save set for")).tap()
    # the set is on its way before it is waited for
    expect(page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
    expect(page.get_by_text("all in the record")).to_be_visible()
    readings = demo.get(f"/v1/sessions/{chair['id']}")["readings"]
    by_hand = [one for one in readings if one["tablet_id"] is not None]
    assert [(one["recorded_by"]["name"], one["systolic"]) for one in by_hand] == [("Alder", last["systolic"])]
    assert by_hand[0]["clock_doubtful"] is False
