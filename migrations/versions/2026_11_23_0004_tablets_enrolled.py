"""Enrolled tablets, their outbox keys and PINs; tickets and shifts of sign-ins.

Made: 2026-11-23
"""

from typing import Any

from alembic import op
from sqlalchemy import Column, ForeignKeyConstraint, PrimaryKeyConstraint, Text

from app.db.columns import Id, Instant, Whole

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _needed(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


def upgrade() -> None:
    op.add_column("sign_ins", Column("ticket_hash", Text))
    op.add_column("sign_ins", Column("shift_id", Id))
    op.create_index("ix_sign_ins_clinic_id_ticket_hash", "sign_ins", ["clinic_id", "ticket_hash"])
    op.create_index("ix_sign_ins_clinic_id_shift_id", "sign_ins", ["clinic_id", "shift_id"])
    op.create_table(
        "enrolments",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("revision", Whole),
        _needed("name", Text),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_enrolments"),
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_enrolments_clinic_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "tablet_keys",
        _needed("clinic_id", Id),
        _needed("tablet_id", Id),
        _needed("key", Text),
        _needed("made_at", Instant),
        PrimaryKeyConstraint("clinic_id", "tablet_id", name="pk_tablet_keys"),
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_tablet_keys_clinic_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "pins",
        _needed("clinic_id", Id),
        _needed("tablet_id", Id),
        _needed("staff_id", Id),
        _needed("pin_hash", Text),
        _needed("device_hash", Text),
        _needed("shift_id", Id),
        _needed("expires_at", Instant),
        _needed("tries", Whole),
        PrimaryKeyConstraint("clinic_id", "tablet_id", "staff_id", name="pk_pins"),
        ForeignKeyConstraint(
            ["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"], name="fk_pins_clinic_id_staff_id"
        ),
        ForeignKeyConstraint(
            ["clinic_id", "tablet_id"], ["enrolments.clinic_id", "enrolments.id"], name="fk_pins_clinic_id_tablet_id"
        ),
        ForeignKeyConstraint(
            ["clinic_id", "shift_id"], ["sign_ins.clinic_id", "sign_ins.id"], name="fk_pins_clinic_id_shift_id"
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_pins_clinic_id_staff_id", "pins", ["clinic_id", "staff_id"])
    op.create_index("ix_pins_clinic_id_shift_id", "pins", ["clinic_id", "shift_id"])
    op.create_index("ix_pins_device_hash", "pins", ["device_hash"])


def downgrade() -> None:
    op.drop_table("pins")
    op.drop_table("tablet_keys")
    op.drop_table("enrolments")
    op.drop_index("ix_sign_ins_clinic_id_shift_id", "sign_ins")
    op.drop_index("ix_sign_ins_clinic_id_ticket_hash", "sign_ins")
    op.drop_column("sign_ins", "shift_id")
    op.drop_column("sign_ins", "ticket_hash")
