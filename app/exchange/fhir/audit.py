"""A row of the audit as an AuditEvent. What was before and after stays in the audit itself: it is patient data."""

from app.domain.audit import AuditEvent
from app.exchange.fhir.parts import coding, extension, instant, meta, ours, reference
from app.exchange.fhir.systems import HL7, Resource, local

_READ = frozenset({"read", "search", "history-read", "followed", "listed", "exported"})


def _action(action: str, *, writes: bool) -> str:
    """FHIR's letter: it read, it wrote, or (sign-ins, refusals) it was an act of another kind."""
    word = action.rpartition(".")[2]
    if word in _READ or word.endswith("-read"):
        return "R"
    return "C" if writes else "E"


def audit_event(event: AuditEvent) -> Resource:
    """One row of the audit: it never changes, so it has one version."""
    agent: Resource = {"name": event.actor_name, "requestor": True}
    if event.actor_id is not None:
        agent["who"] = reference("Practitioner", event.actor_id)
    if event.actor_role:
        agent["role"] = [ours("role", event.actor_role)]
    if event.tablet_id is not None:
        agent["network"] = {"address": f"tablet {event.tablet_id}", "type": "5"}
    found: Resource = {
        "resourceType": "AuditEvent",
        "id": str(event.id),
        "meta": meta(1, event.at),
        "extension": [extension("wall-at", valueInstant=instant(event.wall_at))],
        "type": coding(f"{HL7}/audit-event-type", "rest", "RESTful Operation"),
        "subtype": [coding(local("audit-action"), event.action)],
        "action": _action(event.action, writes=event.after is not None),
        "recorded": instant(event.at),
        "outcome": "4" if event.action.startswith("denied") else "0",
    }
    if event.reason:
        found["outcomeDesc"] = event.reason
    found["agent"] = [agent]
    found["source"] = {"observer": reference("Organization", event.clinic_id)}
    entities: list[Resource] = [{"name": event.subject, "detail": [{"type": "id", "valueString": event.subject_id}]}]
    if event.session_id is not None:
        entities.append({"what": reference("Encounter", event.session_id)})
    if event.patient_id is not None:
        role = coding(f"{HL7}/object-role", "1", "Patient")
        entities.append({"what": reference("Patient", event.patient_id), "role": role})
    found["entity"] = entities
    return found
