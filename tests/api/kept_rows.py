"""What the database holds, looked at from outside the service: whole tables, to be compared before and after."""

from uuid import UUID

from sqlalchemy import select, text

from app.db.audit import log_event
from app.db.journal import entry_of
from app.db.tables import journal, log_events, metadata
from app.db.work import NOBODY, Work
from app.domain.audit import AuditEvent
from app.domain.journal import as_event
from tests.api.clinic import Service

FEED = frozenset({"feed", "webhook_places", "webhook_deliveries"})
"""They move by themselves, a moment after what they tell of was kept."""
APART = frozenset({"log_events", "log_links", "log_pending", "sign_ins", "pins", "clock", "client_assertions"}) | FEED
"""Not of the record: a refused request may leave its audit event, end an expired sign-in, count a wrong PIN, and use an
assertion up."""
RECORD = tuple(table.name for table in metadata.sorted_tables if table.name not in APART)

Rows = dict[str, list[tuple[str, ...]]]


def _all(work: Work) -> Rows:
    # as they lie in the table, without a way through our own types
    found = {name: work.all(text(f"SELECT * FROM {name}")) for name in RECORD}
    return {name: sorted(tuple(map(str, row)) for row in rows) for name, rows in found.items()}


def record_rows(service: Service) -> Rows:
    """Every row of every table of the record, of all clinics."""
    return dict(service.database.read_now(_all, NOBODY, service.clock.now()))


def rows_of(rows: Rows, clinic_id: UUID) -> Rows:
    """Those of one clinic."""
    return {name: [row for row in found if str(clinic_id) in row] for name, found in rows.items()}


def _newest(work: Work, most: int) -> list[AuditEvent]:
    """Of log and journal together; what was before is not looked up."""
    noted = work.all(select(log_events).order_by(log_events.c.id.desc()).limit(most))
    kept = work.all(select(journal).order_by(journal.c.id.desc()).limit(most))
    both = [log_event(row) for row in noted] + [as_event(entry_of(row), None) for row in kept]
    return sorted(both, key=lambda event: event.id, reverse=True)[:most]


def newest_audit(service: Service, most: int = 1) -> list[AuditEvent]:
    """The newest audit events of the installation, newest first."""
    return list(service.database.read_now(_newest, NOBODY, service.clock.now(), most))


def audit_since(service: Service, mark: UUID, most: int = 50) -> list[AuditEvent]:
    """The audit events after the one with the id `mark`, oldest first."""
    return [event for event in reversed(newest_audit(service, most)) if event.id > mark]


def audit_mark(service: Service) -> UUID:
    """The id of the newest audit event."""
    return newest_audit(service)[0].id
