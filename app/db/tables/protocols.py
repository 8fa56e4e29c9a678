"""The protocol versions of a clinic: a draft may change, an approved one never does (a trigger says so)."""

from sqlalchemy import Column, ForeignKeyConstraint, PrimaryKeyConstraint, Text

from app.db.columns import Canonical, Flag, Id, Instant, Sorted, WholeNumber
from app.db.tables.making import needed, table

protocol_versions = table(
    "protocol_versions",
    needed("clinic_id", Id),
    needed("protocol_id", Sorted),
    needed("version", WholeNumber),
    needed("revision", WholeNumber),
    needed("hash", Text),
    needed("example", Flag),
    needed("document", Canonical),
    PrimaryKeyConstraint("clinic_id", "protocol_id", "version"),
    ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
    record=True,
)

protocol_approvals = table(
    "protocol_approvals",
    needed("clinic_id", Id),
    needed("protocol_id", Sorted),
    needed("version", WholeNumber),
    needed("staff_id", Id),
    needed("name", Text),
    needed("role", Text),
    needed("approved_at", Instant),
    Column("proof", Canonical),
    PrimaryKeyConstraint("clinic_id", "protocol_id", "version", "staff_id"),
    ForeignKeyConstraint(
        ["clinic_id", "protocol_id", "version"],
        ["protocol_versions.clinic_id", "protocol_versions.protocol_id", "protocol_versions.version"],
    ),
    record=True,
    insert_only=True,
)
