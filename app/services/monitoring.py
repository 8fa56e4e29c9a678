"""The monitoring summary of an intranasal session; and which forms are due, with what each still lacks."""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.db import clinics, forms, session_records
from app.db.forms import DosedSession
from app.db.work import Work
from app.domain.monitoring import Field, NotIntranasal, Site, summary
from app.domain.records import SessionRecord, Signer
from app.services.clinic_papers import site
from app.services.protocols import pinned
from app.services.readiness import read_record

log = logging.getLogger(__name__)

LOOKS_BACK = timedelta(days=90)
"""How far back forms are looked for: what is older is said to be, and is no part of the list."""
IN_TURN = 400
"""Sessions that one page looks at."""


@dataclass(frozen=True, slots=True)
class Summarised:
    """The summary's fields, of which record, whose clinic, and who asked when."""

    record: SessionRecord
    site: Site
    demo: bool
    fields: tuple[Field, ...]
    at: datetime
    by: Signer


def summarise(work: Work, session_id: UUID) -> Summarised:
    """Audited as read. Raises `NoSuchSession`, `NotIntranasal`."""
    record = read_record(work, session_id, "monitoring.read")
    where = site(work)
    fields = summary(record, pinned(work, record.header.value), where)
    return Summarised(record, where, clinics.installation(work).demo, fields, work.now, work.signer)


@dataclass(frozen=True, slots=True)
class DueForm:
    """A form that nobody has sent: by which day of the clinic it is due, and how many are left (below 0: late).

    `fields` None: what it holds could not be worked out.
    """

    record: SessionRecord
    fields: tuple[Field, ...] | None
    at: datetime
    due_on: date
    days_left: int


@dataclass(frozen=True, slots=True)
class DueForms:
    """A page of them, the longest due first; where it goes on; and since when sessions are looked at."""

    items: list[DueForm]
    following: DosedSession | None
    since: datetime
    demo: bool


def due(work: Work, after: DosedSession | None, limit: int) -> DueForms:
    """Nasal sessions in which a dose began and whose form was not sent, audited as read."""
    where, since = site(work), work.now - LOOKS_BACK
    rows = forms.dosed_since(work, since, after, IN_TURN)
    sent = {this for this, held in forms.answers_of(work, [row.id for row in rows if row.nasal]).items()
            if held.value.sent_at is not None}  # fmt: skip
    owed = [row for row in rows if row.nasal and row.id not in sent]
    shown = owed[:limit]
    following = shown[-1] if len(owed) > limit else (rows[-1] if len(rows) == IN_TURN else None)
    at = {row.id: row.at for row in shown}
    records = session_records.load_many(work, list(at))
    items = [form for record in records for form in _due(work, record, at[record.id], where)]
    items.sort(key=lambda form: (form.at, form.record.id))
    work.audit(
        "monitoring.listed",
        subject="clinic",
        subject_id=work.clinic_id,
        after={"sessions": [str(form.record.id) for form in items]},
    )
    return DueForms(items, following, since, clinics.installation(work).demo)


def _due(work: Work, record: SessionRecord, at: datetime, where: Site) -> list[DueForm]:
    fields: tuple[Field, ...] | None = None
    try:
        fields = summary(record, pinned(work, record.header.value), where)
    except NotIntranasal:
        return []
    except Exception as error:  # noqa: BLE001 - one form that cannot be told takes nobody else's off the list
        log.error("form-untold", extra={"kind": type(error).__name__, "session": str(record.id)})
    due_on = at.astimezone(where.zone).date() + timedelta(days=where.settled.form_days)
    return [DueForm(record, fields, at, due_on, (due_on - work.now.astimezone(where.zone).date()).days)]
