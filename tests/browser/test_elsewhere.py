"""A clinician opens one patient of another clinic of their organisation on the screens alone, reads, and closes it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, expect

from app.services import break_glass
from tests.browser.chairs import Chair, maria
from tests.browser.clinic import Clinic
from tests.browser.sisters import NAME, sister_of
from tests.browser.tablet import Tablet
from tests.browser.test_accessibility import Looker
from tests.browser.test_accounts import picture
from tests.browser.ward import sign_in

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # what a screen says

REASON = "found unwell on the train, drowsy"
HIDDEN = "\u202e"
"""A sign that turns the order of what is read: no text of the record may hold it."""
THEIRS = re.compile("Elsewhere", re.IGNORECASE)


@pytest.fixture
def sister(clinic: Clinic) -> Clinic:
    return sister_of(clinic)


@pytest.fixture
def antonia(sister: Clinic) -> Chair:
    """The other clinic's patient, in recovery."""
    return Chair(sister, "Elsewhere", "Antonia", "1951-07-30", "S-4711").known().checked_in("7").recovered()


def to_the_form(tablet: Tablet, clinic: Clinic) -> None:
    tablet.open()
    sign_in(tablet, clinic.clinician)
    tablet.tap(tablet.link("Patients and new session"))
    tablet.tap(tablet.link("A patient of another clinic"))
    expect(tablet.page.get_by_role("heading", name="Which patient")).to_be_visible()


def field(tablet: Tablet, label: str) -> Locator:
    return tablet.page.get_by_label(label, exact=True)


def beside(tablet: Tablet, label: str) -> Locator:
    """What is at fault, where it is said with the field."""
    return tablet.page.locator(".field", has=field(tablet, label)).get_by_role("alert")


def ask_for(tablet: Tablet, number: str, reason: str) -> None:
    tablet.tap(tablet.page.locator("label", has_text=NAME))
    tablet.fill("Record number", number)
    tablet.fill("Birth date", "1951-07-30")
    tablet.fill("Why you need to see this record", reason)


def open_it(tablet: Tablet) -> None:
    tablet.tap(tablet.button("Open this one patient"))


def there(tablet: Tablet) -> Locator:
    return tablet.page.get_by_role("heading", name="ELSEWHERE, Antonia")


def test_a_clinician_opens_one_patient_reads_and_closes_it(
    tablet: Tablet, clinic: Clinic, sister: Clinic, antonia: Chair, new_tablet: Callable[..., Tablet], axe: str
) -> None:
    looker = Looker(tablet.page, axe)

    def look(what: str) -> None:
        # a button that was tapped, or comes back to life, changes its colour for a moment
        tablet.state("Promise.allSettled(document.getAnimations().map((one) => one.finished)).then(() => 0)")
        looker(what)

    to_the_form(tablet, clinic)
    expect(tablet.page.get_by_text("The lead of that clinic is shown it on a list")).to_be_visible()
    expect(tablet.page.get_by_text("That you ask, in both clinics")).to_be_visible()
    # what is missing is said beside each field
    open_it(tablet)
    for words in ("Choose the clinic.", "Type the record number.", "Type the birth date."):
        expect(tablet.page.get_by_text(words)).to_be_visible()
    expect(beside(tablet, "Why you need to see this record")).to_have_text("Type why you need to see this record.")
    look("asked without anything")
    # a reason that the service refuses: beside its field, and all that was typed stays
    ask_for(tablet, antonia.record_number, f"{REASON}{HIDDEN}")
    open_it(tablet)
    expect(beside(tablet, "Why you need to see this record")).not_to_be_empty()
    expect(field(tablet, "Why you need to see this record")).to_be_focused()
    expect(field(tablet, "Why you need to see this record")).to_have_value(f"{REASON}{HIDDEN}")
    expect(field(tablet, "Record number")).to_have_value(antonia.record_number)
    expect(field(tablet, "Birth date")).to_have_value("1951-07-30")
    expect(tablet.page.get_by_role("radio", name=NAME)).to_be_checked()
    for theme in ("light", "dark"):
        tablet.page.emulate_media(color_scheme=theme)
        picture(tablet, f"elsewhere-form-{theme}")
    # nobody is told of who is not the one they name
    ask_for(tablet, "S-4712", REASON)
    open_it(tablet)
    expect(tablet.page.get_by_text("There is no one patient of this record number and birth date")).to_be_visible()
    expect(field(tablet, "Why you need to see this record")).to_have_value(REASON)
    tablet.fill("Record number", antonia.record_number)
    open_it(tablet)
    expect(there(tablet)).to_be_visible()
    expect(tablet.page.get_by_text(f"A patient of {NAME}, opened by you to read.")).to_be_visible()
    expect(tablet.page.get_by_text(re.compile(r"It shuts by itself in \d+ minutes\."))).to_be_visible()
    look("opened")
    # the session, to read alone
    tablet.tap(tablet.link(re.compile("^IV infusion, .*, recovering$")))
    expect(tablet.page.get_by_role("heading", name="Trend")).to_be_visible()
    row = tablet.page.locator("tr.set-row").first
    expect(row).to_contain_text("124/80")
    tablet.tap(row.get_by_role("button"))
    expect(tablet.page.locator(".details")).to_contain_text("Nina Nurse")
    buttons = [name.strip() for name in tablet.page.locator("main button, footer button").all_inner_texts()]
    assert {name for name in buttons if not re.search(r"\d\d:\d\d", name)} == {
        "Look again",
        "Close",
        "Close Elsewhere's record",
    }
    expect(tablet.page.get_by_text("Criteria met")).to_have_count(0)
    look("the session")
    for theme in ("light", "dark"):
        tablet.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        picture(tablet, f"elsewhere-session-{theme}")
    tablet.page.set_viewport_size({"width": 390, "height": 844})
    picture(tablet, "elsewhere-session-phone")
    tablet.page.set_viewport_size({"width": 820, "height": 1180})
    assert looker.wrong == []
    # back, and closed
    tablet.tap(tablet.link("Back to the sessions"))
    expect(tablet.page.get_by_role("heading", name="Sessions", exact=True)).to_be_visible()
    picture(tablet, "elsewhere-patient")
    here = tablet.page.url
    tablet.tap(tablet.button("Close Elsewhere's record"))
    expect(tablet.page.get_by_text("You have closed it.")).to_be_visible()
    expect(tablet.page.get_by_text(THEIRS)).to_have_count(0)
    picture(tablet, "elsewhere-closed")
    for address in (here, f"{here}/{antonia.id}"):
        tablet.page.goto("about:blank")
        tablet.page.goto(address)
        sign_in(tablet, clinic.clinician)
        expect(tablet.page.get_by_text("This is shut: its hour is up, or you have closed it.")).to_be_visible()
        expect(tablet.page.get_by_text(THEIRS)).to_have_count(0)
    is_looked_at(new_tablet(), sister)


