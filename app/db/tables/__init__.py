"""Every table, once. The migrations make them; a test holds the two together.

Each key begins with the clinic (usernames, installation, clock and sealing are the installation's own). `info` says
what a table is: `record` tables hold the record, and work that changes one must carry an audit event; `insert_only`
tables know neither UPDATE nor DELETE (triggers on both engines, and grants on PostgreSQL).
"""

from app.db.tables.audit import audit_events, audit_links, audit_pending
from app.db.tables.clients import client_assertions, client_tokens, clients
from app.db.tables.exports import exports
from app.db.tables.facts import (
    assessments,
    confirmations,
    discharges,
    events,
    notice_acknowledgements,
    notices,
    protocol_approvals,
    protocol_versions,
    readings,
    voids,
)
from app.db.tables.feed import feed, feed_pending, webhook_deliveries, webhook_places, webhooks
from app.db.tables.installation import clinics, clock, installation, sealing, sign_ins, staff, usernames
from app.db.tables.making import metadata
from app.db.tables.records import MOVED, courses, patient_keys, patients, sessions, sheets
from app.db.tables.tablets import enrolments, pins, tablet_keys, tablet_sessions, tablets

__all__ = [
    "DELETED_FROM",
    "INSERT_ONLY",
    "MOVED",
    "assessments",
    "audit_events",
    "audit_links",
    "audit_pending",
    "client_assertions",
    "client_tokens",
    "clients",
    "clinics",
    "clock",
    "confirmations",
    "courses",
    "discharges",
    "enrolments",
    "events",
    "exports",
    "feed",
    "feed_pending",
    "installation",
    "metadata",
    "notice_acknowledgements",
    "notices",
    "patient_keys",
    "patients",
    "pins",
    "protocol_approvals",
    "protocol_versions",
    "readings",
    "sealing",
    "sessions",
    "sheets",
    "sign_ins",
    "staff",
    "tablet_keys",
    "tablet_sessions",
    "tablets",
    "usernames",
    "voids",
    "webhook_deliveries",
    "webhook_places",
    "webhooks",
]

INSERT_ONLY = tuple(sorted(table.name for table in metadata.tables.values() if table.info["insert_only"]))
DELETED_FROM = (
    "audit_pending",
    "client_assertions",
    "client_tokens",
    "feed_pending",
    "patient_keys",
    "pins",
    "tablet_sessions",
    "webhook_deliveries",
    "webhook_places",
    "webhooks",
)
"""The only tables rows ever leave: what waits to be sealed, numbered or delivered, machines' assertions and tokens long
over, the keys of names that were changed, PINs, which tablet has what open, and webhooks that were removed."""
