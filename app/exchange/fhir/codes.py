"""Our own codes: every code system the resources use, with all its codes where the list is closed."""

from typing import Final

from app.domain.events import EventKind
from app.domain.forms import Answer, Medicine
from app.domain.people import Role
from app.domain.records import Decision, NoticeKind
from app.domain.screening import LABELS
from app.domain.symptoms import Severity, SymptomCode, label
from app.domain.vitals import INSTRUMENTS, DissociationGrade, OxygenKind
from app.exchange.fhir.events import GIVEN
from app.exchange.fhir.observed import LEVELS, OWN


def _words(*codes: str) -> dict[str, str]:
    return {code: code.replace("-", " ") for code in codes}


_ITEMS = sorted({number for facts in INSTRUMENTS.values() for number in facts.items})

CODES: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "observation": (
        "What a set or a sheet holds that has no LOINC code we could verify",
        _words(*OWN, "inspired-gas", "screening", "clearance", "monitoring-form", "first-treatment"),
    ),
    "observation-category": ("Categories that FHIR has no word for", _words("administrative")),
    "method": (
        "How a value came into the record",
        {"typed-by-hand": "measured by a person, typed by hand"},
    ),
    "inspired-gas": ("What the patient breathed", _words(*OxygenKind)),
    **{
        scale.value: (f"Levels of the scale {scale.value}, in our own words", {str(k): v for k, v in levels.items()})
        for scale, levels in LEVELS.items()
    },
    "dissociation-grade": ("The nurse's own grade of dissociation", _words(*DissociationGrade)),
    "dissociation-item": (
        "Items of dissociation instruments, by number alone: their texts are not ours to print",
        {str(number): f"item {number}" for number in _ITEMS},
    ),
    "symptom": ("Symptoms and signs a nurse can name", {code.value: label(code) for code in SymptomCode}),
    "severity": ("General severity grades", _words(*Severity)),
    "condition-category": ("Categories that FHIR has no word for", _words("symptom")),
    "event": (
        "What was done; what was given is a MedicationAdministration",
        _words(*(kind for kind in EventKind if kind not in GIVEN)),
    ),
    "route": ("How the dose is given", _words("iv-infusion", "intranasal")),
    "procedure": (
        "What is done to the patient",
        {"ketamine-treatment": "treatment session with ketamine or esketamine"},
    ),
    "exclusion": ("What speaks against treatment", {one.value: words for one, words in LABELS.items()}),
    "medicine-group": ("Groups of medicines that the monitoring form asks about", _words(*Medicine)),
    "form-answer": ("An answer of the monitoring form", _words(*Answer)),
    "decision": ("What a clinician signed", _words(*Decision, "screening-override")),
    "agent": ("What somebody was to a fact", _words("signer")),
    "flag-category": ("Why a flag stands", _words("late-information")),
    "notice": ("What the signer must look at", _words(*NoticeKind)),
    "role": ("Roles of staff", _words(*Role, "service")),
}
"""Closed lists: name -> (what it is, {code: its words})."""

OPEN_CODES: Final[dict[str, str]] = {
    "medication": "Medication by the clinic's own lower-case words; beside ketamine, esketamine and oxygen",
    "audit-action": "What was done, by the service's own word for it",
}
"""Systems whose codes are not all known: name -> what it is."""
