"""FHIR R4 (4.0.1): domain values in, complete resources out, as plain dicts. Pure: no clock, no database.

Ids are derived (`parse_id` says from what) and versions count what arrived, so that every export of one record says
the same. Parts may be shared between resources: nobody changes one once it is made. docs/fhir.md is the whole mapping.
"""

from app.exchange.fhir.assessments import confirmation_provenance, guidance_response, override_provenance
from app.exchange.fhir.audit import audit_event
from app.exchange.fhir.capability import PROFILES, capability_statement, supported
from app.exchange.fhir.context import Context, context_of
from app.exchange.fhir.document import Around, document_bundle
from app.exchange.fhir.encounter import encounter, encounter_versions, episode_of_care, procedure_versions
from app.exchange.fhir.events import event_versions, medication_administration_versions
from app.exchange.fhir.ids import READING_PARTS, Origin, Source, parse_id
from app.exchange.fhir.notices import flag_versions
from app.exchange.fhir.observations import observation_versions, observations
from app.exchange.fhir.outcome import operation_outcome
from app.exchange.fhir.people import named_practitioner, organization, patient, practitioner
from app.exchange.fhir.serialise import MEDIA_TYPE, serialise
from app.exchange.fhir.session import (
    SESSION_TYPES,
    addendum_reading,
    newest,
    resources_of_session,
    versions_of,
    versions_of_session,
)
from app.exchange.fhir.sheets import course_clearance, related_person, screening, session_clearance, weight_versions
from app.exchange.fhir.symptoms import symptom_versions, symptoms
from app.exchange.fhir.systems import BASE, Resource
from app.exchange.fhir.terminology import code_systems, structure_definitions, terminology, value_sets

__all__ = [
    "BASE",
    "MEDIA_TYPE",
    "PROFILES",
    "READING_PARTS",
    "SESSION_TYPES",
    "Around",
    "Context",
    "Origin",
    "Resource",
    "Source",
    "addendum_reading",
    "audit_event",
    "capability_statement",
    "code_systems",
    "confirmation_provenance",
    "context_of",
    "course_clearance",
    "document_bundle",
    "encounter",
    "encounter_versions",
    "episode_of_care",
    "event_versions",
    "flag_versions",
    "guidance_response",
    "medication_administration_versions",
    "named_practitioner",
    "newest",
    "observation_versions",
    "observations",
    "operation_outcome",
    "organization",
    "override_provenance",
    "parse_id",
    "patient",
    "practitioner",
    "procedure_versions",
    "related_person",
    "resources_of_session",
    "screening",
    "serialise",
    "session_clearance",
    "structure_definitions",
    "supported",
    "symptom_versions",
    "symptoms",
    "terminology",
    "value_sets",
    "versions_of",
    "versions_of_session",
    "weight_versions",
]
