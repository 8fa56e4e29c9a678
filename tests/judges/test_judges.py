"""Every resource we make passes every judge, and every judge has been seen to object."""

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from app.domain.audit import AuditEvent
from app.domain.people import Role, Staff
from app.domain.records import Kept, Signer
from app.exchange.fhir import (
    Around,
    Resource,
    audit_event,
    capability_statement,
    context_of,
    course_clearance,
    document_bundle,
    episode_of_care,
    named_practitioner,
    operation_outcome,
    organization,
    patient,
    practitioner,
    serialise,
    supported,
    terminology,
    versions_of_session,
)
from tests.exchange.made import Made, made
from tests.judges.bench import JUDGES, Bench

AT = datetime(2026, 3, 8, 9, 30, 0, 120000, tzinfo=UTC)
STAFF = UUID(int=7)


def around(one: Made) -> Around:
    staff = {kept.by.staff_id: Kept(kept.by, 1, kept.by, AT) for kept in one.record.headers if kept.by.staff_id}
    return Around(one.clinic, AT, staff)


def audited(**other: Any) -> AuditEvent:
    usual: dict[str, Any] = {
        "id": UUID(int=1),
        "clinic_id": UUID(int=2),
        "stream": "clinic",
        "at": AT,
        "wall_at": AT,
        "action": "reading.recorded",
        "actor_id": STAFF,
        "actor_name": "Nina Ward",
        "actor_role": "nurse",
        "tablet_id": UUID(int=3),
        "subject": "reading",
        "subject_id": "r-1",
        "session_id": UUID(int=4),
        "patient_id": UUID(int=5),
        "before": None,
        "after": {"heart_rate": 72},
        "reason": "late",
    }
    return AuditEvent(**usual | other)


def of_record(one: Made) -> list[Resource]:
    """Every version of everything of a record, and what is around it."""
    record = one.record
    context = context_of(one.clinic.id, record)
    found = [patient(one.clinic.id, context.patient_id, record.patient), organization(one.clinic, AT)]
    sheet = Kept(Staff("nina", "Nina Ward", Role.NURSE), 2, Signer(None, "Infusion Vitals", "service"), AT)
    found += [practitioner(STAFF, sheet)]
    found += [named_practitioner(name, called) for name, called in around(one).staff.items()]
    if record.course is not None:
        course_id = record.header.value.course_id
        found.append(episode_of_care(one.clinic.id, course_id, record.course))
        found += [course_clearance(course_id, context.patient_id, word) for word in record.course_clearances]
    return [*found, *versions_of_session(record, context)]


def of_service() -> list[Resource]:
    """What is of no record."""
    nobody = audited(actor_id=None, actor_role="", tablet_id=None, session_id=None, patient_id=None, reason=None)
    return [
        *terminology(),
        audit_event(audited()),
        audit_event(audited(action="patient.read", after=None)),
        audit_event(nobody),
        operation_outcome("error", "not-found", "no such patient", ("Patient.id",)),
        operation_outcome("fatal", "exception"),
        capability_statement(
            address="https://clinic.example/fhir",
            version="0.1.0",
            changed="2026-03-08T09:30:00Z",
            resources=[
                supported(
                    "Observation",
                    interaction=[{"code": "read"}, {"code": "vread"}],
                    searchParam=[{"name": "code", "type": "token"}],
                    searchRevInclude=[],
                )
            ],
        ),
    ]


def objections(bench: Bench, resources: list[Resource]) -> list[str]:
    data = [serialise(one) for one in resources]
    return [
        f"{one['resourceType']}/{one.get('id')}: {said}"
        for one, said in zip(resources, bench.judge(data), strict=True)
        if said
    ]


@pytest.fixture(scope="module")
def records() -> list[Made]:
    return [made(seed) for seed in range(24)]


def test_every_resource_passes_every_judge(bench, records):
    chosen = some_of_each([resource for one in records for resource in of_record(one)])
    assert objections(bench, [*chosen, *of_service()]) == []
    seen = Counter(one["resourceType"] for one in chosen)
    assert set(seen) == {
        "Patient",
        "Practitioner",
        "Organization",
        "EpisodeOfCare",
        "Encounter",
        "Procedure",
        "MedicationAdministration",
        "Observation",
        "Condition",
        "GuidanceResponse",
        "Provenance",
        "RelatedPerson",
        "Flag",
    }


def features(value: Any, at: str = "") -> Iterator[str]:
    """What there is in a resource: each field it has, and each code in it; not its numbers, times and words."""
    match value:
        case {"system": str(system), "code": str(code)}:
            yield f"{at} {system}|{code}"
        case dict():
            if "url" in value:
                at = f"{at}({value['url']})"
            yield f"{at}{{{','.join(sorted(value))}}}"
            for name, one in value.items():
                if name not in {"id", "meta"}:
                    yield from features(one, f"{at}.{name}")
        case list():
            for one in value:
                yield from features(one, at)
        case _ if at.rpartition(".")[2] in {"status", "resourceType", "valueCode"}:
            yield f"{at} {value}"
        case _:
            yield at


def some_of_each(resources: list[Resource]) -> list[Resource]:
    """As many as hold everything there is in any: the judges take milliseconds each, and looks repeat."""
    seen: set[str] = set()
    chosen = []
    for one in resources:
        found = {f"{one['resourceType']} {feature}" for feature in features(one)}
        if not found <= seen:
            seen |= found
            chosen.append(one)
    return chosen


