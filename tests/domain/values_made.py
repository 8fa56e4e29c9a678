"""Values of every type that is kept, as hypothesis makes them, each with what writes it and what reads it."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import strategies as st

from app.db.clients import Client, client_document, client_from
from app.db.staff import staff_document, staff_from
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
    escort_document,
    escort_from,
    event_document,
    event_from,
    form_answers_document,
    form_answers_from,
    header_document,
    header_from,
    notice_document,
    notice_from,
    override_document,
    override_from,
    pair,
    patient_document,
    patient_from,
    programme_document,
    programme_from,
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
from app.domain.exports import (
    ExportFile,
    Level,
    Order,
    Progress,
    order_document,
    order_from,
    progress_document,
    progress_from,
)
from app.domain.facts import Escort, EscortCall
from app.domain.forms import Answer, FormAnswers, Medicine, Programme
from app.domain.papers import ClinicPapers
from app.domain.people import Role, Staff
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
from app.domain.symptoms import Severity, Symptom, SymptomCode
from app.domain.tablets import Tablet
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
    MAYBE_INSTANT,
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
    had_left_at=MAYBE_INSTANT,
    examined_by=MAYBE_TEXT,
)
ITEMS = st.lists(TEXT, max_size=3).map(tuple)
OVERRIDES = st.builds(
    ScreeningOverride,
    st.sets(st.sampled_from(Exclusion)).map(lambda chosen: tuple(each for each in Exclusion if each in chosen)),
    TEXT,
    same_day=ITEMS,
)
CALLS = st.builds(EscortCall, TEXT, INSTANT, TEXT, MAYBE_INSTANT)
SCOPES = st.sampled_from(["", "system/*.rs", "system/Patient.r system/Observation.read"]).map(asked)
FILES = st.builds(ExportFile, TEXT, TEXT, WHOLE, WHOLE, st.booleans())
PAIRS = {
    "reading": (READINGS, reading_document, reading_from),
    "event": (EVENTS, event_document, event_from),
    "patient": (st.builds(Patient, TEXT, NAMES, st.dates(), TEXT, MAYBE_TEXT), patient_document, patient_from),
    "course": (st.builds(Course, IDS, WHOLE, st.none() | WHOLE, MAYBE_TEXT), course_document, course_from),
    "clearance": (st.builds(Clearance, MAYBE_INSTANT, MAYBE_TEXT, ITEMS), clearance_document, clearance_from),
    "header": (HEADERS, header_document, header_from),
    "screening": (
        st.builds(
            Screening,
            st.dictionaries(st.sampled_from(Exclusion), st.booleans()),
            st.dictionaries(TEXT, st.sampled_from(SameDayAnswer)),
            MAYBE_INSTANT,
        ),
        screening_document,
        screening_from,
    ),
    "override": (OVERRIDES, override_document, override_from),
    "escort": (
        st.builds(Escort, TEXT, st.booleans(), MAYBE_INSTANT, MAYBE_TEXT, st.integers(1, 9), st.none() | CALLS),
        escort_document,
        escort_from,
    ),
    "programme": (st.builds(Programme, st.sampled_from(Answer)), programme_document, programme_from),
    "form_answers": (
        st.builds(
            FormAnswers,
            st.none() | st.sampled_from(Answer),
            st.dictionaries(st.sampled_from(Medicine), st.sampled_from(Answer)),
            MAYBE_TEXT,
            MAYBE_TEXT,
            MAYBE_TEXT,
            MAYBE_INSTANT,
        ),
        form_answers_document,
        form_answers_from,
    ),
    "papers": (
        st.builds(ClinicPapers, *[MAYBE_TEXT] * 5, st.integers(1, 60), MAYBE_TEXT, values_on_sheet=st.booleans()),
        *pair(ClinicPapers),
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
        st.builds(Discharge, INSTANT, st.booleans(), MAYBE_TEXT, MAYBE_INSTANT, st.booleans()),
        discharge_document,
        discharge_from,
    ),
    "staff": (st.builds(Staff, TEXT, TEXT, st.sampled_from(Role), st.booleans()), staff_document, staff_from),
    "tablet": (st.builds(Tablet, TEXT, st.booleans()), *pair(Tablet)),
    "client": (
        st.builds(Client, TEXT, SCOPES, MAYBE_TEXT, MAYBE_TEXT, st.booleans(), st.booleans()),
        client_document,
        client_from,
    ),
    "order": (
        st.builds(Order, st.sampled_from(Level), NAMES, TEXT, MAYBE_INSTANT, st.none() | st.lists(IDS).map(tuple)),
        order_document,
        order_from,
    ),
    "progress": (
        st.builds(Progress, st.none() | NAMES, st.lists(FILES, max_size=3).map(tuple), WHOLE, WHOLE),
        progress_document,
        progress_from,
    ),
    "signer": (st.builds(Signer, st.none() | IDS, TEXT, TEXT), signer_document, signer_from),
}
