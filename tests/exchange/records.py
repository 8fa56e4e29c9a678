"""A clinic's record with everything in it that an export could get wrong, and how an export is run."""

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

from app.domain.events import Addendum, EventKind, MedicationGiven, OxygenStarted, Transferred
from app.domain.people import Actor, Role
from app.domain.symptoms import Severity, Symptom, SymptomCode
from app.domain.vitals import Consciousness, ConsciousnessScale, Dissociation, DissociationGrade, Oxygen, OxygenKind
from app.services import readings
from tests import factories
from tests.factories import at
from tests.services.ward import Ward

ITEMS = tuple((number, 1) for number in (1, 2, 6, 7, 15, 22))
HOSTILE = ("=1+1", "+1", "-2+3", "@SUM(A1)", "'quoted", "''twice", 'a "b", c;d', "tab\tinside", "Zoë 静 🙂", "\uff1d1")


def filled(ward: Ward) -> list[UUID]:
    """Sessions in several states: one discharged, one transferred with an addendum, one running, one planned."""
    done = ward.ready()
    ward.sign(done, 103)
    ward.discharge(done, 110)
    wild = ward.add_patient(
        family_name="=Hostile-Name", given_name="@Given|Name^&~\\", record_number="+R-77", birth_date=date(1931, 3, 1)
    )  # fmt: skip
    other = ward.plan(wild, chair="-chair by the door")
    ward.event(other, -30, EventKind.CHECKED_IN)
    first = ward.reading(
        other, -20, note=HOSTILE[0], heart_rate=None, not_measured=(("heart_rate", "=no cuff for Hostile"),)
    )
    ward.reading(other, -10, oxygen=Oxygen(OxygenKind.SUPPLEMENTAL, Decimal("2.5")), gait_steady=None, symptoms=None)
    ward.event(other, 0, EventKind.INFUSION_STARTED)
    ward.event(
        other,
        5.25,
        EventKind.MEDICATION_GIVEN,
        MedicationGiven("hostile-name-special", Decimal("1.5"), "drops of Name", "iv"),
    )
    ward.event(other, 6, EventKind.MEDICATION_GIVEN, MedicationGiven("midazolam", Decimal("0.125"), "mg", "iv"))
    ward.event(other, 7, EventKind.OXYGEN_STARTED, OxygenStarted(Decimal(2)))
    ward.reading(
        other, 20.5, systolic=138, consciousness=Consciousness(ConsciousnessScale.RASS, -2),
        dissociation=Dissociation(DissociationGrade.SEVERE, "cadss-6", "2021", 6, ITEMS),
        symptoms=(Symptom(SymptomCode.NAUSEA, Severity.MILD, at(18)), Symptom(SymptomCode.HEADACHE, None)),
    )  # fmt: skip
    wrong = ward.reading(other, 30, note="voided note of Hostile")
    ward.write(readings.void, other, wrong.id, "typed for Hostile-Name", now=31)
    fixed = factories.reading(-20, id=first.id, revision=2, note=HOSTILE[5])
    ward.write(readings.correct, other, first.id, uuid4(), fixed, "-sum of Hostile", now=32)
    for minute, text in enumerate(HOSTILE):
        ward.reading(other, 33 + minute, note=text)
    ward.event(other, 50, EventKind.TRANSFERRED, Transferred("@St Elsewhere"))
    late = factories.reading(48, note="late note of Hostile")
    ward.event(other, 51, EventKind.ADDENDUM, Addendum("=words about Hostile-Name", late))
    running = ward.plan(ward.add_patient(family_name="Third", record_number="R-third"))
    ward.treat(running)
    planned = ward.plan(ward.add_patient(family_name="Fourth", record_number="R-fourth"), cleared=False)
    return [done, other, running, planned]


def lead(ward: Ward) -> Actor:
    return factories.actor(ward.clinic.id, Role.LEAD)
