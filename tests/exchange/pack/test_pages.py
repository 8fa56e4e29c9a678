"""The PDF read back: the record's numbers in it, the patient on each page, tagged, and nothing typed is ever markup."""

import io
import re
from dataclasses import replace

import pypdf
import pytest

from app.domain.instants import to_text
from app.domain.people import Clinic
from app.domain.records import Signer
from app.domain.sentences import because_of
from app.domain.vitals import Vital
from app.exchange.fhir import Around
from app.exchange.pack import Part, Taken, content_document, make_pack, make_part, verify_pack
from app.exchange.pack.table import read_table
from app.exchange.words import typed
from tests.exchange.made import made
from tests.exchange.pack import stories
from tests.factories import NOON, at
from tests.spec.protocols import PROTOCOLS


def read(pdf):
    return pypdf.PdfReader(io.BytesIO(pdf))


def pages_of(taken):
    return [page.extract_text() for page in read(make_part(taken, Part.PDF)).pages]


def squeezed(text):
    """Without spaces, line ends and marks of direction: where a line breaks is the page's own affair."""
    return re.sub(r"[\s\u2066-\u2069]+", "", text)


@pytest.fixture(scope="module")
def text(taken):
    return "\n".join(pages_of(taken))


def test_it_is_tagged_titled_and_says_its_language(taken):
    pdf = read(make_part(taken, Part.PDF))
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "en-GB"
    assert pdf.metadata.title == "Session record: Probe, Maria, R-77"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    about = root["/Metadata"].get_data()
    assert b"pdfuaid:part" in about
    assert b"pdfaid:conformance" in about


def structure(node, found):
    """Every kind of element in the tree of tags, with its alternative texts."""
    node = node.get_object()
    if isinstance(node, list):
        for one in node:
            structure(one, found)
    elif isinstance(node, dict):
        if "/S" in node:
            found.append((node["/S"], node.get("/Alt")))
        if "/K" in node:
            structure(node["/K"], found)
    return found


def test_headings_tables_and_the_picture_are_told_to_who_cannot_see(taken):
    tags = structure(read(make_part(taken, Part.PDF)).trailer["/Root"]["/StructTreeRoot"], [])
    kinds = {kind for kind, _ in tags}
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure"} <= kinds
    [alt] = [alt for kind, alt in tags if kind == "/Figure"]
    assert alt.startswith("Trend of 6 sets from 11:40 to 13:42")
    assert "systolic 122 to 148" in alt


def test_the_patient_the_session_and_the_page_stand_on_every_page(taken):
    pages = pages_of(taken)
    assert len(pages) >= 2
    for number, page in enumerate(pages, 1):
        for said in ("Probe, Maria", "1984-03-11", "R-77", str(taken.record.id), f"Page {number} of {len(pages)}"):
            assert squeezed(said) in squeezed(page), said


def shown_sets(text):
    """The rows of the flow sheet: time, minutes, pressure, rates and SpO2 of each, in order of the page."""
    row = re.compile(
        r"(\d\d:\d\d)\s+([+\u2212]\d+|was)\s+(\d+|n/m)!?/(\d+|n/m)!?\s+(\d+|n/m)!?\s+(\d+|n/m)!?\s+(\d+|n/m)"
    )
    return [(found[1], found[3], found[4], found[5], found[6], found[7]) for found in row.finditer(text)]


def expected_sets(taken):
    order = (Vital.SYSTOLIC, Vital.DIASTOLIC, Vital.HEART_RATE, Vital.RESPIRATORY_RATE, Vital.SPO2)
    rows = []
    for history in sorted(taken.record.readings, key=lambda one: one.current.value.measured_at):
        for kept in reversed(history.revisions):
            values = ("n/m" if kept.value.vital(one) is None else str(kept.value.vital(one)) for one in order)
            rows.append((f"{kept.value.measured_at:%H:%M}", *values))
    return rows


def test_the_flow_sheet_read_back_has_the_records_numbers_every_revision_and_the_void(taken, text):
    assert shown_sets(text) == expected_sets(taken)
    flat = squeezed(text)
    for said in (
        "typed 158, said 148",
        "no longer in force (revision 1",
        "VOID, entered in error: another patient's",
        "SpO2 not measured: probe off",
        "severe; CADSS (23-item) 30",
        "36.5 mg, planned for 40 min, lot =LOT+1",
        "note: =1+1 says the ceiling moves",
        "a late set turned up",
        "with a late set of 7 March 2026, 13:40",
        "NOT ACKNOWLEDGED",
    ):
        assert squeezed(said) in flat, said


def test_the_signature_stands_word_for_word_with_its_digest(taken, text):
    [signed] = taken.record.confirmations
    for line in signed.value.signed_text.split("\n"):
        assert squeezed(line) in squeezed(text)
    assert squeezed("Confirmed by A clinician, clinician") in squeezed(text)
    assert signed.value.digest in squeezed(text)


