"""`import` on files as people really send them: each comes out right, through the real command, on both engines."""

import json
from datetime import UTC, datetime

import pytest

from app.db.engine import open_database
from app.domain.events import EventKind
from app.domain.people import Role, Staff
from app.services import boards, patients, staff
from app.services.passwords import hash_now
from tests import factories
from tests.architecture.tree import ROOT
from tests.commands.shell import Shell
from tests.factories import PASSWORD
from tests.services.ward import Ward

CASES = ROOT / "tests" / "exchange" / "cases"
TYPED = PASSWORD + "\n"
on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"])
HEAD = "record_number,family_name,given_name,birth_date\n"


@pytest.fixture(scope="module")
def hashed():
    return hash_now(PASSWORD)


class Desk:
    """A clinic, its nurse at the command line, and what stands in the record."""

    def __init__(self, ward, shell, folder):
        self.ward, self.shell, self.folder = ward, shell, folder

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def _line(self, what, file, more):
        file = CASES / file if isinstance(file, str) else file
        who = ("--clinic", self.ward.clinic.name, "--username", "a-nurse")
        day = ("--route", "iv-infusion") if what == "day" else ()
        return ("import", what, str(file), *who, *day, *more)

    def takes(self, what, file, *more):
        code = self.shell(*self._line(what, file, more), typed=TYPED)
        assert code == 0, (self.shell.out, self.shell.err)
        return self.shell.out

    def refuses(self, what, file, *more):
        """What is said, of a dry run and of a commit alike: then nothing is kept."""
        before = (self.people(), self.planned())
        for commit in ((), ("--commit",)):
            self.shell.fails(*self._line(what, file, (*more, *commit)), typed=TYPED)
            assert (self.people(), self.planned()) == before
        return self.shell.out + self.shell.err

    def both(self, what, file, *more):
        """A dry run, which keeps nothing, and then the commit, which says the same."""
        before = (self.people(), self.planned())
        dry = self.takes(what, file, *more)
        assert (self.people(), self.planned()) == before
        kept = self.takes(what, file, *more, "--commit")
        assert kept == dry.replace("Dry run, nothing was kept", "Imported")
        return kept

    def people(self):
        found, _ = self.ward.read(patients.search, None, None, None, 200)
        return {one.kept.value.record_number: one.kept.value for one in found if one.id != self.ward.patient}

    def planned(self):
        rows, _, _ = self.ward.read(boards.page, "planned", None, 200)
        return [(row["patient"]["record_number"], row["planned_at"], row["chair"]) for row in rows]

    def with_patients(self, *rows):
        self.takes("patients", self.file("these.csv", HEAD + "".join(f"{row}\n" for row in rows)), "--commit")


@pytest.fixture
def desk(database_url, hashed, monkeypatch, capsys, tmp_path):
    database = open_database(database_url)
    ward = Ward(database)
    person = Staff("a-nurse", "The nurse", Role.NURSE)
    ward.write(staff.add, factories.uuid4(), person, hashed, who=factories.actor(ward.clinic.id, Role.LEAD))
    monkeypatch.setenv("DATABASE_URL", database_url)
    yield Desk(ward, Shell(monkeypatch, capsys), tmp_path)
    database.close()


def bundle(*resources, **other):
    entries = [one if "resource" in one or "request" in one else {"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries} | other)


def patient(number, family="Probe", **other):
    return {
        "resourceType": "Patient",
        "id": number,
        "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": number}],
        "name": [{"family": family, "given": ["Pia"]}],
        "birthDate": "1980-05-06",
    } | other


def appointment(who, **other):
    return {
        "resourceType": "Appointment",
        "status": "booked",
        "start": "2026-12-10T09:00:00Z",
        "participant": [{"actor": {"reference": who}, "status": "accepted"}],
    } | other


def case(name):
    return json.loads((CASES / name).read_text())


# --- whom an appointment means ----------------------------------------------------------------------------------------


