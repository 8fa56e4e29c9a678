"""What comes from other systems: read exactly, refused clearly, and kept all or not at all."""

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.events import Route
from app.exchange.intake import (
    DAY_COLUMNS,
    MOST_BYTES,
    MOST_ROWS,
    PATIENT_COLUMNS,
    BirthDates,
    Columns,
    CountedIn,
    Passed,
    UnreadableFile,
    csv_rows,
    day_rows,
    patient_of,
    patient_rows,
    planned_of,
)
from app.exchange.intake.days import DayOptions

HEAD = "record_number,family_name,given_name,birth_date,sex\n"
TODAY = date(2026, 3, 8)
VIENNA = DayOptions(ZoneInfo("Europe/Vienna"), date(2026, 3, 9), Route.IV_INFUSION)


def rows(text, columns=PATIENT_COLUMNS):
    return csv_rows(text.encode() if isinstance(text, str) else text, columns).rows


def patients_in(content, system=None):
    return patient_rows(content, system, TODAY).rows


def days_in(content, system=None):
    return day_rows(content, system, TODAY).rows


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_separators_line_ends_and_marks(mark, end, between):
    text = f"Record_Number,family_name,given_name,birth_date{end}7,Žižková,Zoë,1980-02-01{end}{end}".replace(
        ",", between
    )
    [row] = rows(mark + text.encode())
    assert row.number == 2
    patient = patient_of(row, BirthDates.ISO)
    assert (patient.family_name, patient.given_name, patient.birth_date) == ("Žižková", "Zoë", date(1980, 2, 1))
    assert patient.sex is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        ((HEAD + "7,Zoë,Z,1980-02-01,").encode("latin-1"), "Line 2 is not UTF-8"),
        ((HEAD + "7,Zoë,Z,1980-02-01,").encode("utf-16"), "UTF-16"),
        (HEAD.encode() + b"7,a\0b,c,1980-02-01,\n", "NUL"),
        (HEAD.encode() + b'7,"a"b,c,1980-02-01,\n', "Line 2 is not CSV"),
        (HEAD.encode() + b"7,a,b,1980-02-01\n", "Row 2 has 4 fields"),
        (b"record_number,family_name,given_name\n", "lacks birth_date"),
        (HEAD.replace("sex", "gender").encode(), "'gender', which nobody reads"),
        (HEAD.replace("sex", "family_name").encode(), "'family_name' twice"),
        (HEAD.encode() + b"7,a,b,1980-02-01,\n" * (MOST_ROWS + 1), f"more than {MOST_ROWS} rows"),
        (HEAD.encode() + b'7,"' + b"a" * 200_000 + b'",b,1980-02-01,\n', "not CSV"),
        (b"x" * (MOST_BYTES + 1), "larger than 32 MiB"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why(content, says):
    with pytest.raises(UnreadableFile) as refused:
        rows(content)
    assert says in refused.value.detail


def test_columns_nobody_reads_are_passed_over_when_named():
    columns = Columns(PATIENT_COLUMNS.required, PATIENT_COLUMNS.optional, frozenset({"insurer"}))
    [row] = rows(HEAD.replace("sex", "insurer") + "7,a,b,1980-02-01,x\n", columns)
    assert "insurer" not in row.cells


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        ("7,Probe,Maria,03.04.1980,", {"birth_date"}),
        ("7,Probe,Maria,1980-02-30,", {"birth_date"}),
        ("7,Probe,Maria,1980-2-3,", {"birth_date"}),
        ("7,Probe,Maria,,", {"birth_date"}),
        (",Probe,Maria,1980-02-01,x", {"record_number", "sex"}),
        ("7,\u202ePr,M\u0007,1980-02-01,", {"family_name", "given_name"}),
        ("7," + "a" * 201 + ",Maria,1980-02-01,female", {"family_name"}),
    ],
)
def test_every_fault_of_a_row_is_named_and_no_value(line, columns):
    faults = patient_of(rows(HEAD + line)[0], BirthDates.ISO)
    assert {fault.column for fault in faults} == columns
    assert all(fault.row == 2 and "Maria" not in fault.message and "1980" not in fault.message for fault in faults)


