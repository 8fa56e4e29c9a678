"""Bulk exports, and the indexes by which they and searches find what changed, or was measured, when.

Made: 2026-11-23
"""

from typing import Any

from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, PrimaryKeyConstraint, Text, text

from app.db.columns import Canonical, Id, Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NOT_ENDED = text("state IN ('waiting', 'running', 'done', 'failed')")
CHANGES = text("stream != 'clinic'")


def _needed(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


def upgrade() -> None:
    op.create_table(
        "exports",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("owner", Text),
        _needed("asked_at", Instant),
        _needed("asked_wall", Instant),
        _needed("transaction_time", Instant),
        _needed("state", Text),
        _needed("document", Canonical),
        _needed("progress", Canonical),
        Column("holder", Id),
        Column("held_until", Instant),
        Column("expires_at", Instant),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_exports"),
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_exports_clinic_id"),
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'ended')", name=op.f("ck_exports_state")),
        sqlite_strict=True,
    )
    op.create_index("ix_exports_clinic_id_state", "exports", ["clinic_id", "state"])
    op.create_index(
        "ix_exports_not_ended",
        "exports",
        ["state", "clinic_id"],
        sqlite_where=NOT_ENDED,
        postgresql_where=NOT_ENDED,
    )
    op.create_index(
        "ix_readings_clinic_id_measured_at_session_id", "readings", ["clinic_id", "measured_at", "session_id"]
    )
    op.create_index("ix_events_clinic_id_at_session_id", "events", ["clinic_id", "at", "session_id"])
    op.create_index(
        "ix_audit_events_changes",
        "audit_events",
        ["clinic_id", "at", "session_id"],
        sqlite_where=CHANGES,
        postgresql_where=CHANGES,
    )


def downgrade() -> None:
    op.drop_index("ix_audit_events_changes", "audit_events")
    op.drop_index("ix_events_clinic_id_at_session_id", "events")
    op.drop_index("ix_readings_clinic_id_measured_at_session_id", "readings")
    op.drop_table("exports")
