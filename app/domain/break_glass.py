"""Break-glass: somebody who has no right to a patient's record looks at it all the same, and says why.

A clinician or lead of another clinic of the same organisation, or the operator at the console. What was opened stands
on a list of that clinic until one of its leads has looked at it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.canonical import Document
from app.domain.documents import pair


@dataclass(frozen=True, slots=True)
class Opening:
    """One patient's record, opened with a reason. `session_id`: only this session was.

    `by_clinic_id`, `by_clinic`, `by_staff_id`: who opened it, None for the operator. `until`: on the wall clock; None
    where it was a single look. `note`: what the lead who looked at it has written; None until then.
    """

    patient_id: UUID
    session_id: UUID | None
    by_clinic_id: UUID | None
    by_clinic: str | None
    by_staff_id: UUID | None
    until: datetime | None
    note: str | None = None


opening_document, _opening_from = pair(Opening)


def opening_from(document: Document) -> Opening:
    """The opening that a document says."""
    return _opening_from(document)
