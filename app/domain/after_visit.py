"""The sheet that a patient takes home: the clinic's own instructions, whom to call, and who signed when.

It says what the clinic instructs and nothing else: no verdict, no word of how the patient is, and no value unless the
lead has settled that.
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain.confirmations import signature_in_force
from app.domain.errors import Conflict, FieldError
from app.domain.monitoring import Site
from app.domain.readings import Reading
from app.domain.records import Confirmation, Kept, Patient, SessionRecord


class NotDischarged(Conflict):
    """An after-visit sheet is for a patient who was discharged: record the discharge first."""

    code = "not-discharged"


class PapersNotSettled(Conflict):
    """The clinic has not settled what its after-visit sheet says: a lead does that under Setting up, the papers."""

    code = "papers-not-settled"


@dataclass(frozen=True, slots=True)
class AfterVisit:
    """What the sheet says. `last`: the newest reading before leaving, None unless the lead lets values be shown."""

    patient: Patient
    clinic: str
    timezone: str
    address: str | None
    phone: str
    instructions: str
    left_at: datetime
    signed: Kept[Confirmation] | None
    last: Reading | None


def after_visit(record: SessionRecord, site: Site) -> AfterVisit:
    """The sheet of one session. Raises `NotDischarged`, `PapersNotSettled`."""
    if record.discharge is None:
        raise NotDischarged
    papers, left_at = site.settled, record.discharge.value.left_at
    if papers.instructions is None or papers.phone is None:
        said = {"instructions": "what a patient is told to do at home", "phone": "whom a patient can call"}
        lacks = [FieldError(name, f"settle {what}") for name, what in said.items() if getattr(papers, name) is None]
        raise PapersNotSettled(errors=lacks)
    here = [one for one in record.readings_in_force() if one.measured_at <= left_at]
    newest = max(here, key=lambda one: (one.measured_at, one.id.int), default=None)
    return AfterVisit(
        patient=record.patient.value,
        clinic=site.clinic.value.name,
        timezone=site.clinic.value.timezone,
        address=papers.address,
        phone=papers.phone,
        instructions=papers.instructions,
        left_at=left_at,
        signed=signature_in_force(record.confirmations),
        last=newest if papers.values_on_sheet else None,
    )
