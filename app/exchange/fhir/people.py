"""Patients, staff and the clinic: each a sheet, so that version n is revision n."""

from datetime import datetime
from uuid import UUID

from app.domain.people import Clinic, Staff
from app.domain.records import Kept, Patient, Signer
from app.exchange.fhir.parts import coding, concept, extension, instant, kept, meta, reference
from app.exchange.fhir.systems import HL7, US_CORE, Resource, record_numbers


def patient(clinic_id: UUID, patient_id: UUID, sheet: Kept[Patient]) -> Resource:
    """The patient as this revision has it."""
    person = sheet.value
    found: Resource = {
        "resourceType": "Patient",
        "id": str(patient_id),
        "meta": meta(sheet.revision, sheet.recorded_at, f"{US_CORE}/us-core-patient"),
        "extension": [kept(sheet)],
        "identifier": [
            {
                "use": "usual",
                "type": concept(coding(f"{HL7}/v2-0203", "MR", "Medical record number")),
                "system": record_numbers(clinic_id),
                "value": person.record_number,
            }
        ],
        "name": [_name(person)],
        "gender": person.sex or "unknown",
        "birthDate": person.birth_date.isoformat(),
        "managingOrganization": reference("Organization", clinic_id),
    }
    if person.sex is None:
        # nobody was asked, which is not the same as the answer "unknown"
        found["_gender"] = {"extension": [extension("not-entered", valueBoolean=True)]}
    return found


def _name(person: Patient) -> Resource:
    """Each given name apart; what the patient does not have is left out."""
    found: Resource = {"use": "official"}
    if person.family_name:
        found["family"] = person.family_name
    if person.given_names:
        found["given"] = list(person.given_names)
    return found


def practitioner(staff_id: UUID, sheet: Kept[Staff]) -> Resource:
    """A member of staff as this revision has them. Usernames stay here."""
    person = sheet.value
    return {
        "resourceType": "Practitioner",
        "id": str(staff_id),
        "meta": meta(sheet.revision, sheet.recorded_at),
        "extension": [extension("role", valueCode=person.role.value)],
        "active": person.active,
        "name": [{"text": person.name}],
    }


def named_practitioner(staff_id: UUID, sheet: Kept[Signer]) -> Resource:
    """A member of staff as an entry of the journal names them: no sheet of theirs is at hand."""
    return {
        "resourceType": "Practitioner",
        "id": str(staff_id),
        "meta": {"lastUpdated": instant(sheet.recorded_at)},
        "extension": [extension("role", valueCode=sheet.value.role)],
        "name": [{"text": sheet.value.name}],
    }


def organization(clinic: Clinic, created_at: datetime) -> Resource:
    """The clinic. It has one version: a clinic's name is given once."""
    return {
        "resourceType": "Organization",
        "id": str(clinic.id),
        "meta": meta(1, created_at),
        "extension": [extension("timezone", valueString=clinic.timezone)],
        "active": True,
        "type": [
            {"coding": [{"system": f"{HL7}/organization-type", "code": "prov", "display": "Healthcare Provider"}]}
        ],
        "name": clinic.name,
    }
