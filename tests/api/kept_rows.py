"""What the database holds, looked at from outside the service: whole tables, to be compared before and after."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from app.db.tables import audit_events, metadata
from app.db.work import NOBODY, Work
from tests.api.clinic import Service

APART = frozenset({"audit_events", "audit_links", "audit_pending", "sign_ins", "pins", "clock", "client_assertions"})
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


def _newest(work: Work, most: int) -> list[Any]:
    return list(work.all(select(audit_events).order_by(audit_events.c.id.desc()).limit(most)))


def newest_audit(service: Service, most: int = 1) -> list[Any]:
    """The newest audit events of the installation, newest first."""
    return list(service.database.read_now(_newest, NOBODY, service.clock.now(), most))


def audit_since(service: Service, mark: UUID, most: int = 50) -> list[Any]:
    """The audit events after the one with the id `mark`, oldest first."""
    return [event for event in reversed(newest_audit(service, most)) if event.id > mark]


def audit_mark(service: Service) -> UUID:
    """The id of the newest audit event."""
    newest: UUID = newest_audit(service)[0].id
    return newest
