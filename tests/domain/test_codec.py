"""The codec: what each type looks like as a document, and that nothing else is read or written."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.db.clients import Client
from app.domain.canonical import canonical_json
from app.domain.codec import Codec, Form, Misfit
from app.domain.documents import event_document, pair, reading_document
from app.domain.events import Event, EventKind, OxygenStarted, Route
from app.domain.exports import ExportFile, Level, Order, Progress
from app.domain.facts import Escort, EscortCall
from app.domain.forms import Answer, FormAnswers, Medicine, Programme
from app.domain.instants import NaiveInstant
from app.domain.papers import ClinicPapers
from app.domain.people import Role, Staff
from app.domain.places import shown
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
from app.domain.scopes import asked
from app.domain.screening import Exclusion, SameDayAnswer
from app.domain.signatures import ProofKind, SignatureProof
from app.domain.symptoms import Severity, Symptom, SymptomCode
from app.domain.tablets import Tablet
from app.domain.vitals import (
    Consciousness,
    ConsciousnessScale,
    Dissociation,
    DissociationGrade,
    Oxygen,
    OxygenKind,
    Vital,
)
from tests.domain.typed_values import event
from tests.domain.values_made import PAIRS

KEPT = Path(__file__).parent / "kept_documents.json"
THEN, LATER = datetime(2026, 3, 8, 9, 30, tzinfo=UTC), datetime(2026, 3, 8, 11, 0, 0, 250_000, tzinfo=UTC)
ONE, TWO, THREE = UUID(int=1), UUID(int=2), UUID(int=3)
FULL = Reading(
    id=ONE,
    revision=2,
    measured_at=THEN,
    heart_rate=72,
    systolic=122,
    diastolic=78,
    spo2=97,
    oxygen=Oxygen(OxygenKind.SUPPLEMENTAL, Decimal("2.5")),
    consciousness=Consciousness(ConsciousnessScale.ACVPU, "A"),
    dissociation=Dissociation(DissociationGrade.MILD, "cadss-6", "2021", 3, ((2, 1), (15, 2))),
    symptoms=(Symptom(SymptomCode.FALL, None), Symptom(SymptomCode.NAUSEA, Severity.MILD, LATER)),
    gait_steady=True,
    not_measured=(("orientated", "asleep"), ("respiratory_rate", "moved")),
    confirmed_unlikely=frozenset({Vital.SPO2, Vital.HEART_RATE}),
    note="ok",
    clock_doubtful=True,
)
EXAMPLES: dict[str, list[object]] = {
    "reading": [FULL, Reading(ONE, 1, LATER, consciousness=Consciousness(ConsciousnessScale.MOAAS, 5), symptoms=())],
    "event": [*(event(kind) for kind in EventKind), Event(ONE, EventKind.MEDICATION_GIVEN, LATER, None, True)],
    "patient": [Patient("Muster", ("Anna", "Maria"), date(1980, 2, 29), "R-1", "female")],
    "course": [Course(ONE, 6, 3, "twice a week"), Course(ONE, 1)],
    "clearance": [Clearance(LATER, "fit"), Clearance(None, None, ("alcohol", "fluids"))],
    "header": [
        SessionHeader(ONE, Route.IV_INFUSION, "iv", 3, "chair 2", THEN, TWO, Decimal("71.50"), LATER),
        SessionHeader(ONE, Route.INTRANASAL, "nasal", 1),
    ],
    "screening": [
        Screening({each: each is Exclusion.PREGNANCY for each in reversed(Exclusion)}),
        Screening({}, {"fluids": SameDayAnswer.RIGHT, "alcohol": SameDayAnswer.WRONG}, THEN),
    ],
    "override": [
        ScreeningOverride(
            (Exclusion.PREGNANCY, Exclusion.HISTORY_OF_PSYCHOSIS),
            "discussed",
            SignatureProof(ProofKind.PASSKEY, "QUJD"),
            ("consent",),
        )
    ],
    "escort": [
        Escort("Ben", True, THEN, "brother", 2),
        Escort("Ben", False, None, phone=EscortCall("+49 30 1", THEN, "Ann", LATER)),
    ],
    "programme": [Programme(Answer.YES), Programme(Answer.UNKNOWN)],
    "form_answers": [
        FormAnswers(
            Answer.NO,
            {Medicine.OPIOIDS: Answer.UNKNOWN, Medicine.MAOIS: Answer.YES},
            "Anna M",
            "+44 20 7946 0000",
            "anna@clinic.example",
            LATER,
        ),
        FormAnswers(),
    ],
    "papers": [ClinicPapers("ward", "1 Road", "555", "a@b", "S-7", 14, "Rest.", True), ClinicPapers()],
    "void": [Void(ONE, "another patient")],
    "confirmation": [
        Confirmation(ONE, Decision.OVERRIDE, "ab", "awake", "short", ("gait",), "I sign", LATER, THEN, "Dr. A")
    ],
    "notice": [
        Notice(ONE, NoticeKind.AFTER_CLOSING, "a reading", THEN, TWO, THREE, "ab"),
        Notice(ONE, NoticeKind.LATE_INFORMATION, "a reading", THEN, None, None, None),
    ],
    "discharge": [Discharge(LATER, True, "well", THEN, True), Discharge(LATER, False, None, None)],
    "staff": [Staff("anna", "Anna M", Role.NURSE, False)],
    "tablet": [Tablet("7", False)],
    "client": [Client("lab", asked("system/Patient.r system/Observation.read"), None, "https://keys.example", True)],
    "order": [Order(Level.PATIENT, ("Patient",), "/fhir/$export", THEN, (TWO, ONE)), Order(Level.SYSTEM, (), "/x")],
    "progress": [Progress(("readings", "a"), (ExportFile("Patient", "a.ndjson", 2, 90, True),), 2, 1), Progress()],
    "signer": [Signer(ONE, "Anna M", "nurse"), Signer(None, "the service", "service")],
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_document_is_what_it_always_was(name):
    _, document, back = PAIRS[name]
    kept = json.loads(KEPT.read_text(encoding="utf-8"))[name]
    assert [document(value) for value in EXAMPLES[name]] == kept
    assert [document(back(each)) for each in kept] == kept


# --- damage ----------------------------------------------------------------------------------------------------------

FREE = {"not_measured", "answers", "items", "medicines", "same_day"}
"""Objects whose keys are no fields: any number of them may be there."""
OTHERS = [None, True, 7, 1.5, "Zorro", "", [], {}, ["Zorro"], {"strange": 7}, [[]]]


def places(document, path=()):
    """(path, what holds it) of every value in a document."""
    inside = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in inside:
        yield (*path, key), document
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def dotted(path):
    return ".".join(map(shown, path))


def damaged(document, path, change):
    """A copy in which `change(what holds it, key)` was done at a path."""
    made = within = copy.deepcopy(document)
    for key in path[:-1]:
        within = within[key]
    change(within, path[-1])
    return made


def misfit(back, document):
    with pytest.raises(Misfit) as refused:
        back(document)
    assert "Zorro" not in str(refused.value)
    assert str(refused.value) == f"{refused.value.path or 'the document'} {refused.value.because}"
    return refused.value.path


def each_damage(test):
    """Runs a test of (document, back, write, path) for a place in documents of every type."""

    @pytest.mark.parametrize("name", PAIRS)
    def run(name):
        values, document, back = PAIRS[name]

        @settings(max_examples=15, deadline=None)
        @given(st.data())
        def of_one(data):
            written = json.loads(canonical_json(document(data.draw(values))))
            path = data.draw(st.sampled_from([path for path, _ in places(written)]))
            test(data, written, back, document, path)

        of_one()

    return run


@each_damage
def test_a_field_that_is_not_there_is_named(data, document, back, write, path):
    inside = path[:-1]
    if isinstance(path[-1], str) and not (inside and inside[-1] in FREE):
        assert misfit(back, damaged(document, path, lambda within, key: within.pop(key))).startswith(dotted(path))


@each_damage
def test_a_field_that_does_not_belong_there_is_named(data, document, back, write, path):
    if isinstance(path[-1], str) and path[-2:-1] != ("not_measured",):
        added = damaged(document, path, lambda within, _: within.update(strange=7))
        assert misfit(back, added) == dotted((*path[:-1], "strange"))


@each_damage
def test_a_number_with_a_point_has_no_place_anywhere(data, document, back, write, path):
    made = damaged(document, path, lambda within, key: within.__setitem__(key, 1.5))
    assert misfit(back, made) == dotted(path)


@each_damage
def test_what_is_read_is_what_stands_there_or_it_is_refused(data, document, back, write, path):
    other = data.draw(st.sampled_from(OTHERS))
    made = damaged(document, path, lambda within, key: within.__setitem__(key, other))
    try:
        found = back(made)
    except Misfit as refused:
        assert "Zorro" not in str(refused)  # noqa: PT017 - reading it is as good
    else:
        assert canonical_json(write(found)) == canonical_json(made)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("other", OTHERS, ids=repr)
def test_what_is_no_object_is_refused_whole(name, other):
    if not isinstance(other, dict):
        assert misfit(PAIRS[name][2], other) == ""


SPELT = [
    ("event", "id", "00000000-0000-0000-0000-00000000000A"),
    ("event", "id", "{00000000-0000-0000-0000-000000000001}"),
    ("event", "at", "2026-03-08T09:30:00+00:00"),
    ("event", "at", "2026-03-08"),
    ("event", "at", "2026-02-30T09:30:00Z"),
    ("event", "kind", "no-such-kind"),
    ("event", "kind", ["checked-in"]),
    ("patient", "birth_date", "19800229"),
    ("patient", "birth_date", "1981-02-29"),
    ("patient", "given_name", "Anna"),
    ("header", "weight_kg", "71.50"),
    ("header", "weight_kg", "1" * 41),
    ("header", "weight_kg", 71),
    ("header", "protocol", None),
    ("header", "protocol.id", "iv"),
    ("client", "scopes", "system/Patient.r user/Patient.r"),
    ("reading", "confirmed_unlikely", ["spo2", "spo2"]),
    ("reading", "dissociation.items", {}),
    ("reading", "dissociation.items.02", 1),
    ("reading", "heart_rate", True),
    ("reading", "gait_steady", 1),
    ("reading", "symptoms.1.onset", "soon"),
    ("reading", "consciousness.score", None),
]


@pytest.mark.parametrize(("name", "place", "spelt"), SPELT)
def test_a_value_has_one_spelling(name, place, spelt):
    document, back = PAIRS[name][1:]
    made = json.loads(canonical_json(document(EXAMPLES[name][0])))
    *steps, last = place.split(".") if place != "protocol.id" else [place]
    within = made
    for step in steps:
        within = within[int(step) if step.isdigit() else step]
    within[last] = spelt
    assert misfit(back, made).startswith(place)


# --- writing ---------------------------------------------------------------------------------------------------------


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Odd:
    name: str
    days: Mapping[Colour, date] | None = None
    numbers: tuple[tuple[int, str], ...] = ()
    colours: frozenset[Colour] = frozenset()


write_odd, read_odd = Codec().pair(Odd)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (Odd(7), "name"),
        (Odd(None), "name"),
        (Odd("a", {"red": date(2026, 1, 1)}), "days.red"),
        (Odd("a", {Colour.RED: THEN}), "days.red"),
        (Odd("a", {Colour.RED: None}), "days.red"),
        (Odd("a", ["red"]), "days"),
        (Odd("a", numbers=((1, "a"), (1, "b"))), "numbers"),
        (Odd("a", numbers=((True, "a"),)), "numbers.True"),
        (Odd("a", numbers=None), "numbers"),
        (Odd("a", colours=(Colour.RED,)), "colours"),
        (Odd("a", colours=frozenset({"green"})), "colours.0"),
        ("a", ""),
    ],
)
def test_what_could_not_be_read_again_is_not_written(value, path):
    with pytest.raises(Misfit) as refused:
        write_odd(value)
    assert refused.value.path == path


def test_a_word_of_an_enum_is_text_and_enums_keep_their_order():
    odd = Odd(Colour.RED, {Colour.BLUE: date(2026, 1, 2), Colour.RED: date(2026, 1, 1)}, ((10, "b"), (-2, "a")))
    written = write_odd(odd)
    assert type(written["name"]) is str
    assert json.dumps(written["days"]) == '{"red": "2026-01-01", "blue": "2026-01-02"}'
    assert json.dumps(written["numbers"]) == '{"-2": "a", "10": "b"}'
    assert read_odd(written) == Odd("red", odd.days, ((-2, "a"), (10, "b")))
    assert read_odd(written | {"name": Colour.RED}).name == "red"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (FULL, ""),
        (None, ""),
        (Event(ONE, "checked-in", THEN), "kind"),
        (Event(ONE, EventKind.OXYGEN_STARTED, THEN, OxygenStarted(Decimal("NaN"))), "detail.flow_l_min"),
    ],
)
def test_what_is_no_event_is_not_written_as_one(value, path):
    with pytest.raises(Misfit) as refused:
        event_document(value)
    assert refused.value.path == path


def test_an_instant_without_an_offset_is_refused_as_everywhere():
    with pytest.raises(NaiveInstant):
        reading_document(Reading(ONE, 1, THEN.replace(tzinfo=None)))


def test_a_type_without_a_form_is_found_when_the_service_starts():
    @dataclass(frozen=True)
    class Weighed:
        kilograms: float

    @dataclass(frozen=True)
    class Either:
        one: date | datetime

    @dataclass(frozen=True)
    class Loose:
        words: frozenset[str]

    with pytest.raises(TypeError, match=r"float.*has no form in a document"):
        pair(Weighed)
    with pytest.raises(TypeError, match="the form of Tablet comes too late"):
        pair(Tablet, Form())
    with pytest.raises(TypeError, match="would not say which"):
        pair(Either)
    with pytest.raises(TypeError, match=r"frozenset.*has no form"):
        pair(Loose)
