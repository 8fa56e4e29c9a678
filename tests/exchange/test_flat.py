"""The flat export: three formats that say the same, that say what the record says, and nothing of a person without."""

import io
import json
import re
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db.work import service_actor
from app.domain.people import Role, RoleMayNot
from app.exchange.flat import TABLES, Data, Disguise, FileFormat, TableName, WeakKey, encoder, rows_of
from app.exchange.flat.cells import NOT_RECORDED, WITHHELD, Column
from app.exchange.flat.read import read_csv
from app.exchange.flat.reading_columns import FIELDS
from app.exchange.formulas import GUARD
from app.services import flat_export
from app.services.flat_export import Asked, BadExport, SessionsDue
from app.services.readiness import catch_up
from tests import factories
from tests.exchange.records import HOSTILE, filled, lead
from tests.factories import at
from tests.services.ward import Ward

KEY = b"a key of chance, for these tests only"
END = 111


@pytest.fixture
def ward(database):
    """For what asks the database something."""
    return Ward(database)


def pages_of(ward, asked, mask=None, now=END):
    who = lead(ward)
    for ids in ward.read(flat_export.begin, asked, mask, now=now, who=who):
        try:
            yield ward.read(flat_export.page, asked, ids, now=now, who=who)
        except SessionsDue as due:
            for session_id in due.session_ids:
                ward.write(catch_up, session_id, now=now, who=service_actor(ward.clinic.id))
            yield ward.read(flat_export.page, asked, ids, now=now, who=who)


def exported(ward, form, mask=None, **span):
    """The bytes of every table, and its rows as they went in."""
    asked = Asked(tuple(TableName), form, mask is not None, **span)
    wholes = [whole for page in pages_of(ward, asked, mask) for whole in page]
    found = {}
    for name in TableName:
        rows = [row for whole in wholes for row in rows_of(TABLES[name], whole, mask)]
        writer = encoder(form, TABLES[name].shown(without_identifiers=mask is not None))
        # in two parts: files are written a page at a time
        parts = [writer.begin(), writer.rows(rows[:1]), writer.rows(rows[1:]), writer.end()]
        found[name] = (b"".join(parts), rows)
    return found


def spelt(column: Column, value):
    """A value of JSON in the type that its column says."""
    if value is None or column.kind in {Data.INTEGER, Data.BOOLEAN}:
        return value
    if column.kind is Data.DECIMAL:
        return Decimal(value)
    if column.kind in {Data.INSTANT, Data.DATE}:
        from datetime import date, datetime

        return (datetime if column.kind is Data.INSTANT else date).fromisoformat(value)
    return value


def read_back(form, content, columns):
    match form:
        case FileFormat.CSV:
            return list(read_csv(content, columns))
        case FileFormat.NDJSON:
            lines = content.decode().splitlines() if b"\x85" not in content else content.decode().split("\n")[:-1]
            documents = [json.loads(line, parse_float=Decimal) for line in lines]
            assert all(list(document) == [column.name for column in columns] for document in documents)
            return [tuple(spelt(column, document[column.name]) for column in columns) for document in documents]
        case FileFormat.PARQUET:
            table = pq.read_table(io.BytesIO(content))
            assert table.column_names == [column.name for column in columns]
            return [tuple(row.values()) for row in table.to_pylist()]


@pytest.mark.parametrize("masked", [False, True])
def test_all_three_formats_read_back_say_the_same(furnished, masked):
    ward, _ = furnished
    mask = Disguise(KEY, ward.clinic.id) if masked else None
    whole = {form: exported(ward, form, mask) for form in FileFormat}
    for name in TableName:
        columns = TABLES[name].shown(without_identifiers=masked)
        expected = whole[FileFormat.CSV][name][1]
        assert expected, name
        for form in FileFormat:
            content, rows = whole[form][name]
            assert rows == expected
            assert read_back(form, content, columns) == expected, (name, form)


def as_dicts(found, name, masked=False):
    columns = [column.name for column in TABLES[name].shown(without_identifiers=masked)]
    return [dict(zip(columns, row, strict=True)) for row in found[name][1]]


