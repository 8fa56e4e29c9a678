"""The flat export, a page of sessions at a time: each page is one snapshot, and audited before it is given out.

Which sessions there are is settled at the beginning. Memory is flat but for their ids.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db import clinics, sessions
from app.db.work import Work
from app.domain.canonical import Document
from app.domain.dose import timeline
from app.domain.errors import FieldError, Invalid
from app.domain.instants import to_text_or_none
from app.domain.people import Act, check_may
from app.domain.records import SessionHeader
from app.exchange.flat import Disguise, FileFormat, TableName, WholeSession
from app.exchange.flat.tables import NEEDS_ASSESSMENTS
from app.services import readiness
from app.services.protocols import pinned

PAGE = 20
"""Sessions in one read: short enough that nobody who charts waits for it."""


class BadExport(Invalid):
    """This export cannot be made as it was asked for."""

    code = "bad-export"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is exported. `since` inclusive, `until` exclusive: by when a session was held (dose, check-in or plan)."""

    tables: tuple[TableName, ...]
    form: FileFormat
    without_identifiers: bool
    since: datetime | None = None
    until: datetime | None = None

    def check(self) -> None:
        """Raises `BadExport`."""
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise BadExport(errors=[FieldError("until", "must lie after since")])

    def holds(self, whole: WholeSession) -> bool:
        """Whether the session falls into the span; one that never was and is not planned falls into none."""
        if self.since is None and self.until is None:
            return True
        at = whole.held_at
        if at is None:
            return False
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)

    def document(self) -> Document:
        """For the audit."""
        return {
            "tables": [table.value for table in self.tables],
            "format": self.form.value,
            "identifiers": not self.without_identifiers,
            "since": to_text_or_none(self.since),
            "until": to_text_or_none(self.until),
        }


class SessionsDue(readiness.ChangesDue):
    """Time has brought a change to these sessions that is not kept yet: catch up with each, then read again."""

    def __init__(self, session_ids: Sequence[UUID]) -> None:
        super().__init__()
        self.session_ids = tuple(session_ids)


def disguise(key: str | None, clinic_id: UUID) -> Disguise:
    """What leaves identifiers out in one clinic. Raises `WeakKey` without a key of some length."""
    return Disguise((key or "").encode(), clinic_id)


def begin(work: Work, asked: Asked, mask: Disguise | None) -> list[list[UUID]]:
    """The sessions of the clinic in pages, in an order that tells nothing where identifiers are left out; audited."""
    check_may(work.actor, Act.EXPORT_RECORD)
    asked.check()
    ids = sessions.all_ids(work)
    if mask is not None:
        ids.sort(key=mask.order)
    work.audit("export.begun", subject="clinic", subject_id=work.clinic_id, after=asked.document())
    return [ids[start : start + PAGE] for start in range(0, len(ids), PAGE)]


def page(work: Work, asked: Asked, session_ids: Sequence[UUID]) -> list[WholeSession]:
    """These sessions whole, those outside the span left out; audited. Raises `SessionsDue`."""
    check_may(work.actor, Act.EXPORT_RECORD)
    demo = clinics.installation(work).demo
    every = bool(NEEDS_ASSESSMENTS & set(asked.tables))
    medications: dict[tuple[str, int], frozenset[str]] = {}
    found, due = [], []
    for session_id in session_ids:
        try:
            record = readiness.load(work, session_id)
        except readiness.ChangesDue:
            due.append(session_id)
            continue
        header = record.header.value
        found.append(
            WholeSession(
                record=record,
                assessments=record.assessments if every else (),
                dose=timeline(record.events_in_force()),
                medications=_medications(work, header, medications),
                demo=demo,
            )
        )
    if due:
        raise SessionsDue(due)
    shown = [whole for whole in found if asked.holds(whole)]
    work.audit(
        "export.read",
        subject="clinic",
        subject_id=work.clinic_id,
        after={"sessions": [str(whole.record.id) for whole in shown]},
    )
    return shown


def _medications(work: Work, header: SessionHeader, known: dict[tuple[str, int], frozenset[str]]) -> frozenset[str]:
    key = (header.protocol_id, header.protocol_version)
    if key not in known:
        known[key] = frozenset(pinned(work, header).medication_minutes)
    return known[key]
