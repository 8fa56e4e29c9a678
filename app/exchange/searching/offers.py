"""What can be searched: the one table that searching uses and the CapabilityStatement is made from."""

from dataclasses import dataclass

from app.exchange.searching.parameters import Kind, Parameter

SP = "http://hl7.org/fhir/SearchParameter"

ID = Parameter("_id", Kind.TOKEN, (("id",),), definition=f"{SP}/Resource-id")
LAST_UPDATED = Parameter("_lastUpdated", Kind.DATE, (("meta", "lastUpdated"),), definition=f"{SP}/Resource-lastUpdated")
EVERYWHERE = (ID, LAST_UPDATED)


def _p(name: str, kind: Kind, *paths: str, target: tuple[str, ...] = (), definition: str | None = None) -> Parameter:
    found = tuple(tuple(path.split(".")) for path in paths)
    return Parameter(name, kind, found, target, definition and f"{SP}/{definition}")


def _patient(path: str = "subject") -> tuple[Parameter, Parameter]:
    return (
        _p("patient", Kind.REFERENCE, path, target=("Patient",), definition="clinical-patient"),
        _p("subject", Kind.REFERENCE, path, target=("Patient",)),
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


_STATUS = _p("status", Kind.TOKEN, "status")
_CODE = _p("code", Kind.TOKEN, "code", definition="clinical-code")
_CATEGORY = _p("category", Kind.TOKEN, "category")
_IDENTIFIER = _p("identifier", Kind.TOKEN, "identifier")
_ENCOUNTER = _p("encounter", Kind.REFERENCE, "encounter", target=("Encounter",), definition="clinical-encounter")
_CANONICAL = (_p("url", Kind.URI, "url"), _p("name", Kind.STRING, "name"), _STATUS)

OFFERS: tuple[Offer, ...] = (
    Offer(
        "Patient",
        (
            _p("identifier", Kind.TOKEN, "identifier", definition="Patient-identifier"),
            _p("name", Kind.STRING, "name", definition="Patient-name"),
            _p("family", Kind.STRING, "name.family", definition="individual-family"),
            _p("given", Kind.STRING, "name.given", definition="individual-given"),
            _p("birthdate", Kind.DATE, "birthDate", definition="individual-birthdate"),
            _p("gender", Kind.TOKEN, "gender", definition="individual-gender"),
        ),
    ),
    Offer(
        "Practitioner",
        (_p("name", Kind.STRING, "name", definition="Practitioner-name"), _p("active", Kind.TOKEN, "active")),
    ),
    Offer("Organization", (_p("name", Kind.STRING, "name", definition="Organization-name"),)),
    Offer(
        "Group",
        (_p("member", Kind.REFERENCE, "member.entity", target=("Patient",), definition="Group-member"),),
        included=("member",),
    ),
    Offer(
        "EpisodeOfCare",
        (_p("patient", Kind.REFERENCE, "patient", target=("Patient",), definition="clinical-patient"), _STATUS),
        included=("patient",),
    ),
    Offer(
        "Encounter",
        (
            *_patient(),
            _p("date", Kind.DATE, "period", definition="clinical-date"),
            _STATUS,
            _p("class", Kind.TOKEN, "class", definition="Encounter-class"),
            _p(
                "episode-of-care",
                Kind.REFERENCE,
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
            _p("component-code", Kind.TOKEN, "component.code", definition="Observation-component-code"),
            _p("combo-code", Kind.TOKEN, "code", "component.code", definition="Observation-combo-code"),
            _CATEGORY,
            _p("date", Kind.DATE, "effectiveDateTime", "effectivePeriod", definition="clinical-date"),
            _STATUS,
            _p("performer", Kind.REFERENCE, "performer", target=("Practitioner",), definition="Observation-performer"),
            _p("part-of", Kind.REFERENCE, "partOf", target=("Procedure",), definition="Observation-part-of"),
            _p("data-absent-reason", Kind.TOKEN, "dataAbsentReason", definition="Observation-data-absent-reason"),
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
            _p("clinical-status", Kind.TOKEN, "clinicalStatus", definition="Condition-clinical-status"),
            _p("verification-status", Kind.TOKEN, "verificationStatus", definition="Condition-verification-status"),
            _p("severity", Kind.TOKEN, "severity", definition="Condition-severity"),
        ),
        included=("patient", "subject", "encounter"),
    ),
    Offer(
        "Procedure",
        (
            *_patient(),
            _ENCOUNTER,
            _CODE,
            _p("date", Kind.DATE, "performedDateTime", "performedPeriod", definition="clinical-date"),
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
                Kind.REFERENCE,
                "context",
                target=("Encounter",),
                definition="MedicationAdministration-context",
            ),
            _p("code", Kind.TOKEN, "medicationCodeableConcept", definition="clinical-code"),
            _p(
                "effective-time",
                Kind.DATE,
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
                Kind.REFERENCE,
                "target",
                target=("GuidanceResponse", "Encounter", "Observation"),
                definition="Provenance-target",
            ),
            _p("recorded", Kind.DATE, "recorded", definition="Provenance-recorded"),
            _p("agent", Kind.REFERENCE, "agent.who", target=("Practitioner",), definition="Provenance-agent"),
        ),
        included=("target", "agent"),
    ),
    Offer(
        "RelatedPerson",
        (_p("patient", Kind.REFERENCE, "patient", target=("Patient",), definition="RelatedPerson-patient"),),
        included=("patient",),
    ),
    Offer("Flag", (*_patient(), _ENCOUNTER, _STATUS), included=("patient", "subject", "encounter")),
    Offer(
        "AuditEvent",
        (
            _p("date", Kind.DATE, "recorded", definition="AuditEvent-date"),
            _p("agent", Kind.REFERENCE, "agent.who", target=("Practitioner",), definition="AuditEvent-agent"),
            _p("subtype", Kind.TOKEN, "subtype", definition="AuditEvent-subtype"),
            _p(
                "entity", Kind.REFERENCE, "entity.what", target=("Patient", "Encounter"), definition="AuditEvent-entity"
            ),
            _p("patient", Kind.REFERENCE, "entity.what", target=("Patient",), definition="AuditEvent-patient"),
        ),
    ),
    Offer("CodeSystem", _CANONICAL, local=True),
    Offer("ValueSet", _CANONICAL, local=True),
    Offer("StructureDefinition", _CANONICAL, local=True),
)

OFFERED: dict[str, Offer] = {offer.type: offer for offer in OFFERS}
