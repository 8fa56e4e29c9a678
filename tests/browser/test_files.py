"""What a lead brings in and takes out as files, as a hand does it: reported, mended, taken, found; exports saved."""

import asyncio
import threading
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import FilePayload, expect

from app.jobs import exports
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_accessibility import Looker
from tests.browser.test_accounts import picture

HEAD = "record_number,family_name,given_name,birth_date\n"
WRONG = HEAD + "A-100,Archer,Ada,1950-02-03\nB-200,Baker,Bruno,1961-13-01\n9.9E+15,Cooper,Cleo,1972-05-06\n"
MENDED = HEAD + "A-100,Archer,Ada,1950-02-03\nB-200,Baker,Bruno,1961-12-01\n"


@pytest.fixture
def engine_name() -> str:
    """What a file comes to on each database, the command's tests ask."""
    return "sqlite"


def file(name: str, text: str) -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def choose(tablet: Tablet, text: str, name: str = "patients.csv") -> None:
    tablet.page.locator("input[type=file]").set_input_files(file(name, text))
    expect(tablet.page.get_by_text(f"{name}, ")).to_be_visible()


def opened(tablet: Tablet, part: str, title: str) -> None:
    tablet.page.evaluate(f"location.hash = '#/clinic/{part}'")
    expect(tablet.page.get_by_role("heading", name=title)).to_be_visible()


def test_a_file_is_looked_at_mended_and_taken_and_the_patient_is_found(
    tablet: Tablet, clinic: Clinic, axe: str
) -> None:
    page, look = tablet.page, Looker(tablet.page, axe)
    tablet.open()
    tablet.sign_in(clinic.lead)
    opened(tablet, "import", "Import")
    tablet.tap(tablet.button("Look at the file"))
    expect(page.get_by_text("Choose a file first.")).to_be_visible()
    look("a form for a file")
    choose(tablet, WRONG)
    picture(tablet, "import-form")
    tablet.tap(tablet.button("Look at the file"))
    rows = page.get_by_role("row")
    expect(rows.nth(1)).to_contain_text("Row 3birth_dateis not a date written YYYY-MM-DD")
    expect(rows.nth(2)).to_contain_text("Row 4record_numberlooks like a number that a spreadsheet shortened")
    expect(page.get_by_text("2 rows refused")).to_be_visible()
    expect(page.get_by_text("Nothing of this file is kept.")).to_be_visible()
    expect(tablet.button("Take th")).to_have_count(0)
    look("a report with wrong rows")
    picture(tablet, "import-wrong")
    tablet.tap(tablet.button("Choose the file again"))
    choose(tablet, MENDED)
    tablet.tap(tablet.button("Look at the file"))
    expect(page.get_by_text("Nothing is kept yet.")).to_be_visible()
    expect(page.get_by_text("Archer, Ada")).to_be_visible()
    # meanwhile a nurse adds somebody who looks like one of them
    alike = {"family_name": "Archer", "given_name": "Ada", "birth_date": "1950-02-03", "record_number": "Z-9"}
    clinic.ask(clinic.nurse, "PUT", f"/v1/patients/{uuid4()}", alike)
    tablet.tap(tablet.button("Take these 2 patients"))
    expect(page.get_by_text("The record has moved on since")).to_be_visible()
    expect(page.get_by_text("Looks like Archer, Ada, born 1950-02-03, Z-9")).to_be_visible()
    tablet.tap(tablet.button("Take these 2 patients"))
    expect(page.get_by_text("Look at each of those who look alike first")).to_be_visible()
    look("a report with look-alikes")
    picture(tablet, "import-alike")
    tablet.tap(page.get_by_role("checkbox"))
    tablet.tap(tablet.button("Take these 2 patients"))
    expect(page.get_by_text("2 patients are in the record now.")).to_be_visible()
    picture(tablet, "import-kept")
    tablet.tap(tablet.link("To the patients"))
    page.get_by_label("Name or record number").fill("B-200")
    expect(page.get_by_text("BAKER, Bruno").first).to_be_visible()
    assert look.wrong == []


def test_exports_are_ordered_saved_and_deleted(tablet: Tablet, clinic: Clinic, database_url: str, axe: str) -> None:
    page, look = tablet.page, Looker(tablet.page, axe)
    clinic.ask(
        clinic.nurse,
        "PUT",
        f"/v1/patients/{uuid4()}",
        {"family_name": "Archer", "given_name": "Ada", "birth_date": "1950-02-03", "record_number": "A-100"},
    )
    tablet.open()
    tablet.sign_in(clinic.lead)
    opened(tablet, "exports", "Exports")
    with page.expect_download() as saved:
        tablet.tap(tablet.button("Save: Sessions"))
    assert saved.value.suggested_filename == "sessions.csv"
    assert "session_id" in Path(saved.value.path()).read_text()
    expect(page.get_by_text("sessions.csv is saved.")).to_be_visible()
    tablet.tap(tablet.button("Order what belongs to patients"))
    expect(page.get_by_text("waits for its turn")).to_be_visible()
    work_off(clinic, database_url)
    with page.expect_download() as saved:
        tablet.tap(tablet.button("Save Patient: 1 resource"))
    assert saved.value.suggested_filename == "Patient.ndjson"
    assert "Archer" in Path(saved.value.path()).read_text()
    look("exports")
    picture(tablet, "exports")
    tablet.tap(tablet.button("Delete: What belongs to patients"))
    tablet.tap(tablet.button("Yes, delete it now: What belongs to patients"))
    expect(page.get_by_text("You have ordered none.")).to_be_visible()
    assert look.wrong == []


def work_off(clinic: Clinic, url: str) -> None:
    """The order, now: by itself it would wait until all that was under way is surely kept."""
    frame = clinic.app.state.frame
    plan = exports.ExportSettings(url, frame.export_folder, settle=timedelta(0), keeps=timedelta(hours=24))

    def run() -> None:
        step = exports.step(plan, uuid4(), frame.database, frame.clock, asyncio.Event())
        asyncio.run(step)

    # a browser's tests have a loop of their own in this thread
    worker = threading.Thread(target=run)
    worker.start()
    worker.join()
