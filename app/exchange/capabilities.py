"""The CapabilityStatement, made from the same table that searching uses: what it says is what there is."""

from app.exchange.fhir import Resource, capability_statement, supported
from app.exchange.searching.offers import EVERYWHERE, OFFERS, Offer
from app.exchange.searching.parameters import Parameter

OPERATIONS = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"
PUBLISHED = "2026-11-23"
"""The day on which what is offered here was last changed."""
INTERACTIONS = ("read", "vread", "history-instance", "search-type")
_SECURITY: Resource = {
    "service": [
        {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                    "code": "SMART-on-FHIR",
                    "display": "SMART-on-FHIR",
                }
            ]
        }
    ],
    "description": "Machines sign in by SMART Backend Services: see .well-known/smart-configuration. A clinician's or "
    "a lead's own sign-in reads their clinic too.",
}


def _parameter(parameter: Parameter) -> Resource:
    found: Resource = {"name": parameter.name, "type": parameter.kind.value}
    return found | ({"definition": parameter.definition} if parameter.definition else {})


def _operation(name: str, definition: str) -> Resource:
    return {"name": name, "definition": f"{OPERATIONS}/{definition}"}


_EXPORTS = {"Patient": _operation("export", "patient-export"), "Group": _operation("export", "group-export")}


def _resource(offer: Offer) -> Resource:
    return supported(
        offer.type,
        interaction=[{"code": code} for code in INTERACTIONS],
        versioning="versioned",
        readHistory=True,
        updateCreate=False,
        conditionalRead="not-match",
        searchInclude=[f"{offer.type}:{name}" for name in offer.included],
        searchRevInclude=[f"{kind}:{name}" for kind, name in offer.reverse],
        searchParam=[_parameter(one) for one in (*EVERYWHERE, *offer.parameters)],
        operation=[_EXPORTS[offer.type]] if offer.type in _EXPORTS else [],
    )


def capabilities(address: str, version: str) -> Resource:
    """What the service at this address can do."""
    return capability_statement(
        address=address,
        version=version,
        changed=PUBLISHED,
        resources=[_resource(offer) for offer in OFFERS],
        security=_SECURITY,
        operations=[_operation("export", "export")],
    )
