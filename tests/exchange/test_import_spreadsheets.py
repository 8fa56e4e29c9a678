"""What spreadsheets do to a list: read past where nothing is lost, refused by row and column else."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.domain.events import Route
from app.exchange.intake import (
    DAY_COLUMNS,
    PATIENT_COLUMNS,
    BirthDates,
    UnreadableFile,
    csv_rows,
    patient_of,
    planned_of,
)
from app.exchange.intake.csv_rows import letter
from app.exchange.intake.days import DayOptions

HEAD = "record_number,family_name,given_name,birth_date,sex\n"
LINE = "7,Probe,Maria,1980-02-01,F\n"
DAY = DayOptions(ZoneInfo("Europe/Vienna"), date(2026, 3, 9), Route.IV_INFUSION)


def patients(text, written=BirthDates.ISO):
    content = text if isinstance(text, bytes) else text.encode()
    return [patient_of(row, written) for row in csv_rows(content, PATIENT_COLUMNS).rows]


def faults(line, head=HEAD):
    [found] = patients(head + line)
    return {fault.column: fault.message for fault in found}


def planned(time, day="record_number,time\n7,"):
    [row] = csv_rows(f"{day}{time}\n".encode(), DAY_COLUMNS).rows
    return planned_of(row, DAY)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + HEAD + LINE,
        (HEAD + LINE).replace("\n", "\r\n"),
        (HEAD + LINE).replace("\n", "\r"),
        "sep=,\n" + HEAD + LINE,
        "\ufeffsep=;\r\n" + (HEAD + LINE).replace(",", ";").replace("\n", "\r\n"),
        '"sep=;"\n' + (HEAD + LINE).replace(",", ";"),
        "SEP=\t\n" + (HEAD + LINE).replace(",", "\t"),
        "sep=|\n" + (HEAD + LINE).replace(",", "|"),
        "\n\n" + HEAD + "\n,,,,\n" + LINE + "\n,,,,,,\n",
        (HEAD + LINE).replace("\n", ",,\n"),
        HEAD + LINE.replace("\n", ",,,\n"),
        HEAD.replace("\n", ",,,\n") + LINE.replace("\n", ",,,\n"),
        HEAD.replace(",sex", ",,sex") + LINE.replace(",F", ",,F"),
        (HEAD + LINE).replace("7,", '"7",').replace("Probe", '"Probe"'),
        HEAD.replace("record_number", " Record Number ").replace("birth_date", "BIRTH_DATE") + LINE,
        HEAD + LINE.replace("1980-02-01", "1980-02-01 00:00:00"),
        HEAD + LINE.replace("1980-02-01", "1980-02-01T00:00"),
    ],
)
def test_what_is_added_around_the_cells_is_read_past(text):
    [patient] = patients(text)
    assert (patient.record_number, patient.family_name, patient.given_name) == ("7", "Probe", "Maria")
    assert (patient.birth_date, patient.sex) == (date(1980, 2, 1), "female")


def test_rows_are_counted_as_the_spreadsheet_shows_them():
    # the hint is not shown; a blank row is; a cell of two lines is one row
    text = f'sep=,\n{HEAD}\n7,"Pro\nbe",Maria,1980-13-01,F\n'
    [found] = patients(text)
    assert {(fault.row, fault.column) for fault in found} == {(3, "family_name"), (3, "birth_date")}


@pytest.mark.parametrize(
    ("said", "sex"),
    [
        ("F", "female"),
        ("m", "male"),
        ("Female", "female"),
        ("MALE", "male"),
        ("other", "other"),
        ("O", "other"),
        ("u", "unknown"),
        ("Unknown", "unknown"),
        ("", None),
    ],
)
def test_how_sex_is_written(said, sex):
    [patient] = patients(HEAD + LINE.replace(",F", f",{said}"))
    assert patient.sex == sex


@pytest.mark.parametrize("said", ["x", "d", "w", "1", "fm"])
def test_no_sex_is_guessed(said):
    assert "is none of female, male" in faults(LINE.replace(",F", f",{said}"))["sex"]


@pytest.mark.parametrize("number", ["9.95423E+15", "9,95423E+15", "1E+05", "9.91214e+15", "1E-05"])
def test_a_shortened_number_is_refused(number):
    message = faults(LINE.replace("7,", f'"{number}",', 1))["record_number"]
    assert "looks like a number that a spreadsheet shortened: format the column as text" in message
    assert number not in message


@pytest.mark.parametrize("number", ["7.0", "9912,00"])
def test_a_number_with_decimals_added_is_refused(number):
    assert "added a decimal point" in faults(LINE.replace("7,", f'"{number}",', 1))["record_number"]


@pytest.mark.parametrize("number", ["12E4", "E+15", "0007", "7.1", "A-1.0", "9954230000000000"])
def test_a_number_that_only_resembles_a_shortened_one_is_taken(number):
    [patient] = patients(HEAD + LINE.replace("7,", f"{number},", 1))
    assert patient.record_number == number


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        (LINE.replace("1980-02-01", "29252"), "birth_date", "a spreadsheet turned into a number"),
        (LINE.replace("1980-02-01", "########"), "birth_date", "too narrow"),
        (LINE.replace("1980-02-01", "1980-02-01 07:00:00"), "birth_date", "is not a date written YYYY-MM-DD"),
        (LINE.replace("Probe", "#NAME?"), "family_name", "a spreadsheet's error"),
        (LINE.replace("7,", "#N/A,", 1), "record_number", "a spreadsheet's error"),
        (LINE.replace("\n", ",,lost\n"), "column G", "the header gives this column no name"),
    ],
)
def test_a_cell_that_a_spreadsheet_spoilt(line, column, says):
    found = faults(line, HEAD.replace("\n", ",,\n") if "lost" in line else HEAD)
    assert list(found) == [column]
    assert says in found[column]


def test_a_cell_below_a_column_without_a_name_is_never_lost():
    head = "record_number,,family_name,given_name,birth_date\n"
    found = faults("7,lost,Probe,Maria,1980-02-01\n", head)
    assert "the header gives this column no name" in found["column B"]
    with pytest.raises(UnreadableFile, match="Row 2 has 6 fields, the header 5"):
        patients(HEAD + LINE.replace("\n", ",lost\n"))


@pytest.mark.parametrize(("place", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_are_called_as_in_a_spreadsheet(place, name):
    assert letter(place) == name


@pytest.mark.parametrize(
    ("time", "utc"),
    [
        ("09:30", (8, 30, 0)),
        ("9:30", (8, 30, 0)),
        ("09:30:00", (8, 30, 0)),
        ("09:30:15", (8, 30, 15)),
        ("9:30:00 AM", (8, 30, 0)),
        ("1:05 pm", (12, 5, 0)),
        ("12:00 AM", None),
        ("12:30 PM", (11, 30, 0)),
        ("2026-03-09T09:30:00Z", (9, 30, 0)),
    ],
)
def test_how_times_are_written(time, utc):
    expected = datetime(2026, 3, 9, *utc, tzinfo=UTC) if utc else datetime(2026, 3, 8, 23, tzinfo=UTC)
    assert planned(time).at == expected


@pytest.mark.parametrize(
    ("time", "says"),
    [
        ("09:30:60", "is not a time of day"),
        ("13:30 PM", "is not a time of day"),
        ("0:30 AM", "is not a time of day"),
        ("0.395833333", "a time that a spreadsheet turned into a number"),
        ("46090.4", "a time that a spreadsheet turned into a number"),
        ("09.30", "a time that a spreadsheet turned into a number"),
        ("half past nine", "is neither a time of day such as 09:30"),
        ("09:30:", "is neither a time of day such as 09:30"),
    ],
)
def test_a_time_that_is_none(time, says):
    [fault] = planned(time)
    assert (fault.row, fault.column) == (2, "time")
    assert says in fault.message


def test_a_number_of_an_appointment_that_a_spreadsheet_shortened():
    [fault] = planned("09:30,7E+20", "record_number,time,appointment\n7,")
    assert (fault.column, "shortened" in fault.message) == ("appointment", True)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ((HEAD + LINE).encode("utf-16"), "UTF-16: save it as UTF-8"),
        ((HEAD + LINE).encode("utf-16-le"), "UTF-16, perhaps"),
        (b"PK\x03\x04rest", "a workbook (XLSX, ODS)"),
        (b"\xd0\xcf\x11\xe0rest", "an old workbook (XLS)"),
        (b"%PDF-1.7", "is a PDF"),
        (b"\x1f\x8b\x08", "compressed"),
        (b"\n <html>", "XML or HTML"),
    ],
)
def test_a_file_of_another_kind_says_how_to_save_it(content, says):
    with pytest.raises(UnreadableFile) as refused:
        patients(content)
    assert says in refused.value.detail