def test_the_tables_are_what_the_record_says(ward):
    ids = filled(ward)
    found = exported(ward, FileFormat.CSV)
    sessions = {row["session_id"]: row for row in as_dicts(found, TableName.SESSIONS)}
    assert list(sessions) == sorted(sessions) and set(sessions) == {str(one) for one in ids}  # noqa: PT018
    for session_id in ids:
        record = ward.record(session_id, END)
        row = sessions[str(session_id)]
        assert row["family_name"] == record.patient.value.family_name
        assert row["birth_date"] == record.patient.value.birth_date
        assert row["status"] == record.assessment.status
        assert row["readings_in_force"] == len(record.readings_in_force())
        mine = [row for row in as_dicts(found, TableName.READINGS) if row["session_id"] == str(session_id)]
        held = {str(reading.id): reading for reading in record.readings_in_force()}
        assert {row["reading_id"] for row in mine if not row["addendum"]} == set(held)
        for row in mine:
            if row["addendum"]:
                continue
            reading = held[row["reading_id"]]
            for vital in ("heart_rate", "systolic", "diastolic", "respiratory_rate", "spo2", "gait_steady", "note"):
                assert row[vital] == getattr(reading, vital)
            assert row["measured_at"] == reading.measured_at
            for field in FIELDS:
                expected = (
                    None if getattr(reading, field) is not None else dict(reading.not_measured).get(field, NOT_RECORDED)
                )
                assert row[f"{field}_not_measured"] == expected
        revisions = [row for row in as_dicts(found, TableName.REVISIONS) if row["session_id"] == str(session_id)]
        assert len(revisions) == sum(len(one.revisions) for one in record.readings) + sum(
            row["addendum"] for row in mine
        )
        events = [row for row in as_dicts(found, TableName.EVENTS) if row["session_id"] == str(session_id)]
        assert {row["event_id"] for row in events} == {str(one.event.value.id) for one in record.events}
        findings = [
            row for row in as_dicts(found, TableName.FINDINGS) if row["session_id"] == str(session_id) and row["newest"]
        ]
        kept = {one["criterion"]: one["outcome"] for one in record.assessment.document["findings"]}
        assert {row["criterion"]: row["outcome"] for row in findings} == kept
    done, other = sessions[str(ids[0])], sessions[str(ids[1])]
    assert (done["state"], done["decision"], done["minutes_to_first_met"]) == ("discharged", "confirm", Decimal(102))
    assert (other["state"], other["age_years"], done["dose_mg"]) == ("transferred", 90, 36)
    minutes = {row["minutes_since_dose"] for row in as_dicts(found, TableName.READINGS)}
    assert {Decimal("20.5"), Decimal(-20)} <= minutes


def blanks(row):
    """Fields of a reading's row that are neither a value nor not measured, or both."""
    value = {"oxygen": "oxygen", "consciousness": "consciousness_scale", "dissociation": "dissociation_grade"}
    return [
        field for field in FIELDS if (row[value.get(field, field)] is None) == (row[f"{field}_not_measured"] is None)
    ]


@pytest.mark.parametrize("masked", [False, True])
def test_blank_never_means_normal(furnished, masked):
    ward, _ = furnished
    found = exported(ward, FileFormat.CSV, Disguise(KEY, ward.clinic.id) if masked else None)
    rows = as_dicts(found, TableName.REVISIONS, masked)
    assert [blanks(row) for row in rows] == [[]] * len(rows)
    assert any(row["heart_rate"] is None for row in rows)
    # control: a row that lost its reason is noticed
    assert blanks(next(row for row in rows if row["heart_rate"] is None) | {"heart_rate_not_measured": None}) == [
        "heart_rate"
    ]


# --- spreadsheets ----------------------------------------------------------------------------------------------------


FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"


def formulas(content):
    """Text cells of a CSV that a spreadsheet would take for a formula, seen with a parser that is not ours."""
    import csv

    cells = [cell for line in csv.reader(io.StringIO(content.decode(), newline="")) for cell in line]
    number = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
    return [cell for cell in cells if cell.startswith(tuple(FORMULA)) and not number.match(cell)]


