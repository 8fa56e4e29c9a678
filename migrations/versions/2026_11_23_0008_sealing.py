"""The key by which the service seals what it hands out and is handed back.

Made: 2026-11-23
"""

import secrets

from alembic import op
from sqlalchemy import CheckConstraint, Column, PrimaryKeyConstraint, Text, column, table

from app.db.columns import Whole

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sealing",
        Column("only", Whole, nullable=False),
        Column("key", Text, nullable=False),
        CheckConstraint('"only" = 1', name=op.f("ck_sealing_one_row")),
        PrimaryKeyConstraint("only", name="pk_sealing"),
        sqlite_strict=True,
    )
    op.bulk_insert(
        table("sealing", column("only", Whole), column("key", Text)), [{"only": 1, "key": secrets.token_hex(32)}]
    )


def downgrade() -> None:
    op.drop_table("sealing")