def test_the_findings_signed_are_there_each_with_its_sentence(taken, text):
    [signed] = [one for one in taken.record.assessments if one.digest == taken.record.confirmations[0].value.digest]
    for finding in signed.document["findings"]:
        assert squeezed(because_of(finding)) in squeezed(text)


def test_a_demo_is_marked_on_every_page_and_nothing_else_is(taken):
    for page in pages_of(replace(taken, demo=True)):
        assert squeezed(page).count(squeezed("DEMO — not a real patient")) >= 2
    assert "DEMO" not in "".join(pages_of(taken))


@pytest.mark.parametrize(
    ("zone", "says", "time"),
    [
        ("Europe/Vienna", "Europe/Vienna (UTC+01:00)", "13:20"),
        ("Asia/Kathmandu", "Asia/Kathmandu (UTC+05:45)", "18:05"),
    ],
)
def test_times_are_the_clinics_with_the_offset_said(taken, zone, says, time):
    text = "\n".join(pages_of(stories.in_zone(taken, zone)))
    assert squeezed(says) in squeezed(text)
    assert any(row[0] == time and row[1:3] == ("148", "97") for row in shown_sets(text))


# --- what people type is data ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", stories.HOSTILE_NAMES)
def test_a_hostile_name_is_shown_as_it_is_and_never_does_anything(kept, name):
    ward, session_id = stories.treated(kept, family_name=name[:200])
    one = replace(stories.take(ward, session_id), by=Signer(None, name, "clinician"))
    pages = pages_of(one)
    if name.isascii():
        assert all(squeezed(name[:20]) in squeezed(page) for page in pages)
    rows = read_table(make_part(one, Part.CSV))
    assert {row["record_number"] for row in rows} == {"R-77"}
    failed = [line for line in verify_pack(make_pack(one)) if line.outcome == "FAILED"]
    assert failed == []


def test_what_no_font_can_draw_is_printed_as_its_code_point_and_said(taken):
    patient = replace(taken.record.patient.value, family_name="𒀀", given_names=("Li",))
    record = replace(taken.record, patients=(replace(taken.record.patient, value=patient),))
    pages = pages_of(replace(taken, record=record))
    for page in pages:
        assert "<U+12000>,Li" in squeezed(page)
    assert "Some characters have no picture here" in re.sub(r"\s+", " ", pages[0])
    assert "have no picture" not in re.sub(r"\s+", " ", "".join(pages_of(taken)))


def test_a_code_point_is_not_turned_round_in_writing_from_right_to_left(taken):
    patient = replace(taken.record.patient.value, given_names=("𒀀 محمد",))
    record = replace(taken.record, patients=(replace(taken.record.patient, value=patient),))
    assert "<U+12000>" in pages_of(replace(taken, record=record))[0]


def test_writing_from_right_to_left_is_held_together():
    assert typed("Ada") == "Ada"
    assert typed("אבג 12") == "\u2068אבג 12\u2069"


def test_two_hundred_sets_run_over_many_pages_and_none_is_lost(taken):
    first = taken.record.readings[0]
    many = tuple(
        replace(
            first,
            revisions=(
                replace(
                    first.current,
                    value=replace(first.current.value, measured_at=at(minute), systolic=100 + minute % 90),
                ),
            ),
        )
        for minute in range(200)
    )
    one = replace(taken, record=replace(taken.record, readings=many))
    pages = pages_of(one)
    assert len(pages) >= 6
    assert shown_sets("\n".join(pages)) == expected_sets(one)
    for page in pages[1:4]:
        assert squeezed("Time min BP HR RR SpO2") in squeezed(page)


# --- records as awkward as a record may be ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(15))
def test_every_awkward_record_can_be_packed_and_only_what_it_lacks_is_found(seed):
    one = made(seed)
    protocol = PROTOCOLS["nasal" if one.record.header.value.route == "intranasal" else "example"]
    signer = Signer(None, "A clinician", "clinician")
    taken = Taken(
        record=one.record,
        protocol=protocol,
        clinic=Clinic(one.clinic.id, one.clinic.name, "Australia/Lord_Howe"),
        demo=False,
        entries=(),
        seals=(),
        at=NOON,
        by=signer,
        around=Around(one.clinic, NOON),
    )
    pack = make_pack(taken)
    failed = [line for line in verify_pack(pack) if line.outcome == "FAILED"]
    # in some of them a signature names an assessment that nobody kept
    assert {"audit chain"} <= {line.part for line in failed} <= {"audit chain", "assessments"}, failed
    assert content_document(taken)["session"]["id"] == str(one.record.id)
    assert to_text(taken.at).encode() in pack
