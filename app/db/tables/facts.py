"""What hangs off a session, and protocols: inserted, and never changed (a protocol once it is approved)."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
)

from app.db.columns import Canonical, Flag, Id, Instant, Sorted, Whole
from app.db.tables.making import kept, needed, of_session, table

readings = table(
    "readings",
    needed("clinic_id", Id),
    needed("session_id", Id),
    needed("id", Id),
    needed("revision", Whole),
    Column("corrects", Whole),
    Column("correction_id", Id),
    needed("measured_at", Instant),
    *kept(),
    PrimaryKeyConstraint("clinic_id", "session_id", "id", "revision"),
    UniqueConstraint("clinic_id", "id", "revision"),
    CheckConstraint("(revision = 1 AND corrects IS NULL) OR corrects = revision - 1", name="revision"),
    of_session(),
    # a correction belongs to the session of what it corrects, whatever the caller believes
    ForeignKeyConstraint(
        ["clinic_id", "session_id", "id", "corrects"],
        ["readings.clinic_id", "readings.session_id", "readings.id", "readings.revision"],
    ),
    Index(None, "clinic_id", "measured_at", "session_id"),
    record=True,
    insert_only=True,
)

events = table(
    "events",
    needed("clinic_id", Id),
    needed("session_id", Id),
    needed("id", Id),
    needed("kind", Text),
    needed("at", Instant),
    *kept(),
    PrimaryKeyConstraint("clinic_id", "session_id", "id"),
    UniqueConstraint("clinic_id", "id"),
    of_session(),
    Index(None, "clinic_id", "at", "session_id"),
    record=True,
    insert_only=True,
)

voids = table(
    "voids",
    needed("clinic_id", Id),
    needed("session_id", Id),
    needed("kind", Sorted),
    needed("fact_id", Id),
    *kept(),
    PrimaryKeyConstraint("clinic_id", "session_id", "kind", "fact_id"),
    CheckConstraint("kind IN ('reading', 'event')", name="kind"),
    of_session(),
    record=True,
    insert_only=True,
)

assessments = table(
    "assessments",
    needed("clinic_id", Id),
    needed("session_id", Id),
    needed("number", Whole),
    needed("as_of", Instant),
    needed("recorded_at", Instant),
    needed("status", Text),
    needed("digest", Text),
    needed("document", Canonical),
    needed("display", Canonical),
    Column("lapses_at", Instant),
    Column("next_change_at", Instant),
    Column("change", Text),
    PrimaryKeyConstraint("clinic_id", "session_id", "number"),
    of_session(),
    record=True,
    insert_only=True,
)

confirmations = table(
    "confirmations",
    needed("clinic_id", Id),
    needed("session_id", Id),
    needed("id", Id),
    needed("decision", Text),
    needed("digest", Text),
    *kept(),
    PrimaryKeyConstraint("clinic_id", "session_id", "id"),
    UniqueConstraint("clinic_id", "id"),
    of_session(),
    record=True,
    insert_only=True,
)

notices = table(
    "notices",
    needed("clinic_id", Id),
    needed("session_id", Id),
    needed("id", Id),
    *kept(),
    PrimaryKeyConstraint("clinic_id", "session_id", "id"),
    UniqueConstraint("clinic_id", "id"),
    of_session(),
    record=True,
    insert_only=True,
)

notice_acknowledgements = table(
    "notice_acknowledgements",
    needed("clinic_id", Id),
    needed("session_id", Id),
    needed("notice_id", Id),
    *kept(),
    PrimaryKeyConstraint("clinic_id", "session_id", "notice_id"),
    ForeignKeyConstraint(
        ["clinic_id", "session_id", "notice_id"], ["notices.clinic_id", "notices.session_id", "notices.id"]
    ),
    record=True,
    insert_only=True,
)

discharges = table(
    "discharges",
    needed("clinic_id", Id),
    needed("session_id", Id),
    *kept(),
    PrimaryKeyConstraint("clinic_id", "session_id"),
    of_session(),
    record=True,
    insert_only=True,
)

protocol_versions = table(
    "protocol_versions",
    needed("clinic_id", Id),
    needed("protocol_id", Sorted),
    needed("version", Whole),
    needed("revision", Whole),
    needed("hash", Text),
    needed("example", Flag),
    needed("document", Canonical),
    PrimaryKeyConstraint("clinic_id", "protocol_id", "version"),
    ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
    record=True,
)

protocol_approvals = table(
    "protocol_approvals",
    needed("clinic_id", Id),
    needed("protocol_id", Sorted),
    needed("version", Whole),
    needed("staff_id", Id),
    needed("name", Text),
    needed("role", Text),
    needed("approved_at", Instant),
    PrimaryKeyConstraint("clinic_id", "protocol_id", "version", "staff_id"),
    ForeignKeyConstraint(
        ["clinic_id", "protocol_id", "version"],
        ["protocol_versions.clinic_id", "protocol_versions.protocol_id", "protocol_versions.version"],
    ),
    record=True,
    insert_only=True,
)
