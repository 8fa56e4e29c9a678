"""Groups that an export can be asked for: all patients of the clinic, and the patient of one course."""

from uuid import UUID

from app.domain.instants import to_text
from app.domain.people import Clinic
from app.domain.records import Course, Kept
from app.exchange.fhir import Resource


def _group(name: UUID, sheet: Kept[Clinic] | Kept[Course], clinic_id: UUID, title: str) -> Resource:
    return {
        "resourceType": "Group",
        "id": str(name),
        "meta": {"versionId": str(sheet.revision), "lastUpdated": to_text(sheet.recorded_at)},
        "active": True,
        "type": "person",
        "actual": True,
        "name": title,
        "managingEntity": {"reference": f"Organization/{clinic_id}"},
    }


def clinic_group(sheet: Kept[Clinic]) -> Resource:
    """Every patient of the clinic. Its members are not listed: they are whatever `Patient` finds."""
    return _group(sheet.value.id, sheet, sheet.value.id, f"All patients of {sheet.value.name}")


def course_group(clinic_id: UUID, course_id: UUID, sheet: Kept[Course]) -> Resource:
    """The patient of one course."""
    found = _group(course_id, sheet, clinic_id, "The patient of one course")
    member = {"entity": {"reference": f"Patient/{sheet.value.patient_id}"}}
    return found | {"quantity": 1, "member": [member]}
