"""Every table, once. The migrations make them; a test holds the two together.

Each key begins with the clinic (usernames, installation, clock, sealing, attempts and known places are the
installation's own). `info` says what a table is: work that changes a `record` table must keep an entry in the journal;
`insert_only` tables know neither UPDATE nor DELETE (triggers on both engines, and grants on PostgreSQL); what is
changed in a `callers` table ends what is remembered of who is signed in.
"""

from app.db.tables.clients import client_assertions, client_tokens, clients
from app.db.tables.exports import exports
from app.db.tables.feed import feed, webhook_deliveries, webhook_places, webhooks
from app.db.tables.identities import identities, journeys, providers
from app.db.tables.installation import (
    attempts,
    clinics,
    clock,
    credentials,
    installation,
    known_places,
    sealing,
    sign_ins,
    staff,
    usernames,
    walls,
)
from app.db.tables.journal import journal, streams
from app.db.tables.log import log_events, log_links, log_pending
from app.db.tables.making import metadata
from app.db.tables.protocols import protocol_approvals, protocol_versions
from app.db.tables.records import courses, patient_keys, patients, sessions
from app.db.tables.second_factors import nonces, passkeys, recovery_codes, second_factors
from app.db.tables.tablets import (
    alerts,
    enrolments,
    pins,
    push_subscriptions,
    tablet_keys,
    tablet_numbers,
    tablet_sessions,
    tablets,
)

__all__ = [
    "DELETED_FROM",
    "INSERT_ONLY",
    "alerts",
    "attempts",
    "client_assertions",
    "client_tokens",
    "clients",
    "clinics",
    "clock",
    "courses",
    "credentials",
    "enrolments",
    "exports",
    "feed",
    "identities",
    "installation",
    "journal",
    "journeys",
    "known_places",
    "log_events",
    "log_links",
    "log_pending",
    "metadata",
    "nonces",
    "passkeys",
    "patient_keys",
    "patients",
    "pins",
    "protocol_approvals",
    "protocol_versions",
    "providers",
    "push_subscriptions",
    "recovery_codes",
    "sealing",
    "second_factors",
    "sessions",
    "sign_ins",
    "staff",
    "streams",
    "tablet_keys",
    "tablet_numbers",
    "tablet_sessions",
    "tablets",
    "usernames",
    "walls",
    "webhook_deliveries",
    "webhook_places",
    "webhooks",
]

INSERT_ONLY = tuple(sorted(table.name for table in metadata.tables.values() if table.info["insert_only"]))
DELETED_FROM = (
    "alerts",
    "attempts",
    "client_assertions",
    "client_tokens",
    "journeys",
    "known_places",
    "log_pending",
    "nonces",
    "passkeys",
    "patient_keys",
    "pins",
    "push_subscriptions",
    "recovery_codes",
    "sign_ins",
    "tablet_sessions",
    "webhook_deliveries",
    "webhook_places",
    "webhooks",
)
"""The only tables rows ever leave: what waits to be sealed or delivered; sign-ins, machines' assertions and tokens long
over; ways to a provider, used or over; wrong passwords that count no more, places nobody came from for long, keys of
names that were changed, PINs, what calls and which tablets it calls, passkeys and codes that are used or were given up,
which tablet has what open, and webhooks that were removed."""
