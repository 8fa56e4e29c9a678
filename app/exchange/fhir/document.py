"""A session as a FHIR document: a Bundle that opens with a Composition, the same bytes for the same record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.domain.instants import from_text
from app.domain.people import Clinic
from app.domain.records import Kept, SessionRecord, Signer
from app.domain.sessions import CLOSED, state_of
from app.exchange.fhir.context import Context
from app.exchange.fhir.encounter import episode_of_care
from app.exchange.fhir.parts import coding, concept, instant, reference, signer
from app.exchange.fhir.people import named_practitioner, organization, patient
from app.exchange.fhir.session import SESSION_TYPES, resources_of_session, versions_of_session
from app.exchange.fhir.sheets import course_clearance
from app.exchange.fhir.systems import BASE, LOINC, Resource

_NOTE = concept(coding(LOINC, "28570-0", "Procedure note"))
_TITLES = {
    "Encounter": "The session",
    "Procedure": "The treatment",
    "MedicationAdministration": "What was given",
    "Observation": "Readings, events and sheets",
    "Condition": "Symptoms",
    "GuidanceResponse": "Assessments",
    "Provenance": "Signatures",
    "RelatedPerson": "Escort",
    "Flag": "Notices",
}


@dataclass(frozen=True, slots=True)
class Around:
    """What a document needs that is not of the session: the clinic, and staff as its journal names them last."""

    clinic: Clinic
    clinic_created_at: datetime
    staff: Mapping[UUID, Kept[Signer]] = field(default_factory=dict)


def _named(resources: Sequence[Resource]) -> Iterator[UUID]:
    """Staff that these resources refer to, in order of first mention."""
    seen: set[str] = set()
    stack: list[object] = list(reversed(resources))
    while stack:
        match stack.pop():
            case {"reference": str(text)} if text.startswith("Practitioner/") and text not in seen:
                seen.add(text)
                yield UUID(text.removeprefix("Practitioner/"))
            case dict() as found:
                stack.extend(reversed(found.values()))
            case list() as found:
                stack.extend(reversed(found))
            case _:
                pass


def _composition(record: SessionRecord, context: Context, told: Sequence[Resource], at: str) -> Resource:
    route = record.header.value.route
    state = state_of(route, record.events_in_force(), record.discharge is not None)
    sections = []
    for kind in SESSION_TYPES:
        names = dict.fromkeys(one["id"] for one in told if one["resourceType"] == kind)
        if names:
            entries = [reference(kind, name) for name in names]
            sections.append({"title": _TITLES[kind], "entry": entries})
    found: Resource = {
        "resourceType": "Composition",
        "id": f"{record.id}-composition",
        "meta": {"lastUpdated": at},
        "status": "final" if state in CLOSED else "preliminary",
        "type": _NOTE,
        "subject": context.subject,
        "encounter": context.encounter,
        "date": at,
        "author": [context.organization],
        "title": "Session record",
    }
    attesters = [
        {"mode": "professional", "time": instant(one.value.signed_at), "party": signer(one.by)}
        for one in record.confirmations
    ]
    if attesters:
        found["attester"] = attesters
    return found | {"custodian": context.organization, "section": sections}


def _entry(resource: Resource) -> Resource:
    return {"fullUrl": f"{BASE}/{resource['resourceType']}/{resource['id']}", "resource": resource}


def document_bundle(
    record: SessionRecord, context: Context, around: Around, *, every_version: bool = False
) -> Resource:
    """Everything of one session and what it refers to, stamped with its last change: no clock is asked.

    `every_version`: corrections and voids with all that went before them, oldest first; else each as it is now.
    """
    tell = versions_of_session if every_version else resources_of_session
    told = list(tell(record, context))
    before = [patient(context.clinic_id, context.patient_id, record.patient)]
    before.append(organization(around.clinic, around.clinic_created_at))
    header = record.header.value
    if record.course is not None and header.course_id is not None:
        before.append(episode_of_care(context.clinic_id, header.course_id, record.course))
        words = record.course_clearances if every_version else record.course_clearances[-1:]
        before.extend(course_clearance(header.course_id, record.course.value.patient_id, word) for word in words)
    at = instant(max(from_text(one["meta"]["lastUpdated"]) for one in (*before, *told)))
    composition = _composition(record, context, told, at)
    named = [name for name in _named([composition, *before, *told]) if name in around.staff]
    staff = [named_practitioner(name, around.staff[name]) for name in named]
    return {
        "resourceType": "Bundle",
        "id": f"{record.id}-document",
        "meta": {"lastUpdated": at},
        "identifier": {"system": f"{BASE}/sid/session-document", "value": f"{record.id}/{at}"},
        "type": "document",
        "timestamp": at,
        "entry": [_entry(one) for one in (composition, *before, *staff, *told)],
    }
