"""The record: the journal, the look-up rows made from it, and the log.

Made: 2026-11-29
"""

from typing import Any

from alembic import op
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    MetaData,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)

from app.db.columns import CalendarDay, Canonical, Flag, Id, Instant, Sorted, WholeNumber

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _table(name: str, *parts: Any) -> None:
    op.create_table(name, *parts, sqlite_strict=True)


def _needed(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def upgrade() -> None:
    _table(
        "clinics",
        _needed("id", Id),
        _needed("name", Text),
        _needed("timezone", Text),
        _needed("created_at", Instant),
        PrimaryKeyConstraint("id", name="pk_clinics"),
    )
    _table(
        "log_events",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("at", Instant),
        _needed("wall_at", Instant),
        _needed("action", Text),
        Column("actor_id", Id),
        _needed("actor_name", Text),
        _needed("actor_role", Text),
        Column("tablet_id", Id),
        _needed("subject", Text),
        _needed("subject_id", Text),
        Column("session_id", Id),
        Column("patient_id", Id),
        Column("before", Canonical),
        Column("after", Canonical),
        Column("reason", Text),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_log_events"),
    )
    op.create_index("ix_log_events_clinic_id_action_id", "log_events", ["clinic_id", "action", "id"])
    op.create_index("ix_log_events_clinic_id_patient_id_id", "log_events", ["clinic_id", "patient_id", "id"])
    op.create_index("ix_log_events_clinic_id_session_id_id", "log_events", ["clinic_id", "session_id", "id"])
    _table(
        "log_links",
        _needed("clinic_id", Id),
        _needed("position", WholeNumber),
        Column("event_id", Id),
        Column("head_stream", Sorted),
        Column("head_position", WholeNumber),
        Column("head_hash", Text),
        _needed("prev_hash", Text),
        _needed("hash", Text),
        CheckConstraint("(event_id IS NULL) <> (head_stream IS NULL)", name=op.f("ck_log_links_one_entry")),
        PrimaryKeyConstraint("clinic_id", "position", name="pk_log_links"),
        UniqueConstraint("clinic_id", "event_id", name="uq_log_links_clinic_id_event_id"),
    )
    op.create_index(
        "ix_log_links_clinic_id_head_stream_head_position", "log_links", ["clinic_id", "head_stream", "head_position"]
    )
    _table(
        "log_pending",
        _needed("clinic_id", Id),
        _needed("event_id", Id),
        PrimaryKeyConstraint("clinic_id", "event_id", name="pk_log_pending"),
    )
    _table(
        "streams",
        _needed("clinic_id", Id),
        _needed("stream", Sorted),
        _needed("position", WholeNumber),
        _needed("hash", Text),
        _needed("numbered", WholeNumber),
        _needed("sealed", WholeNumber),
        PrimaryKeyConstraint("clinic_id", "stream", name="pk_streams"),
    )
    op.create_index("ix_streams_unnumbered", "streams", ["clinic_id", "stream"], **_where("position > numbered"))
    op.create_index("ix_streams_unsealed", "streams", ["clinic_id", "stream"], **_where("position > sealed"))
    _table(
        "patients",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("revision", WholeNumber),
        _needed("family", Sorted),
        _needed("given", Sorted),
        _needed("record_number", Sorted),
        _needed("birth_date", CalendarDay),
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_patients_clinic_id"),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_patients"),
    )
    op.create_index("ix_patients_clinic_id_birth_date", "patients", ["clinic_id", "birth_date"])
    op.create_index("ix_patients_clinic_id_family_given_id", "patients", ["clinic_id", "family", "given", "id"])
    op.create_index("ix_patients_clinic_id_record_number", "patients", ["clinic_id", "record_number"])
    _table(
        "protocol_versions",
        _needed("clinic_id", Id),
        _needed("protocol_id", Sorted),
        _needed("version", WholeNumber),
        _needed("revision", WholeNumber),
        _needed("hash", Text),
        _needed("example", Flag),
        _needed("document", Canonical),
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_protocol_versions_clinic_id"),
        PrimaryKeyConstraint("clinic_id", "protocol_id", "version", name="pk_protocol_versions"),
    )
    _table(
        "staff",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("revision", WholeNumber),
        _needed("username", Text),
        _needed("name", Text),
        _needed("role", Text),
        _needed("active", Flag),
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_staff_clinic_id"),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_staff"),
    )
    _table(
        "courses",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("revision", WholeNumber),
        _needed("patient_id", Id),
        ForeignKeyConstraint(
            ["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"], name="fk_courses_clinic_id_patient_id"
        ),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_courses"),
    )
    op.create_index("ix_courses_clinic_id_patient_id_id", "courses", ["clinic_id", "patient_id", "id"])
    _table(
        "patient_keys",
        _needed("clinic_id", Id),
        _needed("key", Sorted),
        _needed("patient_id", Id),
        ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.id"],
            name="fk_patient_keys_clinic_id_patient_id",
        ),
        PrimaryKeyConstraint("clinic_id", "key", "patient_id", name="pk_patient_keys"),
    )
    op.create_index("ix_patient_keys_clinic_id_patient_id", "patient_keys", ["clinic_id", "patient_id"])
    _table(
        "protocol_approvals",
        _needed("clinic_id", Id),
        _needed("protocol_id", Sorted),
        _needed("version", WholeNumber),
        _needed("staff_id", Id),
        _needed("name", Text),
        _needed("role", Text),
        _needed("approved_at", Instant),
        Column("proof", Canonical),
        ForeignKeyConstraint(
            ["clinic_id", "protocol_id", "version"],
            ["protocol_versions.clinic_id", "protocol_versions.protocol_id", "protocol_versions.version"],
            name="fk_protocol_approvals_clinic_id_protocol_id_version",
        ),
        PrimaryKeyConstraint("clinic_id", "protocol_id", "version", "staff_id", name="pk_protocol_approvals"),
    )
    _table(
        "usernames",
        _needed("username", Sorted),
        _needed("clinic_id", Id),
        _needed("staff_id", Id),
        ForeignKeyConstraint(
            ["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"], name="fk_usernames_clinic_id_staff_id"
        ),
        PrimaryKeyConstraint("username", name="pk_usernames"),
    )
    op.create_index("ix_usernames_clinic_id_staff_id", "usernames", ["clinic_id", "staff_id"])
    op.create_index("ix_usernames_clinic_id_username", "usernames", ["clinic_id", "username"])
    _table(
        "sessions",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("revision", WholeNumber),
        _needed("patient_id", Id),
        Column("course_id", Id),
        _needed("version", WholeNumber),
        _needed("state", Sorted),
        _needed("listing", Sorted),
        Column("due_at", Instant),
        Column("overdue_at", Instant),
        Column("next_change_at", Instant),
        Column("status", Text),
        Column("status_since", Instant),
        Column("digest", Text),
        Column("board", Canonical),
        _needed("at", Instant),
        Column("chair_key", Sorted),
        Column("signer_id", Id),
        Column("dose_started_at", Instant),
        Column("brief", Canonical),
        _needed("changed", WholeNumber),
        _needed("position", WholeNumber),
        _needed("hash", Text),
        _needed("numbered", WholeNumber),
        _needed("sealed", WholeNumber),
        CheckConstraint("listing IN ('planned', 'active', 'closed', 'afterwards')", name=op.f("ck_sessions_listing")),
        ForeignKeyConstraint(
            ["clinic_id", "course_id"], ["courses.clinic_id", "courses.id"], name="fk_sessions_clinic_id_course_id"
        ),
        ForeignKeyConstraint(
            ["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"], name="fk_sessions_clinic_id_patient_id"
        ),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_clinic_id_changed", "sessions", ["clinic_id", "changed"])
    op.create_index("ix_sessions_clinic_id_course_id", "sessions", ["clinic_id", "course_id"])
    op.create_index("ix_sessions_clinic_id_listing_id", "sessions", ["clinic_id", "listing", "id"])
    op.create_index("ix_sessions_clinic_id_at_id", "sessions", ["clinic_id", "at", "id"])
    op.create_index("ix_sessions_clinic_id_patient_id_at_id", "sessions", ["clinic_id", "patient_id", "at", "id"])
    op.create_index("ix_sessions_clinic_id_state_at_id", "sessions", ["clinic_id", "state", "at", "id"])
    for name in ("chair_key", "signer_id"):
        columns = ["clinic_id", name, "at", "id"]
        op.create_index(f"ix_sessions_{name}", "sessions", columns, **_where(f"{name} IS NOT NULL"))
    op.create_index("ix_sessions_next_change", "sessions", ["next_change_at"], **_where("next_change_at IS NOT NULL"))
    op.create_index("ix_sessions_unnumbered", "sessions", ["clinic_id", "id"], **_where("position > numbered"))
    op.create_index("ix_sessions_unsealed", "sessions", ["clinic_id", "id"], **_where("position > sealed"))
    op.create_index(
        "uq_sessions_one_active_a_patient",
        "sessions",
        ["clinic_id", "patient_id"],
        unique=True,
        **_where("listing = 'active'"),
    )
    _table(
        "journal",
        _needed("clinic_id", Id),
        _needed("stream", Sorted),
        _needed("position", WholeNumber),
        _needed("id", Id),
        _needed("kind", Sorted),
        _needed("fact_id", Sorted),
        _needed("revision", WholeNumber),
        Column("at", Instant),
        _needed("action", Text),
        Column("session_id", Id),
        Column("patient_id", Id),
        _needed("document", Text),
        Column("by_id", Id),
        _needed("by_name", Text),
        _needed("by_role", Text),
        Column("tablet_id", Id),
        Column("reason", Text),
        Column("sent_as", Id),
        _needed("recorded_at", Instant),
        _needed("wall_at", Instant),
        _needed("hash", Text),
        CheckConstraint("position >= 1 AND revision >= 1", name=op.f("ck_journal_counted")),
        ForeignKeyConstraint(
            ["clinic_id", "session_id"], ["sessions.clinic_id", "sessions.id"], name="fk_journal_clinic_id_session_id"
        ),
        PrimaryKeyConstraint("clinic_id", "stream", "position", name="pk_journal"),
        UniqueConstraint("clinic_id", "id", name="uq_journal_clinic_id_id"),
        UniqueConstraint("clinic_id", "kind", "fact_id", "revision", name="uq_journal_clinic_id_kind_fact_id_revision"),
    )
    op.create_index("ix_journal_clinic_id_action_id", "journal", ["clinic_id", "action", "id"])
    op.create_index("ix_journal_clinic_id_kind_at", "journal", ["clinic_id", "kind", "at"])
    op.create_index("ix_journal_clinic_id_patient_id_id", "journal", ["clinic_id", "patient_id", "id"])
    op.create_index("ix_journal_clinic_id_recorded_at", "journal", ["clinic_id", "recorded_at"])


def downgrade() -> None:
    found = MetaData()
    found.reflect(op.get_bind(), only=lambda name, _: name != "alembic_version")
    found.drop_all(op.get_bind())