def is_looked_at(tablet: Tablet, sister: Clinic) -> None:
    """What was opened stands on the list of that clinic's lead, who says what they think of it."""
    tablet.open("/#/setup")
    sign_in(tablet, sister.lead)
    tablet.tap(tablet.link("Opened with a reason"))
    waiting = tablet.page.locator("section", has_text="Nobody has looked at these").locator("li")
    expect(waiting).to_have_count(1)
    for words in (
        "Opened by Cleo Clinician (North Clinic)",
        "Elsewhere, Antonia \u00b7 S-4711",
        REASON,
        "They closed it on",
    ):
        expect(waiting).to_contain_text(words)
    picture(tablet, "elsewhere-on-the-list")
    waiting.get_by_label("What you think of it").fill("they called us; in order")
    tablet.tap(waiting.get_by_role("button", name="I have looked at it"))
    expect(tablet.page.get_by_text("None waits.")).to_be_visible()


def test_nobody_else_is_opened_with_that_patient(
    tablet: Tablet, clinic: Clinic, sister: Clinic, antonia: Chair
) -> None:
    other = Chair(sister, "Stranger", "Berta", "1960-02-01", "S-0001").known().checked_in("8")
    own = maria(clinic).checked_in("3")
    to_the_form(tablet, clinic)
    ask_for(tablet, antonia.record_number, REASON)
    open_it(tablet)
    expect(there(tablet)).to_be_visible()
    here = tablet.page.url.partition("#")[2]
    for session in (other.id, own.id):
        tablet.state("(to) => { location.hash = to; }", f"{here}/{session}")
        expect(tablet.page.get_by_text(re.compile("no session", re.IGNORECASE))).to_be_visible()
        expect(tablet.page.get_by_role("table")).to_have_count(0)
        expect(there(tablet)).to_be_visible()
    for door in (f"#/past/{other.patient_id}", f"#/past/{antonia.patient_id}"):
        tablet.state("(to) => { location.hash = to; }", door)
        expect(tablet.page.locator("main .fault")).to_be_visible()
        expect(tablet.page.get_by_text(re.compile("Stranger|Elsewhere", re.IGNORECASE))).to_have_count(0)
    # who has gone on to something else is led back to what is open
    tablet.state("(to) => { location.hash = to; }", "#/elsewhere")
    tablet.tap(tablet.link("Go back to that patient"))
    expect(there(tablet)).to_be_visible()


def test_when_its_hour_is_up_nothing_of_it_is_shown(
    tablet: Tablet, clinic: Clinic, antonia: Chair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(break_glass, "LASTS", timedelta(seconds=6))  # an hour, for whoever waits for it
    to_the_form(tablet, clinic)
    ask_for(tablet, antonia.record_number, REASON)
    open_it(tablet)
    expect(tablet.page.get_by_role("heading", name="It is closed")).to_be_visible()
    expect(tablet.page.get_by_text(re.compile("its hour is up", re.IGNORECASE))).to_be_visible()
    expect(tablet.page.get_by_text(THEIRS)).to_have_count(0)


def test_a_clinic_of_no_organisation_is_told_so(tablet: Tablet, clinic: Clinic) -> None:
    tablet.open("/#/elsewhere")
    sign_in(tablet, clinic.clinician)
    expect(tablet.page.get_by_text("Your clinic has no other clinic in its organisation")).to_be_visible()
    expect(tablet.button("Open this one patient")).to_have_count(0)
