"""The feed, which numbers what the audit has of the record, and webhooks. What is kept already waits for its number.

Made: 2026-11-23
"""

from typing import Any

from alembic import op
from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    bindparam,
    text,
)

from app.db.columns import Flag, Id, Instant, Sorted, Whole

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PUBLISHED = (
    "assessment.kept",
    "baseline.set",
    "course.added",
    "course.cleared",
    "course.revised",
    "discharge.confirmed",
    "discharge.declined",
    "discharge.overridden",
    "discharge.recorded",
    "escort.kept",
    "event.recorded",
    "event.voided",
    "notice.acknowledged",
    "notice.raised",
    "patient.added",
    "patient.revised",
    "protocol.approved",
    "protocol.drafted",
    "readiness.raised",
    "readiness.withdrawn",
    "reading.corrected",
    "reading.recorded",
    "reading.voided",
    "screening.kept",
    "screening.overridden",
    "session.cleared",
    "session.planned",
    "session.revised",
)
"""What is told, of all that may have been kept before this version, or by it before a way back."""
BACK_FILL = """
INSERT INTO feed_pending (clinic_id, event_id, chain_position)
SELECT e.clinic_id, e.id, CASE WHEN e.stream = 'clinic' THEN 0 ELSE l.position END
FROM audit_events e LEFT JOIN audit_links l ON l.clinic_id = e.clinic_id AND l.event_id = e.id
WHERE e.action IN :published
"""


def _needed(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


def upgrade() -> None:
    op.create_table(
        "feed_pending",
        _needed("clinic_id", Id),
        _needed("event_id", Id),
        _needed("chain_position", Whole),
        Column("revision", Whole),
        PrimaryKeyConstraint("clinic_id", "event_id", name="pk_feed_pending"),
        sqlite_strict=True,
    )
    op.create_table(
        "feed",
        _needed("clinic_id", Id),
        _needed("position", Whole),
        _needed("event_id", Id),
        Column("revision", Whole),
        PrimaryKeyConstraint("clinic_id", "position", name="pk_feed"),
        UniqueConstraint("clinic_id", "event_id", name="uq_feed_clinic_id_event_id"),
        ForeignKeyConstraint(
            ["clinic_id", "event_id"],
            ["audit_events.clinic_id", "audit_events.id"],
            name="fk_feed_clinic_id_event_id",
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "webhooks",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("url", Text),
        Column("kinds", Text),
        _needed("with_values", Flag),
        _needed("allow_private", Flag),
        _needed("secret", Text),
        Column("old_secret", Text),
        Column("old_until", Instant),
        Column("paused", Text),
        _needed("added_at", Instant),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_webhooks"),
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_webhooks_clinic_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "webhook_places",
        _needed("clinic_id", Id),
        _needed("webhook_id", Id),
        _needed("position", Whole),
        PrimaryKeyConstraint("clinic_id", "webhook_id", name="pk_webhook_places"),
        ForeignKeyConstraint(
            ["clinic_id", "webhook_id"],
            ["webhooks.clinic_id", "webhooks.id"],
            name="fk_webhook_places_clinic_id_webhook_id",
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "webhook_deliveries",
        _needed("clinic_id", Id),
        _needed("webhook_id", Id),
        _needed("position", Whole),
        _needed("lane", Sorted),
        _needed("waiting_since", Instant),
        _needed("tries", Whole),
        Column("next_at", Instant),
        Column("outcome", Text),
        _needed("dead", Flag),
        PrimaryKeyConstraint("clinic_id", "webhook_id", "position", name="pk_webhook_deliveries"),
        ForeignKeyConstraint(
            ["clinic_id", "webhook_id"],
            ["webhooks.clinic_id", "webhooks.id"],
            name="fk_webhook_deliveries_clinic_id_webhook_id",
        ),
        ForeignKeyConstraint(
            ["clinic_id", "position"],
            ["feed.clinic_id", "feed.position"],
            name="fk_webhook_deliveries_clinic_id_position",
        ),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_webhook_deliveries_clinic_id_webhook_id_lane_position",
        "webhook_deliveries",
        ["clinic_id", "webhook_id", "lane", "position"],
    )
    op.create_index(
        "ix_webhook_deliveries_due",
        "webhook_deliveries",
        ["clinic_id", "webhook_id", "next_at"],
        sqlite_where=text("next_at IS NOT NULL"),
        postgresql_where=text("next_at IS NOT NULL"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER feed_no_{verb} BEFORE {verb.upper()} ON feed"
                " BEGIN SELECT RAISE(ABORT, 'rows of feed are never changed or deleted'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER feed_insert_only BEFORE UPDATE OR DELETE ON feed"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            "CREATE TRIGGER feed_no_truncate BEFORE TRUNCATE ON feed"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(text(BACK_FILL).bindparams(bindparam("published", PUBLISHED, expanding=True)))


def downgrade() -> None:
    for name in ("webhook_deliveries", "webhook_places", "webhooks", "feed", "feed_pending"):
        op.drop_table(name)
