"""Our extensions, said once: what each is for, where it may stand, and what it holds."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ExtensionFacts:
    """`holds` is FHIR's type of its one value, or the type of each of its parts by name."""

    purpose: str
    on: tuple[str, ...]
    holds: str | dict[str, str]


_KEPT = {"by": "Reference", "at": "instant", "tablet": "string", "reason": "string", "revision": "positiveInt"}
_FACTS = (
    "Patient",
    "Encounter",
    "EpisodeOfCare",
    "MedicationAdministration",
    "Observation",
    "Provenance",
    "RelatedPerson",
)
_E = ExtensionFacts

EXTENSIONS: Final[dict[str, ExtensionFacts]] = {
    "kept": _E("Who typed it, when it arrived, on which tablet, why, and which revision it is", _FACTS, _KEPT),
    "voided": _E(
        "Who marked it as entered in error, when, on which tablet, and why",
        ("Observation", "MedicationAdministration"),
        {name: holds for name, holds in _KEPT.items() if name != "revision"},
    ),
    "role": _E("The role somebody had when they did it", ("Reference", "Practitioner"), "code"),
    "phase": _E("Baseline, infusion or recovery, derived from the dose events", ("Observation",), "code"),
    "phase-period": _E(
        "When a phase of the session began and ended", ("Encounter",), {"phase": "code", "period": "Period"}
    ),
    "clock-doubtful": _E(
        "The tablet's clock was off when this was typed: its time is not certain",
        ("Observation", "MedicationAdministration"),
        "boolean",
    ),
    "confirmed-unlikely": _E("An unlikely value that was typed a second time to confirm it", ("Observation",), "code"),
    "addendum": _E("The event that carried this late reading into a closed session", ("Observation",), "Reference"),
    "revision": _E("Which revision of a reading a clinician looked at", ("Reference",), "positiveInt"),
    "session-state": _E("Where the session stands, in our own words", ("Encounter",), "code"),
    "protocol": _E("The protocol the session has pinned", ("Encounter",), {"id": "string", "version": "positiveInt"}),
    "planned-at": _E("When the session is planned to begin", ("Encounter",), "instant"),
    "had-left-at": _E("The session is charted afterwards: when the patient had left", ("Encounter",), "instant"),
    "discharge": _E(
        "The record of discharge",
        ("Encounter",),
        {
            "left-at": "instant",
            "instructions-given": "boolean",
            "note": "string",
            "ready-at": "instant",
            "signed-afterwards": "boolean",
            "by": "Reference",
            "at": "instant",
            "tablet": "string",
            "reason": "string",
        },
    ),
    "session-route": _E("How the dose of this session is given", ("Procedure",), "code"),
    "planned-sessions": _E("How many sessions the course is planned to have", ("EpisodeOfCare",), "integer"),
    "interval-days": _E("Planned days between the sessions of a course", ("EpisodeOfCare",), "integer"),
    "note": _E("A note, as typed", ("EpisodeOfCare",), "string"),
    "planned-minutes": _E("How long an infusion was planned to run", ("MedicationAdministration",), "integer"),
    "lot": _E("The lot number, as typed", ("MedicationAdministration",), "string"),
    "medication-route": _E("The route as typed, where no amount was", ("MedicationAdministration",), "string"),
    "medication-unit": _E("The unit as typed, where no amount was", ("MedicationAdministration",), "string"),
    "cleared-until": _E("The end of a clearance that was over when it was given", ("Observation",), "instant"),
    "same-day-asked-at": _E("When the same-day check was asked", ("Observation",), "instant"),
    "same-day": _E(
        "An answer of the same-day check: right or wrong, in the words of the session's protocol",
        ("Observation",),
        {"item": "string", "answer": "code"},
    ),
    "monitoring-form": _E(
        "Who watched the patient for the monitoring form, and when it was sent",
        ("Observation",),
        {"by": "string", "phone": "string", "email": "string", "sent-at": "instant"},
    ),
    "same-day-item": _E(
        "An item of the same-day check that a clinician let the dose be given with",
        ("Observation", "Provenance"),
        "string",
    ),
    "reached-by-phone": _E(
        "The escort was reached by phone: it is no sighting",
        ("RelatedPerson",),
        {"reached-at": "instant", "reached-by": "string", "arrives-at": "instant"},
    ),
    "present": _E("Whether the escort has been seen here", ("RelatedPerson",), "boolean"),
    "present-at": _E("When the escort was last seen here", ("RelatedPerson",), "instant"),
    "session": _E("The session whose patient this person takes home", ("RelatedPerson",), "Reference"),
    "assessment": _E(
        "What was kept with an assessment beside its document",
        ("GuidanceResponse",),
        {
            "status": "code",
            "change": "code",
            "lapses-at": "instant",
            "recorded-at": "instant",
        },
    ),
    "confirmation": _E(
        "What a clinician added to the signed meaning; `named`: the criteria an override takes responsibility for; "
        "`had-left-at`: signed afterwards, of a patient who had left then",
        ("Provenance",),
        {
            "own-assessment": "string",
            "reason": "string",
            "digest": "string",
            "named": "code",
            "had-left-at": "instant",
            "examined-by": "string",
        },
    ),
    "proof": _E(
        "What proved who signed; of a passkey, which",
        ("Provenance",),
        {"kind": "code", "credential": "string"},
    ),
    "notice": _E(
        "Whom a notice is for, and what it is about",
        ("Flag",),
        {"signer": "string", "confirmation": "string", "digest": "string"},
    ),
    "acknowledged": _E("Who acknowledged a notice", ("Flag",), {**_KEPT, "note": "string"}),
    "not-entered": _E("Nobody entered it, which is not the same as the answer unknown", ("Patient.gender",), "boolean"),
    "timezone": _E("The clinic's zone, for display", ("Organization",), "string"),
    "wall-at": _E("When it happened by the machine's own clock", ("AuditEvent",), "instant"),
}
"""By the last word of the address."""

MANY: Final = frozenset({("confirmation", "named")})
"""The parts that may be there more than once."""
