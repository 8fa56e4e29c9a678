"""What is exported is what is kept: a record rebuilt from its resources alone equals the record."""

import json
from dataclasses import replace
from decimal import Decimal
from itertools import chain
from typing import Any

import pytest

from app.domain.records import SessionRecord
from app.exchange.fhir import (
    Around,
    context_of,
    course_clearance,
    document_bundle,
    episode_of_care,
    patient,
    resources_of_session,
    serialise,
    versions_of_session,
)
from tests.exchange.made import SHEETS, Made, made, newest_only, newest_sheets
from tests.exchange.rebuild import rebuild

SEEDS = range(120)


def read(data: bytes) -> Any:
    return json.loads(data, parse_float=Decimal)


def in_order(record: SessionRecord) -> SessionRecord:
    """Facts by id: of one instant's arrivals no order is promised."""
    return replace(
        record,
        events=tuple(sorted(record.events, key=lambda one: one.event.value.id)),
        readings=tuple(sorted(record.readings, key=lambda one: one.revisions[0].value.id)),
    )


def exported(one: Made, told: Any) -> list[Any]:
    """As it leaves: bytes, read again by a plain JSON reader. Of the sheets around it too, every version there is."""
    record = one.record
    context = context_of(one.clinic.id, record)
    around = [patient(one.clinic.id, context.patient_id, each) for each in record.patients]
    course_id = record.header.value.course_id
    around.extend(episode_of_care(one.clinic.id, course_id, each) for each in record.courses)
    around.extend(course_clearance(course_id, context.patient_id, each) for each in record.course_clearances)
    return [read(serialise(resource)) for resource in chain(around, told(record, context))]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_record_rebuilt_from_every_version_equals_the_record(seed):
    one = made(seed)
    assert rebuild(exported(one, versions_of_session)) == in_order(one.record)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_record_rebuilt_from_the_newest_versions_equals_the_record_as_it_is_now(seed):
    one = made(seed)
    around = replace(one, record=newest_sheets(one.record, "patients", "courses", "course_clearances"))
    assert rebuild(exported(around, resources_of_session)) == in_order(newest_only(one))


@pytest.mark.parametrize("seed", SEEDS[:20])
def test_a_record_rebuilt_from_its_document_equals_the_record(seed):
    """Of the patient and the course a document has the sheet as it is now."""
    one = made(seed)
    context = context_of(one.clinic.id, one.record)
    around = Around(one.clinic, one.record.patient.recorded_at)
    document = read(serialise(document_bundle(one.record, context, around, every_version=True)))
    rebuilt = rebuild(entry["resource"] for entry in document["entry"])
    assert rebuilt == in_order(newest_sheets(one.record, "patients", "courses"))


def test_what_is_changed_on_the_way_shows():
    """The control: a rebuilder that took no notice would find these equal too."""
    one = next(one for one in map(made, SEEDS) if one.record.readings and one.record.discharge)
    for broken in (
        lambda found: [r for r in found if not r["id"].endswith("-gait")],
        lambda found: [
            r | {"effectiveDateTime": "2020-01-01T00:00:00Z"} if r["id"].endswith("-set") else r for r in found
        ],
        lambda found: [r | {"extension": r["extension"][:1]} if r["resourceType"] == "Encounter" else r for r in found],
    ):
        try:
            record = rebuild(broken(exported(one, versions_of_session)))
        except (KeyError, StopIteration, IndexError, RuntimeError):
            continue
        assert record != in_order(one.record)


def test_the_past_is_not_needed_for_what_is_now():
    for one in map(made, SEEDS[:40]):
        context = context_of(one.clinic.id, one.record)
        assert any(len(getattr(one.record, name)) > 1 for name in SHEETS)
        # a weight that was taken back is known from the past alone
        now = {
            (r["resourceType"], r["id"]): r
            for r in resources_of_session(one.record, context)
            if not (r["id"].endswith("-weight") and r["status"] == "entered-in-error")
        }
        alone = newest_sheets(one.record)
        assert {(r["resourceType"], r["id"]): r for r in resources_of_session(alone, context)} == now