def test_a_reference_belongs_to_the_base_of_whoever_says_it(desk):
    desk.takes("patients", "patients-two.csv", "--commit")
    assert "1 new" in desk.both("day", "day-two-bases.json")
    assert desk.planned() == [("W1", datetime(2027, 1, 11, 9, tzinfo=UTC), None)]


def test_one_full_url_of_two_patients_is_refused(desk):
    desk.with_patients("N957eaef1,Alpha,Anna,1951-01-01", "N6e3c9992,Omega,Olaf,1992-02-02")
    said = desk.refuses("day", "day-one-fullurl-two-patients.json")
    assert (
        "day-one-fullurl-two-patients.json: entry 3, record_number: participant 1 can mean each of the entries" in said
    )
    assert "two patients" in said
    assert "entry 1, fullUrl: is that of the entries 1, 2" in desk.refuses(
        "patients", "day-one-fullurl-two-patients.json"
    )


def test_a_contained_patient_is_met(desk):
    said = desk.refuses("day", "day-contained-reference.json")
    assert "entry 1, record_number: no patient has this number: import the patients first" in said
    desk.with_patients("N8c8ab988,Refer,Rita,1980-05-06")
    desk.both("day", "day-contained-reference.json")
    assert [number for number, *_ in desk.planned()] == ["N8c8ab988"]


# --- what a source says against a value -------------------------------------------------------------------------------


def test_the_deceased_are_named_and_taken_only_when_that_was_seen(desk):
    said = desk.both("patients", "patient-deceased.json")
    assert "entry 1: left (deceased 2019-04-05 in the source" in said
    assert desk.people() == {}
    said = desk.both("patients", "patient-deceased.json", "--deceased-seen")
    assert "entry 1: new\n    NOTE deceased 2019-04-05 in the source" in said
    assert set(desk.people()) == {"N847f4c2f"}
    # and never planned
    said = desk.both("day", "day-deceased.json")
    assert "entry 2: passed over: Appointment of a patient who is deceased in the source" in said
    assert desk.planned() == []
    dated = case("day-deceased.json")
    dated["entry"][0]["resource"] |= case("patient-deceased.json")["entry"][0]["resource"]
    del dated["entry"][0]["resource"]["deceasedBoolean"]
    assert "deceased 2019-04-05" in desk.both("day", desk.file("dated.json", json.dumps(dated)))
    assert desk.planned() == []


def test_the_deceased_with_a_session_planned_here_are_told_so(desk):
    desk.with_patients("N847f4c2f,Deceased,Dan,1970-01-02")
    desk.takes("day", desk.file("day.csv", "record_number,time\nN847f4c2f,2026-12-08T09:00:00Z\n"), "--commit")
    assert "a session is planned here: cancel it by hand" in desk.both("patients", "patient-deceased.json")
    assert "still planned here: cancel it here by hand" in desk.both("day", "day-deceased.json")
    assert len(desk.planned()) == 1


@on_sqlite
def test_the_current_name_is_taken(desk):
    desk.both("patients", "patient-ended-name.json")
    assert [one.family_name for one in desk.people().values()] == ["Currentname"]


def test_what_the_patient_declined_is_named_and_not_planned(desk):
    desk.with_patients("N16fc3422,Declined,Dietlind,1935-05-21")
    said = desk.both("day", "day-declined.json")
    assert "entry 2: passed over: Appointment that the patient declined" in said
    assert desk.planned() == []


def test_rows_not_for_us_are_passed_over_and_named(desk):
    desk.with_patients(*(f"{number},Status,S{place},19{60 + place}-0{place + 1}-06" for place, number in enumerate(("Nf8d91b2e", "Nbd8cfcb1", "Nbe58329c", "N5aea0f59"))))  # fmt: skip  # noqa: E501
    said = desk.both("day", "day-other-statuses.json")
    for entry, status in ((4, "fulfilled"), (6, "waitlist"), (8, "proposed")):
        assert f"entry {entry}: passed over: Appointment of status {status}" in said
    assert "Imported: 1 new, 3 passed over." in said
    others = [appointment("Patient/x", status=status) for status in ("cancelled", "noshow", "entered-in-error")]
    said = desk.both("day", desk.file("others.json", bundle(*others)))
    assert "Imported: 3 passed over." in said


