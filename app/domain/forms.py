"""What the monitoring form asks of people, once, because no reading or event says it.

An answer is yes, no, or that it was asked and nobody could know; one that was never given is none of the three.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.errors import FieldError, Invalid

SHORT = 80


class Answer(StrEnum):
    """Three values, never two: what was not seen is never "no"."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Medicine(StrEnum):
    """Groups of concomitant medicines that the form asks about, each by itself."""

    BENZODIAZEPINES = "benzodiazepines"
    OTHER_SEDATIVES = "other-sedatives"
    PSYCHOSTIMULANTS = "psychostimulants"
    MAOIS = "maois"
    OPIOIDS = "opioids"


@dataclass(frozen=True, slots=True)
class Programme:
    """Whether the patient is enrolled in the monitoring programme; of the patient, for every session of theirs."""

    enrolled: Answer


@dataclass(frozen=True, slots=True)
class FormAnswers:
    """What was asked for the form of one session. None, or a medicine that is not named: not asked yet.

    `monitored_by`: who watched the patient; without a phone or an e-mail of theirs the clinic's own count. `sent_at`:
    when the form went to whoever asks for it; None: it is still due.
    """

    first_treatment: Answer | None = None
    medicines: Mapping[Medicine, Answer] = field(default_factory=dict)
    monitored_by: str | None = None
    monitor_phone: str | None = None
    monitor_email: str | None = None
    sent_at: datetime | None = None


class BadForm(Invalid):
    """Something about the answers for the form cannot be right."""

    code = "bad-form"


def phone_faults(name: str, text: str | None) -> list[FieldError]:
    """A number that could be called has at least three digits."""
    if text is None or sum(one.isdigit() for one in text) >= 3:
        return []
    return [FieldError(name, "must be a telephone number, such as +49 30 123456")]


def email_faults(name: str, text: str | None) -> list[FieldError]:
    """An address has something on either side of one @, and no space."""
    if text is None:
        return []
    before, _, after = text.partition("@")
    if before and after and "@" not in after and not any(one.isspace() for one in text):
        return []
    return [FieldError(name, "must be an e-mail address, such as ward@clinic.example")]


def check_answers(answers: FormAnswers) -> None:
    """Raises `BadForm`, naming each field."""
    faults = phone_faults("monitor_phone", answers.monitor_phone)
    faults += email_faults("monitor_email", answers.monitor_email)
    if answers.monitored_by is None:
        faults += [
            FieldError(name, "belongs to somebody: say in monitored_by who it is")
            for name in ("monitor_phone", "monitor_email")
            if getattr(answers, name) is not None
        ]
    if faults:
        raise BadForm(errors=faults)