def test_no_cell_is_a_formula_and_every_text_survives(furnished, monkeypatch):
    ward, _ = furnished
    found = exported(ward, FileFormat.CSV)
    notes = {row["note"] for row in as_dicts(found, TableName.READINGS)}
    assert set(HOSTILE) <= notes
    for name in TableName:
        assert formulas(found[name][0]) == []
        assert found[name][0].count(b"\r\n") >= len(found[name][1]) + 1
    monkeypatch.setattr("app.exchange.flat.write.guarded", lambda text: text)
    assert formulas(exported(ward, FileFormat.CSV)[TableName.READINGS][0])


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(alphabet=st.sampled_from("=+-@'\t\r\n\",;aé\uff1d"), min_size=1, max_size=6))
def test_any_text_comes_back_as_it_was(text):
    column = (Column("note", Data.TEXT, "", lambda _: None),)
    writer = encoder(FileFormat.CSV, column)
    content = writer.begin() + writer.rows([(text,)]) + writer.end()
    assert formulas(content) == []
    assert list(read_csv(content, column)) == [(text,)]
    assert GUARD in content.decode() or not text.startswith(tuple(FORMULA + GUARD))


# --- without identifiers ---------------------------------------------------------------------------------------------

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def strings_of(value):
    """Every text inside a document, and every value and key."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings_of(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings_of(item)


def identifying(ward, ids):
    """What of the record could name somebody: every id, name, number, date, and word that was typed."""
    found = set()
    for row_name in TableName:
        for row in as_dicts(exported(ward, FileFormat.CSV), row_name):
            kinds = {column.name: column.kind for column in TABLES[row_name].columns}
            for name, value in row.items():
                if value is None or (
                    kinds[name] in {Data.CODE, Data.REASON, Data.TEXT}
                    and value in {NOT_RECORDED, "none", "iv", "mg", "midazolam"}
                ):
                    continue
                if kinds[name] in {Data.ID, Data.TEXT, Data.REASON, Data.CODE, Data.DATE}:
                    found.add(str(value))
                if kinds[name] is Data.INSTANT:
                    found.add(value.date().isoformat())
    found |= {str(ward.clinic.id), ward.clinic.name, ward.nurse.name, ward.clinician.name}
    return {text for text in found if len(text) > 1}


def leaks(found, secrets):
    """Secrets that occur anywhere inside what leaves."""
    whole = "\n".join(content.decode() for content, _ in found.values())
    return {secret for secret in secrets if secret in whole or json.dumps(secret, ensure_ascii=False)[1:-1] in whole}


def test_nothing_that_names_anybody_is_left(furnished):
    ward, ids = furnished
    secrets = identifying(ward, ids)
    assert len(secrets) > 60
    assert {"=Hostile-Name", "hostile-name-special", "R-third", "2026-03-07", "=no cuff for Hostile"} <= secrets
    mask = Disguise(KEY, ward.clinic.id)
    for form in (FileFormat.CSV, FileFormat.NDJSON):
        assert leaks(exported(ward, form, mask), secrets) == set()
    parquet = exported(ward, FileFormat.PARQUET, mask)
    texts = [
        str(value)
        for name in TableName
        for row in pq.read_table(io.BytesIO(parquet[name][0])).to_pylist()
        for value in row.values()
    ]
    assert not [text for text in texts for secret in secrets if secret in text]
    # control: with identifiers the same search finds all but the clinic's own, which is in no table
    named = {str(ward.clinic.id), ward.clinic.name}
    assert leaks(exported(ward, FileFormat.NDJSON), secrets) == secrets - named


def test_columns_that_people_type_into_are_left_out_by_their_kind():
    for table in TABLES.values():
        shown = table.shown(without_identifiers=True)
        assert not [column.name for column in shown if column.kind in {Data.TEXT, Data.DATE}]
    assert {"family_name", "birth_date", "note", "recorded_by", "because", "lot"} <= {
        column.name for table in TABLES.values() for column in table.columns if column.kind in {Data.TEXT, Data.DATE}
    }


def test_shifts_are_whole_days_kept_within_a_patient_and_bound_to_the_key(furnished):
    ward, ids = furnished
    again = ward.plan(ward.record(ids[0], END).header.value.patient_id, planned_at=at(60 * 24 * 7))
    mask = Disguise(KEY, ward.clinic.id)
    plain = {row["session_id"]: row for row in as_dicts(exported(ward, FileFormat.CSV), TableName.SESSIONS)}
    shifted = {
        row["session_id"]: row for row in as_dicts(exported(ward, FileFormat.CSV, mask), TableName.SESSIONS, True)
    }
    moved = {}
    for session_id, row in plain.items():
        other = shifted[mask.alias(session_id)]
        assert other["patient_id"] == mask.alias(row["patient_id"])
        for name, value in row.items():
            if name.endswith("_at") and value is not None:
                by = value - other[name]
                assert by % timedelta(days=1) == timedelta(0)
                assert timedelta(days=366) <= by <= timedelta(days=1826)
                moved.setdefault(row["patient_id"], set()).add(by)
            elif name.startswith(("minutes", "age")):
                assert other[name] == value
    assert all(len(found) == 1 for found in moved.values())
    assert len(set.union(*moved.values())) > 1
    assert str(again) in plain
    assert exported(ward, FileFormat.CSV, mask) == exported(ward, FileFormat.CSV, Disguise(KEY, ward.clinic.id))
    other_key = Disguise(KEY[::-1], ward.clinic.id)
    assert not set(shifted) & {
        row["session_id"] for row in as_dicts(exported(ward, FileFormat.CSV, other_key), TableName.SESSIONS, True)
    }
    assert repr(KEY)[2:-1] not in repr(mask)
    # order of ids is order of time: it goes too
    hidden = sorted(plain, key=lambda session_id: mask.order(UUID(session_id)))
    assert list(shifted) == [mask.alias(session_id) for session_id in hidden]


def test_a_short_key_is_no_key(furnished):
    ward, _ = furnished
    for key in (None, "", "x" * 31):
        with pytest.raises(WeakKey):
            flat_export.disguise(key, ward.clinic.id)


# --- who, when, what is left behind ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.NURSE, Role.CLINICIAN, Role.OPERATOR])
def test_only_those_who_oversee_may_export(ward, role):
    asked = Asked((TableName.SESSIONS,), FileFormat.CSV, without_identifiers=False)
    for verb, what in ((flat_export.begin, None), (flat_export.page, [])):
        arguments = (asked, what)
        with pytest.raises(RoleMayNot):
            ward.read(verb, *arguments, who=factories.actor(ward.clinic.id, role))


def test_a_span_holds_what_was_held_in_it(ward):
    ids = filled(ward)
    held = {str(one) for one in ids[:3]}
    for span, expected in (
        ({"since": at(0), "until": at(1)}, held),
        ({"since": at(0.01)}, set()),
        ({"until": at(0)}, set()),
    ):
        found = exported(ward, FileFormat.CSV, **span)
        assert {row["session_id"] for row in as_dicts(found, TableName.SESSIONS)} == expected
    with pytest.raises(BadExport):
        exported(ward, FileFormat.CSV, since=at(1), until=at(1))


def test_another_clinic_exports_nothing_of_this_one(ward, database):
    filled(ward)
    stranger = Ward(database)
    assert all(rows == [] for _, rows in exported(stranger, FileFormat.CSV).values())


def test_what_left_is_on_record(ward):
    from app.services.audit import Filters, read_page

    filled(ward)
    exported(ward, FileFormat.CSV)
    events, _ = ward.read(read_page, Filters(), None, 50, who=lead(ward))
    begun = next(event for event in events if event.action == "export.begun")
    assert begun.after["identifiers"] is True
    read = next(event for event in events if event.action == "export.read")
    assert len(read.after["sessions"]) == 4
    assert WITHHELD not in json.dumps(begun.after)
