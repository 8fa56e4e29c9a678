"""Ids, versions and codes: derived, counted and published, whatever the record."""

from collections import defaultdict
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain import scopes
from app.domain.instants import from_text
from app.domain.records import EventHistory, ReadingHistory
from app.domain.vitals import CONSCIOUSNESS_SCORES
from app.exchange.fhir import (
    BASE,
    Resource,
    Source,
    code_systems,
    context_of,
    operation_outcome,
    parse_id,
    resources_of_session,
    structure_definitions,
    terminology,
    value_sets,
    versions_of,
    versions_of_session,
)
from app.exchange.fhir.codes import CODES, OPEN_CODES
from app.exchange.fhir.extensions import EXTENSIONS, MANY
from app.exchange.fhir.observed import LEVELS
from app.exchange.searching import offers
from tests.exchange.made import Made, made

SEEDS = range(60)


def told(one: Made) -> list[Resource]:
    return list(versions_of_session(one.record, context_of(one.clinic.id, one.record)))


def by_name(resources: list[Resource]) -> dict[tuple[str, str], list[Resource]]:
    found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for one in resources:
        found[one["resourceType"], one["id"]].append(one)
    return found


# --- versions --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", SEEDS)
def test_versions_grow_by_one_and_never_go_back_in_time(seed):
    for versions in by_name(told(made(seed))).values():
        numbers = [int(one["meta"]["versionId"]) for one in versions]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        if not versions[0]["id"].endswith("-weight"):  # numbered as the header is: it may begin later
            assert numbers[0] == 1
        times = [from_text(one["meta"]["lastUpdated"]) for one in versions]
        assert times == sorted(times)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_newest_is_the_last_version(seed):
    one = made(seed)
    now = {
        (r["resourceType"], r["id"]): r for r in resources_of_session(one.record, context_of(one.clinic.id, one.record))
    }
    assert now == {name: versions[-1] for name, versions in by_name(told(one)).items()}


def before(one: Made, instant: Any) -> Made:
    """The record as it was at an instant: what had arrived by then."""

    def arrived(each: Any) -> bool:
        return each is not None and each.recorded_at <= instant

    readings = [
        ReadingHistory(tuple(filter(arrived, history.revisions)), history.void if arrived(history.void) else None)
        for history in one.record.readings
        if arrived(history.revisions[0])
    ]
    events = [
        EventHistory(history.event, history.void if arrived(history.void) else None)
        for history in one.record.events
        if arrived(history.event)
    ]
    discharge = one.record.discharge if arrived(one.record.discharge) else None
    record = replace(one.record, readings=tuple(readings), events=tuple(events), discharge=discharge)
    return replace(one, record=record)


@pytest.mark.parametrize("seed", range(20))
def test_what_arrives_later_never_alters_an_earlier_version(seed):
    """Replay: cut the record off at any arrival, and its versions are the beginning of what they are now."""
    one = made(seed)
    all_versions = by_name(told(one))
    arrivals = sorted({r["meta"]["lastUpdated"] for r in told(one)}, key=from_text)
    for text in arrivals[:: max(1, len(arrivals) // 8)]:
        instant = from_text(text)
        for name, versions in by_name(told(before(one, instant))).items():
            if name[0] in {"Encounter", "Observation", "Condition", "MedicationAdministration", "Procedure"}:
                then = [v for v in versions if from_text(v["meta"]["lastUpdated"]) <= instant]
                assert then == all_versions[name][: len(then)]


def test_one_resource_by_its_id():
    one = next(each for each in map(made, SEEDS) if each.record.readings)
    context = context_of(one.clinic.id, one.record)
    name = f"{one.record.readings[0].revisions[0].value.id}-hr"
    assert versions_of(one.record, context, "Observation", name) == tuple(r for r in told(one) if r["id"] == name)
    assert versions_of(one.record, context, "Observation", str(uuid4())) == ()


# --- ids -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(20))
def test_every_id_tells_what_it_came_from(seed):
    one = made(seed)
    readings = {h.revisions[0].value.id for h in one.record.readings}
    readings |= {
        h.event.value.detail.reading.id for h in one.record.events if getattr(h.event.value.detail, "reading", None)
    }
    expected = {
        Source.READING: readings,
        Source.EVENT: {history.event.value.id for history in one.record.events},
        Source.SESSION: {one.record.id},
        Source.CONFIRMATION: {each.value.id for each in one.record.confirmations},
        Source.NOTICE: {each.notice.id for each in one.record.notices},
    }
    for resource in told(one):
        origin = parse_id(resource["resourceType"], resource["id"])
        assert origin is not None
        assert origin.id in expected[origin.source]
        assert resource["id"] == str(origin.id) + (f"-{origin.part}" if origin.part else "")
        assert len(resource["id"]) <= 64


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("Observation", ""),
        ("Observation", "not-an-id"),
        ("Observation", f"{UUID(int=1)}-"),
        ("Observation", f"{UUID(int=1)}-hr-hr"),
        ("Observation", f"{UUID(int=1)}hr"),
        ("Observation", f"{UUID(int=1)}-nausea"),
        ("Observation", str(UUID(int=0xABC)).upper()),
        ("Observation", UUID(int=1).hex),
        ("Condition", str(UUID(int=1))),
        ("Condition", f"{UUID(int=1)}-hr"),
        ("GuidanceResponse", f"{UUID(int=1)}-assessment-0"),
        ("GuidanceResponse", f"{UUID(int=1)}-assessment-01"),
        ("GuidanceResponse", f"{UUID(int=1)}-override-1"),
        ("Patient", f"{UUID(int=1)}-hr"),
        ("Nonsense", str(UUID(int=1))),
    ],
)
def test_no_other_text_is_an_id(kind, text):
    assert parse_id(kind, text) is None


