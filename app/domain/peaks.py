"""A session's peaks at a glance, for the sessions that come after it in a course."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.domain.dose import Timeline
from app.domain.readings import Phase, Reading
from app.domain.vitals import DissociationGrade, Vital


@dataclass(frozen=True, slots=True)
class Peaks:
    """The worst of what was measured from the dose start on; None where nothing was.

    Highest heart rate, systolic, diastolic and respiratory rate; lowest SpO2; highest grade of dissociation.
    """

    dose_started_at: datetime | None
    vitals: dict[Vital, int | None]
    dissociation: DissociationGrade | None


def peaks(readings: Iterable[Reading], timeline: Timeline, before: Peaks | None = None) -> Peaks:
    """The peaks of one session, from its readings in force; `before`: those of its other readings, if any."""
    after = [reading for reading in readings if timeline.phase_of(reading.measured_at) is not Phase.BASELINE]
    grades = list(DissociationGrade)
    seen = [reading.dissociation.grade for reading in after if reading.dissociation is not None]
    if before is not None and before.dissociation is not None:
        seen.append(before.dissociation)
    return Peaks(
        dose_started_at=timeline.started.at if timeline.started else None,
        vitals={vital: _worst(vital, after, before.vitals[vital] if before else None) for vital in Vital},
        dissociation=max(seen, key=grades.index, default=None),
    )


def _worst(vital: Vital, readings: Iterable[Reading], before: int | None) -> int | None:
    values = [before, *(reading.vital(vital) for reading in readings)]
    known = [value for value in values if value is not None]
    return (min if vital is Vital.SPO2 else max)(known, default=None)