def test_documents_pass_every_judge(bench, records):
    documents = [
        document_bundle(one.record, context_of(one.clinic.id, one.record), around(one), every_version=every)
        for one in records[:2]
        for every in (False, True)
    ]
    assert objections(bench, documents) == []


def test_decimals_are_as_they_were():
    assert serialise({"value": Decimal("2.50")}) == b'{"value":2.50}'
    assert serialise({"value": Decimal("36.900"), "more": [Decimal(2)]}) == b'{"value":36.900,"more":[2]}'


# --- planted faults --------------------------------------------------------------------------------------------------
Fault = Callable[[dict[str, Any]], Any]


def _wrong_unit(one):
    one["valueQuantity"] |= {"unit": "kPa", "code": "kPa"}


def _no_category(one):
    del one["category"]


def _other_category(one):
    one["category"][0]["coding"][0]["code"] = "survey"


def _string_value(one):
    one["valueQuantity"]["value"] = "72"


def _value_string(one):
    del one["valueQuantity"]
    one["valueString"] = "72"


def _empty_array(one):
    one["note"] = []


def _empty_string(one):
    one["performer"][0]["display"] = ""


def _null(one):
    one["issued"] = None


def _unknown_field(one):
    one["heartRate"] = 72


def _bad_status(one):
    one["status"] = "done"


def _no_subject(one):
    del one["subject"]


def _no_value(one):
    del one["valueQuantity"]


def _value_and_reason(one):
    one["dataAbsentReason"] = {"text": "not measured"}


def _no_code(one):
    del one["code"]


def _other_code(one):
    one["code"]["coding"][0]["code"] = "8310-5"


def _no_time(one):
    del one["effectiveDateTime"]


def _bad_time(one):
    one["effectiveDateTime"] = "08.03.2026 09:30"


def _split(one):
    """Blood pressure as two loose values, as others have done it."""
    one["component"] = one["component"][:1]


def _split_apart(one):
    systolic = one.pop("component")[0]
    one["code"] = systolic["code"]
    one["valueQuantity"] = systolic["valueQuantity"]


def _component_without_anything(one):
    del one["component"][1]["valueQuantity"]


def _pressure_in_kpa(one):
    one["component"][0]["valueQuantity"] |= {"unit": "kPa", "code": "kPa"}


def _one_code_only(one):
    """2708-6 is the code that the profile asks for; 59408-5 alone is not enough."""
    del one["code"]["coding"][1]


PLANTED: dict[str, tuple[str, Fault, set[str]]] = {
    "wrong unit": ("hr", _wrong_unit, {"rules"}),
    "missing category": ("hr", _no_category, {"medplum", "rules"}),
    "another category": ("hr", _other_category, {"medplum", "rules"}),
    "a number as text": ("hr", _string_value, {"schema"}),
    "text instead of a quantity": ("hr", _value_string, {"rules"}),
    "empty array": ("hr", _empty_array, {"empty"}),
    "empty text": ("hr", _empty_string, {"empty"}),
    "null": ("hr", _null, {"empty"}),
    "unknown field": ("hr", _unknown_field, {"schema", "fhir", "medplum"}),
    "unknown status": ("hr", _bad_status, {"schema", "fhir"}),
    "no subject": ("hr", _no_subject, {"medplum", "rules"}),
    "neither value nor reason": ("hr", _no_value, {"rules"}),
    "value and reason": ("hr", _value_and_reason, {"rules"}),
    "no code": ("hr", _no_code, {"fhir", "medplum", "rules"}),
    "another code": ("hr", _other_code, {"medplum"}),
    "no time": ("hr", _no_time, {"medplum", "rules"}),
    "a time that is none": ("hr", _bad_time, {"schema"}),
    "half a blood pressure": ("bp", _split, {"medplum", "rules"}),
    "blood pressure split in two": ("bp", _split_apart, {"medplum", "rules"}),
    "a component without anything": ("bp", _component_without_anything, {"rules"}),
    "blood pressure in kPa": ("bp", _pressure_in_kpa, {"rules"}),
    "SpO2 with one code": ("spo2", _one_code_only, {"rules"}),
}


@pytest.fixture(scope="module")
def good(records) -> dict[str, dict[str, Any]]:
    """An Observation of each kind with all its values, as JSON."""
    found: dict[str, dict[str, Any]] = {}
    for one in records:
        for resource in versions_of_session(one.record, context_of(one.clinic.id, one.record)):
            text = json.dumps(json.loads(serialise(resource)))
            if resource["resourceType"] == "Observation" and "dataAbsentReason" not in text:
                found.setdefault(resource["id"].rpartition("-")[2], json.loads(text))
    return found


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(bench, good, name):
    which, plant, expected = PLANTED[name]
    whole = good[which]
    assert bench.judge([json.dumps(whole).encode()]) == [{}]
    spoilt = copy.deepcopy(whole)
    plant(spoilt)
    (said,) = bench.judge([json.dumps(spoilt).encode()])
    assert expected <= set(said), said


def test_every_judge_is_known_to_object():
    assert set().union(*(expected for _, _, expected in PLANTED.values())) == set(JUDGES)
