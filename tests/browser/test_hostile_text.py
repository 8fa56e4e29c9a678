"""Texts made to be taken for markup, script or an instruction, in every field that takes words: they stay texts."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from app.domain.texts import is_invisible
from tests.browser.chairs import Chair
from tests.browser.clinic import PASSWORD, Clinic
from tests.browser.tablet import Tablet
from tests.browser.test_story import QUESTIONS

CORPUS = (
    "<script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    '"><svg/onload=window.hit=1>',
    "'; window.hit=1; //",
    "{{constructor.constructor('window.hit=1')()}}",
    "${window.hit=1}",
    "<a href=javascript:window.hit=1>tap</a>",
    "<style>*{display:none}</style>",
    "<!-- --><plaintext>",
    "]]><iframe srcdoc='<script>parent.hit=1</script>'>",
    "=HYPERLINK(0)",
    "__proto__",
    "\u05d0\u05d1\u05d2 mixed \u0627\u0644 directions",
    "Z\u0351\u036b\u0343a\u030al\u0340go \U0001f469\u200d\u2695\ufe0f",
    "&lt;b&gt;&amp;quot;",
    "-1' OR '1'='1",
)


@pytest.fixture
def engine_name() -> str:
    """A page shows what it is sent; what the databases keep is tested where they are."""
    return "sqlite"


def plain(text: str) -> str:
    """As a record number or a chair may hold it: nothing in it that nobody can see."""
    return "".join(character for character in text if not is_invisible(character))


def stays_text(tablet: Tablet, *shown: str) -> None:
    """What was typed stands on the page as a text, and did nothing."""
    for text in shown:
        expect(tablet.page.locator("body")).to_contain_text(text, use_inner_text=False)
    made = "#app :is(img, script, iframe, style, object, [onload], [onerror], a[href^='javascript'])"
    assert tablet.state("window.hit") is None
    assert tablet.state(f'document.querySelectorAll("{made}").length') == 0


def test_shown_as_typed_in_every_view(tablet: Tablet, clinic: Clinic):
    asked: list[str] = []
    tablet.context.on("request", lambda request: asked.append(request.url))
    chairs = [Chair(clinic, f"Q {text}", f"G {text}", "1984-03-11", f"R {plain(text)}").known() for text in CORPUS]
    for text, chair in zip(CORPUS, chairs, strict=True):
        chair.checked_in(f"C {plain(text)[:38]}")
        chair.start()
    clinic.clock.forward(40)
    for text, chair in zip(CORPUS, chairs, strict=True):
        reading_id = chair.set(note=f"N {text}", gait_steady=None, not_measured={"gait_steady": f"M {text}"})
        chair.correct(
            reading_id, f"W {text}", note=f"V {text}", gait_steady=None, not_measured={"gait_steady": f"M {text}"}
        )
        chair.event("infusion-stopped")
        chair.event("addendum", text=f"A {text}")
        chair.escort(f"E {text}")
    tablet.open()
    tablet.sign_in(clinic.clinician)
    for text in CORPUS:
        stays_text(tablet, f"{f'Q {text}'.upper()}, G {text}", f"R {plain(text)}", f"C {plain(text)[:38]}")
    for text, chair in zip(CORPUS, chairs, strict=True):
        whole = f"{f'Q {text}'.upper()}, G {text}"
        for address in ("entry", "event", "start", "session"):
            tablet.open(f"/#/{address}/{chair.id}")
            expect(tablet.page.locator("header")).to_contain_text(whole)
            stays_text(tablet, whole, f"R {plain(text)}")
        tablet.tap(tablet.page.locator("tr.set-row").get_by_role("button").first)
        stays_text(tablet, f"V {text}", f"W {text}", f"M {text}")
        tablet.open(f"/#/review/{chair.id}")
        stays_text(tablet, f"E {text}")
        tablet.fill("In your own words", f"O {text}")
        tablet.tap(tablet.button("Decline: the patient stays"))
        tablet.fill("Reason", f"D {text}")
        tablet.fill("Your password", PASSWORD)
        tablet.tap(tablet.button("Sign as Cleo Clinician"))
        expect(tablet.page.get_by_role("heading", name=re.compile("^Declined by Cleo"))).to_be_visible()
        stays_text(tablet, f"O {text}", f"D {text}")
    tablet.open("/#/patients")
    expect(tablet.page.get_by_role("button", name=re.compile("^New session for"))).to_have_count(len(CORPUS))
    for text in CORPUS:
        stays_text(tablet, f"New session for Q {text}, G {text}")
    assert [line for line in tablet.said if line.startswith("error")] == []
    elsewhere = {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))} - {
        urlsplit(clinic.url).netloc
    }
    assert elsewhere == set()


IMAGE, SCRIPT, SVG = CORPUS[1], CORPUS[0], CORPUS[2]


def typed_set(tablet: Tablet, save: str) -> None:
    """A set on the pad, its gait not measured for a reason of the nurse's own, with a note."""
    tablet.type_digits("12480721498")
    for group, choice in (("Awake", "5 awake"), ("Dissociation", "none"), ("Orientated", "yes")):
        tablet.tap(tablet.radio(group, choice))
    tablet.tap(tablet.button("Gait not measured"))
    tablet.fill("Another reason", f"M {IMAGE}")
    tablet.tap(tablet.button("Keep this reason"))
    stays_text(tablet, f"M {IMAGE}")
    tablet.tap(tablet.page.locator("[data-field=symptoms]").get_by_role("button", name="none"))
    tablet.page.get_by_text("Note, score of an instrument").click()
    tablet.fill("Note", f"N {SVG}")
    tablet.tap(tablet.button(re.compile(f"^{save}")))
    expect(tablet.page.get_by_role("heading", name="Discharge criteria")).to_be_visible()


