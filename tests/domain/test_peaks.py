from app.domain.dose import timeline
from app.domain.events import EventKind
from app.domain.peaks import peaks
from app.domain.vitals import Dissociation, DissociationGrade, Vital
from tests import factories
from tests.factories import at

DOSE = (factories.event(0, EventKind.INFUSION_STARTED), factories.event(40, EventKind.INFUSION_STOPPED))


def test_peaks_are_the_worst_from_the_dose_start_on():
    readings = [
        factories.reading(-10, systolic=170, spo2=90, dissociation=Dissociation(DissociationGrade.SEVERE)),
        factories.reading(20, systolic=150, spo2=95, dissociation=Dissociation(DissociationGrade.MODERATE)),
        factories.reading(30, systolic=140, spo2=93, dissociation=Dissociation(DissociationGrade.MILD)),
        factories.reading(60, heart_rate=101, systolic=None, spo2=None, dissociation=None),
    ]
    found = peaks(readings, timeline(DOSE))
    assert found.dose_started_at == at(0)
    assert (found.vitals[Vital.SYSTOLIC], found.vitals[Vital.SPO2], found.vitals[Vital.HEART_RATE]) == (150, 93, 101)
    assert found.dissociation is DissociationGrade.MODERATE


def test_without_a_dose_or_a_reading_there_are_none():
    assert peaks([factories.reading(0)], timeline(())).dose_started_at is None
    found = peaks([], timeline(DOSE))
    assert (set(found.vitals.values()), found.dissociation) == ({None}, None)
