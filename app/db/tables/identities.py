"""Who vouches for a clinic's people, who is known there, and which ways to a provider and back are under way.

A provider's `client_secret` lies here sealed. Of what a browser set out with there are hashes alone; a row goes when
the browser is back, or some time after its minutes are over.
"""

from sqlalchemy import Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Text

from app.db.columns import Flag, Id, Instant, WholeNumber
from app.db.tables.making import needed, secret, table

providers = table(
    "providers",
    Column("clinic_id", Id, primary_key=True),
    needed("revision", WholeNumber),
    needed("name", Text),
    needed("issuer", Text),
    needed("client_id", Text),
    needed("private", Flag),
    needed("in_use", Flag),
    secret("client_secret"),
    ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
    record=True,
)

identities = table(
    "identities",
    needed("clinic_id", Id),
    needed("staff_id", Id),
    needed("revision", WholeNumber),
    Column("issuer", Text),
    Column("subject", Text),
    PrimaryKeyConstraint("clinic_id", "staff_id"),
    ForeignKeyConstraint(["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"]),
    Index(None, "clinic_id", "issuer", "subject", unique=True),
    record=True,
)

journeys = table(
    "journeys",
    needed("clinic_id", Id),
    needed("key_hash", Text),
    Column("browser_hash", Text),
    Column("provider_revision", WholeNumber),
    Column("place", Text),
    Column("staff_id", Id),
    Column("credentials_revision", WholeNumber),
    Column("invitation_hash", Text),
    needed("expires_at", Instant),
    PrimaryKeyConstraint("clinic_id", "key_hash"),
    ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
    ForeignKeyConstraint(["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"]),
    Index(None, "key_hash"),
    Index(None, "clinic_id", "place"),
    Index(None, "clinic_id", "staff_id"),
    Index(None, "expires_at"),
)
