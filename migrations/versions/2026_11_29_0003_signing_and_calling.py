"""How people sign (passkeys, six digits, recovery codes) and how tablets are called (push, alerts, wall boards).

Made: 2026-11-29
"""

from typing import Any

from alembic import op
from sqlalchemy import Column, ForeignKeyConstraint, PrimaryKeyConstraint, Text

from app.db.columns import Flag, Id, Instant, WholeNumber

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _table(name: str, *parts: Any) -> None:
    op.create_table(name, *parts, sqlite_strict=True)


def _needed(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _of_staff(name: str) -> ForeignKeyConstraint:
    columns = ["staff.clinic_id", "staff.id"]
    return ForeignKeyConstraint(["clinic_id", "staff_id"], columns, name=f"fk_{name}_clinic_id_staff_id")


def upgrade() -> None:
    _table(
        "second_factors",
        _needed("clinic_id", Id),
        _needed("staff_id", Id),
        Column("totp", Text),
        _needed("totp_step", WholeNumber),
        _needed("wrong", WholeNumber),
        Column("wrong_at", Instant),
        Column("reset_at", Instant),
        _of_staff("second_factors"),
        PrimaryKeyConstraint("clinic_id", "staff_id", name="pk_second_factors"),
    )
    _table(
        "passkeys",
        _needed("clinic_id", Id),
        _needed("id", Text),
        _needed("staff_id", Id),
        _needed("public_key", Text),
        _needed("sign_count", WholeNumber),
        _needed("name", Text),
        _needed("added_at", Instant),
        _of_staff("passkeys"),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_passkeys"),
    )
    op.create_index("ix_passkeys_clinic_id_staff_id", "passkeys", ["clinic_id", "staff_id"])
    _table(
        "recovery_codes",
        _needed("clinic_id", Id),
        _needed("staff_id", Id),
        _needed("code_hash", Text),
        _of_staff("recovery_codes"),
        PrimaryKeyConstraint("clinic_id", "staff_id", "code_hash", name="pk_recovery_codes"),
    )
    _table(
        "nonces",
        _needed("clinic_id", Id),
        _needed("nonce", Text),
        _needed("staff_id", Id),
        _needed("purpose", Text),
        Column("sealed", Text),
        _needed("expires_at", Instant),
        _of_staff("nonces"),
        PrimaryKeyConstraint("clinic_id", "nonce", name="pk_nonces"),
    )
    op.create_index("ix_nonces_clinic_id_staff_id", "nonces", ["clinic_id", "staff_id"])
    _table(
        "walls",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("revision", WholeNumber),
        _needed("name", Text),
        _needed("initials", Flag),
        _needed("in_use", Flag),
        _needed("token_hash", Text),
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_walls_clinic_id"),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_walls"),
    )
    op.create_index("ix_walls_token_hash", "walls", ["token_hash"])
    _table(
        "push_subscriptions",
        _needed("clinic_id", Id),
        _needed("tablet_id", Id),
        _needed("shift_id", Id),
        _needed("expires_at", Instant),
        _needed("endpoint", Text),
        _needed("p256dh", Text),
        _needed("auth", Text),
        ForeignKeyConstraint(
            ["clinic_id", "shift_id"],
            ["sign_ins.clinic_id", "sign_ins.id"],
            name="fk_push_subscriptions_clinic_id_shift_id",
        ),
        PrimaryKeyConstraint("clinic_id", "tablet_id", name="pk_push_subscriptions"),
    )
    _table(
        "alerts",
        _needed("clinic_id", Id),
        _needed("session_id", Id),
        _needed("alert", Text),
        _needed("noticed_at", Instant),
        _needed("calls", WholeNumber),
        Column("seen_at", Instant),
        ForeignKeyConstraint(
            ["clinic_id", "session_id"], ["sessions.clinic_id", "sessions.id"], name="fk_alerts_clinic_id_session_id"
        ),
        PrimaryKeyConstraint("clinic_id", "session_id", "alert", name="pk_alerts"),
    )


def downgrade() -> None:
    for name in (
        "nonces",
        "recovery_codes",
        "passkeys",
        "second_factors",
        "alerts",
        "push_subscriptions",
        "walls",
    ):
        op.drop_table(name)
