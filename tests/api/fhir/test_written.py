"""What a search sends is what the mapping makes of each record, to the byte: remembered, by templates, by its parts."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from app.db import session_entries, session_records
from app.db.work import service_actor
from app.exchange.fhir import SESSION_TYPES, context_of, resources_of_session, serialise
from app.exchange.observation_lines import ObservationLines
from app.memory import Memory
from app.services.fhir import lines, walks
from app.services.fhir.selection import Selection
from app.services.fhir.written import Written
from tests.api.fhir.asking import bundle, everything, resources


def on(clinic, verb, *args):
    service = clinic.service
    return service.database.read_now(verb, service_actor(clinic.id), service.clock.now(), *args)


def written(work, kind):
    walk = next(one for one in walks.WALKS if one.name == "sessions")
    return {unit.key: [one.text for one in unit.written(kind)] for unit in walk.after(work, Selection(), (), None, 200)}


def in_the_ordinary_way(work, kind):
    found = {}
    for this in session_records.page(work, session_records.Which(), None, 200):
        (record,) = session_records.load_many(work, [this])
        told = resources_of_session(record, context_of(work.clinic_id, record), [kind])
        found[str(this)] = [serialise(one) for one in sorted(told, key=lambda one: one["id"])]
    return found


@pytest.mark.parametrize("kind", SESSION_TYPES)
def test_a_session_is_written_as_by_its_parts(clinic, awkward, kind):
    clinic.signed()
    clinic.noticed()
    expected = on(clinic, in_the_ordinary_way, kind)
    assert sum(map(len, expected.values())) > 0
    assert on(clinic, written, kind) == expected
    assert on(clinic, written, kind) == expected, "and as it is remembered"


def test_control_a_kind_left_out_that_is_looked_at_is_noticed(clinic, awkward, monkeypatch):
    clinic.signed()
    monkeypatch.setattr(walks, "_WRITTEN", Memory(10**7, lambda _: 1))
    monkeypatch.setattr(lines, "OF_ASSESSMENTS", frozenset())
    assert on(clinic, written, "GuidanceResponse") != on(clinic, in_the_ordinary_way, "GuidanceResponse")


def test_control_without_the_hash_an_old_one_would_be_sent(clinic, awkward, monkeypatch):
    """What is remembered is used only under the hash that covers all that the session holds."""
    session = clinic.treated()
    before = everything(clinic.lead, f"Observation?encounter={session}&_count=200")
    clinic.reading(session, 50)
    after = everything(clinic.lead, f"Observation?encounter={session}&_count=200")
    assert len(after) == len(before) + 10
    honest = walks._Sessions

    def blind(work, found):
        return honest(work, replace(found, hashes=dict.fromkeys(found.ids, "the same")))

    monkeypatch.setattr(walks, "_Sessions", blind)
    everything(clinic.lead, f"Observation?encounter={session}&_count=200")
    clinic.reading(session, 60)
    assert everything(clinic.lead, f"Observation?encounter={session}&_count=200") == after


def test_what_is_voided_or_moved_is_told_anew_at_once(clinic, awkward):
    session = clinic.treated()
    path = f"Observation?encounter={session}&_count=200"
    first = everything(clinic.lead, path)
    reading = clinic.nurse.get(f"/v1/sessions/{session}")["readings"][0]
    clinic.nurse.post(
        f"/v1/sessions/{session}/readings/{reading['id']}/void", {"reason": "not this patient"}, expect=201
    )
    mine = [one for one in everything(clinic.lead, path) if one["id"].startswith(reading["id"])]
    assert {one["status"] for one in mine} == {"entered-in-error"}
    assert {one["status"] for one in first if one["id"].startswith(reading["id"])} == {"final"}


@pytest.mark.parametrize(
    "asked",
    [
        "Observation?_count=50",
        "Observation?_include=Observation:patient&_include=Observation:encounter&_count=20",
        "Encounter?_revinclude=Observation:encounter&_count=2",
        "Patient?_count=2&_total=accurate",
        "Observation?_count=3&nonsense=1",
        "ValueSet?_count=2",
        "Observation?patient=00000000-0000-4000-8000-000000000000",
    ],
)
def test_a_bundle_is_written_as_by_its_parts(clinic, awkward, asked):
    answer = clinic.lead.ask("GET", f"/fhir/{asked}", headers={"Prefer": "handling=lenient"}, expect=200)
    assert answer.content == serialise(json.loads(answer.content, parse_float=Decimal))


def test_a_line_names_its_type_and_its_id(clinic, awkward):
    for resource in resources(bundle(clinic.lead, "Observation?_count=50")):
        line = serialise(resource)
        found = Written.on(line)
        assert (found.kind, found.name, found.text) == ("Observation", resource["id"], line)
        assert found.resource == resource


def test_a_few_sessions_are_read_first_and_ever_more_after_them(clinic, awkward, monkeypatch):
    for _ in range(8):
        clinic.plan()
    monkeypatch.setattr(walks, "_WRITTEN", Memory(10**8, lambda _: 1))
    asked = []
    honest = session_entries.own_entries

    def noted(work, these, left_out=()):
        asked.append(len(these))
        return honest(work, these, left_out)

    monkeypatch.setattr(session_entries, "own_entries", noted)
    on(clinic, written, "Encounter")
    many = sum(asked)
    assert asked[:3] == [1, 2, 4]
    assert many >= 9
    asked.clear()
    on(clinic, written, "Encounter")
    assert asked == []


def test_many_shapes_are_told_with_few_templates(clinic, awkward, monkeypatch):
    monkeypatch.setattr(walks, "_TEMPLATES", ObservationLines(2))
    monkeypatch.setattr(walks, "_WRITTEN", Memory(10**8, lambda _: 1))
    assert on(clinic, written, "Observation") == on(clinic, in_the_ordinary_way, "Observation")
