"""Machines that may sign in, what each signed in with, and what it was given.

`clinic_id` of a client is the clinic it is bound to, or the nil one for a client of all clinics. A token is always of
one clinic; `home_id` is its client's.
"""

from sqlalchemy import Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Text

from app.db.columns import Flag, Id, Instant, WholeNumber
from app.db.tables.making import needed, table

clients = table(
    "clients",
    needed("clinic_id", Id),
    needed("id", Id),
    needed("revision", WholeNumber),
    needed("name", Text),
    needed("scopes", Text),
    Column("keys", Text),
    Column("keys_url", Text),
    needed("private", Flag),
    needed("active", Flag),
    PrimaryKeyConstraint("clinic_id", "id"),
    Index(None, "id"),
    record=True,
    callers=True,
)

client_assertions = table(
    "client_assertions",
    needed("clinic_id", Id),
    needed("client_id", Id),
    needed("jti_hash", Text),
    needed("expires_at", Instant),
    PrimaryKeyConstraint("clinic_id", "client_id", "jti_hash"),
    ForeignKeyConstraint(["clinic_id", "client_id"], ["clients.clinic_id", "clients.id"]),
    Index(None, "expires_at"),
)

client_tokens = table(
    "client_tokens",
    needed("clinic_id", Id),
    needed("id", Id),
    needed("home_id", Id),
    needed("client_id", Id),
    needed("client_revision", WholeNumber),
    needed("token_hash", Text),
    needed("scopes", Text),
    needed("expires_at", Instant),
    PrimaryKeyConstraint("clinic_id", "id"),
    ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
    ForeignKeyConstraint(["home_id", "client_id"], ["clients.clinic_id", "clients.id"]),
    Index(None, "token_hash"),
    Index(None, "expires_at"),
)
