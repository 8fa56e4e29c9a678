"""Machines that may sign in: their registrations, the assertions they have used, their tokens.

Made: 2026-11-23
"""

from typing import Any

from alembic import op
from sqlalchemy import Column, ForeignKeyConstraint, PrimaryKeyConstraint, Text

from app.db.columns import Flag, Id, Instant, Whole

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def _needed(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


def upgrade() -> None:
    op.create_table(
        "clients",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("revision", Whole),
        _needed("name", Text),
        _needed("scopes", Text),
        Column("keys", Text),
        Column("keys_url", Text),
        _needed("private", Flag),
        _needed("active", Flag),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_clients"),
        sqlite_strict=True,
    )
    op.create_index("ix_clients_id", "clients", ["id"])
    op.create_table(
        "client_assertions",
        _needed("clinic_id", Id),
        _needed("client_id", Id),
        _needed("jti_hash", Text),
        _needed("expires_at", Instant),
        PrimaryKeyConstraint("clinic_id", "client_id", "jti_hash", name="pk_client_assertions"),
        ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["clients.clinic_id", "clients.id"],
            name="fk_client_assertions_clinic_id_client_id",
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "client_tokens",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("home_id", Id),
        _needed("client_id", Id),
        _needed("client_revision", Whole),
        _needed("token_hash", Text),
        _needed("scopes", Text),
        _needed("expires_at", Instant),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_client_tokens"),
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_client_tokens_clinic_id"),
        ForeignKeyConstraint(
            ["home_id", "client_id"], ["clients.clinic_id", "clients.id"], name="fk_client_tokens_home_id_client_id"
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_client_tokens_token_hash", "client_tokens", ["token_hash"])
    op.create_index("ix_client_tokens_home_id_client_id", "client_tokens", ["home_id", "client_id"])


def downgrade() -> None:
    op.drop_table("client_tokens")
    op.drop_table("client_assertions")
    op.drop_table("clients")
