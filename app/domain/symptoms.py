"""Symptoms and signs a nurse can record: a closed list of codes, their names, and severity.

Codes are our own and permanent. SNOMED CT numbers are kept only where the pair of code and name was verified; see
docs/clinical-sources.md, "Symptoms".
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    """General severity grades (after the CTCAE's general grades 1 to 3)."""

    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"

    @property
    def rank(self) -> int:
        """0 for mild, 2 for severe."""
        return list(Severity).index(self)


class SymptomCode(StrEnum):
    """What can be named. The member's value is its permanent code."""

    NAUSEA = "nausea"
    VOMITING = "vomiting"
    DIZZINESS = "dizziness"
    VERTIGO = "vertigo"
    DOUBLE_VISION = "double-vision"
    BLURRED_VISION = "blurred-vision"
    NYSTAGMUS = "nystagmus"
    DROWSY = "drowsy"
    LETHARGY = "lethargy"
    HEADACHE = "headache"
    ANXIETY = "anxiety"
    PANIC_ATTACK = "panic-attack"
    AGITATION = "agitation"
    RAISED_BLOOD_PRESSURE = "raised-blood-pressure"
    LOW_BLOOD_PRESSURE = "low-blood-pressure"
    TACHYCARDIA = "tachycardia"
    BRADYCARDIA = "bradycardia"
    PALPITATIONS = "palpitations"
    CHEST_PAIN = "chest-pain"
    BREATHLESSNESS = "breathlessness"
    RESPIRATORY_DEPRESSION = "respiratory-depression"
    APNOEA = "apnoea"
    LOW_OXYGEN = "low-oxygen"
    LARYNGOSPASM = "laryngospasm"
    BRONCHOSPASM = "bronchospasm"
    COUGH = "cough"
    HYPERSALIVATION = "hypersalivation"
    DISSOCIATIVE_EPISODE = "dissociative-episode"
    HALLUCINATION = "hallucination"
    CONFUSION = "confusion"
    DELIRIUM = "delirium"
    ALTERED_MENTAL_STATUS = "altered-mental-status"
    SYNCOPE = "syncope"
    SEIZURE = "seizure"
    JERKS = "jerks"
    PARAESTHESIA = "paraesthesia"
    TASTE_CHANGE = "taste-change"
    FATIGUE = "fatigue"
    EUPHORIA = "euphoria"
    FEELING_DRUNK = "feeling-drunk"
    POOR_COORDINATION = "poor-coordination"
    FALL = "fall"
    RASH = "rash"
    URTICARIA = "urticaria"
    ANGIOEDEMA = "angioedema"
    ANAPHYLAXIS = "anaphylaxis"
    SITE_REACTION = "site-reaction"
    URINARY_SYMPTOM = "urinary-symptom"
    SUICIDAL_THOUGHTS = "suicidal-thoughts"
    CARDIAC_ARREST = "cardiac-arrest"


SERIOUS: frozenset[SymptomCode] = frozenset(
    {
        SymptomCode.APNOEA,
        SymptomCode.LARYNGOSPASM,
        SymptomCode.RESPIRATORY_DEPRESSION,
        SymptomCode.LOW_OXYGEN,
        SymptomCode.SEIZURE,
        SymptomCode.SYNCOPE,
        SymptomCode.CHEST_PAIN,
        SymptomCode.ANAPHYLAXIS,
        SymptomCode.ANGIOEDEMA,
        SymptomCode.HALLUCINATION,
        SymptomCode.SUICIDAL_THOUGHTS,
        SymptomCode.CARDIAC_ARREST,
    }
)
"""Signs of toxicity that stand out wherever they are shown, whatever their severity."""


ALWAYS_SEVERE: frozenset[SymptomCode] = frozenset(
    {
        SymptomCode.APNOEA,
        SymptomCode.SYNCOPE,
        SymptomCode.ANAPHYLAXIS,
        SymptomCode.CARDIAC_ARREST,
    }
)
"""Of the serious ones, those of which there is no mild or moderate form (CTCAE v5 has no grade below 3 for any):
whoever is asked for a severity is offered no other. What names one with less is still taken as it comes."""


@dataclass(frozen=True, slots=True)
class Symptom:
    """One symptom named in a reading. `severity` None means it was not given (the rules treat that as unknown)."""

    code: SymptomCode
    severity: Severity | None
    onset: datetime | None = None


def label(code: SymptomCode) -> str:
    """The code in plain words."""
    return code.value.replace("-", " ")