@pytest.mark.parametrize(
    ("written", "text"),
    [(BirthDates.DOTTED, "3.4.1980"), (BirthDates.DAY_FIRST, "03/04/1980"), (BirthDates.MONTH_FIRST, "04/03/1980")],
)
def test_other_birth_dates_are_read_as_was_said(written, text):
    [row] = rows(HEAD + f"7,Probe,Maria,{text},Female")
    assert patient_of(row, written).birth_date == date(1980, 4, 3)
    assert patient_of(row, written).sex == "female"
    assert isinstance(patient_of(row, BirthDates.ISO), list)


DAY = "record_number;time;chair;route;protocol\n"


def planned(line, options=VIENNA):
    return planned_of(rows(DAY + line, DAY_COLUMNS)[0], options)


def test_a_day_list_in_the_clinics_zone():
    found = planned("7;09:30;3;;iv-infusion-example/1")
    assert (found.at, found.day) == (datetime(2026, 3, 9, 8, 30, tzinfo=UTC), date(2026, 3, 9))
    assert (found.route, found.protocol_id, found.protocol_version) == (Route.IV_INFUSION, "iv-infusion-example", 1)
    assert planned("7;2026-03-09T23:30:00Z;;intranasal;").day == date(2026, 3, 10)


@pytest.mark.parametrize(
    ("line", "options", "column", "says"),
    [
        ("7;02:30;;;", DayOptions(VIENNA.zone, date(2026, 3, 29), Route.IV_INFUSION), "time", "does not exist"),
        ("7;02:30;;;", DayOptions(VIENNA.zone, date(2026, 10, 25), Route.IV_INFUSION), "time", "comes twice"),
        ("7;09:30;;;", DayOptions(VIENNA.zone, None, Route.IV_INFUSION), "time", "say which date the list is for"),
        ("7;24:00;;;", VIENNA, "time", "not a time of day"),
        ("7;2026-03-09T09:30:00;;;", VIENNA, "time", "offset"),
        ("7;09:30;;;", DayOptions(VIENNA.zone, date(2026, 3, 9)), "route", "for the whole list"),
        ("7;09:30;;oral;", VIENNA, "route", "must be one of"),
        ("7;09:30;;;x y", VIENNA, "protocol", "must be an id"),
        (";09:30;;;", VIENNA, "record_number", "blank"),
    ],
)
def test_a_row_of_a_day_that_cannot_be(line, options, column, says):
    [fault] = planned(line, options)
    assert (fault.row, fault.column) == (2, column)
    assert says in fault.message


# --- FHIR ------------------------------------------------------------------------------------------------------------


def bundle(*resources, **other):
    entries = [{"fullUrl": f"urn:uuid:{number}", "resource": one} for number, one in enumerate(resources)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries} | other).encode()


def fhir_patient(**other):
    usual = {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [
            {"type": {"coding": [{"code": "MR"}]}, "system": "urn:mrn", "value": "R-7"},
            {"system": "urn:ssn", "value": "999"},
        ],
        "name": [
            {"use": "nickname", "family": "Nick"},
            {"use": "official", "family": "Probe", "given": ["Maria", "Ann"]},
        ],
        "birthDate": "1984-03-11",
        "gender": "female",
    }
    return usual | other


def test_a_patient_of_a_bundle():
    [row] = patients_in(bundle(fhir_patient()))
    patient = patient_of(row, BirthDates.ISO)
    assert (patient.record_number, patient.family_name, patient.given_name) == ("R-7", "Probe", "Maria Ann")
    assert (patient.birth_date, patient.sex) == (date(1984, 3, 11), "female")
    assert patients_in(bundle(fhir_patient()), "urn:ssn")[0].cells["record_number"] == "999"
    incoming = patient_rows(bundle(fhir_patient(active=False)), None, TODAY)
    assert (incoming.rows, incoming.unit) == ((), CountedIn.ENTRY)
    assert incoming.passed == (Passed("Patient that is not active in the source", (1,)),)


