"""Names as other systems send them, by the import command on both engines: one name alone, and two given names."""

import json
from pathlib import Path

import pytest

from app.db.engine import open_database
from app.domain.people import Role, Staff
from app.exchange.fhir.people import patient as fhir_patient
from app.services import patients, staff
from app.services.passwords import hash_now
from tests import factories
from tests.commands.shell import Shell
from tests.factories import PASSWORD
from tests.services.ward import Ward

HEAD = "record_number,family_name,given_name,birth_date,sex\n"
ONE_NAME = HEAD + "Nbec150e9,Sukarno,,1980-05-06,male\n"
TWO_GIVEN_NAMES = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {
            "resource": {
                "resourceType": "Patient",
                "identifier": [
                    {
                        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]},
                        "system": "urn:example:mrn",
                        "value": "N4fea4a20",
                    }
                ],
                "name": [{"use": "official", "family": "Doppelname", "given": ["Ana", "Mar\u00eda"]}],
                "birthDate": "1933-07-23",
                "gender": "female",
            }
        }
    ],
}


@pytest.fixture
def there(database_url, monkeypatch, capsys, tmp_path: Path):
    database = open_database(database_url)
    ward = Ward(database)
    nurse = Staff("a-nurse", "The nurse", Role.NURSE)
    hashed = hash_now(PASSWORD)
    ward.write(staff.add, factories.uuid4(), nurse, hashed, who=factories.actor(ward.clinic.id, Role.LEAD))
    monkeypatch.setenv("DATABASE_URL", database_url)
    shell = Shell(monkeypatch, capsys)

    def bring(content: str) -> str:
        file = tmp_path / "patients"
        file.write_text(content)
        where = ("--clinic", ward.clinic.name, "--username", "a-nurse", "--commit")
        code = shell("import", "patients", str(file), *where, typed=PASSWORD + "\n")
        assert code in {0, 1}
        return shell.out + shell.err

    yield ward, bring
    database.close()


def found(ward, text):
    """Who is found, but for the one patient whom the ward has from the beginning."""
    page, _ = ward.read(patients.search, text, None, None, 10)
    return [one for one in page if one.id != ward.patient]


def test_one_name_is_taken_and_shown_alone(there):
    ward, bring = there
    assert "Imported: 1 new." in bring(ONE_NAME)
    [one] = found(ward, "SUKARNO")
    assert (one.kept.value.family_name, one.kept.value.given_names) == ("Sukarno", ())
    told = fhir_patient(ward.clinic.id, one.id, one.kept)
    assert told["name"] == [{"use": "official", "family": "Sukarno"}]
    assert "Imported: 1 same." in bring(ONE_NAME)


def test_no_name_at_all_is_refused_and_says_what_would_do(there):
    ward, bring = there
    said = bring(ONE_NAME + "N7,,,1980-05-06,male\n")
    assert "row 3, family_name: a patient has a family name, a given name or both: type at least one" in said
    assert found(ward, "sukarno") == []


def test_two_given_names_in_and_two_out(there):
    ward, bring = there
    assert "Imported: 1 new." in bring(json.dumps(TWO_GIVEN_NAMES))
    for text in ("maria", "Ana", "Ana Mar\u00eda", "DOPPELNAME, Ana Mar\u00eda", "n4fea4a20"):
        [one] = found(ward, text)
        assert one.kept.value.given_names == ("Ana", "Mar\u00eda"), text
    told = fhir_patient(ward.clinic.id, one.id, one.kept)
    assert told["name"] == [{"use": "official", "family": "Doppelname", "given": ["Ana", "Mar\u00eda"]}]
    assert "Imported: 1 same." in bring(json.dumps(TWO_GIVEN_NAMES))
    # a spreadsheet of the same people knows one column of given names, and undoes nothing
    assert "Imported: 1 same." in bring(HEAD + "N4fea4a20,Doppelname,Ana Mar\u00eda,1933-07-23,female\n")
    assert found(ward, "maria")[0].kept.revision == 1


def test_a_number_with_a_mark_nobody_can_see_is_refused_by_row(there):
    ward, bring = there
    said = bring(HEAD + "Nbec\u200b150e9,Sukarno,,1980-05-06,male\n")
    assert "row 2, record_number: holds a character nobody can see (U+200B, at place 5)" in said
    assert found(ward, "sukarno") == []