@on_sqlite
@pytest.mark.parametrize(
    ("resource", "says"),
    [
        (patient("N1", modifierExtension=[{"url": "urn:x"}]), "has modifierExtension"),
        (patient("N1", implicitRules="urn:x"), "has implicitRules"),
        (patient("N1", deceasedBoolean="no"), "deceased: deceasedBoolean must be true or false"),
        (patient("N1", active="no"), "active: must be true or false"),
        (patient("N1", name=[{"use": "old", "family": "Was"}]), "family_name: no name is in force"),
        (patient("N1", name=[{"use": "anonymous", "family": "Nobody"}]), "family_name: no name is in force"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_patient_whose_source_says_something_unknown_is_refused(desk, resource, says):
    said = desk.refuses("patients", desk.file("some.json", bundle(patient("N0", "Good"), resource)))
    assert "some.json: entry 2, " in said
    assert says in said


@on_sqlite
def test_a_patient_the_source_has_given_up_is_passed_over(desk):
    replaced = patient("N2", link=[{"type": "replaced-by", "other": {"reference": "Patient/N1"}}])
    gone = {"fullUrl": "urn:uuid:4", "resource": patient("N4"), "request": {"method": "DELETE", "url": "Patient/N4"}}
    file = desk.file("some.json", bundle(patient("N1"), replaced, patient("N3", active=False), gone))
    said = desk.both("patients", file)
    assert "entry 2: passed over: Patient that another one has replaced" in said
    assert "entry 3: passed over: Patient that is not active" in said
    assert "entry 4: passed over: deleted in the source" in said
    assert set(desk.people()) == {"N1"}


# --- an appointment that moves, is called off, or shares a chair ------------------------------------------------------


def test_a_rescheduled_appointment_moves_its_session(desk):
    desk.with_patients("Nb0a43615,Verschoben,Volker,1934-06-22")
    desk.both("day", "day-rescheduled.json")
    moved = case("day-rescheduled.json")
    moved["entry"][1]["resource"]["start"] = "2026-12-28T13:30:00Z"
    file = desk.file("moved.json", json.dumps(moved))
    assert "entry 2: revised" in desk.both("day", file)
    assert desk.planned() == [("Nb0a43615", datetime(2026, 12, 28, 13, 30, tzinfo=UTC), None)]
    assert "1 same" in desk.both("day", file)
    # without a number of its own, by its address
    for resource in (case("day-rescheduled.json"), moved):
        del resource["entry"][1]["resource"]["identifier"]
        resource["entry"][1] = json.loads(json.dumps(resource["entry"][1]).replace("77", "88"))
        resource["entry"][1]["resource"]["start"] = resource["entry"][1]["resource"]["start"].replace("-12-", "-11-")
        desk.both("day", desk.file("by-address.json", json.dumps(resource)))
    assert len(desk.planned()) == 2


def test_an_appointment_of_a_csv_moves_by_its_number(desk):
    desk.with_patients("N1,Probe,Pia,1980-05-06")
    for day in (10, 12):
        text = f"record_number,time,appointment\nN1,2026-12-{day}T09:00:00Z,A-77\n"
        desk.both("day", desk.file("day.csv", text))
    assert [at.day for _, at, _ in desk.planned()] == [12]


def test_a_moved_appointment_never_makes_two_sessions_of_a_day(desk):
    desk.with_patients("N1,Probe,Pia,1980-05-06")
    line = "N1,2026-12-{}T09:00:00Z,{}\n"
    for day, number in ((10, "A"), (12, "B")):
        text = "record_number,time,appointment\n" + line.format(day, number)
        desk.takes("day", desk.file("day.csv", text), "--commit")
    said = desk.both("day", desk.file("day.csv", "record_number,time,appointment\n" + line.format(12, "A")))
    assert "row 2: left (a session of this patient is on that day already" in said
    assert [at.day for _, at, _ in sorted(desk.planned())] == [10, 12]


def test_an_appointment_never_passes_to_another_patient(desk):
    desk.with_patients("N1,Probe,Pia,1980-05-06", "N2,Other,Otto,1970-01-02")
    for number in ("N1", "N2"):
        text = f"record_number,time,appointment\n{number},2026-12-10T09:00:00Z,A-77\n"
        file = desk.file("day.csv", text)
        if number == "N1":
            desk.takes("day", file, "--commit")
        else:
            assert "row 2, appointment: is that of a session of another patient here" in desk.refuses("day", file)


def test_a_csv_meets_what_an_appointment_planned_that_day(desk):
    desk.with_patients("Nb0a43615,Verschoben,Volker,1934-06-22")
    desk.takes("day", "day-rescheduled.json", "--commit")
    file = desk.file("day.csv", "record_number,time,chair\nNb0a43615,2026-12-23T10:15:00Z,4\n")
    assert "row 2: revised" in desk.both("day", file)
    assert desk.planned() == [("Nb0a43615", datetime(2026, 12, 23, 10, 15, tzinfo=UTC), "4")]


@on_sqlite
@pytest.mark.parametrize("status", ["cancelled", "noshow", "waitlist"])
def test_what_was_planned_here_and_is_called_off_there_is_named_and_stands(desk, status):
    desk.with_patients("Nb0a43615,Verschoben,Volker,1934-06-22")
    desk.takes("day", "day-rescheduled.json", "--commit")
    before = desk.planned()
    off = case("day-rescheduled.json")
    off["entry"][1]["resource"]["status"] = status
    said = desk.both("day", desk.file("off.json", json.dumps(off)))
    assert f"entry 2: left (Appointment of status {status}, and its session is still planned here" in said
    assert desk.planned() == before
    # the same where only patient and day tell which session it is
    off["entry"][1]["resource"]["identifier"][0]["value"] = "78"
    assert "passed over" in desk.takes("day", desk.file("other.json", json.dumps(off)))
    desk.with_patients("N2,Other,Otto,1970-01-02")
    desk.takes("day", desk.file("day.csv", "record_number,time\nN2,2026-12-10T09:00:00Z\n"), "--commit")
    listed = bundle(patient("N2"), appointment("Patient/N2", status=status))
    assert "still planned here" in desk.both("day", desk.file("listed.json", listed))


def test_a_deleted_appointment_of_a_planned_session_is_named(desk):
    desk.with_patients("N1,Probe,Pia,1980-05-06")
    url = "http://ehr.example/fhir/Appointment/5"
    here = {"fullUrl": url, "resource": appointment("Patient/N1", id="5")}
    desk.takes("day", desk.file("day.json", bundle(patient("N1"), here)), "--commit")
    gone = {"fullUrl": url, "request": {"method": "DELETE", "url": "Appointment/5"}}
    said = desk.both("day", desk.file("gone.json", bundle(gone)))
    assert "entry 1: left (Appointment that is deleted in the source, and its session is still planned here" in said


def test_a_chair_taken_twice_is_said(desk):
    desk.with_patients("N1,Probe,Pia,1980-05-06", "N2,Other,Otto,1970-01-02", "N3,Third,Tim,1971-01-02")
    lines = (
        "record_number,time,chair\nN1,2026-12-10T09:00:00Z,3\nN2,2026-12-10T09:30:00Z, 3 \nN3,2026-12-10T10:30:00Z,3\n"
    )
    said = desk.both("day", desk.file("day.csv", lines))
    assert "row 2: new\n    NOTE the chair is taken twice within an hour: also by row 3 of this file" in said
    assert "row 3: new\n    NOTE the chair is taken twice within an hour: also by row 2 of this file" in said
    assert said.count("NOTE") == 2
    said = desk.both("day", desk.file("again.csv", "record_number,time,chair\nN3,2026-12-10T09:20:00Z,3\n"))
    assert said.count("also by session ") == 2


# --- what spreadsheets do ---------------------------------------------------------------------------------------------


@on_sqlite
def test_a_shortened_record_number_is_refused(desk):
    said = desk.refuses("patients", "patients-scientific-number.csv")
    assert (
        "patients-scientific-number.csv: row 2, record_number: looks like a number that a spreadsheet shortened" in said
    )
    day = desk.file("day.csv", "record_number,time\n9.95423E+15,2026-12-10T09:00:00Z\n")
    assert "day.csv: row 2, record_number: looks like a number that a spreadsheet shortened" in desk.refuses("day", day)


@on_sqlite
@pytest.mark.parametrize(
    ("file", "number", "field", "value"),
    [
        ("patients-blank-columns.csv", "Nbf239988", "sex", "male"),
        ("patients-sep-hint.csv", "N45723c38", "family_name", "Hint"),
        ("patients-sex-letters.csv", "N4b8ed091", "sex", "female"),
    ],
)
def test_what_a_spreadsheet_adds_is_read_past(desk, file, number, field, value):
    desk.both("patients", file)
    assert getattr(desk.people()[number], field) == value


@on_sqlite
def test_times_with_seconds_are_times(desk):
    desk.with_patients("N1f3be153,Times,Tina,1980-05-06")
    desk.both("day", "day-times-with-seconds.csv", "--date", "2026-12-09")
    assert desk.planned() == [("N1f3be153", datetime(2026, 12, 9, 9, 30, tzinfo=UTC), "1")]


# --- much of it -------------------------------------------------------------------------------------------------------


def test_many_entries_that_are_not_for_us_are_counted(desk):
    others = [{"resourceType": "Observation", "id": f"o{number}"} for number in range(2498)]
    everything = [others[0], patient("N1"), *others[1:2000], appointment("Patient/N1"), *others[2000:]]
    file = desk.file("many.json", bundle(*everything))
    said = desk.both("patients", file)
    assert "Imported: 1 new, 2,499 passed over." in said
    assert len(said.splitlines()) == 4
    said = desk.both("day", file)
    assert "many.json: entries 1, 3-2001, 2003-2500: passed over: Observation" in said
    assert "Imported: 1 new, 2,498 passed over." in said
    assert len(desk.planned()) == 1


@on_sqlite
def test_one_wrong_row_keeps_the_file_out_whatever_is_passed_over(desk):
    file = desk.file(
        "some.json", bundle(patient("N1"), {"resourceType": "Basic"}, patient("N2", birthDate="1980-13-01"))
    )
    said = desk.refuses("patients", file)
    assert "entry 2: passed over: Basic" in said
    assert "entry 3, birth_date: is not a date written YYYY-MM-DD" in said
    assert "Nothing was imported: see the rows named." in said


def test_a_session_that_has_begun_is_not_moved(desk):
    desk.with_patients("Nb0a43615,Verschoben,Volker,1934-06-22")
    desk.takes("day", "day-rescheduled.json", "--commit")
    rows, _, _ = desk.ward.read(boards.page, "planned", None, 10)
    desk.ward.event(rows[0]["id"], 1, EventKind.CHECKED_IN)
    moved = case("day-rescheduled.json")
    moved["entry"][1]["resource"]["start"] = "2026-12-28T13:30:00Z"
    said = desk.both("day", desk.file("moved.json", json.dumps(moved)))
    assert "entry 2: left (the session has begun here, and stays as it is)" in said
