"""The CapabilityStatement, joined from what the routes say of themselves."""

from collections.abc import Sequence

from app.exchange.fhir.systems import CORE, US_CORE, Resource

PROFILES: dict[str, tuple[str, ...]] = {
    "Patient": (f"{US_CORE}/us-core-patient",),
    "Observation": (
        f"{CORE}/vitalspanel",
        f"{CORE}/heartrate",
        f"{CORE}/resprate",
        f"{CORE}/oxygensat",
        f"{CORE}/bodyweight",
        f"{US_CORE}/us-core-blood-pressure",
    ),
}
"""The profiles that resources of each type claim, and are judged by in our tests."""


def supported(kind: str, **said: object) -> Resource:
    """One `rest.resource`: its type, the profiles it meets, and what its routes say (`interaction`, `searchParam`…)."""
    found: Resource = {"type": kind}
    if kind in PROFILES:
        found["supportedProfile"] = list(PROFILES[kind])
    return found | {name: value for name, value in said.items() if value}


def capability_statement(
    *,
    address: str,
    version: str,
    changed: str,
    resources: Sequence[Resource],
    security: Resource | None = None,
    operations: Sequence[Resource] = (),
) -> Resource:
    """What this service can do. `address` is where `/fhir` is reached, `changed` an instant of this release."""
    rest: Resource = {"mode": "server"}
    if security:
        rest["security"] = security
    rest["resource"] = list(resources)
    if operations:
        rest["operation"] = list(operations)
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": changed,
        "kind": "instance",
        "software": {"name": "Infusion Vitals", "version": version},
        "implementation": {"description": "Session records of a ketamine clinic", "url": address},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [rest],
    }
