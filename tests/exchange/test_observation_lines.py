"""Readings told by templates are told exactly as by their parts, whatever is in them."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.canonical import canonical_json
from app.domain.documents import reading_document
from app.domain.readings import Reading
from app.domain.records import ReadingHistory
from app.domain.vitals import Vital
from app.exchange import observation_lines
from app.exchange.fhir import context_of, observations, serialise
from app.exchange.observation_lines import ObservationLines, Plain, TemplateBroken
from tests import factories
from tests.exchange.made import LINES, made


def plain_of(history: ReadingHistory) -> Plain:
    kept = history.revisions[0]
    document = canonical_json(reading_document(kept.value))
    return Plain(document, kept.recorded_at, kept.by, kept.tablet_id, kept.reason)


def in_the_ordinary_way(context, history: ReadingHistory) -> bytes:
    return b"".join(serialise(one) + b"\n" for one in observations(context, history))


def others_of_its_shape(reading: Reading, chance: random.Random) -> Reading:
    """Another id, time and note, and other numbers where there are any."""
    numbers = {one.value: chance.randrange(1, 400) for one in Vital if getattr(reading, one.value) is not None}
    return replace(
        reading,
        id=factories.reading(0).id,
        measured_at=reading.measured_at + timedelta(microseconds=chance.randrange(10**6)),
        note=chance.choice(LINES) if reading.note else reading.note,
        **numbers,
    )


def test_a_template_gives_what_the_mapping_gives():
    templates, plainly, chance = ObservationLines(), 0, random.Random(4)
    for seed in range(120):
        one = made(seed)
        context = context_of(one.clinic.id, one.record)
        for history in one.record.readings:
            if len(history.revisions) > 1 or history.void is not None:
                continue
            kept = history.revisions[0]
            for reading in (kept.value, *(others_of_its_shape(kept.value, chance) for _ in range(3))):
                told = ReadingHistory((replace(kept, value=reading),))
                lines = templates.of(context, plain_of(told))
                versions = {resource["meta"]["versionId"] for resource in observations(context, told)}
                assert (lines is None) == (versions != {"1"})
                if lines is not None:
                    plainly += 1
                    assert lines == in_the_ordinary_way(context, told)
    assert plainly > 300


@pytest.mark.parametrize(
    "note", ['"%s" %d %%', "\\\x1f\u2028 \U0001f600", "mark", "6d61726b-0000-4000-8000-000000000001"]
)
def test_what_was_typed_is_data_in_a_template(note):
    one = made(1)
    context, templates = context_of(one.clinic.id, one.record), ObservationLines()
    for text in ("first of this shape", note):
        kept = replace(one.record.readings[0].revisions[0], value=factories.reading(30, note=text))
        told = ReadingHistory((replace(kept, recorded_at=one.record.header.recorded_at + timedelta(days=400)),))
        assert templates.of(context, plain_of(told)) == in_the_ordinary_way(context, told)


def test_control_a_mapping_that_looks_at_a_number_is_noticed(monkeypatch):
    """A template cannot know of it; that it is looked at again does."""
    honest = observation_lines.observations_at

    def looks(context, change, addendum=None):
        high = 100 < (change.kept.value.heart_rate or 0) < 200
        for resource in honest(context, change, addendum):
            yield resource | ({"interpretation": [{"text": "high"}]} if high else {})

    monkeypatch.setattr(observation_lines, "observations_at", looks)
    monkeypatch.setattr(observation_lines, "LOOK_AGAIN", 2)
    one, templates = made(1), ObservationLines()
    context = context_of(one.clinic.id, one.record)
    late = one.record.header.recorded_at + timedelta(days=400)

    def tell(rate: int) -> None:
        kept = replace(one.record.readings[0].revisions[0], value=factories.reading(30, heart_rate=rate))
        templates.of(context, plain_of(ReadingHistory((replace(kept, recorded_at=late),))))

    tell(70)
    tell(120)
    with pytest.raises(TemplateBroken):
        tell(120)
