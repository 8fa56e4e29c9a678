"""A patient's past: identity and its history, look-alikes, courses with plan and clearance, every session in a line."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.db import clinics, courses, patients, session_search
from app.db.session_search import SessionPlace, SoughtSessions
from app.db.work import Work
from app.domain.records import Clearance, Course, Kept, Patient
from app.services.patients import FoundPatient, NoSuchPatient, look_alikes
from app.services.session_lines import line

MOST_COURSES = 50
MOST_REVISIONS = 50
MOST_SESSIONS = 100


@dataclass(frozen=True, slots=True)
class CoursePlan:
    """A course as planned and cleared, and in how many of its sessions a dose began."""

    id: UUID
    course: Kept[Course]
    clearance: Kept[Clearance] | None
    given: int


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a patient. Of what goes on, one more than is shown is held (revisions, courses)."""

    patient: FoundPatient
    revisions: tuple[Kept[Patient], ...]
    courses: list[CoursePlan]
    sessions: list[dict[str, Any]]
    following: SessionPlace | None
    demo: bool


def read(work: Work, patient_id: UUID) -> Past:
    """The patient's page, audited as read: the same few statements, however many sessions there were."""
    found = patients.find(work, patient_id)
    if found is None:
        raise NoSuchPatient
    alike = look_alikes(work, {patient_id: found.value})[patient_id]
    rows, following = session_search.search(work, SoughtSessions(patient_id=patient_id), None, MOST_SESSIONS)
    work.audit(
        "patient.past-read",
        subject="patient",
        subject_id=patient_id,
        patient_id=patient_id,
        after={"sessions": [str(row.id) for row in rows]},
    )
    return Past(
        FoundPatient(patient_id, found, alike),
        patients.history_page(work, patient_id, None, MOST_REVISIONS + 1),
        _courses(work, patient_id),
        [line(work, row) for row in rows],
        following,
        clinics.installation(work).demo,
    )


def _courses(work: Work, patient_id: UUID) -> list[CoursePlan]:
    ids = courses.courses_of(work, patient_id, None, MOST_COURSES + 1)
    sheets, given = courses.plans(work, ids), session_search.given_in(work, patient_id, ids)
    return [CoursePlan(this, *sheets[this], given.get(this, 0)) for this in ids]
