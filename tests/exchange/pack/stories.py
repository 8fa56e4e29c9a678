"""Sessions to pack: kept by the services on a real database, taken as a clinician takes them."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID, uuid4

from app.db.engine import Database
from app.domain.events import Addendum, DoseStarted, EventKind, MedicationGiven, Route
from app.domain.forms import Answer, FormAnswers, Medicine, Programme
from app.domain.records import Decision
from app.domain.symptoms import Severity, Symptom, SymptomCode
from app.domain.vitals import Dissociation, DissociationGrade
from app.exchange.pack import PackContent
from app.services import audit, forms, packs, readings
from app.services.readiness import ChangesDue, catch_up
from tests.factories import reading
from tests.services.ward import Ward

HOSTILE_NAMES = (
    "=cmd|' /C calc'!A0",
    '#image("/etc/passwd") *b* $x$ \\ `r` <l> @ref ]',
    "אבגדה 12",
    "محمد \u200dعلي",
    "王小明 \U0001f469\u200d\u2695\ufe0f",
    "Zo\u0308e O'Brien-" + "Wolfeschlegelstein" * 10,
)


def take(ward: Ward, session_id: UUID, now: float = 300) -> PackContent:
    try:
        return ward.read(packs.take, session_id, "zip", now=now, who=ward.clinician)
    except ChangesDue:
        ward.write(catch_up, session_id, now=now)
        return ward.read(packs.take, session_id, "zip", now=now, who=ward.clinician)


def treated(database: Database, **patient) -> tuple[Ward, UUID]:
    """A signed and discharged session with a correction, a void, something not measured, a notice and an addendum."""
    ward = Ward(database)
    session_id = ward.plan(ward.add_patient(**{"family_name": "Probe", "record_number": "R-77"} | patient))
    ward.event(session_id, -30, EventKind.CHECKED_IN)
    ward.reading(session_id, -20)
    ward.reading(session_id, -10, systolic=126)
    ward.event(session_id, 0, EventKind.INFUSION_STARTED, DoseStarted(Decimal("36.5"), 40, "=LOT+1"))
    first = ward.reading(
        session_id,
        20,
        systolic=158,
        diastolic=97,
        heart_rate=91,
        dissociation=Dissociation(DissociationGrade.SEVERE, "cadss", "23-item", 30),
        symptoms=(Symptom(SymptomCode.NAUSEA, Severity.MILD),),
        note="=1+1 says the ceiling moves",
    )
    corrected = replace(first, revision=2, systolic=148)
    ward.write(readings.correct, session_id, first.id, uuid4(), corrected, "typed 158, said 148", now=22)
    wrong = ward.reading(session_id, 25, systolic=181)
    ward.write(readings.void, session_id, wrong.id, "another patient's", now=26)
    ward.event(session_id, 28, EventKind.MEDICATION_GIVEN, MedicationGiven("ondansetron", Decimal(4), "mg", "iv"))
    ward.reading(session_id, 30, spo2=None, oxygen=None, not_measured=(("oxygen", "probe off"), ("spo2", "probe off")))
    ward.event(session_id, 40, EventKind.INFUSION_STOPPED)
    ward.recover(session_id)
    ward.sign(session_id, 104)
    ward.discharge(session_id, 110, 109)
    late = reading(100, systolic=133)
    ward.event(session_id, 150, EventKind.ADDENDUM, Addendum("a late set turned up", late))
    ward.write(audit.seal, now=151)
    return ward, session_id


def in_zone(taken: PackContent, zone: str) -> PackContent:
    """The same, of a clinic in another zone."""
    return replace(taken, clinic=replace(taken.clinic, timezone=zone))


def simple(database: Database) -> tuple[Ward, UUID]:
    """A planned session with one reading."""
    ward = Ward(database)
    session_id = ward.plan()
    ward.reading(session_id, -20)
    ward.write(audit.seal, now=0)
    return ward, session_id


def asked_for_the_form(database: Database) -> tuple[Ward, UUID]:
    """A planned nasal session of a patient who is enrolled; what its monitoring form asks was answered twice."""
    ward = Ward(database)
    patient = ward.add_patient()
    session_id = ward.plan(patient, route=Route.INTRANASAL, protocol_id="intranasal-example")
    ward.write(forms.put_programme, patient, Programme(Answer.YES), None)
    for revision, answer in ((None, Answer.YES), (1, Answer.UNKNOWN)):
        answers = FormAnswers(Answer.NO, {Medicine.OPIOIDS: answer}, "=Ada")
        ward.write(forms.put_answers, session_id, answers, revision)
    ward.write(audit.seal, now=0)
    return ward, session_id


def declined(database: Database) -> tuple[Ward, UUID]:
    """A session whose flag is up, and whose clinician declined all the same."""
    ward = Ward(database)
    session_id = ward.ready()
    ward.sign(session_id, 104, Decision.DECLINE, reason="unsteady on the stairs")
    ward.write(audit.seal, now=105)
    return ward, session_id


def long(database: Database, sets: int) -> tuple[Ward, UUID]:
    """A session with so many sets, one a minute after the dose, each other than the one before, and judged."""
    ward = Ward(database)
    session_id = ward.plan()
    ward.event(session_id, -30, EventKind.CHECKED_IN)
    ward.reading(session_id, -20)
    ward.reading(session_id, -10)
    ward.event(session_id, 0, EventKind.INFUSION_STARTED)
    ward.event(session_id, 40, EventKind.INFUSION_STOPPED)
    for minute in range(41, sets + 39):
        ward.reading(session_id, minute, systolic=110 + minute % 60, heart_rate=60 + minute % 45)
    ward.write(audit.seal, now=sets + 40)
    return ward, session_id
