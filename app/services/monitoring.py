"""The monitoring summary of an intranasal session."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db import clinics
from app.db.work import Work
from app.domain.monitoring import Field, summary
from app.domain.people import Clinic
from app.domain.records import SessionRecord, Signer
from app.services.protocols import pinned
from app.services.readiness import read_record


@dataclass(frozen=True, slots=True)
class Summarised:
    """The summary's fields, of which record, whose clinic, and who asked when."""

    record: SessionRecord
    clinic: Clinic
    demo: bool
    fields: tuple[Field, ...]
    at: datetime
    by: Signer


def summarise(work: Work, session_id: UUID) -> Summarised:
    """Audited as read. Raises `NoSuchSession`, `NotIntranasal`."""
    record = read_record(work, session_id, "monitoring.read")
    clinic = clinics.get(work)
    assert clinic is not None, "a session has a clinic"
    fields = summary(record, pinned(work, record.header.value), clinic)
    return Summarised(record, clinic, clinics.installation(work).demo, fields, work.now, work.signer)