# --- what is published -----------------------------------------------------------------------------------------------
def walk(value: Any) -> Any:
    yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(one)


def test_every_code_of_ours_is_published():
    closed = {f"{BASE}/CodeSystem/{name}": set(codes) for name, (_, codes) in CODES.items()}
    opened = {f"{BASE}/CodeSystem/{name}" for name in OPEN_CODES}
    assert {one["url"] for one in code_systems()} == set(closed) | opened
    seen = set()
    for seed in SEEDS:
        for part in walk(told(made(seed))):
            if isinstance(part, dict) and str(part.get("system", "")).startswith(f"{BASE}/CodeSystem/"):
                system, code = part["system"], part["code"]
                assert system in opened or code in closed[system], f"{system} {code}"
                seen.add(system)
    # the audit's, and the categories of what no session has, are not seen here
    assert closed.keys() - seen <= {f"{BASE}/CodeSystem/{name}" for name in ("role",)}


def test_every_extension_of_ours_is_published_where_it_stands_and_as_what_it_holds():
    url = f"{BASE}/StructureDefinition/"
    assert {one["url"] for one in structure_definitions()} == {url + name for name in EXTENSIONS}

    def check(element: Any, where: str) -> None:
        if isinstance(element, list):
            for one in element:
                check(one, where)
        if not isinstance(element, dict):
            return
        for one in element.get("extension", ()):
            if not one["url"].startswith(url):
                continue
            name = one["url"].removeprefix(url)
            facts = EXTENSIONS[name]
            assert where in facts.on, f"{name} on {where}"
            if isinstance(facts.holds, str):
                (held,) = (key for key in one if key.startswith("value"))
                assert held.removeprefix("value").lower() == facts.holds.lower()
                continue
            times: dict[str, int] = defaultdict(int)
            for part in one["extension"]:
                times[part["url"]] += 1
                (held,) = (key for key in part if key.startswith("value"))
                assert held.removeprefix("value").lower() == facts.holds[part["url"]].lower()
            assert all(count == 1 or (name, part) in MANY for part, count in times.items())
        for key, one in element.items():
            inner = "Reference" if isinstance(one, dict) and "display" in one and where != "Reference" else where
            check(one, "Reference" if key in {"who", "actor", "valueReference", "party"} or _refers(one) else inner)

    for seed in SEEDS:
        for resource in told(made(seed)):
            check(resource, resource["resourceType"])


def _refers(value: Any) -> bool:
    held = value[0] if isinstance(value, list) and value else value
    return isinstance(held, dict) and "reference" in held


def test_ids_and_addresses_of_what_is_published_agree():
    everything = terminology()
    assert len({(one["resourceType"], one["id"]) for one in everything}) == len(everything)
    assert all(one["url"] == f"{BASE}/{one['resourceType']}/{one['id']}" for one in everything)
    assert {one["id"] for one in value_sets()} == {one["id"] for one in code_systems()}


def test_every_level_of_consciousness_has_words():
    assert {(scale, score) for scale, scores in CONSCIOUSNESS_SCORES.items() for score in scores} == {
        (scale, score) for scale, levels in LEVELS.items() for score in levels
    }


def test_an_outcome_holds_no_more_than_it_is_given():
    assert operation_outcome("error", "invalid") == {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "invalid"}],
    }


def test_what_a_machine_may_be_granted_is_what_can_be_searched():
    assert set(offers.OFFERED) == scopes.OFFERED
