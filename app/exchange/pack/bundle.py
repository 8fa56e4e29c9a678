"""The record as a FHIR document Bundle, every version in it, and what a verifier reads back of it.

The resources are those of `app.exchange.fhir`; this adds the record's digest as a tag of the Bundle, and nothing else.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.numbers import whole
from app.domain.strict_json import Unreadable, read_json
from app.domain.vitals import VITALS, Vital
from app.exchange.fhir import BASE, context_of, document_bundle, serialise
from app.exchange.pack.content import PackContent

TAG = f"{BASE}/record-digest"

_PART = {"heart_rate": "hr", "systolic": "bp", "diastolic": "bp", "respiratory_rate": "rr", "spo2": "spo2"}
"""Which Observation of a reading carries a vital, by the end of its id."""


class NotABundle(ValueError):
    """The Bundle cannot be read as one."""


def bundle(taken: PackContent, digest: str) -> bytes:
    """The Bundle as JSON."""
    context = context_of(taken.clinic.id, taken.record)
    made = document_bundle(taken.record, context, taken.around, every_version=True)
    meta = {**made["meta"], "tag": [{"system": TAG, "code": digest}]}
    return serialise({**made, "meta": meta})


def differences(data: bytes, content: Mapping[str, Any], digest: str) -> tuple[int, list[str]]:
    """How many values were compared, and where the Bundle's readings are not the record's. Raises `NotABundle`."""
    try:
        found = read_json(data.decode("utf-8"), of="it")
        if found["meta"]["tag"] != [{"system": TAG, "code": digest}]:
            return 0, ["it names another record by its digest"]
        told = _told(found["entry"])
        return _compared(told, content)
    except Unreadable as refusal:
        raise NotABundle(refusal.detail) from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise NotABundle(f"it cannot be read as a Bundle of a record ({type(error).__name__})") from None


def made_otherwise(data: bytes, taken: PackContent, digest: str) -> list[str]:
    """The resources that are not what this record is told as, however it is spelt."""
    made = bundle(taken, digest)
    if data == made:
        return []
    expected = read_json(made.decode("utf-8"), of="it")["entry"]
    try:
        found = read_json(data.decode("utf-8"), of="it")["entry"]
    except (Unreadable, ValueError, KeyError, TypeError, RecursionError):
        found = []
    # each by the name that the record has for it, whatever stands in its place
    wrong = [
        f"{other['resource']['resourceType']} {other['resource']['id']}"
        for one, other in zip(found, expected, strict=False)
        if one != other
    ]
    if len(found) != len(expected):
        wrong.append(f"one of its {len(found)} resources, where the record is told in {len(expected)},")
    return wrong or ["what is around its resources, or its spelling,"]


def _told(entries: list[Any]) -> dict[str, list[tuple[int, str, dict[str, Any]]]]:
    """Of each Observation of a vital: its versions as (version, status, value by vital), oldest first."""
    told: dict[str, list[tuple[int, str, dict[str, Any]]]] = {}
    for entry in entries:
        one = entry["resource"]
        if one["resourceType"] == "Observation" and one["id"].rpartition("-")[2] in _PART.values():
            version = (whole(one["meta"]["versionId"]), one["status"], dict(_values(one)))
            told.setdefault(one["id"], []).append(version)
    return {name: sorted(versions, key=lambda one: one[0]) for name, versions in told.items()}


def _values(resource: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The vitals of an Observation; None where it says that there is no value."""
    codes = {VITALS[vital].loinc: vital.value for vital in Vital}
    for one in (resource, *resource.get("component", ())):
        for coding in one["code"].get("coding", ()):
            if coding.get("code") in codes:
                vital = codes[coding["code"]]
                quantity = one.get("valueQuantity")
                right_unit = quantity is None or quantity["code"] == VITALS[Vital(vital)].unit
                yield vital, "another unit" if not right_unit else (quantity["value"] if quantity else None)


def _compared(
    told: Mapping[str, list[tuple[int, str, dict[str, Any]]]], content: Mapping[str, Any]
) -> tuple[int, list[str]]:
    wrong: list[str] = []
    count = 0
    expected = set()
    for reading in content["readings"]:
        for vital, part in _PART.items():
            name = f"{reading['id']}-{part}"
            expected.add(name)
            versions = told.get(name, [])
            values = [value[vital] for _, _, value in versions]
            # one version a revision, and one more where the phase moved or it was voided: none says anything else
            typed = [each[vital] for each in reading["revisions"]]
            count += len(typed)
            if _steps(values) != _steps(typed):
                wrong.append(f"{vital} of reading {reading['id']} is {values}, in the record {typed}")
            elif (versions[-1][1] == "entered-in-error") != (reading["void"] is not None):
                wrong.append(f"reading {reading['id']}: the Bundle and the record differ on its being void")
    late = {event["detail"]["reading"]["id"] for event in content["events"]
            if event["kind"] == "addendum" and event["detail"]["reading"]}  # fmt: skip
    strangers = [name for name in told if name not in expected and name.rpartition("-")[0] not in late]
    return count, wrong + [f"{name} is no reading of the record" for name in strangers]


def _steps(values: list[Any]) -> list[Any]:
    """The values without repetition of neighbours."""
    return [value for place, value in enumerate(values) if place == 0 or value != values[place - 1]]
