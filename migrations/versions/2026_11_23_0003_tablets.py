"""What tablets last said, and which sessions each has open.

Made: 2026-11-23
"""

from alembic import op
from sqlalchemy import Column, ForeignKeyConstraint, PrimaryKeyConstraint

from app.db.columns import Flag, Id, Instant, Whole

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tablets",
        Column("clinic_id", Id, nullable=False),
        Column("id", Id, nullable=False),
        Column("heard_at", Instant, nullable=False),
        Column("unsent", Whole, nullable=False),
        Column("clock_offset_ms", Whole, nullable=False),
        Column("pace", Whole, nullable=False),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_tablets"),
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_tablets_clinic_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "tablet_sessions",
        Column("clinic_id", Id, nullable=False),
        Column("session_id", Id, nullable=False),
        Column("tablet_id", Id, nullable=False),
        Column("draft", Flag, nullable=False),
        PrimaryKeyConstraint("clinic_id", "session_id", "tablet_id", name="pk_tablet_sessions"),
        ForeignKeyConstraint(
            ["clinic_id", "tablet_id"],
            ["tablets.clinic_id", "tablets.id"],
            name="fk_tablet_sessions_clinic_id_tablet_id",
        ),
        ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["sessions.clinic_id", "sessions.id"],
            name="fk_tablet_sessions_clinic_id_session_id",
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_tablet_sessions_clinic_id_tablet_id", "tablet_sessions", ["clinic_id", "tablet_id"])


def downgrade() -> None:
    op.drop_table("tablet_sessions")
    op.drop_table("tablets")
