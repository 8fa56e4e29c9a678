"""What is asked before a dose: eight exclusions, the same-day check, and until when a clinician's clearance holds."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum


class Exclusion(StrEnum):
    """What speaks against treatment. Permanent ids."""

    ACTIVE_SUBSTANCE_ABUSE = "active-substance-abuse"
    NO_NEGATIVE_URINE_TOXICOLOGY = "no-negative-urine-toxicology"
    HISTORY_OF_PSYCHOSIS = "history-of-psychosis"
    RAISED_INTRACRANIAL_PRESSURE = "raised-intracranial-pressure"
    PREGNANCY = "pregnancy"
    UNCONTROLLED_HYPERTENSION = "uncontrolled-hypertension"
    UNSTABLE_CARDIOVASCULAR_DISEASE = "unstable-cardiovascular-disease"
    PREVIOUS_NEGATIVE_RESPONSE = "previous-negative-response"


LABELS: dict[Exclusion, str] = {
    Exclusion.ACTIVE_SUBSTANCE_ABUSE: "active substance abuse",
    Exclusion.NO_NEGATIVE_URINE_TOXICOLOGY: "no negative urine toxicology screen",
    Exclusion.HISTORY_OF_PSYCHOSIS: "history of psychosis",
    Exclusion.RAISED_INTRACRANIAL_PRESSURE: "history of raised intracranial pressure",
    Exclusion.PREGNANCY: "current pregnancy",
    Exclusion.UNCONTROLLED_HYPERTENSION: "uncontrolled hypertension",
    Exclusion.UNSTABLE_CARDIOVASCULAR_DISEASE: "acute or unstable cardiovascular disease",
    Exclusion.PREVIOUS_NEGATIVE_RESPONSE: "previous negative response to ketamine",
}
"""Each exclusion in plain words; the answer `true` means that this is so."""


class SameDayAnswer(StrEnum):
    """An answer of the same-day check: the right one or the other, in the words of the session's protocol."""

    RIGHT = "right"
    WRONG = "wrong"


def unanswered(answers: Mapping[Exclusion, bool]) -> list[Exclusion]:
    """The exclusions nobody answered, in their fixed order."""
    return [exclusion for exclusion in Exclusion if exclusion not in answers]


def present(answers: Mapping[Exclusion, bool]) -> list[Exclusion]:
    """The exclusions answered as present, in their fixed order."""
    return [exclusion for exclusion in Exclusion if answers.get(exclusion)]


def unresolved(answers: Mapping[Exclusion, bool], overridden: Collection[Exclusion]) -> list[Exclusion]:
    """The exclusions present that no clinician has overridden."""
    return [exclusion for exclusion in present(answers) if exclusion not in overridden]


def clearances_end(ends: Collection[datetime | None]) -> datetime | None:
    """Until when one of these clearances holds, its last instant inside; None where one of them was set no end."""
    return None if None in ends else max(end for end in ends if end is not None)
