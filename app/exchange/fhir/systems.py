"""The names by which systems, profiles and our own extensions are known for ever.

`BASE` is an identity, not an address: the host is of a domain reserved for examples, so it never belongs to anybody
and resolves nowhere. What it names is published by the service itself under `/fhir` (see `terminology`).
"""

from typing import Any, Final

Resource = dict[str, Any]
"""A resource, or a part of one, as plain JSON values; `Decimal` where FHIR keeps precision. Never changed once made."""

BASE: Final = "https://infusion-vitals.example/fhir"

LOINC: Final = "http://loinc.org"
UCUM: Final = "http://unitsofmeasure.org"
HL7: Final = "http://terminology.hl7.org/CodeSystem"
CORE: Final = "http://hl7.org/fhir/StructureDefinition"
US_CORE: Final = "http://hl7.org/fhir/us/core/StructureDefinition"


def local(name: str) -> str:
    """The address of one of our code systems."""
    return f"{BASE}/CodeSystem/{name}"


def extension_url(name: str) -> str:
    """The address of one of our extensions."""
    return f"{BASE}/StructureDefinition/{name}"


def record_numbers(clinic_id: object) -> str:
    """The system of a clinic's own record numbers: they are unique in that clinic alone."""
    return f"{BASE}/sid/record-number/{clinic_id}"
