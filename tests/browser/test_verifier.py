"""The page that checks a pack: opened from a disk by a real Chromium, with no service and no network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.web import DIST, VERIFIER
from tests.browser.chairs import Chair
from tests.browser.clinic import Clinic
from tests.browser.test_accessibility import violations
from tests.exchange.pack.forging import forged


@pytest.fixture
def engine_name() -> str:
    """A pack is the same from either database."""
    return "sqlite"


@pytest.fixture
def wrong() -> list[str]:
    """Errors of the page, and whatever it asked of a network."""
    return []


@pytest.fixture
def page(browser: Browser, tmp_path: Path, wrong: list[str]) -> Iterator[Page]:
    """The built page, copied away from everything it was built beside."""
    alone = tmp_path / VERIFIER
    alone.write_bytes((DIST / VERIFIER).read_bytes())
    context = browser.new_context(viewport={"width": 1180, "height": 820})
    opened = context.new_page()
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    opened.on("request", lambda asked: wrong.append(asked.url) if not asked.url.startswith("file:") else None)
    opened.goto(alone.as_uri())
    yield opened
    context.close()


def pack_of(clinic: Clinic, chair: Chair) -> bytes:
    """As a clinician downloads it."""
    headers = {"Authorization": f"Bearer {clinic.clinician.token}"}
    return clinic.client.get(f"{clinic.url}/v1/sessions/{chair.id}/pack", headers=headers).raise_for_status().content


def check(page: Page, data: bytes, name: str) -> None:
    page.get_by_label("Choose a pack").or_(page.get_by_label("Check another pack")).set_input_files(
        {"name": name, "mimeType": "application/zip", "buffer": data}
    )


def other_value(_parts, manifest):
    manifest["record"]["readings"][-1]["revisions"][0]["systolic"] = 119


def test_a_pack_holds_and_a_forged_one_says_what_was_changed(
    page: Page, clinic: Clinic, chair: Chair, axe: str, wrong: list[str]
):
    pack = pack_of(clinic, chair)
    check(page, pack, "session.zip")
    expect(page.get_by_role("heading", name="The record in this pack holds")).to_be_visible()
    expect(page.get_by_text("came out the same when derived again")).to_be_visible()
    expect(page.get_by_role("heading", name="Rivera, Maria")).to_be_visible()
    expect(page.get_by_role("row", name="systolic recovered")).to_contain_text("met")
    assert violations(page, axe) == []

    check(page, forged(pack, other_value), "forged.zip")
    expect(page.get_by_role("heading", name="This pack does not hold")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("systolic: the record says 119, the journal")
    expect(page.get_by_role("row").filter(has_text="119/")).to_contain_text("does not fit")
    assert violations(page, axe) == []
    assert wrong == []


def test_the_page_can_reach_nothing(page: Page, wrong: list[str]):
    """Its own policy forbids what nobody wrote into it."""
    reached = page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'reached', (error) => error.message)")
    assert "Failed to fetch" in reached
    assert any("Content Security Policy" in one for one in wrong)
