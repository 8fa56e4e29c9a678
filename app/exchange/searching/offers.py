"""What can be searched: the one table that searching uses and the CapabilityStatement is made from."""

from dataclasses import dataclass

from app.exchange.searching.parameters import Parameter, ParameterType

SP = "http://hl7.org/fhir/SearchParameter"

ID = Parameter("_id", ParameterType.TOKEN, (("id",),), definition=f"{SP}/Resource-id")
LAST_UPDATED = Parameter(
    "_lastUpdated", ParameterType.DATE, (("meta", "lastUpdated"),), definition=f"{SP}/Resource-lastUpdated"
)
EVERYWHERE = (ID, LAST_UPDATED)


def _p(
    name: str, kind: ParameterType, *paths: str, target: tuple[str, ...] = (), definition: str | None = None
) -> Parameter:
    found = tuple(tuple(path.split(".")) for path in paths)
    return Parameter(name, kind, found, target, definition and f"{SP}/{definition}")


def _patient(path: str = "subject") -> tuple[Parameter, Parameter]:
    return (
        _p("patient", ParameterType.REFERENCE, path, target=("Patient",), definition="clinical-patient"),
        _p("subject", ParameterType.REFERENCE, path, target=("Patient",)),
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """One resource type: what it can be searched by, and what may come with what is found.

    `included`: reference parameters that `_include` follows. `reverse`: (type, parameter) pairs that `_revinclude`
    follows; they hang on the same session. `local`: published by the service itself, the same in every clinic.
    """

    type: str
    parameters: tuple[Parameter, ...]
    included: tuple[str, ...] = ()
    reverse: tuple[tuple[str, str], ...] = ()
    local: bool = False

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of this name."""
        return next((one for one in (*EVERYWHERE, *self.parameters) if one.name == name), None)


_STATUS = _p("status", ParameterType.TOKEN, "status")
_CODE = _p("code", ParameterType.TOKEN, "code", definition="clinical-code")
_CATEGORY = _p("category", ParameterType.TOKEN, "category")
_IDENTIFIER = _p("identifier", ParameterType.TOKEN, "identifier")
_ENCOUNTER = _p(
    "encounter", ParameterType.REFERENCE, "encounter", target=("Encounter",), definition="clinical-encounter"
)
_CANONICAL = (_p("url", ParameterType.URI, "url"), _p("name", ParameterType.STRING, "name"), _STATUS)

OFFERS: tuple[Offer, ...] = (
    Offer(
        "Patient",
        (
            _p("identifier", ParameterType.TOKEN, "identifier", definition="Patient-identifier"),
            _p("name", ParameterType.STRING, "name", definition="Patient-name"),
            _p("family", ParameterType.STRING, "name.family", definition="individual-family"),
            _p("given", ParameterType.STRING, "name.given", definition="individual-given"),
            _p("birthdate", ParameterType.DATE, "birthDate", definition="individual-birthdate"),
            _p("gender", ParameterType.TOKEN, "gender", definition="individual-gender"),
        ),
    ),
    Offer(
        "Practitioner",
        (
            _p("name", ParameterType.STRING, "name", definition="Practitioner-name"),
            _p("active", ParameterType.TOKEN, "active"),
        ),
    ),
    Offer("Organization", (_p("name", ParameterType.STRING, "name", definition="Organization-name"),)),
    Offer(
        "Group",
        (_p("member", ParameterType.REFERENCE, "member.entity", target=("Patient",), definition="Group-member"),),
        included=("member",),
    ),
    Offer(
        "EpisodeOfCare",
        (
            _p("patient", ParameterType.REFERENCE, "patient", target=("Patient",), definition="clinical-patient"),
            _STATUS,
        ),
        included=("patient",),
    ),
    Offer(
        "Encounter",
        (
            *_patient(),
            _p("date", ParameterType.DATE, "period", definition="clinical-date"),
            _STATUS,
            _p("class", ParameterType.TOKEN, "class", definition="Encounter-class"),
            _p(
                "episode-of-care",
                ParameterType.REFERENCE,
                "episodeOfCare",
                target=("EpisodeOfCare",),
                definition="Encounter-episode-of-care",
            ),
        ),
        included=("patient", "subject", "episode-of-care"),
        reverse=(
            ("Observation", "encounter"),
            ("Condition", "encounter"),
            ("Procedure", "encounter"),
            ("MedicationAdministration", "context"),
            ("Flag", "encounter"),
            ("Provenance", "target"),
        ),
    ),
    Offer(
        "Observation",
        (
            *_patient(),
            _ENCOUNTER,
            _CODE,
            _p("component-code", ParameterType.TOKEN, "component.code", definition="Observation-component-code"),
            _p("combo-code", ParameterType.TOKEN, "code", "component.code", definition="Observation-combo-code"),
            _CATEGORY,
            _p("date", ParameterType.DATE, "effectiveDateTime", "effectivePeriod", definition="clinical-date"),
            _STATUS,
            _p(
                "performer",
                ParameterType.REFERENCE,
                "performer",
                target=("Practitioner",),
                definition="Observation-performer",
            ),
            _p("part-of", ParameterType.REFERENCE, "partOf", target=("Procedure",), definition="Observation-part-of"),
            _p(
                "data-absent-reason",
                ParameterType.TOKEN,
                "dataAbsentReason",
                definition="Observation-data-absent-reason",
            ),
        ),
        included=("patient", "subject", "encounter", "performer", "part-of"),
        reverse=(("Provenance", "target"),),
    ),
    Offer(
        "Condition",
        (
            *_patient(),
            _ENCOUNTER,
            _CODE,
            _CATEGORY,
            _p("clinical-status", ParameterType.TOKEN, "clinicalStatus", definition="Condition-clinical-status"),
            _p(
                "verification-status",
                ParameterType.TOKEN,
                "verificationStatus",
                definition="Condition-verification-status",
            ),
            _p("severity", ParameterType.TOKEN, "severity", definition="Condition-severity"),
        ),
        included=("patient", "subject", "encounter"),
    ),
    Offer(
        "Procedure",
        (
            *_patient(),
            _ENCOUNTER,
            _CODE,
            _p("date", ParameterType.DATE, "performedDateTime", "performedPeriod", definition="clinical-date"),
            _STATUS,
        ),
        included=("patient", "subject", "encounter"),
    ),
    Offer(
        "MedicationAdministration",
        (
            *_patient(),
            _p(
                "context",
                ParameterType.REFERENCE,
                "context",
                target=("Encounter",),
                definition="MedicationAdministration-context",
            ),
            _p("code", ParameterType.TOKEN, "medicationCodeableConcept", definition="clinical-code"),
            _p(
                "effective-time",
                ParameterType.DATE,
                "effectiveDateTime",
                "effectivePeriod",
                definition="MedicationAdministration-effective-time",
            ),
            _STATUS,
        ),
        included=("patient", "subject", "context"),
    ),
    Offer(
        "GuidanceResponse",
        (*_patient(), _ENCOUNTER, _STATUS, _IDENTIFIER),
        included=("patient", "subject", "encounter"),
    ),
    Offer(
        "Provenance",
        (
            _p(
                "target",
                ParameterType.REFERENCE,
                "target",
                target=("GuidanceResponse", "Encounter", "Observation"),
                definition="Provenance-target",
            ),
            _p("recorded", ParameterType.DATE, "recorded", definition="Provenance-recorded"),
            _p("agent", ParameterType.REFERENCE, "agent.who", target=("Practitioner",), definition="Provenance-agent"),
        ),
        included=("target", "agent"),
    ),
    Offer(
        "RelatedPerson",
        (_p("patient", ParameterType.REFERENCE, "patient", target=("Patient",), definition="RelatedPerson-patient"),),
        included=("patient",),
    ),
    Offer("Flag", (*_patient(), _ENCOUNTER, _STATUS), included=("patient", "subject", "encounter")),
    Offer(
        "AuditEvent",
        (
            _p("date", ParameterType.DATE, "recorded", definition="AuditEvent-date"),
            _p("agent", ParameterType.REFERENCE, "agent.who", target=("Practitioner",), definition="AuditEvent-agent"),
            _p("subtype", ParameterType.TOKEN, "subtype", definition="AuditEvent-subtype"),
            _p(
                "entity",
                ParameterType.REFERENCE,
                "entity.what",
                target=("Patient", "Encounter"),
                definition="AuditEvent-entity",
            ),
            _p("patient", ParameterType.REFERENCE, "entity.what", target=("Patient",), definition="AuditEvent-patient"),
        ),
    ),
    Offer("CodeSystem", _CANONICAL, local=True),
    Offer("ValueSet", _CANONICAL, local=True),
    Offer("StructureDefinition", _CANONICAL, local=True),
)

OFFERED: dict[str, Offer] = {offer.type: offer for offer in OFFERS}
