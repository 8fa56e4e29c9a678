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
    Past,
    context_of,
    course_clearance,
    document_bundle,
    episode_of_care,
    patient,
    resources_of_session,
    serialise,
    versions_of_session,
)
from tests.exchange.made import Made, made, newest_only
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
    """As it leaves: bytes, read again by a plain JSON reader."""
    record, past = one.record, one.past
    context = context_of(one.clinic.id, record)
    around = [patient(one.clinic.id, context.patient_id, record.patient)]
    if record.course is not None:
        around.append(episode_of_care(one.clinic.id, record.header.value.course_id, record.course))
    if record.course_clearance is not None:
        course_id = record.header.value.course_id
        around.extend(course_clearance(course_id, context.patient_id, each) for each in past.course_clearances)
    return [read(serialise(resource)) for resource in chain(around, told(record, context, past))]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_record_rebuilt_from_every_version_equals_the_record(seed):
    one = made(seed)
    record, past = rebuild(exported(one, versions_of_session))
    assert record == in_order(one.record)
    assert past == one.past


@pytest.mark.parametrize("seed", SEEDS)
def test_a_record_rebuilt_from_the_newest_versions_equals_the_record_as_it_is_now(seed):
    one = made(seed)
    record, _ = rebuild(exported(one, resources_of_session))
    assert record == in_order(newest_only(one))


@pytest.mark.parametrize("seed", SEEDS[:20])
def test_a_record_rebuilt_from_its_document_equals_the_record(seed):
    one = made(seed)
    context = context_of(one.clinic.id, one.record)
    around = Around(one.clinic, one.record.patient.recorded_at)
    document = read(serialise(document_bundle(one.record, context, one.past, around, every_version=True)))
    record, past = rebuild(entry["resource"] for entry in document["entry"])
    assert (record, past) == (in_order(one.record), one.past)


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
            record, _ = rebuild(broken(exported(one, versions_of_session)))
        except (KeyError, StopIteration, IndexError, RuntimeError):
            continue
        assert record != in_order(one.record)


def test_the_past_is_not_needed_for_what_is_now():
    for one in map(made, SEEDS[:40]):
        context = context_of(one.clinic.id, one.record)
        alone = Past(assessments=one.past.assessments)
        # a weight that was taken back is known from the past alone
        now = {
            (r["resourceType"], r["id"]): r
            for r in resources_of_session(one.record, context, one.past)
            if not (r["id"].endswith("-weight") and r["status"] == "entered-in-error")
        }
        assert {(r["resourceType"], r["id"]): r for r in resources_of_session(one.record, context, alone)} == now
