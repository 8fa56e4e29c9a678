"""How the clinic works, in numbers: counts, bars, months, protocols beside each other, and files; and nobody's name."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from uuid import UUID

import pytest
from playwright.sync_api import expect

from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_accessibility import Looker
from tests.browser.test_accounts import picture
from tests.evidence import clinics
from tests.evidence.filling import fill

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # what a screen says


@pytest.fixture
def look(tablet: Tablet, axe: str) -> Iterator[Looker]:
    looker = Looker(tablet.page, axe)
    yield looker
    assert looker.wrong == []


def months(clinic: Clinic) -> list[str]:
    """The present month and those before it, the present one first."""
    now = clinic.clock.now()
    places = [now.year * 12 + now.month - 1 - back for back in range(len(clinics.MONTHS))]
    return [f"{place // 12}-{place % 12 + 1:02d}" for place in places]


def filled(clinic: Clinic) -> int:
    """A simulated clinic of the last six months, of which three sessions cannot be worked out; how many there are."""
    as_now = dict(zip(reversed(clinics.MONTHS), months(clinic), strict=True))
    made = [replace(one, month=as_now[one.month]) for one in clinics.clinic(Random(3))]
    made[:3] = [replace(one, told=None) for one in made[:3]]
    home = UUID(clinic.ask(clinic.lead, "GET", "/v1/account")["clinic"]["id"])
    fill(clinic.app.state.frame.database, home, made, clinic.clock.now())
    return len(made)


def test_a_lead_reads_how_the_clinic_works_and_takes_it_along(tablet: Tablet, clinic: Clinic, look: Looker) -> None:
    page = tablet.page
    tablet.open()
    tablet.sign_in(clinic.lead)
    tablet.tap(tablet.link("Protocols and colleagues"))
    tablet.tap(tablet.link("How the clinic works, in numbers"))
    expect(page.get_by_text("No session with a dose was over in these months.")).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(0)
    many = filled(clinic)
    tablet.tap(tablet.radio("How far back", "12 months"))
    expect(page.get_by_text(f"{many} sessions that are over")).to_be_visible()
    expect(page.get_by_text("3 of them cannot be worked out")).to_be_visible()
    late = page.locator("section", has=page.get_by_role("heading", name="What went otherwise")).locator("li").first
    expect(late).to_contain_text("%")
    table = page.get_by_role("table", name="Month by month")
    expect(table.get_by_role("rowheader")).to_have_text(months(clinic))
    beside = page.locator("section", has=page.get_by_role("heading", name="Protocols beside each other"))
    expect(beside.get_by_text("A difference is seen")).to_be_visible()
    for planted in ("Sets late", "End of the dose to criteria met"):
        expect(beside.locator("li", has=page.locator("b")).filter(has_text=planted)).to_have_count(1)
    look("how the clinic works")
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        picture(tablet, f"evidence-{theme}")
    page.set_viewport_size({"width": 390, "height": 844})
    picture(tablet, "evidence-phone")
    page.set_viewport_size({"width": 1180, "height": 820})
    picture(tablet, "evidence-wide")
    tablet.tap(tablet.radio("Which sessions", "iv-stricter, version 1"))
    expect(page.get_by_text(f"{many} sessions that are over")).to_have_count(0)
    expect(table.get_by_role("rowheader")).to_have_text(months(clinic))
    with page.expect_download() as inside:
        tablet.tap(tablet.button("Save as a table (CSV), For the clinic"))
    rows = list(csv.DictReader(inside.value.path().read_text().splitlines()))
    assert {row["group_sessions"] for row in rows if row["by"] == "all"} == {str(many)}
    with page.expect_download() as outside:
        tablet.tap(tablet.button("Save as JSON, For outside the clinic"))
    taken = json.loads(outside.value.path().read_text())
    assert {one["by"] for one in taken["groups"]} == {"month-and-protocol"}
    assert months(clinic)[0] not in {one["month"] for one in taken["groups"]}
