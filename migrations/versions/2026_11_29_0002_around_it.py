"""What is around the record: sign-ins, tablets, machines, the feed with its webhooks, exports, the installation.

Made: 2026-11-29
"""

from typing import Any

from alembic import op
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, PrimaryKeyConstraint, Text, UniqueConstraint, text

from app.db.columns import Canonical, Flag, Id, Instant, Sorted, WholeNumber

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _table(name: str, *parts: Any) -> None:
    op.create_table(name, *parts, sqlite_strict=True)


def _needed(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def _of_staff(name: str) -> ForeignKeyConstraint:
    columns = ["staff.clinic_id", "staff.id"]
    return ForeignKeyConstraint(["clinic_id", "staff_id"], columns, name=f"fk_{name}_clinic_id_staff_id")


def upgrade() -> None:
    _table(
        "attempts",
        _needed("key", Text),
        _needed("failures", WholeNumber),
        _needed("since", Instant),
        PrimaryKeyConstraint("key", name="pk_attempts"),
    )
    op.create_index("ix_attempts_since", "attempts", ["since"])
    _table(
        "known_places",
        _needed("key", Text),
        _needed("seen_at", Instant),
        PrimaryKeyConstraint("key", name="pk_known_places"),
    )
    op.create_index("ix_known_places_seen_at", "known_places", ["seen_at"])
    _table(
        "clients",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("revision", WholeNumber),
        _needed("name", Text),
        _needed("scopes", Text),
        Column("keys", Text),
        Column("keys_url", Text),
        _needed("private", Flag),
        _needed("active", Flag),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_clients"),
    )
    op.create_index("ix_clients_id", "clients", ["id"])
    _table(
        "clock",
        Column("only", WholeNumber, nullable=False, autoincrement=False),
        _needed("instant", Instant),
        CheckConstraint('"only" = 1', name=op.f("ck_clock_one_row")),
        PrimaryKeyConstraint("only", name="pk_clock"),
    )
    _table(
        "installation",
        Column("only", WholeNumber, nullable=False, autoincrement=False),
        _needed("epoch", Id),
        _needed("demo", Flag),
        _needed("created_at", Instant),
        _needed("endings", WholeNumber),
        Column("restored_at", Instant),
        Column("lost_from", Instant),
        Column("backed_up_at", Instant),
        Column("first_run_hash", Text),
        CheckConstraint('"only" = 1', name=op.f("ck_installation_one_row")),
        PrimaryKeyConstraint("only", name="pk_installation"),
    )
    _table(
        "sealing",
        Column("only", WholeNumber, nullable=False, autoincrement=False),
        Column("check_value", Text),
        Column("own_key", Text),
        Column("push_key", Text),
        CheckConstraint('"only" = 1', name=op.f("ck_sealing_one_row")),
        PrimaryKeyConstraint("only", name="pk_sealing"),
    )
    _table(
        "client_assertions",
        _needed("clinic_id", Id),
        _needed("client_id", Id),
        _needed("jti_hash", Text),
        _needed("expires_at", Instant),
        ForeignKeyConstraint(
            ["clinic_id", "client_id"],
            ["clients.clinic_id", "clients.id"],
            name="fk_client_assertions_clinic_id_client_id",
        ),
        PrimaryKeyConstraint("clinic_id", "client_id", "jti_hash", name="pk_client_assertions"),
    )
    op.create_index("ix_client_assertions_expires_at", "client_assertions", ["expires_at"])
    _table(
        "client_tokens",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("home_id", Id),
        _needed("client_id", Id),
        _needed("client_revision", WholeNumber),
        _needed("token_hash", Text),
        _needed("scopes", Text),
        _needed("expires_at", Instant),
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_client_tokens_clinic_id"),
        ForeignKeyConstraint(
            ["home_id", "client_id"], ["clients.clinic_id", "clients.id"], name="fk_client_tokens_home_id_client_id"
        ),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_client_tokens"),
    )
    op.create_index("ix_client_tokens_expires_at", "client_tokens", ["expires_at"])
    op.create_index("ix_client_tokens_token_hash", "client_tokens", ["token_hash"])
    _table(
        "enrolments",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("revision", WholeNumber),
        _needed("name", Sorted),
        _needed("in_use", Flag),
        Column("public_key", Text),
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_enrolments_clinic_id"),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_enrolments"),
    )
    op.create_index("ix_enrolments_clinic_id_name_id", "enrolments", ["clinic_id", "name", "id"])
    _table(
        "tablet_numbers",
        _needed("clinic_id", Id),
        _needed("tablet_id", Id),
        _needed("public_key", Text),
        _needed("number", WholeNumber),
        _needed("since", Instant),
        ForeignKeyConstraint(
            ["clinic_id", "tablet_id"],
            ["enrolments.clinic_id", "enrolments.id"],
            name="fk_tablet_numbers_clinic_id_tablet_id",
        ),
        PrimaryKeyConstraint("clinic_id", "tablet_id", name="pk_tablet_numbers"),
    )
    _table(
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
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'ended')", name=op.f("ck_exports_state")),
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_exports_clinic_id"),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_exports"),
    )
    op.create_index("ix_exports_clinic_id_state", "exports", ["clinic_id", "state"])
    op.create_index(
        "ix_exports_not_ended",
        "exports",
        ["state", "clinic_id"],
        **_where("state IN ('waiting', 'running', 'done', 'failed')"),
    )
    _table(
        "tablet_keys",
        _needed("clinic_id", Id),
        _needed("tablet_id", Id),
        _needed("key", Text),
        _needed("made_at", Instant),
        Column("made_for", Id),
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_tablet_keys_clinic_id"),
        PrimaryKeyConstraint("clinic_id", "tablet_id", name="pk_tablet_keys"),
    )
    op.create_index("ix_tablet_keys_clinic_id_made_at", "tablet_keys", ["clinic_id", "made_at"])
    _table(
        "tablets",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("heard_at", Instant),
        _needed("unsent", WholeNumber),
        _needed("clock_offset_ms", WholeNumber),
        _needed("pace", WholeNumber),
        Column("silent_at", Instant),
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_tablets_clinic_id"),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_tablets"),
    )
    op.create_index("ix_tablets_silent", "tablets", ["silent_at"], **_where("silent_at IS NOT NULL"))
    _table(
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
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_webhooks_clinic_id"),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_webhooks"),
    )
    _table(
        "credentials",
        _needed("clinic_id", Id),
        _needed("staff_id", Id),
        _needed("revision", WholeNumber),
        Column("password_hash", Text),
        _needed("must_change", Flag),
        Column("invitation_hash", Text),
        Column("invited_until", Instant),
        ForeignKeyConstraint(
            ["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"], name="fk_credentials_clinic_id_staff_id"
        ),
        PrimaryKeyConstraint("clinic_id", "staff_id", name="pk_credentials"),
    )
    op.create_index("ix_credentials_invitation_hash", "credentials", ["invitation_hash"])
    _table(
        "sign_ins",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("staff_id", Id),
        _needed("token_hash", Text),
        _needed("created_at", Instant),
        _needed("last_used_at", Instant),
        _needed("expires_at", Instant),
        Column("ended_at", Instant),
        Column("tablet_id", Id),
        Column("ticket_hash", Text),
        Column("shift_id", Id),
        _needed("pin_tries", WholeNumber),
        _needed("revoked", Flag),
        ForeignKeyConstraint(
            ["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"], name="fk_sign_ins_clinic_id_staff_id"
        ),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_sign_ins"),
    )
    op.create_index("ix_sign_ins_clinic_id_shift_id", "sign_ins", ["clinic_id", "shift_id"])
    op.create_index("ix_sign_ins_clinic_id_staff_id", "sign_ins", ["clinic_id", "staff_id"])
    op.create_index("ix_sign_ins_expires_at", "sign_ins", ["expires_at"])
    op.create_index("ix_sign_ins_clinic_id_ticket_hash", "sign_ins", ["clinic_id", "ticket_hash"])
    op.create_index("ix_sign_ins_token_hash", "sign_ins", ["token_hash"])
    _table(
        "webhook_places",
        _needed("clinic_id", Id),
        _needed("webhook_id", Id),
        _needed("position", WholeNumber),
        ForeignKeyConstraint(
            ["clinic_id", "webhook_id"],
            ["webhooks.clinic_id", "webhooks.id"],
            name="fk_webhook_places_clinic_id_webhook_id",
        ),
        PrimaryKeyConstraint("clinic_id", "webhook_id", name="pk_webhook_places"),
    )
    _table(
        "pins",
        _needed("clinic_id", Id),
        _needed("tablet_id", Id),
        _needed("staff_id", Id),
        _needed("pin_hash", Text),
        _needed("device_hash", Text),
        _needed("shift_id", Id),
        _needed("expires_at", Instant),
        ForeignKeyConstraint(
            ["clinic_id", "shift_id"], ["sign_ins.clinic_id", "sign_ins.id"], name="fk_pins_clinic_id_shift_id"
        ),
        ForeignKeyConstraint(
            ["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"], name="fk_pins_clinic_id_staff_id"
        ),
        ForeignKeyConstraint(
            ["clinic_id", "tablet_id"], ["enrolments.clinic_id", "enrolments.id"], name="fk_pins_clinic_id_tablet_id"
        ),
        PrimaryKeyConstraint("clinic_id", "tablet_id", "staff_id", name="pk_pins"),
    )
    op.create_index("ix_pins_clinic_id_shift_id", "pins", ["clinic_id", "shift_id"])
    op.create_index("ix_pins_clinic_id_staff_id", "pins", ["clinic_id", "staff_id"])
    op.create_index("ix_pins_device_hash", "pins", ["device_hash"])
    _table(
        "tablet_sessions",
        _needed("clinic_id", Id),
        _needed("session_id", Id),
        _needed("tablet_id", Id),
        _needed("draft", Flag),
        _needed("seconds", WholeNumber),
        ForeignKeyConstraint(
            ["clinic_id", "session_id"],
            ["sessions.clinic_id", "sessions.id"],
            name="fk_tablet_sessions_clinic_id_session_id",
        ),
        ForeignKeyConstraint(
            ["clinic_id", "tablet_id"],
            ["tablets.clinic_id", "tablets.id"],
            name="fk_tablet_sessions_clinic_id_tablet_id",
        ),
        PrimaryKeyConstraint("clinic_id", "session_id", "tablet_id", name="pk_tablet_sessions"),
    )
    op.create_index("ix_tablet_sessions_clinic_id_tablet_id", "tablet_sessions", ["clinic_id", "tablet_id"])
    _table(
        "feed",
        _needed("clinic_id", Id),
        _needed("position", WholeNumber),
        _needed("stream", Sorted),
        _needed("entry", WholeNumber),
        ForeignKeyConstraint(
            ["clinic_id", "stream", "entry"],
            ["journal.clinic_id", "journal.stream", "journal.position"],
            name="fk_feed_clinic_id_stream_entry",
        ),
        PrimaryKeyConstraint("clinic_id", "position", name="pk_feed"),
        UniqueConstraint("clinic_id", "stream", "entry", name="uq_feed_clinic_id_stream_entry"),
    )
    _table(
        "webhook_deliveries",
        _needed("clinic_id", Id),
        _needed("webhook_id", Id),
        _needed("position", WholeNumber),
        _needed("lane", Sorted),
        _needed("waiting_since", Instant),
        _needed("tries", WholeNumber),
        Column("next_at", Instant),
        Column("outcome", Text),
        _needed("dead", Flag),
        ForeignKeyConstraint(
            ["clinic_id", "position"],
            ["feed.clinic_id", "feed.position"],
            name="fk_webhook_deliveries_clinic_id_position",
        ),
        ForeignKeyConstraint(
            ["clinic_id", "webhook_id"],
            ["webhooks.clinic_id", "webhooks.id"],
            name="fk_webhook_deliveries_clinic_id_webhook_id",
        ),
        PrimaryKeyConstraint("clinic_id", "webhook_id", "position", name="pk_webhook_deliveries"),
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
        **_where("next_at IS NOT NULL"),
    )


def downgrade() -> None:
    for name in (
        "webhook_deliveries",
        "feed",
        "tablet_sessions",
        "pins",
        "webhook_places",
        "sign_ins",
        "credentials",
        "webhooks",
        "tablets",
        "tablet_keys",
        "exports",
        "tablet_numbers",
        "enrolments",
        "client_tokens",
        "client_assertions",
        "sealing",
        "installation",
        "clock",
        "clients",
        "known_places",
        "attempts",
    ):
        op.drop_table(name)
