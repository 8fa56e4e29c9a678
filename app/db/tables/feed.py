"""The feed: the numbers of its entries, the webhooks, and what they have not delivered."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Text, UniqueConstraint

from app.db.columns import Flag, Id, Instant, Sorted, WholeNumber
from app.db.tables.making import needed, secret, table

feed = table(
    "feed",
    needed("clinic_id", Id),
    needed("position", WholeNumber),
    needed("stream", Sorted),
    needed("entry", WholeNumber),
    PrimaryKeyConstraint("clinic_id", "position"),
    UniqueConstraint("clinic_id", "stream", "entry"),
    ForeignKeyConstraint(["clinic_id", "stream", "entry"], ["journal.clinic_id", "journal.stream", "journal.position"]),
    insert_only=True,
)

webhooks = table(
    "webhooks",
    needed("clinic_id", Id),
    needed("id", Id),
    needed("url", Text),
    Column("kinds", Text),
    needed("with_values", Flag),
    needed("allow_private", Flag),
    secret("secret"),
    secret("old_secret", nullable=True),
    Column("old_until", Instant),
    Column("paused", Text),
    needed("added_at", Instant),
    PrimaryKeyConstraint("clinic_id", "id"),
    ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
    record=True,
)

webhook_places = table(
    "webhook_places",
    needed("clinic_id", Id),
    needed("webhook_id", Id),
    needed("position", WholeNumber),
    PrimaryKeyConstraint("clinic_id", "webhook_id"),
    ForeignKeyConstraint(["clinic_id", "webhook_id"], ["webhooks.clinic_id", "webhooks.id"]),
)

webhook_deliveries = table(
    "webhook_deliveries",
    needed("clinic_id", Id),
    needed("webhook_id", Id),
    needed("position", WholeNumber),
    needed("lane", Sorted),
    needed("waiting_since", Instant),
    needed("tries", WholeNumber),
    Column("next_at", Instant),
    Column("outcome", Text),
    needed("dead", Flag),
    PrimaryKeyConstraint("clinic_id", "webhook_id", "position"),
    ForeignKeyConstraint(["clinic_id", "webhook_id"], ["webhooks.clinic_id", "webhooks.id"]),
    ForeignKeyConstraint(["clinic_id", "position"], ["feed.clinic_id", "feed.position"]),
    Index(None, "clinic_id", "webhook_id", "lane", "position"),
)
_DUE = webhook_deliveries.c.next_at.is_not(None)
Index(
    "ix_webhook_deliveries_due",
    webhook_deliveries.c.clinic_id,
    webhook_deliveries.c.webhook_id,
    webhook_deliveries.c.next_at,
    sqlite_where=_DUE,
    postgresql_where=_DUE,
)
