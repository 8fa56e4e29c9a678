"""Who vouches for a clinic's people (OpenID), who is known there, and ways to a provider that are under way.

Made: 2026-11-30
"""

from typing import Any

from alembic import op
from sqlalchemy import Column, ForeignKeyConstraint, PrimaryKeyConstraint, Text

from app.db.columns import Flag, Id, Instant, WholeNumber

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _needed(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _of_clinic(name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=f"fk_{name}_clinic_id")


def _of_staff(name: str) -> ForeignKeyConstraint:
    columns = ["staff.clinic_id", "staff.id"]
    return ForeignKeyConstraint(["clinic_id", "staff_id"], columns, name=f"fk_{name}_clinic_id_staff_id")


def upgrade() -> None:
    op.create_table(
        "providers",
        _needed("clinic_id", Id),
        _needed("revision", WholeNumber),
        _needed("name", Text),
        _needed("issuer", Text),
        _needed("client_id", Text),
        _needed("private", Flag),
        _needed("in_use", Flag),
        _needed("client_secret", Text),
        _of_clinic("providers"),
        PrimaryKeyConstraint("clinic_id", name="pk_providers"),
        sqlite_strict=True,
    )
    op.create_table(
        "identities",
        _needed("clinic_id", Id),
        _needed("staff_id", Id),
        _needed("revision", WholeNumber),
        Column("issuer", Text),
        Column("subject", Text),
        _of_staff("identities"),
        PrimaryKeyConstraint("clinic_id", "staff_id", name="pk_identities"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_identities_clinic_id_issuer_subject", "identities", ["clinic_id", "issuer", "subject"], unique=True
    )
    op.create_table(
        "journeys",
        _needed("clinic_id", Id),
        _needed("key_hash", Text),
        Column("browser_hash", Text),
        Column("provider_revision", WholeNumber),
        Column("place", Text),
        Column("staff_id", Id),
        Column("credentials_revision", WholeNumber),
        Column("invitation_hash", Text),
        _needed("expires_at", Instant),
        _of_clinic("journeys"),
        _of_staff("journeys"),
        PrimaryKeyConstraint("clinic_id", "key_hash", name="pk_journeys"),
        sqlite_strict=True,
    )
    for columns in (["key_hash"], ["clinic_id", "place"], ["clinic_id", "staff_id"], ["expires_at"]):
        op.create_index(f"ix_journeys_{'_'.join(columns)}", "journeys", columns)


def downgrade() -> None:
    for name in ("journeys", "identities", "providers"):
        op.drop_table(name)