@pytest.mark.parametrize(
    ("other", "columns"),
    [
        ({"identifier": [{"value": "1"}, {"value": "2"}]}, {"record_number"}),
        ({"identifier": "R-7"}, {"record_number"}),
        ({"name": [{"text": "Maria Probe"}]}, {"family_name"}),
        ({"name": {"family": ["x"]}, "birthDate": "1984-03"}, {"family_name", "birth_date"}),
        ({"birthDate": 19840311, "gender": "x"}, {"birth_date", "sex"}),
    ],
)
def test_a_patient_of_a_bundle_that_cannot_be(other, columns):
    [row] = patients_in(bundle(fhir_patient(**other)))
    assert {fault.column for fault in patient_of(row, BirthDates.ISO)} == columns


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[" * 100_000,
        b'{"resourceType":"Patient"}',
        b'{"resourceType":"Bundle","resourceType":"Bundle"}',
        b'{"resourceType":"Bundle","entry":{}}',
        b'{"resourceType":"Bundle","entry":[{"resource":NaN}]}',
        b'{"resourceType":"Bundle","entry":[{}]}',
        b'{"resourceType":"Bundle","entry":[7]}',
    ],
)
def test_a_bundle_that_is_none(content):
    with pytest.raises(UnreadableFile):
        patients_in(content)


@pytest.mark.parametrize("number", ["1e-300000000", "1e9999999999999999999", "9" * 5000])
def test_a_number_beyond_is_never_computed_and_stands_in_nobodys_way(number):
    beside = bundle(fhir_patient(multipleBirthInteger="@")).replace(b'"@"', number.encode())
    assert patients_in(beside) == patients_in(bundle(fhir_patient(multipleBirthInteger=2)))
    instead = bundle(fhir_patient(birthDate="@")).replace(b'"@"', number.encode())
    [row] = patients_in(instead)
    assert "birth_date" not in row.cells


def appointment(**other):
    usual = {
        "resourceType": "Appointment",
        "status": "booked",
        "start": "2026-03-09T09:30:00+01:00",
        "serviceType": [{"coding": [{"code": "intranasal"}]}],
        "participant": [
            {"actor": {"reference": "Patient/p1"}},
            {"actor": {"reference": "Location/c3", "display": "3"}},
        ],
    }
    return usual | other


def test_an_appointment_of_a_bundle():
    [row] = days_in(bundle(fhir_patient(), appointment()))
    found = planned_of(row, VIENNA)
    assert (row.number, found.record_number, found.chair, found.route) == (2, "R-7", "3", Route.INTRANASAL)
    assert (found.family_name, found.birth_date) == ("Probe", date(1984, 3, 11))
    by_url = appointment(participant=[{"actor": {"reference": "urn:uuid:0"}}])
    assert days_in(bundle(fhir_patient(), by_url))[0].cells["record_number"] == "R-7"
    assert "cancelled" in days_in(bundle(fhir_patient(), appointment(status="cancelled")))[0].against


@pytest.mark.parametrize(
    ("other", "column"),
    [
        ({"participant": []}, "record_number"),
        ({"participant": [{"actor": {"reference": "Patient/other"}}]}, "record_number"),
        ({"status": "perhaps"}, "status"),
        ({"status": ["booked"]}, "status"),
        ({"start": None}, "time"),
    ],
)
def test_an_appointment_that_cannot_be(other, column):
    [row] = days_in(bundle(fhir_patient(), appointment(**other)))
    assert column in {fault.column for fault in planned_of(row, VIENNA)}


JSON = st.recursive(st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["actor", "reference", "coding", "code", "value", "family", "given", "use"]), inner, max_size=3), max_leaves=8)  # fmt: skip  # noqa: E501


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(["identifier", "name", "birthDate", "gender", "active", "id", "participant", "status", "start", "serviceType"]), JSON))  # fmt: skip  # noqa: E501
def test_no_bundle_breaks_the_reader(fields):
    content = bundle(fhir_patient(**fields), appointment(**fields))
    for row in patients_in(content):
        patient_of(row, BirthDates.ISO)
    for row in days_in(content):
        planned_of(row, VIENNA)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text):
    try:
        for row in rows(HEAD + text):
            patient_of(row, BirthDates.ISO)
    except UnreadableFile:
        pass
