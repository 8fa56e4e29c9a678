"""What a draft of a protocol would have moved, session by session: earlier, later, never, and where there was none."""

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from app.services import governance
from tests.browser.chairs import Chair, maria
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_accessibility import SIZES, Looker
from tests.browser.test_past import again

VERSIONS = "/v1/protocols/iv-infusion-example/versions"
LOWER = {"spo2": 95}
"""Good enough for version 1, and not for the draft."""


@pytest.fixture
def engine_name() -> str:
    """Every database answers as `tests/api` says."""
    return "sqlite"


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine leaves no session out."""
    monkeypatch.setattr(governance, "BUDGET", 600.0)


def session(chair: Chair, after: Mapping[int, Mapping[str, object]], leaves: int) -> str:
    """One session; its id. `after`: sets by their minutes from the end of the infusion; `leaves`: minutes from it."""
    pause = chair.clinic.clock.forward
    chair.checked_in("3")
    chair.set()
    pause(10)
    chair.set()
    pause(1)
    chair.start()
    pause(40)
    chair.event("infusion-stopped")
    chair.escort()
    passed = 0
    for minutes, other in after.items():
        pause(minutes - passed)
        passed = minutes
        chair.set(**other)
    pause(leaves - passed)
    chair.event("left-against-advice")
    pause(60)
    return chair.id


def draft(clinic: Clinic) -> None:
    """Version 2: fifteen minutes less to wait, and more oxygen to have."""
    document = clinic.ask(clinic.lead, "GET", f"{VERSIONS}/1")["document"] | {"version": 2, "example": False}
    document["criteria"]["minutes-since-dose"]["infusion-end"] = 45
    document["criteria"]["spo2-recovered"]["floor"] = 97
    clinic.ask(clinic.lead, "PUT", f"{VERSIONS}/2", document)


def minutes(moved: Mapping[str, Any]) -> int:
    """Whole minutes from the flag that rose to the one that would have."""
    before, after = (datetime.fromisoformat(moved[one]) for one in ("pinned", "draft"))
    return round((after - before).total_seconds() / 60)


def across(row: Locator, shape: str, attribute: str) -> float:
    """Where a mark stands on its strip, in percent of its width."""
    return float((row.locator(shape).get_attribute(attribute) or "").removesuffix("%"))


def pictures(tablet: Tablet, of: Locator, name: str) -> None:
    """For whoever wants to look: SHOTS names a folder."""
    if folder := os.environ.get("SHOTS"):
        for theme, size in (("light", SIZES[0]), ("dark", SIZES[0]), ("light", SIZES[2])):
            tablet.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            tablet.page.set_viewport_size(size)  # type: ignore[arg-type]
            of.screenshot(path=Path(folder, f"{name}-{theme}-{size['width']}.png"))
        tablet.page.set_viewport_size(SIZES[0])  # type: ignore[arg-type]


def test_the_strip_of_a_draft_says_earlier_later_never_and_new(tablet: Tablet, clinic: Clinic, axe: str) -> None:
    patient = maria(clinic)
    made = {
        "earlier": session(again(patient), {35: {}, 50: {}}, leaves=62),
        "later": session(again(patient), {50: LOWER, 65: LOWER, 80: {}, 95: {}}, leaves=97),
        "never": session(again(patient), {50: LOWER, 65: LOWER}, leaves=67),
        "new": session(again(patient), {35: {}, 50: {}}, leaves=55),
    }
    draft(clinic)
    replay = clinic.ask(clinic.lead, "GET", f"{VERSIONS}/2/changes")["replay"]
    moved = {one["shift"]: one for one in replay["moved"]}
    assert {shift: one["session_id"] for shift, one in moved.items()} == made
    assert minutes(moved["earlier"]) < 0 < minutes(moved["later"])

    page = tablet.page
    tablet.open("/#/setup/iv-infusion-example:2")
    tablet.sign_in(clinic.lead)
    expect(page.get_by_text("Of 4 closed sessions, the first moment")).to_be_visible()
    strips = page.get_by_role("figure", name="Session by session, where it would have moved:")
    rows = strips.get_by_role("listitem")
    said = {
        "never": "never, where it was met",
        "later": f"{minutes(moved['later'])} min later",
        "new": "met, where it never was",
        "earlier": f"{-minutes(moved['earlier'])} min earlier",
    }
    # what weighs most comes first; each row leads to its session, and says in words what the strip shows
    expect(rows).to_have_count(len(said))
    of = dict(zip(said, rows.all(), strict=True))
    for shift, words in said.items():
        expect(of[shift]).to_contain_text(words)
        expect(of[shift].get_by_role("link")).to_have_attribute("href", f"#/session/{made[shift]}")

    # as it was stands in the middle, where it was at all; earlier lies to the left of it, later to the right
    assert {shift: row.locator("circle.was").count() for shift, row in of.items()} == {
        **dict.fromkeys(said, 1),
        "new": 0,
    }
    assert across(of["earlier"], "circle.was", "cx") == across(of["later"], "circle.was", "cx") == 50
    assert across(of["earlier"], "rect.mark", "x") < 50 < across(of["later"], "rect.mark", "x")
    expect(of["never"].locator("text.mark")).to_have_text("✕")
    expect(of["never"].locator("rect.mark")).to_have_count(0)
    look = Looker(page, axe)
    look("the strip of a draft")
    pictures(tablet, strips, "what-if")
    tablet.tap(of["never"].get_by_role("link"))
    expect(page.get_by_text("This session is over")).to_be_visible()
    assert look.wrong == []
