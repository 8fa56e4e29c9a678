"""Papers: the clinic's own, settled by a lead; a monitoring form asked for and sent; a sheet to take home."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pypdf
import pytest
from playwright.sync_api import expect

from app.domain.events import Route
from tests.browser.chairs import Chair, maria, screened
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_accessibility import Looker, opened
from tests.browser.test_story import take_set

INSTRUCTIONS = "Do not drive until tomorrow, after a night's sleep.\nDrink no alcohol today."
TYPED = {
    "Health care setting": "Outpatient clinic",
    "Address": "1 Harbour Road",
    "Phone": "+44 20 7946 0000",
    "E-mail": "ward@clinic.example",
    "Enrolment number of the site": "S-77",
    "Your instructions, in plain words": INSTRUCTIONS,
}


@pytest.fixture
def engine_name() -> str:
    """What a screen shows does not hang on the database behind it."""
    return "sqlite"


@pytest.fixture
def look(tablet: Tablet, axe: str) -> Iterator[Looker]:
    looker = Looker(tablet.page, axe)
    yield looker
    assert looker.wrong == []


@pytest.fixture
def nasal(clinic: Clinic) -> Chair:
    """Maria had one nasal device, was watched for two hours, and has been discharged."""
    chair, pause = maria(clinic), clinic.clock.forward
    path = f"/v1/sessions/{chair.id}"
    sheet = {"family_name": "Rivera", "given_name": "Maria", "birth_date": "1984-03-11", "record_number": "R-2231"}
    clinic.ask(clinic.nurse, "PUT", f"/v1/patients/{chair.patient_id}", sheet | {"sex": "female"}, revision=1)
    planned = {
        "patient_id": chair.patient_id,
        "route": "intranasal",
        "protocol": {"id": "intranasal-example", "version": 1},
        "chair": "3",
    }
    clinic.ask(clinic.nurse, "PUT", path, planned)
    chair.event("checked-in")
    clinic.ask(clinic.nurse, "PUT", f"{path}/screening", screened(chair.now(), route=Route.INTRANASAL))
    clinic.ask(clinic.clinician, "PUT", f"{path}/clearance", {})
    for minutes in (10, 1):
        chair.set()
        pause(minutes)
    chair.event("nasal-device-given", dose_mg=56, lot="N-1")
    for minutes in (40, 65, 15):
        pause(minutes)
        chair.set()
    chair.escort()
    pause(1)
    chair.discharged()
    return chair


def test_from_the_clinics_papers_to_a_form_that_is_sent_and_a_sheet_to_take_home(
    tablet: Tablet, clinic: Clinic, nasal: Chair, look: Looker
):
    page = tablet.page
    tablet.open()
    tablet.sign_in(clinic.lead)
    opened(tablet, "setup", "Whenever you like")
    tablet.tap(tablet.link("The clinic's papers"))
    expect(page.get_by_text("Nobody has settled this yet.")).to_be_visible()
    for label, text in TYPED.items():
        tablet.fill(label, text)
    tablet.fill("Phone", "ask us")
    tablet.tap(tablet.button("Save the papers"))
    expect(page.get_by_role("alert")).to_contain_text("must be a telephone number")
    look("papers at fault")
    expect(page.get_by_label("Address", exact=True)).to_have_value(TYPED["Address"])
    tablet.fill("Phone", TYPED["Phone"])
    tablet.tap(tablet.button("Save the papers"))
    expect(page.get_by_text("Settled by Lena Lead.")).to_be_visible()
    tablet.lock()

    tablet.sign_in(clinic.nurse)
    tablet.tap(tablet.link("Sessions of a day"))
    tablet.tap(tablet.link("Monitoring forms due"))
    tablet.tap(page.get_by_text("fields have no answer:"))
    expect(page.get_by_text("Opioids: not asked yet")).to_be_visible()
    look("forms due")
    tablet.tap(tablet.link("Open the form of Rivera"))
    expect(page.get_by_role("region", name="Blood pressure")).to_contain_text("124/80 mmHg")
    expect(page.get_by_role("region", name="Site")).to_contain_text(
        "the clinic's papers, revision 1, by Lena Lead (lead)"
    )
    asked = page.get_by_role("form", name="Ask, and answer here")
    for answers in asked.get_by_role("radiogroup").all():
        tablet.tap(answers.get_by_role("radio", name="No", exact=True))
    tablet.fill("Who watched the patient", clinic.nurse.name)
    look("a form")
    tablet.tap(tablet.button("Save the answers"))
    expect(page.get_by_text("Every field has an answer.")).to_be_visible()
    with page.expect_download() as saved:
        tablet.tap(tablet.button("Save the PDF"))
    assert saved.value.path().read_bytes().startswith(b"%PDF")
    with page.expect_download() as plain:
        tablet.tap(tablet.button("Save as JSON"))
    assert plain.value.suggested_filename == f"monitoring-{nasal.id}.json"
    tablet.tap(tablet.button("I have sent it"))
    expect(page.get_by_text(re.compile(r"^Sent on \d{4}-\d\d-\d\d at \d\d:\d\d\.$"))).to_be_visible()
    tablet.tap(tablet.link("Monitoring forms"))
    expect(page.get_by_text("No form is due.")).to_be_visible()

    opened(tablet, f"session/{nasal.id}", "This session is over")
    tablet.tap(tablet.link("After-visit sheet"))
    sheet = page.get_by_role("article", name="After your visit")
    for said in ("Drink no alcohol today.", TYPED["Phone"], clinic.clinician.name, "North Clinic"):
        expect(sheet).to_contain_text(said)
    expect(sheet).not_to_contain_text("mmHg")
    look("an after-visit sheet")
    with page.expect_download() as home:
        tablet.tap(tablet.button("Save the PDF"))
    assert home.value.suggested_filename == f"after-visit-{nasal.id}.pdf"
    page.emulate_media(media="print")
    expect(tablet.button("Print this sheet")).to_be_hidden()
    expect(sheet).to_be_visible()


def test_sheets_before_the_service_goes_and_what_was_written_on_them_afterwards(
    tablet: Tablet, clinic: Clinic, look: Looker
):
    chair = Chair(clinic, "Probe", "Maria", "1984-03-11", "R-2231").known().checked_in("3")
    page = tablet.page
    tablet.open()
    tablet.sign_in(clinic.nurse)
    tablet.tap(tablet.link("Downtime sheets"))
    look("downtime sheets")
    found = {}
    for button in ("Save the sheets of all sessions under way", "Save blank sheets"):
        with page.expect_download() as saved:
            tablet.tap(tablet.button(button))
        read = pypdf.PdfReader(saved.value.path()).pages
        found[saved.value.suggested_filename] = " ".join(each.extract_text() for each in read)
        expect(tablet.button(button)).to_be_enabled()
    assert "Probe, Maria" in found["downtime-sheets.pdf"]
    assert "Probe, Maria" not in found["downtime-blank.pdf"]
    # four hours later everything is there again, and the nurse types what the paper says
    clinic.clock.forward(240)
    opened(tablet, f"session/{chair.id}", "Discharge criteria")
    take_set(tablet, hours_earlier=3)
    tablet.all_in_the_record()
    (kept,) = chair.read()["readings"]
    late = datetime.fromisoformat(kept["recorded_at"]) - datetime.fromisoformat(kept["measured_at"])
    assert timedelta(hours=3) <= late < timedelta(hours=3, minutes=2)
