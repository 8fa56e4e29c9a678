import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import documents
from app.domain.canonical import canonical_json
from app.domain.documents import (
    clearance_document,
    clearance_from,
    confirmation_document,
    confirmation_from,
    course_document,
    course_from,
    decimal_text,
    discharge_document,
    discharge_from,
    dissociation_document,
    escort_document,
    escort_from,
    event_content,
    event_document,
    event_from,
    header_document,
    header_from,
    notice_document,
    notice_from,
    override_document,
    override_from,
    patient_document,
    patient_from,
    reading_content,
    reading_document,
    reading_from,
    screening_document,
    screening_from,
    signer_document,
    signer_from,
    void_document,
    void_from,
)
from app.domain.events import (
    DETAILS,
    Addendum,
    BaselineAccepted,
    ConcernAcknowledged,
    DeviceGiven,
    DoseStarted,
    Event,
    EventKind,
    MedicationGiven,
    OxygenStarted,
    RateChanged,
    ReadingRef,
    Route,
    SymptomResolved,
    Transferred,
)
from app.domain.facts import Escort
from app.domain.readings import Reading
from app.domain.records import (
    Clearance,
    Confirmation,
    Course,
    Decision,
    Discharge,
    Notice,
    NoticeKind,
    Patient,
    Screening,
    ScreeningOverride,
    SessionHeader,
    Signer,
    Void,
)
from app.domain.screening import Exclusion
from app.domain.symptoms import Severity, Symptom, SymptomCode
from app.domain.vitals import (
    CONSCIOUSNESS_SCORES,
    Consciousness,
    ConsciousnessScale,
    Dissociation,
    DissociationGrade,
    Oxygen,
    OxygenKind,
    Vital,
)
from tests.domain.typed_values import NOW, event, reading

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
MAYBE_TEXT = st.none() | TEXT
NAMES = st.lists(TEXT, max_size=3).map(tuple)
WHOLE = st.integers(-9, 400)
INSTANT = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - zone beside
MAYBE_INSTANT = st.none() | INSTANT
# equal amounts have one document, so that a round trip gives the shortest spelling back
AMOUNT = st.integers(1, 10**9).map(lambda thousandths: Decimal(decimal_text(Decimal(thousandths) / 1000)))
IDS = st.uuids()
ITEMS = st.dictionaries(st.integers(1, 28), st.integers(0, 4), max_size=28).map(
    lambda items: tuple(sorted(items.items()))
)
SYMPTOMS = st.lists(
    st.builds(Symptom, st.sampled_from(SymptomCode), st.none() | st.sampled_from(Severity), MAYBE_INSTANT),
    unique_by=lambda symptom: symptom.code,
    max_size=4,
).map(lambda symptoms: tuple(sorted(symptoms, key=lambda symptom: symptom.code)))
CONSCIOUSNESS = st.sampled_from(ConsciousnessScale).flatmap(
    lambda scale: st.builds(Consciousness, st.just(scale), st.sampled_from(CONSCIOUSNESS_SCORES[scale]))
)
READINGS = st.builds(
    Reading,
    id=IDS,
    revision=st.integers(1, 9),
    measured_at=INSTANT,
    **{vital.value: st.none() | WHOLE for vital in Vital},
    oxygen=st.none() | st.builds(Oxygen, st.sampled_from(OxygenKind), st.none() | AMOUNT),
    consciousness=st.none() | CONSCIOUSNESS,
    dissociation=st.none()
    | st.builds(Dissociation, st.sampled_from(DissociationGrade), MAYBE_TEXT, MAYBE_TEXT, st.none() | WHOLE, ITEMS),
    symptoms=st.none() | SYMPTOMS,
    gait_steady=st.none() | st.booleans(),
    orientated=st.none() | st.booleans(),
    not_measured=st.dictionaries(TEXT, TEXT, max_size=3).map(lambda reasons: tuple(sorted(reasons.items()))),
    confirmed_unlikely=st.frozensets(st.sampled_from(Vital)),
    note=MAYBE_TEXT,
    clock_doubtful=st.booleans(),
)
DETAIL_OF = {
    None: st.none(),
    DoseStarted: st.builds(DoseStarted, AMOUNT, st.none() | WHOLE, MAYBE_TEXT),
    DeviceGiven: st.builds(DeviceGiven, AMOUNT, MAYBE_TEXT),
    RateChanged: st.builds(RateChanged, AMOUNT),
    MedicationGiven: st.builds(MedicationGiven, TEXT, st.none() | AMOUNT, MAYBE_TEXT, MAYBE_TEXT),
    OxygenStarted: st.builds(OxygenStarted, AMOUNT),
    SymptomResolved: st.builds(SymptomResolved, st.sampled_from(SymptomCode)),
    BaselineAccepted: st.lists(st.builds(ReadingRef, IDS, st.integers(1, 9)), max_size=4).map(
        lambda refs: BaselineAccepted(tuple(sorted(refs)))
    ),
    ConcernAcknowledged: st.builds(ConcernAcknowledged, TEXT),
    Transferred: st.builds(Transferred, TEXT),
    Addendum: st.builds(Addendum, TEXT, st.none() | READINGS),
}
EVENTS = st.sampled_from(EventKind).flatmap(
    lambda kind: st.builds(Event, IDS, st.just(kind), INSTANT, DETAIL_OF[DETAILS[kind]], st.booleans())
)
HEADERS = st.builds(
    SessionHeader,
    IDS,
    st.sampled_from(Route),
    TEXT,
    st.integers(1, 9),
    MAYBE_TEXT,
    MAYBE_INSTANT,
    st.none() | IDS,
    st.none() | AMOUNT,
)
CONFIRMATIONS = st.builds(
    Confirmation,
    id=IDS,
    decision=st.sampled_from(Decision),
    digest=TEXT,
    own_assessment=TEXT,
    reason=MAYBE_TEXT,
    named=st.lists(TEXT, max_size=3).map(tuple),
    signed_text=TEXT,
    signed_at=INSTANT,
)
OVERRIDES = st.builds(
    ScreeningOverride,
    st.sets(st.sampled_from(Exclusion)).map(lambda chosen: tuple(each for each in Exclusion if each in chosen)),
    TEXT,
)
PAIRS = {
    "reading": (READINGS, reading_document, reading_from),
    "event": (EVENTS, event_document, event_from),
    "patient": (st.builds(Patient, TEXT, NAMES, st.dates(), TEXT, MAYBE_TEXT), patient_document, patient_from),
    "course": (st.builds(Course, IDS, WHOLE, st.none() | WHOLE, MAYBE_TEXT), course_document, course_from),
    "clearance": (st.builds(Clearance, MAYBE_INSTANT, MAYBE_TEXT), clearance_document, clearance_from),
    "header": (HEADERS, header_document, header_from),
    "screening": (
        st.builds(Screening, st.dictionaries(st.sampled_from(Exclusion), st.booleans())),
        screening_document,
        screening_from,
    ),
    "override": (OVERRIDES, override_document, override_from),
    "escort": (
        st.builds(Escort, TEXT, st.booleans(), MAYBE_INSTANT, MAYBE_TEXT, st.integers(1, 9)),
        escort_document,
        escort_from,
    ),
    "void": (st.builds(Void, IDS, TEXT), void_document, void_from),
    "confirmation": (CONFIRMATIONS, confirmation_document, confirmation_from),
    "notice": (
        st.builds(
            Notice,
            id=IDS,
            kind=st.sampled_from(NoticeKind),
            text=TEXT,
            raised_at=INSTANT,
            signer_id=st.none() | IDS,
            confirmation_id=st.none() | IDS,
            digest=MAYBE_TEXT,
        ),
        notice_document,
        notice_from,
    ),
    "discharge": (
        st.builds(Discharge, INSTANT, st.booleans(), MAYBE_TEXT, MAYBE_INSTANT),
        discharge_document,
        discharge_from,
    ),
    "signer": (st.builds(Signer, st.none() | IDS, TEXT, TEXT), signer_document, signer_from),
}


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
    within_others = {"oxygen", "consciousness", "dissociation", "symptom", "detail"}
    assert written - within_others == set(PAIRS)
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
def test_a_kind_that_carries_no_detail_reads_none(kind):
    assert event_from(event_document(event(kind)) | {"detail": {"text": "x", "reading": None}}).detail is None


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_comes_back_with_its_detail(kind):
    made = event(kind)
    assert (made.detail is None) == (DETAILS[kind] is None)
    assert event_from(json.loads(canonical_json(event_document(made)))) == made
