"""The gate before a dose: eight exclusions answered, none standing in the way, and a clinician's valid clearance."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from app.domain.errors import Conflict, FieldError
from app.domain.instants import to_text


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


class StartGate(Conflict):
    """A dose needs a screening that is answered and clear (or overridden), and a valid clearance."""

    code = "start-gate"


def unanswered(answers: Mapping[Exclusion, bool]) -> list[Exclusion]:
    """The exclusions nobody answered, in their fixed order."""
    return [exclusion for exclusion in Exclusion if exclusion not in answers]


def present(answers: Mapping[Exclusion, bool]) -> list[Exclusion]:
    """The exclusions answered as present, in their fixed order."""
    return [exclusion for exclusion in Exclusion if answers.get(exclusion)]


def unresolved(answers: Mapping[Exclusion, bool], overridden: Collection[Exclusion]) -> list[Exclusion]:
    """The exclusions present that no clinician has overridden."""
    return [exclusion for exclusion in present(answers) if exclusion not in overridden]


def clearance_is_valid(until: datetime | None, at: datetime) -> bool:
    """Whether a clearance covers `at`; its last instant is inside, and None means no end was set."""
    return until is None or at <= until


def check_start_gate(
    answers: Mapping[Exclusion, bool] | None,
    overridden: Collection[Exclusion],
    clearances: Iterable[datetime | None],
    at: datetime,
) -> None:
    """Raises `StartGate` naming everything that is missing before a dose at `at` (UTC).

    `answers` None: nobody screened. `overridden`: all exclusions under a signed override of this session.
    `clearances`: the `until` of each clearance there is, the session's own and its course's. `at` is the dose's own
    instant, so that a dose charted late is judged by what held when it was given.
    """
    missing: list[FieldError] = []
    if answers is None:
        missing.append(FieldError("screening", "answer the eight exclusions"))
    else:
        missing.extend(
            FieldError(f"screening.answers.{exclusion}", f"answer this one: {LABELS[exclusion]}")
            for exclusion in unanswered(answers)
        )
        missing.extend(
            FieldError(
                f"screening.answers.{exclusion}",
                f"{LABELS[exclusion]} is present: a clinician must override it with a reason, or there is no dose",
            )
            for exclusion in unresolved(answers, overridden)
        )
    ends = list(clearances)
    if not ends:
        missing.append(FieldError("clearance", "a clinician must clear the course or this session"))
    elif not any(clearance_is_valid(until, at) for until in ends):
        last = max(until for until in ends if until is not None)
        missing.append(
            FieldError("clearance", f"the clearance ended at {to_text(last)}: a clinician must clear this session anew")
        )
    if missing:
        said = "; ".join(fault.message for fault in missing)
        raise StartGate(f"No dose yet: {said}.", errors=missing)
