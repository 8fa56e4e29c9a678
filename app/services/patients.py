"""Patients: two identifiers at least, look-alikes marked, every look audited."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app.db import patients, sessions
from app.db.patients import PatientCursor
from app.db.work import Work
from app.domain.deciding import Change, decide_sheet
from app.domain.errors import FieldError, Invalid, NotFound
from app.domain.lookalikes import likeness, reasons
from app.domain.patients import patient_faults, with_kept_split
from app.domain.records import Kept, Patient
from app.services.board import patient_shown

EARLIEST_BIRTH = date(1900, 1, 1)
NAMED = 100
"""At most so many look-alikes of one patient are named: whoever has more is marked by these as well."""


class NoSuchPatient(NotFound):
    """There is no patient under this id."""

    code = "no-such-patient"


class BadPatient(Invalid):
    """Something about the patient cannot be right."""

    code = "bad-patient"


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Another patient of the clinic who is easily taken for this one, and why."""

    id: UUID
    patient: Patient
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundPatient:
    """One patient, with who looks alike."""

    id: UUID
    kept: Kept[Patient]
    look_alikes: tuple[LookAlike, ...]


def check_patient(patient: Patient, today: date) -> None:
    """Raises `BadPatient`. `today` is UTC's; a birth date one day ahead of it can be today elsewhere."""
    faults = patient_faults(patient)
    if patient.birth_date > today + timedelta(days=1):
        faults.append(FieldError("birth_date", "lies in the future"))
    if patient.birth_date < EARLIEST_BIRTH:
        faults.append(FieldError("birth_date", f"lies before {EARLIEST_BIRTH.isoformat()}"))
    if faults:
        raise BadPatient(errors=faults)


def put(work: Work, patient_id: UUID, patient: Patient, expected: int | None) -> tuple[Change, FoundPatient]:
    """Create or revise a patient."""
    change = keep(work, patient_id, patient, expected)
    return change, _marked(work, patient_id, find(work, patient_id))


def keep(work: Work, patient_id: UUID, patient: Patient, expected: int | None, reason: str | None = None) -> Change:
    """Create or revise a patient, without a look at who is alike. `reason` is kept with the revision."""
    check_patient(patient, work.now.date())
    current = patients.find(work, patient_id)
    patient = with_kept_split(patient, current.value if current else None)
    change = decide_sheet(current, patient, expected)
    if change.changed:
        patients.keep(work, patient_id, patient, change.revision, reason)
        if not change.created:
            sessions.shows_patient(work, patient_id, patient_shown(patient_id, patient, change.revision))
    return change


def find(work: Work, patient_id: UUID) -> Kept[Patient]:
    """One patient of the clinic. Raises `NoSuchPatient`."""
    found = patients.find(work, patient_id)
    if found is None:
        raise NoSuchPatient
    return found


def read(work: Work, patient_id: UUID) -> FoundPatient:
    """One patient with look-alikes, audited as read."""
    found = _marked(work, patient_id, find(work, patient_id))
    _audit_read(work, patient_id)
    return found


def read_history(work: Work, patient_id: UUID, after: int | None, limit: int) -> tuple[Kept[Patient], ...]:
    """The next revisions of one patient, oldest first, audited as read."""
    find(work, patient_id)
    _audit_read(work, patient_id)
    return patients.history_page(work, patient_id, after, limit)


def search(
    work: Work, text: str | None, birth_date: date | None, after: PatientCursor | None, limit: int
) -> tuple[list[FoundPatient], PatientCursor | None]:
    """Patients by a part of a name or record number, by birth date, or all; in name order, from `after` on."""
    page, following = patients.search(work, text, birth_date, after, limit)
    alike = look_alikes(work, {patient_id: kept.value for patient_id, kept in page})
    found = [FoundPatient(patient_id, kept, alike[patient_id]) for patient_id, kept in page]
    work.audit(
        "patients.searched",
        subject="clinic",
        subject_id=work.clinic_id,
        after={
            "text": text,
            "birth_date": birth_date.isoformat() if birth_date else None,
            "found": [str(item.id) for item in found],
        },
    )
    return found, following


def _audit_read(work: Work, patient_id: UUID) -> None:
    work.audit("patient.read", subject="patient", subject_id=patient_id, patient_id=patient_id)


def look_alikes(work: Work, those: Mapping[UUID, Patient]) -> dict[UUID, tuple[LookAlike, ...]]:
    """For each of these patients, kept or not yet, who of the clinic's could be taken for them, and why."""
    of = {patient_id: likeness(patient) for patient_id, patient in those.items()}
    near = patients.candidates(work, set(of.values()))
    because = {
        patient_id: [
            (one, said) for one in near[mine] if one.id != patient_id and (said := reasons(mine, one.likeness))
        ][:NAMED]
        for patient_id, mine in of.items()
    }
    seen = patients.revisions(work, {one.id: one.revision for found in because.values() for one, _ in found})
    return {
        patient_id: tuple(LookAlike(one.id, seen[one.id].value, said) for one, said in found)
        for patient_id, found in because.items()
    }


def _marked(work: Work, patient_id: UUID, kept: Kept[Patient]) -> FoundPatient:
    return FoundPatient(patient_id, kept, look_alikes(work, {patient_id: kept.value})[patient_id])
