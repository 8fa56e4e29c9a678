"""What the clinic's papers say that no record does: the site of the monitoring form, and the after-visit sheet."""

from dataclasses import dataclass

from app.domain.errors import FieldError, Invalid
from app.domain.forms import email_faults, phone_faults

FORM_DAYS = 7
"""Days from a session within which its monitoring form is due: see docs/clinical-sources.md, "A monitoring form"."""
FEWEST_DAYS, MOST_DAYS = 1, 60
ADDRESS, INSTRUCTIONS = 400, 4000
"""Longest texts, in characters."""


@dataclass(frozen=True, slots=True)
class ClinicPapers:
    """What the lead has settled for the clinic's papers; None: not settled, and said so wherever it is asked for.

    `instructions`: the clinic's own words to a patient who goes home, plain text. `values_on_sheet`: whether the sheet
    they take along shows the last values too.
    """

    care_setting: str | None = None
    address: str | None = None
    phone: str | None = None
    email: str | None = None
    enrolment_number: str | None = None
    form_days: int = FORM_DAYS
    instructions: str | None = None
    values_on_sheet: bool = False


class BadPapers(Invalid):
    """What the clinic's papers are to say cannot be like this."""

    code = "bad-clinic-papers"


def check_papers(papers: ClinicPapers) -> None:
    """Raises `BadPapers`, naming each field."""
    faults = phone_faults("phone", papers.phone) + email_faults("email", papers.email)
    if not FEWEST_DAYS <= papers.form_days <= MOST_DAYS:
        faults.append(FieldError("form_days", f"must be {FEWEST_DAYS} to {MOST_DAYS} days"))
    if faults:
        raise BadPapers(errors=faults)
