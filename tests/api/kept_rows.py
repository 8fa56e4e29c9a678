"""What the database holds, looked at from outside the service: whole tables, to be compared before and after."""

from collections import Counter
from uuid import UUID

from sqlalchemy import select, text

from app.db import audit
from app.db.tables import journal, log_events, metadata
from app.db.work import EVERY_CLINIC, Work, service_actor
from app.domain.audit import AuditEvent
from app.services.audit import Filters
from tests.api.clinic import Service

FEED = frozenset({"feed", "webhook_places", "webhook_deliveries"})
"""They move by themselves, a moment after what they tell of was kept."""
FACTORS = frozenset({"nonces", "second_factors", "recovery_codes"})
"""A refused signature may use a nonce or a code up, and count a wrong one."""
APART = (
    frozenset(
        {
            "log_events",
            "log_links",
            "log_pending",
            "sign_ins",
            "pins",
            "clock",
            "client_assertions",
            "attempts",
            "known_places",
            "journeys",
            "tablet_numbers",
        }
    )
    | FEED
    | FACTORS
)
"""Not of the record: a refused request may leave its audit event, end an expired sign-in, count a wrong PIN, and use an
assertion, a way to a provider or the number of what a tablet signed up."""
RECORD = tuple(table for table in metadata.sorted_tables if table.name not in APART)
BY_THEMSELVES = frozenset({"numbered", "sealed", "endings", "sign_count"})
"""How far feed and log have come with a stream, and how often a sign-in ended: they move as the feed and the
log do; and how often a passkey's device has answered."""

Rows = dict[str, list[tuple[str, ...]]]


def _all(work: Work) -> Rows:
    # as they lie in the table, without a way through our own types
    found = {}
    for table in RECORD:
        columns = ", ".join(f'"{column.name}"' for column in table.columns if column.name not in BY_THEMSELVES)
        found[table.name] = work.all(text(f"SELECT {columns} FROM {table.name}"))
    return {name: sorted(tuple(map(str, row)) for row in rows) for name, rows in found.items()}


def record_rows(service: Service) -> Rows:
    """Every row of every table of the record, of all clinics."""
    return dict(service.database.read_now(_all, EVERY_CLINIC, service.clock.now()))


def rows_of(rows: Rows, clinic_id: UUID) -> Rows:
    """Those of one clinic."""
    return {name: [row for row in found if str(clinic_id) in row] for name, found in rows.items()}


def of_kind(rows: Rows, kind: str) -> list[tuple[str, ...]]:
    """The entries of the journal that keep facts of one kind."""
    column = list(metadata.tables["journal"].columns.keys()).index("kind")
    return [row for row in rows["journal"] if row[column] == kind]


def _whose(work: Work, most: int, after: UUID | None) -> list[tuple[UUID, UUID]]:
    """The newest audit events of the installation, newest first: of each its id and its clinic."""
    found: list[tuple[UUID, UUID]] = []
    for table in (journal, log_events):
        asked = select(table.c.id, table.c.clinic_id).order_by(table.c.id.desc()).limit(most)
        found += [
            (row.id, row.clinic_id) for row in work.all(asked if after is None else asked.where(table.c.id > after))
        ]
    return sorted(found, reverse=True)[:most]


def _newest(work: Work, most: int) -> list[AuditEvent]:
    return audit.page(work, Filters(), None, most)[0]


def newest_audit(service: Service, most: int = 1, *, after: UUID | None = None) -> list[AuditEvent]:
    """The newest audit events of the installation, newest first: of the journal and of the log."""
    now = service.clock.now()
    clinics = Counter(clinic_id for _, clinic_id in service.database.read_now(_whose, EVERY_CLINIC, now, most, after))
    found = [
        event
        for clinic_id, many in clinics.items()
        for event in service.database.read_now(_newest, service_actor(clinic_id), now, many)
    ]
    return sorted(found, key=lambda event: event.id, reverse=True)


def audit_since(service: Service, mark: UUID, most: int = 50) -> list[AuditEvent]:
    """The audit events after the one with the id `mark`, oldest first."""
    return newest_audit(service, most, after=mark)[::-1]


def audit_mark(service: Service) -> UUID:
    """The id of the newest audit event."""
    [(newest, _)] = service.database.read_now(_whose, EVERY_CLINIC, service.clock.now(), 1, None)
    return newest
