"""A second clinic of the organisation, and what its people open by break-glass, for whoever walks all operations."""

from typing import Any
from uuid import UUID, uuid4

from app.db.work import service_actor
from app.domain.people import Role, Staff
from app.services import organisations, passwords, staff
from tests.api.bodies import PASSWORD
from tests.api.clinic import Clinic, Person, another_clinic, sign_in

BORN, NUMBER = "1951-07-30", "S-4711"
NAMES = ("Elsewhere", "Antonia")
"""The patient of the other clinic."""


def named(clinic: Clinic, organisation: str | None) -> None:
    """As the operator's command says it."""
    service = clinic.service
    service.database.write_now(organisations.put, service_actor(clinic.id), service.clock.now(), organisation)


def sister_of(clinic: Clinic) -> Clinic:
    """A clinic of the same organisation, with a patient who has a session."""
    other, organisation = another_clinic(clinic.service), f"Organisation {uuid4()}"
    named(clinic, organisation)
    named(other, organisation)
    patient = other.add_patient(family_name=NAMES[0], given_name=NAMES[1], birth_date=BORN, record_number=NUMBER)
    other.plan(patient_id=patient)
    return other


def visitor_of(clinic: Clinic, sister: str) -> Person:
    """A new clinician of the other clinic."""
    service, username = clinic.service, f"visitor-{uuid4().hex[:12]}"
    person = Staff(username, "A visitor", Role.CLINICIAN)
    hashed, who = passwords.hash_now(PASSWORD), service_actor(UUID(sister))
    service.database.write_now(staff.add, who, service.clock.now(), uuid4(), person, hashed)
    return sign_in(service, username)


def asks(clinic_id: str, **other: Any) -> dict[str, Any]:
    """What opens the patient of the other clinic."""
    usual = {"clinic_id": clinic_id, "record_number": NUMBER, "birth_date": BORN, "reason": "found unwell on the train"}
    return usual | other


def opened(who: Person, clinic: Clinic, patient: str) -> str:
    """The opening of a patient of this clinic by somebody of another."""
    known = clinic.nurse.get(f"/v1/patients/{patient}")
    body = asks(str(clinic.id), record_number=known["record_number"], birth_date=known["birth_date"])
    made: dict[str, Any] = who.put(f"/v1/break-glass/{uuid4()}", body)
    return str(made["id"])


def own(key: tuple[str, str], who: Person, sister: str) -> str:
    """The address of what this person has opened in the other clinic."""
    path = f"/v1/break-glass/{uuid4()}"
    who.put(path, asks(sister))
    if key[1].endswith("/end"):
        return f"{path}/end"
    if not key[1].endswith("{session_id}"):
        return path
    session = who.get(path)["sessions"][0]["id"]
    return f"{path}/sessions/{session}"
