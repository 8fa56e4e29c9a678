"""Every table, once. The migrations make them; a test holds the two together.

Each key begins with the clinic (usernames, installation, clock and sealing are the installation's own). `info` says
what a table is: work that changes a `record` table must keep an entry in the journal; `insert_only`
tables know neither UPDATE nor DELETE (triggers on both engines, and grants on PostgreSQL); what is changed in a
`callers` table ends what is remembered of who is signed in.
"""

from app.db.tables.clients import client_assertions, client_tokens, clients
from app.db.tables.exports import exports
from app.db.tables.feed import feed, webhook_deliveries, webhook_places, webhooks
from app.db.tables.installation import clinics, clock, installation, sealing, sign_ins, staff, usernames
from app.db.tables.journal import journal, streams
from app.db.tables.log import log_events, log_links, log_pending
from app.db.tables.making import metadata
from app.db.tables.protocols import protocol_approvals, protocol_versions
from app.db.tables.records import courses, patient_keys, patients, sessions
from app.db.tables.tablets import enrolments, pins, tablet_keys, tablet_sessions, tablets

__all__ = [
    "DELETED_FROM",
    "INSERT_ONLY",
    "client_assertions",
    "client_tokens",
    "clients",
    "clinics",
    "clock",
    "courses",
    "enrolments",
    "exports",
    "feed",
    "installation",
    "journal",
    "log_events",
    "log_links",
    "log_pending",
    "metadata",
    "patient_keys",
    "patients",
    "pins",
    "protocol_approvals",
    "protocol_versions",
    "sealing",
    "sessions",
    "sign_ins",
    "staff",
    "streams",
    "tablet_keys",
    "tablet_sessions",
    "tablets",
    "usernames",
    "webhook_deliveries",
    "webhook_places",
    "webhooks",
]

INSERT_ONLY = tuple(sorted(table.name for table in metadata.tables.values() if table.info["insert_only"]))
DELETED_FROM = (
    "client_assertions",
    "client_tokens",
    "log_pending",
    "patient_keys",
    "pins",
    "tablet_sessions",
    "webhook_deliveries",
    "webhook_places",
    "webhooks",
)
"""The only tables rows ever leave: what waits to be sealed or delivered, machines' assertions and tokens long over, the
keys of names that were changed, PINs, which tablet has what open, and webhooks that were removed."""
