import json
from dataclasses import fields, replace
from datetime import date, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings

from app.domain import documents
from app.domain.canonical import canonical_json
from app.domain.codec import Misfit
from app.domain.documents import (
    decimal_text,
    dissociation_document,
    event_content,
    event_document,
    event_from,
    patient_document,
    reading_content,
    reading_document,
)
from app.domain.events import (
    DETAILS,
    Addendum,
    BaselineAccepted,
    EventKind,
    ReadingRef,
)
from app.domain.readings import Reading
from app.domain.records import (
    Patient,
)
from app.domain.symptoms import Severity, Symptom, SymptomCode
from app.domain.vitals import (
    Consciousness,
    ConsciousnessScale,
    Dissociation,
    DissociationGrade,
    Oxygen,
    OxygenKind,
    Vital,
)
from tests.domain.typed_values import NOW, event, reading
from tests.domain.values_made import DETAIL_OF, PAIRS


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_kept_comes_back_as_it_was(name):
    values, document, back = PAIRS[name]

    @settings(max_examples=60, deadline=None)
    @given(values)
    def through_json_and_back(value):
        written = document(value)
        kept = json.loads(canonical_json(written))
        assert back(kept) == value
        assert document(back(kept)) == written

    through_json_and_back()


def test_every_kind_of_document_has_its_round_trip():
    written = {name.removesuffix("_document") for name in documents.__all__ if name.endswith("_document")}
    within_others = {"oxygen", "consciousness", "dissociation", "symptom", "detail", "proof"}
    assert written - within_others <= set(PAIRS)
    assert set(DETAIL_OF) == set(DETAILS.values())


def test_a_document_of_a_reading_shows_every_field():
    assert set(reading_document(reading())) == {field.name for field in fields(Reading)}
    assert set(reading_document(reading())) - set(reading_content(reading())) == {"id", "revision", "clock_doubtful"}


def test_what_the_service_adds_makes_no_difference_to_a_repeat():
    assert reading_content(reading(revision=3, clock_doubtful=True)) == reading_content(reading())
    assert event_content(event(EventKind.CHECKED_IN, clock_doubtful=True)) == event_content(event(EventKind.CHECKED_IN))
    late = event(EventKind.ADDENDUM, detail=Addendum("late", reading(revision=2, clock_doubtful=True)))
    assert event_content(late) == event_content(event(EventKind.ADDENDUM, detail=Addendum("late", reading())))


CHANGES = {
    "measured_at": NOW - timedelta(seconds=1),
    "heart_rate": 73,
    "systolic": 123,
    "diastolic": 79,
    "respiratory_rate": 15,
    "spo2": 97,
    "oxygen": Oxygen(OxygenKind.SUPPLEMENTAL),
    "consciousness": Consciousness(ConsciousnessScale.RASS, 0),
    "dissociation": Dissociation(DissociationGrade.NONE, "cadss-6", "2021", 0),
    "symptoms": None,
    "gait_steady": False,
    "orientated": None,
    "not_measured": (("note", "none"),),
    "confirmed_unlikely": frozenset({Vital.SPO2}),
    "note": "",
}


@pytest.mark.parametrize("field", CHANGES)
def test_whatever_was_typed_otherwise_is_another_content(field):
    assert reading_content(replace(reading(), **{field: CHANGES[field]})) != reading_content(reading())


def test_every_field_that_was_typed_is_changed_above():
    assert set(CHANGES) == {field.name for field in fields(Reading)} - {"id", "revision", "clock_doubtful"}


def test_an_addendums_reading_and_its_id_are_content():
    kind = EventKind.ADDENDUM
    one = event(kind, detail=Addendum("late", reading()))
    assert event_content(one) != event_content(event(kind, detail=Addendum("late", reading(heart_rate=73))))
    assert event_content(one) != event_content(event(kind, detail=Addendum("late", reading(id=UUID(int=8)))))
    assert event_content(one) != event_content(event(kind, detail=Addendum("late")))


def test_order_and_offset_of_what_was_sent_make_no_difference():
    nausea, fall = Symptom(SymptomCode.NAUSEA, Severity.MILD), Symptom(SymptomCode.FALL, None)
    assert reading_content(reading(symptoms=(nausea, fall))) == reading_content(reading(symptoms=(fall, nausea)))
    there = NOW.astimezone(timezone(timedelta(hours=-7)))
    assert reading_content(reading(measured_at=there)) == reading_content(reading())
    assert event_content(event(EventKind.CHECKED_IN, at=there)) == event_content(event(EventKind.CHECKED_IN))
    refs = (ReadingRef(UUID(int=2), 1), ReadingRef(UUID(int=1), 1))
    one, other = (event(EventKind.BASELINE_ACCEPTED, detail=BaselineAccepted(each)) for each in (refs, refs[::-1]))
    assert event_content(one) == event_content(other)


SPELLINGS = {
    "2": ("2", "2.0", "2.000", "02"),
    "2.5": ("2.5", "2.50"),
    "100": ("100", "1E+2", "100.0"),
    "0.001": ("0.001", "1E-3"),
    "0": ("0", "0.000", "-0.0"),
}


@pytest.mark.parametrize("text", SPELLINGS)
def test_equal_amounts_have_one_spelling(text):
    assert {decimal_text(Decimal(amount)) for amount in SPELLINGS[text]} == {text}


def test_dissociation_items_are_numbered_in_order():
    made = Dissociation(DissociationGrade.NONE, "cadss-6", "2021", 3, ((22, 1), (2, 0), (15, 2)))
    assert list(dissociation_document(made)["items"].items()) == [("2", 0), ("15", 2), ("22", 1)]
    assert dissociation_document(Dissociation(DissociationGrade.NONE))["items"] is None


def test_a_birth_date_is_a_plain_date():
    assert patient_document(Patient("A", ("B",), date(980, 3, 4), "1"))["birth_date"] == "0980-03-04"


@pytest.mark.parametrize("kind", EventKind)
def test_an_event_kept_without_a_detail_has_none(kind):
    kept = event_document(replace(event(kind), detail=None))
    assert event_from(kept) == replace(event(kind), detail=None)


@pytest.mark.parametrize("kind", [kind for kind in EventKind if DETAILS[kind] is None])
def test_a_kind_that_carries_no_detail_takes_none(kind):
    with pytest.raises(Misfit, match=r"^detail is not of its type$"):
        event_from(event_document(event(kind)) | {"detail": {"text": "x", "reading": None}})
    with pytest.raises(Misfit, match=r"^detail is not of its type$"):
        event_document(event(kind, detail=Addendum("x")))


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_comes_back_with_its_detail(kind):
    made = event(kind)
    assert (made.detail is None) == (DETAILS[kind] is None)
    assert event_from(json.loads(canonical_json(event_document(made)))) == made
