"""However few or many a condition names, a search finds the same: by an index at once, or each looked at in turn."""

import pytest

from app.db import search
from tests.api.bodies import at
from tests.api.fhir.asking import everything, pages, resources

QUERIES = (
    f"Observation?date=ge{at(20)}",
    f"Observation?date=lt{at(20)}&code=http://loinc.org|8867-4",
    f"Observation?_lastUpdated=gt{at(30)}",
    f"Observation?_lastUpdated=gt{at(30)}&date=gt{at(0)}",
    f"Encounter?date=ge{at(40)}",
    f"Encounter?date=le{at(40)}",
    f"MedicationAdministration?effective-time=ge{at(0)}",
    f"Condition?_lastUpdated=ge{at(0)}",
    "Patient?family=p",
    "Patient?name=probe&birthdate=ge1900",
    "Patient?name:contains=rob",
    "Patient?birthdate=lt2000-01-01",
    f"Patient?_lastUpdated=ge{at(-500)}",
    "Patient?_lastUpdated=gt2031-01-01",
)


@pytest.mark.parametrize("asked", QUERIES)
def test_the_same_is_found_in_every_way(clinic, awkward, monkeypatch, asked):
    for _ in range(3):
        clinic.plan(patient_id=clinic.add_patient())
    whole = everything(clinic.lead, asked.partition("?")[0] + "?_count=200")
    found = everything(clinic.lead, f"{asked}&_count=200")
    assert len(found) < len(whole) or not asked.startswith("Observation")
    for narrow, in_turn in ((0, 1), (0, 2), (1, 1), (5, 3)):
        with monkeypatch.context() as patch:
            patch.setattr(search, "NARROW", narrow)
            patch.setattr(search, "IN_TURN", in_turn)
            assert everything(clinic.lead, f"{asked}&_count=200") == found, (narrow, in_turn)
            assert everything(clinic.lead, f"{asked}&_count=3") == found, (narrow, in_turn)


def test_a_search_that_finds_little_of_much_gives_a_place_to_go_on_from(clinic, awkward, monkeypatch):
    monkeypatch.setattr(search, "NARROW", 0)
    monkeypatch.setattr(search, "IN_TURN", 1)
    monkeypatch.setattr("app.services.fhir.searching.SCAN", 1)
    told = list(pages(clinic.lead, f"Observation?date=ge{at(-500)}&code=http://loinc.org|none"))
    assert len(told) > 2
    assert [resources(page) for page in told] == [[]] * len(told)