def test_typed_into_every_field_of_the_app(tablet: Tablet, clinic: Clinic):
    page = tablet.page
    tablet.sign_in(clinic.nurse)
    tablet.tap(tablet.link("Patients and new session"))
    tablet.fill("Name or record number", SCRIPT)
    tablet.tap(tablet.button("Add a patient"))
    for label, text in (("Family name", f"Q {IMAGE}"), ("Given name", f"G {SVG}"), ("Record number", f"R {SCRIPT}")):
        tablet.fill(label, text)
    tablet.fill("Birth date", "1984-03-11")
    tablet.tap(tablet.button(re.compile("^Add Q")))
    stays_text(tablet, f"{f'Q {IMAGE}'.upper()}, G {SVG}", f"R {SCRIPT}")
    tablet.fill("Type the patient's birth year", IMAGE[:4])
    tablet.tap(tablet.button(re.compile("^Check in")))
    tablet.fill("Type the patient's birth year", "1984")
    tablet.fill("Chair", f"C {IMAGE}")
    tablet.fill("Weight in kg", "72.5")
    tablet.tap(page.get_by_role("radio", name=re.compile("IV infusion")))
    tablet.tap(tablet.button(re.compile("^Check in")))
    questions = page.get_by_role("region", name="Screening").get_by_role("radiogroup")
    expect(questions).to_have_count(QUESTIONS)
    for place, answer in enumerate((1, *[0] * (QUESTIONS - 1))):
        tablet.tap(questions.nth(place).get_by_role("radio").nth(answer))
    tablet.tap(tablet.button(re.compile("^Save screening for")))
    tablet.fill("Who takes the patient home", f"E {SVG}")
    tablet.tap(tablet.button("Named, not here yet"))
    tablet.all_in_the_record()
    stays_text(tablet, f"E {SVG}", f"C {IMAGE}")
    session_id = page.url.rsplit("/", 1)[1]
    tablet.tap(tablet.link("To the session"))
    tablet.tap(tablet.link(re.compile("^New set")))
    typed_set(tablet, "Save set for")
    # corrected, then marked as entered in error: each with a reason of one's own
    tablet.tap(page.locator("tr.set-row").get_by_role("button").first)
    tablet.tap(tablet.link("Correct this set"))
    tablet.tap(tablet.radio("Orientated", "no"))
    tablet.fill("Why is it corrected?", f"W {SCRIPT}")
    tablet.tap(tablet.button(re.compile("^Save correction for")))
    expect(page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
    tablet.all_in_the_record()
    # its details stayed open
    stays_text(tablet, f"W {SCRIPT}", f"N {SVG}", f"M {IMAGE}")
    tablet.tap(tablet.button("Entered in error…"))
    page.get_by_role("textbox", name="Reason").fill(f"V {IMAGE}")
    tablet.tap(tablet.button(re.compile("^Mark as entered in error")))
    tablet.all_in_the_record()
    stays_text(tablet, f"V {IMAGE}")
    # without a network: the outbox shows it, and so does the sheet
    tablet.context.set_offline(True)
    tablet.open(f"/#/event/{session_id}/medication-given")
    tablet.tap(tablet.radio("Medication", "other"))
    tablet.fill("Name of the medication", f"D {IMAGE}")
    for group, text in (("unit", f"U {SVG}"), ("route", f"T {SCRIPT}")):
        tablet.tap(tablet.radio(group.capitalize(), "other"))
        tablet.fill(f"Another {group}", text)
    # no name of a medication: it stays in its field, and nothing of it is dropped in silence
    tablet.tap(tablet.button(re.compile("^Save medication given")))
    expect(page.get_by_role("alert")).to_contain_text("letters and digits")
    expect(page.get_by_label("Name of the medication")).to_have_value(f"D {IMAGE}")
    tablet.fill("Name of the medication", "Drug D")
    tablet.tap(tablet.button(re.compile("^Save medication given")))
    expect(page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
    stays_text(tablet, f"Q {IMAGE}".upper())
    tablet.open("/#/outbox")
    stays_text(tablet, f"medication given, Q {IMAGE}")
    tablet.context.set_offline(False)
    refused = tablet.link("1 refused: look")
    expect(refused.or_(page.get_by_text("all in the record"))).to_be_visible()
    for both in page.get_by_text("Both versions").all():
        both.click()
        stays_text(tablet, f"T {SCRIPT}")
        tablet.tap(tablet.button("Set aside, not entered…"))
        tablet.fill("Why is it not entered?", f"W {IMAGE}")
        tablet.tap(tablet.button(re.compile("^Set aside, as")))
    expect(page.get_by_text("Everything typed here is in the record.")).to_be_visible()
    tablet.lock()

    tablet.sign_in(clinic.clinician)
    tablet.open(f"/#/start/{session_id}")
    tablet.fill("Why it does not stop this session", f"O {SVG}")
    tablet.fill("Your password", PASSWORD)
    tablet.tap(tablet.button(re.compile("^Sign the override")))
    expect(page.get_by_label("Why it does not stop this session")).to_have_count(0)
    tablet.tap(tablet.button(re.compile("^Clear this session")))
    expect(page.get_by_text("cleared by Cleo Clinician")).to_be_visible()
    stays_text(tablet, f"E {SVG}")
    for kind, fields in (("infusion-started", {"Dose in mg": "36", "Lot": f"L {IMAGE}"}), ("infusion-stopped", {})):
        tablet.open(f"/#/event/{session_id}/{kind}")
        for label, text in fields.items():
            tablet.fill(label, text)
        tablet.tap(tablet.button(re.compile("^Save infusion")))
        expect(page.get_by_role("heading", name="Discharge criteria")).to_be_visible()
        tablet.pass_by(1)
    tablet.all_in_the_record()
    # the service's word on what was just typed is on the screen
    expect(page.get_by_text("60 minutes from infusion-end run until")).to_be_visible()
    tablet.open(f"/#/review/{session_id}")
    tablet.tap(tablet.button("Seen here now"))
    expect(page.get_by_text(f"E {SVG}: seen here at")).to_be_visible()
    # the assessment moved on meanwhile, and the clinician looks again
    tablet.tap(tablet.button("I have looked again"))
    tablet.fill("In your own words", f"X {SCRIPT}")
    page.get_by_text("Override…").click()
    tablet.tap(tablet.button("Override these criteria"))
    tablet.fill("Reason", f"Y {IMAGE}")
    stays_text(tablet, f"X {SCRIPT}")
    tablet.fill("Your password", PASSWORD)
    tablet.tap(tablet.button("Sign as Cleo Clinician"))
    expect(page.get_by_role("heading", name=re.compile("^Overridden by Cleo"))).to_be_visible()
    stays_text(tablet, f"X {SCRIPT}", f"Y {IMAGE}")
    tablet.fill("Condition and notes", f"Z {SVG}")
    tablet.tap(tablet.radio("Instructions given", "Yes"))
    tablet.tap(tablet.button(re.compile("leaves now$")))
    expect(page.locator("header").get_by_text("discharged")).to_be_visible()
    # what comes late raises a notice, which is acknowledged with a note
    tablet.open(f"/#/event/{session_id}/addendum")
    tablet.fill("What is to be added", f"A {IMAGE}")
    tablet.tap(tablet.button(re.compile("^Save addendum")))
    tablet.all_in_the_record()
    stays_text(tablet, f"A {IMAGE}")
    tablet.open(f"/#/review/{session_id}")
    tablet.fill("Note (needed where somebody else signed)", f"K {SCRIPT}")
    tablet.tap(tablet.button(re.compile("^I have seen this")))
    expect(page.get_by_text("acknowledged by Cleo Clinician").first).to_be_visible()
    stays_text(tablet, f"X {SCRIPT}", f"Y {IMAGE}")
    # and what was typed is what is kept, to the letter
    (session,) = clinic.sessions()
    assert session["discharge"]["note"] == f"Z {SVG}"
    assert session["patient"]["record_number"] == f"R {SCRIPT}"
    assert session["readings"][0]["void"]["reason"] == f"V {IMAGE}"


def test_the_policy_allows_nothing_inline(tablet: Tablet, clinic: Clinic):
    answer = tablet.page.goto("/")
    assert answer is not None
    policy = {
        line.split()[0]: line.split()[1:]
        for line in answer.headers["content-security-policy"].split(";")
        if line.strip()
    }
    print(f"\n{policy}")
    assert policy["default-src"] == ["'none'"] or policy["default-src"] == ["'self'"]
    for name, sources in policy.items():
        assert set(sources) <= {"'self'", "'none'"}, name
    expect(tablet.page.get_by_label("Username")).to_be_visible()
    # and it holds: a script put into the page does not run
    tablet.state(
        """() => {
          const made = document.createElement("script");
          made.textContent = "window.hit = 1";
          document.body.append(made);
        }"""
    )
    assert tablet.state("window.hit") is None
    assert any("Content Security Policy" in line for line in tablet.said)
