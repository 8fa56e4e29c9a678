"""Bulk exports: what was ordered, who works on it, and how far it has come."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Text

from app.db.columns import Canonical, Id, Instant
from app.db.tables.making import needed, table

exports = table(
    "exports",
    needed("clinic_id", Id),
    needed("id", Id),
    needed("owner", Text),
    needed("asked_at", Instant),
    needed("asked_wall", Instant),
    needed("transaction_time", Instant),
    needed("state", Text),
    needed("document", Canonical),
    needed("progress", Canonical),
    Column("holder", Id),
    Column("held_until", Instant),
    Column("expires_at", Instant),
    PrimaryKeyConstraint("clinic_id", "id"),
    ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
    CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'ended')", name="state"),
    Index(None, "clinic_id", "state"),
)
_AT_WORK = exports.c.state.in_(("waiting", "running", "done", "failed"))
Index("ix_exports_not_ended", exports.c.state, exports.c.clinic_id, sqlite_where=_AT_WORK, postgresql_where=_AT_WORK)
