"""Imports: repeatable, all or nothing, never merging, never undoing what was corrected here."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from app.domain.events import EventKind, Route
from app.domain.people import Role, RoleMayNot
from app.exchange.intake import DAY_COLUMNS, PATIENT_COLUMNS, BirthDates, csv_rows
from app.exchange.intake.days import DayOptions
from app.services import boards, patients, sessions
from app.services.audit import Filters, read_page
from app.services.intake import IMPORTED, ImportRefused, What, import_days, import_patients
from app.services.intake.patients import id_of
from tests import factories
from tests.services.ward import Ward

HEAD = "record_number,family_name,given_name,birth_date\n"
GOOD = HEAD + "A-1,Archer,Ada,1950-01-02\nB-2,Baker,Bruno,1961-03-04\nC-3,Cooper,Cleo,1972-05-06\n"
on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"])
DAY = DayOptions(ZoneInfo("Europe/Vienna"), date(2026, 3, 9), Route.IV_INFUSION)


@pytest.fixture
def ward(database):
    return Ward(database)


def bring(ward, text, *, commit=True, seen=False, who=None):
    def verb(work):
        rows = csv_rows(text.encode(), PATIENT_COLUMNS)
        return import_patients(work, rows, BirthDates.ISO, commit=commit, look_alikes_seen=seen)

    # a dry run only reads, and so cannot write
    return ward.write(verb, who=who) if commit else ward.read(verb, now=-200, who=who)


def bring_day(ward, lines, *, commit=True, options=DAY):
    def verb(work):
        rows = csv_rows(("record_number,time,chair\n" + lines).encode(), DAY_COLUMNS)
        return import_days(work, rows, options, commit=commit)

    return ward.write(verb) if commit else ward.read(verb, now=-200)


def everybody(ward):
    found, _ = ward.read(patients.search, None, None, None, 100)
    return {item.kept.value.record_number: item for item in found}


def whats(report):
    return [line.what for line in report.lines]


def test_dry_run_then_commit_then_the_same_again(ward):
    before = everybody(ward)
    dry = bring(ward, GOOD, commit=False)
    assert (whats(dry), dry.kept, everybody(ward)) == ([What.NEW] * 3, False, before)
    assert whats(bring(ward, GOOD)) == [What.NEW] * 3
    assert len(everybody(ward)) == len(before) + 3
    for _ in range(2):
        kept = everybody(ward)
        assert whats(bring(ward, GOOD)) == [What.SAME] * 3
        assert everybody(ward) == kept
    assert everybody(ward)["A-1"].id == id_of(ward.clinic.id, " a-1 ")
    assert everybody(ward)["A-1"].kept.by.staff_id == ward.nurse.staff_id


@on_sqlite
def test_a_changed_row_is_a_revision_with_its_reason(ward):
    bring(ward, GOOD)
    assert whats(bring(ward, GOOD.replace("Ada", "Adah"))) == [What.REVISED, What.SAME, What.SAME]
    found = everybody(ward)["A-1"]
    assert (found.kept.value.given_name, found.kept.revision, found.kept.reason) == ("Adah", 2, IMPORTED)
    events, _ = ward.read(read_page, Filters(patient_id=found.id), None, 10)
    assert events[0].action == "patient.revised"


def test_one_bad_row_keeps_every_row_out(ward):
    before = everybody(ward)
    for bad in ("D-4,Dyer,Dora,1983-13-01\n", "A-1,Other,Otto,1990-01-01\n", "D-4,Dyer,Dora,1850-01-01\n"):
        dry = bring(ward, GOOD + bad, commit=False)
        assert dry.faults
        with pytest.raises(ImportRefused) as refused:
            bring(ward, GOOD + bad)
        assert refused.value.report.faults == dry.faults
        assert everybody(ward) == before


@on_sqlite
def test_control_the_guard_against_bad_rows_is_what_keeps_them_out(ward, monkeypatch):
    monkeypatch.setattr("app.services.intake.patients.finish", lambda *_args, **_kwargs: None)
    bring(ward, GOOD + "D-4,Dyer,Dora,1983-13-01\n")
    assert "A-1" in everybody(ward)


def test_what_was_corrected_here_stays(ward):
    bring(ward, GOOD)
    found = everybody(ward)["B-2"]
    corrected = replace(found.kept.value, birth_date=date(1961, 4, 3), sex="male")
    ward.write(patients.put, found.id, corrected, found.kept.revision)
    again = bring(ward, GOOD)
    assert whats(again) == [What.SAME, What.LEFT, What.SAME]
    assert everybody(ward)["B-2"].kept.value == corrected
    # the file now says a third thing: nobody can tell who is right
    with pytest.raises(ImportRefused) as refused:
        bring(ward, GOOD.replace("Bruno", "Benno"))
    assert [fault.row for fault in refused.value.report.faults] == [3]
    assert everybody(ward)["B-2"].kept.value == corrected
    # the file has caught up
    assert whats(bring(ward, GOOD.replace("1961-03-04", "1961-04-03"))) == [What.SAME] * 3


@on_sqlite
def test_a_number_never_becomes_somebody_else(ward):
    bring(ward, GOOD)
    with pytest.raises(ImportRefused) as refused:
        bring(ward, HEAD + "A-1,Young,Yara,2001-09-09\n")
    assert "never used again" in refused.value.report.faults[0].message


@on_sqlite
def test_a_number_typed_here_is_met_or_refused_but_never_doubled(ward):
    ward.write(patients.put, factories.uuid4(), factories.patient(record_number="A-1", family_name="Archer", given_name="Ada", birth_date=date(1950, 1, 2)), None)  # fmt: skip  # noqa: E501
    before = everybody(ward)
    assert whats(bring(ward, HEAD + "A-1,Archer,Ada,1950-01-02\n")) == [What.SAME]
    with pytest.raises(ImportRefused):
        bring(ward, HEAD + "a-1,Archer,Adam,1950-01-02\n")
    assert everybody(ward) == before


@on_sqlite
def test_a_number_read_with_other_signs_is_another_number(ward):
    bring(ward, GOOD)
    assert whats(bring(ward, HEAD + "A1,Young,Yara,2001-09-09\n", seen=True)) == [What.NEW]
    assert {"A-1", "A1"} <= set(everybody(ward))
    assert whats(bring(ward, GOOD.replace("A-1", "a\u20131"))) == [What.REVISED, What.SAME, What.SAME]


@on_sqlite
@pytest.mark.parametrize("other", ["Simthson,Eva,1990-01-01", "Smithson,Eva,1990-01-01", "Eva,Smithson,1990-01-01"])
def test_look_alikes_in_one_file_are_seen(ward, other):
    among = HEAD + "Y-1,Smithson,Eva,2001-09-09\nZ-77," + other + "\n"
    assert all(line.look_alikes for line in bring(ward, among, commit=False).lines)


@on_sqlite
def test_look_alikes_are_named_and_kept_apart(ward):
    bring(ward, GOOD)
    twin = HEAD + "Z-9,Archer,Ada,1950-02-01\n"
    dry = bring(ward, twin, commit=False)
    assert dry.lines[0].look_alikes[0].id == everybody(ward)["A-1"].id
    with pytest.raises(ImportRefused, match="look like others"):
        bring(ward, twin)
    assert "Z-9" not in everybody(ward)
    bring(ward, twin, seen=True)
    assert {"A-1", "Z-9"} <= set(everybody(ward))
    among = HEAD + "Y-1,Young,Yara,2001-09-09\nY-2,Young,Yara,2001-09-09\n"
    assert all(line.look_alikes for line in bring(ward, among, commit=False).lines)


@on_sqlite
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPERATOR])
def test_importing_takes_the_lead_or_somebody_who_charts(ward, role):
    for commit in (False, True):
        with pytest.raises(RoleMayNot):
            bring(ward, GOOD, commit=commit, who=factories.actor(ward.clinic.id, role))


def test_the_same_file_in_two_clinics_shares_nothing(ward, database):
    other = Ward(database)
    bring(ward, GOOD)
    assert whats(bring(other, GOOD)) == [What.NEW] * 3
    assert everybody(ward)["A-1"].id != everybody(other)["A-1"].id


# --- days ------------------------------------------------------------------------------------------------------------


def planned(ward):
    rows, _, _ = ward.read(boards.page, "planned", None, 100, now=-150)
    return {row["patient"]["record_number"]: row for row in rows}


def test_a_day_is_planned_once_and_moved_until_it_begins(ward):
    bring(ward, GOOD)
    lines = "A-1,09:30,1\nB-2,10:15,2\n"
    assert whats(bring_day(ward, lines, commit=False)) == [What.NEW] * 2
    assert planned(ward) == {}
    assert whats(bring_day(ward, lines)) == [What.NEW] * 2
    before = planned(ward)
    assert whats(bring_day(ward, lines)) == [What.SAME] * 2
    assert planned(ward) == before
    assert before["A-1"]["planned_at"].isoformat() == "2026-03-09T08:30:00+00:00"
    assert whats(bring_day(ward, lines.replace("09:30,1", "11:00,4"))) == [What.REVISED, What.SAME]
    assert planned(ward)["A-1"]["id"] == before["A-1"]["id"]
    assert planned(ward)["A-1"]["chair"] == "4"
    ward.event(before["A-1"]["id"], -190, EventKind.CHECKED_IN)
    assert whats(bring_day(ward, lines)) == [What.LEFT, What.SAME]


def test_what_was_typed_besides_stays_and_what_was_moved_here_stays(ward):
    bring(ward, GOOD)
    bring_day(ward, "A-1,09:30,1\n")
    session_id = planned(ward)["A-1"]["id"]
    header = ward.read(sessions.read, session_id, now=-150).record.header
    ward.write(sessions.put, session_id, replace(header.value, weight_kg=factories.Decimal(70)), 1)
    assert whats(bring_day(ward, "A-1,09:45,1\n")) == [What.REVISED]
    header = ward.read(sessions.read, session_id, now=-150).record.header
    assert header.value.weight_kg == 70
    ward.write(sessions.put, session_id, replace(header.value, chair="7"), 3)
    assert whats(bring_day(ward, "A-1,09:45,1\n")) == [What.LEFT]
    with pytest.raises(ImportRefused):
        bring_day(ward, "A-1,12:00,1\n")
    assert planned(ward)["A-1"]["chair"] == "7"


def test_a_session_planned_here_is_not_doubled(ward):
    bring(ward, GOOD)
    ward.plan(everybody(ward)["A-1"].id, planned_at=factories.at(60 * 46), cleared=False)
    assert whats(bring_day(ward, "A-1,09:30,1\n")) == [What.LEFT]
    assert len(planned(ward)) == 1


@on_sqlite
@pytest.mark.parametrize(
    "names", [{"family_name": "Sukarno", "given_name": ""}, {"family_name": "", "given_name": "Sukarno"}]
)
def test_a_day_list_knows_a_patient_of_one_name_by_that_name(ward, names):
    ward.add_patient(record_number="N-1", **names)

    def bring_named(name):
        rows = csv_rows(f"record_number,time,family_name\nN-1,09:30,{name}\n".encode(), DAY_COLUMNS)
        return ward.read(lambda work: import_days(work, rows, DAY, commit=False))

    assert whats(bring_named("SUKARNO")) == [What.NEW]
    assert [fault.column for fault in bring_named("Miyagi").faults] == ["family_name"]


@pytest.mark.parametrize(
    ("head", "line", "column"),
    [
        ("record_number,time", "Q-9,09:30", "record_number"),
        ("record_number,time", "A-\u200b1,09:30", "record_number"),
        ("record_number,time,chair", "A-1,09:30,1\ufeff2", "chair"),
        ("record_number,time,family_name", "A-1,09:30,Baker", "family_name"),
        ("record_number,time,birth_date", "A-1,09:30,1950-02-01", "birth_date"),
        ("record_number,time,protocol", "A-1,09:30,intranasal-example", "protocol"),
        ("record_number,time,protocol", "A-1,09:30,iv-infusion-example/9", "protocol"),
        ("record_number,time", "A-1,09:30\nA-1,11:30", "record_number"),
    ],
)
def test_a_row_that_does_not_fit_the_record(ward, head, line, column):
    bring(ward, GOOD)

    def verb(work):
        return import_days(work, csv_rows(f"{head}\n{line}\n".encode(), DAY_COLUMNS), DAY, commit=True)

    with pytest.raises(ImportRefused) as refused:
        ward.write(verb)
    assert {fault.column for fault in refused.value.report.faults} == {column}
    assert planned(ward) == {}
