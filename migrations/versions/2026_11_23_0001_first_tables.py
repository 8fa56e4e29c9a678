"""The first tables.

Made: 2026-11-23
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

from app.db.columns import Canonical, Day, Flag, Id, Instant, Sorted, Whole

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _table(name: str, *parts: Any) -> None:
    op.create_table(name, *parts, sqlite_strict=True)


def _needed(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _kept() -> list[Column[Any]]:
    return [
        _needed("document", Canonical),
        _needed("recorded_at", Instant),
        Column("by_id", Id),
        _needed("by_name", Text),
        _needed("by_role", Text),
        Column("tablet_id", Id),
        Column("reason", Text),
    ]


def _refers(name: str, by: str, to: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["clinic_id", by], [f"{to}.clinic_id", f"{to}.id"], name=f"fk_{name}_clinic_id_{by}")


def _of_session(name: str) -> ForeignKeyConstraint:
    return _refers(name, "session_id", "sessions")


def downgrade() -> None:
    found = MetaData()
    found.reflect(op.get_bind(), only=lambda name, _: name != "alembic_version")
    found.drop_all(op.get_bind())


def upgrade() -> None:
    _table(
        "audit_events",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("stream", Text),
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
        PrimaryKeyConstraint("clinic_id", "id", name="pk_audit_events"),
    )
    op.create_index("ix_audit_events_clinic_id_patient_id_id", "audit_events", ["clinic_id", "patient_id", "id"])
    op.create_index("ix_audit_events_clinic_id_session_id_id", "audit_events", ["clinic_id", "session_id", "id"])
    _table(
        "audit_links",
        _needed("clinic_id", Id),
        _needed("stream", Sorted),
        _needed("position", Whole),
        Column("event_id", Id),
        Column("head_stream", Sorted),
        Column("head_position", Whole),
        Column("head_hash", Text),
        _needed("prev_hash", Text),
        _needed("hash", Text),
        CheckConstraint("(event_id IS NULL) <> (head_stream IS NULL)", name=op.f("ck_audit_links_one_entry")),
        PrimaryKeyConstraint("clinic_id", "stream", "position", name="pk_audit_links"),
        UniqueConstraint("clinic_id", "event_id", name="uq_audit_links_clinic_id_event_id"),
    )
    op.create_index(
        "ix_audit_links_clinic_id_head_stream_head_position",
        "audit_links",
        ["clinic_id", "head_stream", "head_position"],
    )
    _table(
        "audit_pending",
        _needed("clinic_id", Id),
        _needed("event_id", Id),
        PrimaryKeyConstraint("clinic_id", "event_id", name="pk_audit_pending"),
    )
    _table(
        "clinics",
        _needed("id", Id),
        _needed("name", Text),
        _needed("timezone", Text),
        _needed("created_at", Instant),
        PrimaryKeyConstraint("id", name="pk_clinics"),
    )
    _table(
        "clock",
        Column("only", Whole, autoincrement=False, nullable=False),
        _needed("instant", Instant),
        CheckConstraint('"only" = 1', name=op.f("ck_clock_one_row")),
        PrimaryKeyConstraint("only", name="pk_clock"),
    )
    _table(
        "installation",
        Column("only", Whole, autoincrement=False, nullable=False),
        _needed("epoch", Id),
        _needed("demo", Flag),
        _needed("created_at", Instant),
        CheckConstraint('"only" = 1', name=op.f("ck_installation_one_row")),
        PrimaryKeyConstraint("only", name="pk_installation"),
    )
    _table(
        "sheets",
        _needed("clinic_id", Id),
        _needed("subject", Sorted),
        _needed("kind", Sorted),
        _needed("revision", Whole),
        *_kept(),
        CheckConstraint("revision >= 1", name=op.f("ck_sheets_revision")),
        PrimaryKeyConstraint("clinic_id", "subject", "kind", "revision", name="pk_sheets"),
    )
    _table(
        "patients",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("revision", Whole),
        _needed("family", Sorted),
        _needed("given", Sorted),
        _needed("record_number", Sorted),
        _needed("birth_date", Day),
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_patients_clinic_id"),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_patients"),
    )
    op.create_index("ix_patients_clinic_id_birth_date", "patients", ["clinic_id", "birth_date"])
    op.create_index("ix_patients_clinic_id_family_given_id", "patients", ["clinic_id", "family", "given", "id"])
    op.create_index("ix_patients_clinic_id_record_number", "patients", ["clinic_id", "record_number"])
    _table(
        "patient_keys",
        _needed("clinic_id", Id),
        _needed("key", Sorted),
        _needed("patient_id", Id),
        _refers("patient_keys", "patient_id", "patients"),
        PrimaryKeyConstraint("clinic_id", "key", "patient_id", name="pk_patient_keys"),
    )
    op.create_index("ix_patient_keys_clinic_id_patient_id", "patient_keys", ["clinic_id", "patient_id"])
    _table(
        "protocol_versions",
        _needed("clinic_id", Id),
        _needed("protocol_id", Sorted),
        _needed("version", Whole),
        _needed("revision", Whole),
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
        _needed("revision", Whole),
        _needed("username", Text),
        _needed("name", Text),
        _needed("role", Text),
        _needed("active", Flag),
        Column("password_hash", Text),
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_staff_clinic_id"),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_staff"),
    )
    _table(
        "courses",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("revision", Whole),
        _needed("patient_id", Id),
        _refers("courses", "patient_id", "patients"),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_courses"),
    )
    op.create_index("ix_courses_clinic_id_patient_id", "courses", ["clinic_id", "patient_id"])
    _table(
        "protocol_approvals",
        _needed("clinic_id", Id),
        _needed("protocol_id", Sorted),
        _needed("version", Whole),
        _needed("staff_id", Id),
        _needed("name", Text),
        _needed("role", Text),
        _needed("approved_at", Instant),
        ForeignKeyConstraint(
            ["clinic_id", "protocol_id", "version"],
            ["protocol_versions.clinic_id", "protocol_versions.protocol_id", "protocol_versions.version"],
            name="fk_protocol_approvals_clinic_id_protocol_id_version",
        ),
        PrimaryKeyConstraint("clinic_id", "protocol_id", "version", "staff_id", name="pk_protocol_approvals"),
    )
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
        _refers("sign_ins", "staff_id", "staff"),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_sign_ins"),
    )
    op.create_index("ix_sign_ins_clinic_id_staff_id", "sign_ins", ["clinic_id", "staff_id"])
    op.create_index("ix_sign_ins_token_hash", "sign_ins", ["token_hash"])
    _table(
        "usernames",
        _needed("username", Sorted),
        _needed("clinic_id", Id),
        _needed("staff_id", Id),
        _refers("usernames", "staff_id", "staff"),
        PrimaryKeyConstraint("username", name="pk_usernames"),
    )
    op.create_index("ix_usernames_clinic_id_staff_id", "usernames", ["clinic_id", "staff_id"])
    _table(
        "sessions",
        _needed("clinic_id", Id),
        _needed("id", Id),
        _needed("revision", Whole),
        _needed("patient_id", Id),
        Column("course_id", Id),
        _needed("version", Whole),
        _needed("state", Text),
        _needed("listing", Sorted),
        Column("due_at", Instant),
        Column("overdue_at", Instant),
        Column("next_change_at", Instant),
        Column("status", Text),
        Column("status_since", Instant),
        Column("digest", Text),
        Column("board", Canonical),
        _needed("chain_position", Whole),
        _needed("chain_hash", Text),
        _needed("sealed_position", Whole),
        CheckConstraint("listing IN ('planned', 'active', 'closed')", name=op.f("ck_sessions_listing")),
        _refers("sessions", "course_id", "courses"),
        _refers("sessions", "patient_id", "patients"),
        PrimaryKeyConstraint("clinic_id", "id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_clinic_id_course_id", "sessions", ["clinic_id", "course_id"])
    op.create_index("ix_sessions_clinic_id_listing_id", "sessions", ["clinic_id", "listing", "id"])
    op.create_index("ix_sessions_clinic_id_patient_id", "sessions", ["clinic_id", "patient_id"])
    op.create_index(
        "ix_sessions_moved",
        "sessions",
        ["clinic_id", "id"],
        sqlite_where=text("chain_position > sealed_position"),
        postgresql_where=text("chain_position > sealed_position"),
    )
    op.create_index(
        "ix_sessions_next_change",
        "sessions",
        ["next_change_at"],
        sqlite_where=text("next_change_at IS NOT NULL"),
        postgresql_where=text("next_change_at IS NOT NULL"),
    )
    op.create_index(
        "uq_sessions_one_active_a_patient",
        "sessions",
        ["clinic_id", "patient_id"],
        unique=True,
        sqlite_where=text("listing = 'active'"),
        postgresql_where=text("listing = 'active'"),
    )
    _table(
        "assessments",
        _needed("clinic_id", Id),
        _needed("session_id", Id),
        _needed("number", Whole),
        _needed("as_of", Instant),
        _needed("recorded_at", Instant),
        _needed("status", Text),
        _needed("digest", Text),
        _needed("document", Canonical),
        _needed("display", Canonical),
        Column("lapses_at", Instant),
        Column("next_change_at", Instant),
        Column("change", Text),
        _of_session("assessments"),
        PrimaryKeyConstraint("clinic_id", "session_id", "number", name="pk_assessments"),
    )
    _table(
        "confirmations",
        _needed("clinic_id", Id),
        _needed("session_id", Id),
        _needed("id", Id),
        _needed("decision", Text),
        _needed("digest", Text),
        *_kept(),
        _of_session("confirmations"),
        PrimaryKeyConstraint("clinic_id", "session_id", "id", name="pk_confirmations"),
        UniqueConstraint("clinic_id", "id", name="uq_confirmations_clinic_id_id"),
    )
    _table(
        "discharges",
        _needed("clinic_id", Id),
        _needed("session_id", Id),
        *_kept(),
        _of_session("discharges"),
        PrimaryKeyConstraint("clinic_id", "session_id", name="pk_discharges"),
    )
    _table(
        "events",
        _needed("clinic_id", Id),
        _needed("session_id", Id),
        _needed("id", Id),
        _needed("kind", Text),
        _needed("at", Instant),
        *_kept(),
        _of_session("events"),
        PrimaryKeyConstraint("clinic_id", "session_id", "id", name="pk_events"),
        UniqueConstraint("clinic_id", "id", name="uq_events_clinic_id_id"),
    )
    _table(
        "notices",
        _needed("clinic_id", Id),
        _needed("session_id", Id),
        _needed("id", Id),
        *_kept(),
        _of_session("notices"),
        PrimaryKeyConstraint("clinic_id", "session_id", "id", name="pk_notices"),
        UniqueConstraint("clinic_id", "id", name="uq_notices_clinic_id_id"),
    )
    _table(
        "readings",
        _needed("clinic_id", Id),
        _needed("session_id", Id),
        _needed("id", Id),
        _needed("revision", Whole),
        Column("corrects", Whole),
        Column("correction_id", Id),
        _needed("measured_at", Instant),
        *_kept(),
        CheckConstraint(
            "(revision = 1 AND corrects IS NULL) OR corrects = revision - 1", name=op.f("ck_readings_revision")
        ),
        ForeignKeyConstraint(
            ["clinic_id", "session_id", "id", "corrects"],
            ["readings.clinic_id", "readings.session_id", "readings.id", "readings.revision"],
            name="fk_readings_clinic_id_session_id_id_corrects",
        ),
        _of_session("readings"),
        PrimaryKeyConstraint("clinic_id", "session_id", "id", "revision", name="pk_readings"),
        UniqueConstraint("clinic_id", "id", "revision", name="uq_readings_clinic_id_id_revision"),
    )
    _table(
        "voids",
        _needed("clinic_id", Id),
        _needed("session_id", Id),
        _needed("kind", Sorted),
        _needed("fact_id", Id),
        *_kept(),
        CheckConstraint("kind IN ('reading', 'event')", name=op.f("ck_voids_kind")),
        _of_session("voids"),
        PrimaryKeyConstraint("clinic_id", "session_id", "kind", "fact_id", name="pk_voids"),
    )
    _table(
        "notice_acknowledgements",
        _needed("clinic_id", Id),
        _needed("session_id", Id),
        _needed("notice_id", Id),
        *_kept(),
        ForeignKeyConstraint(
            ["clinic_id", "session_id", "notice_id"],
            ["notices.clinic_id", "notices.session_id", "notices.id"],
            name="fk_notice_acknowledgements_clinic_id_session_id_notice_id",
        ),
        PrimaryKeyConstraint("clinic_id", "session_id", "notice_id", name="pk_notice_acknowledgements"),
    )
