"""The audit: events, the links of their chains, and what waits to be sealed."""

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Text, UniqueConstraint, literal_column

from app.db.columns import Canonical, Id, Instant, Sorted, Whole
from app.db.tables.making import needed, table

audit_events = table(
    "audit_events",
    needed("clinic_id", Id),
    needed("id", Id),
    needed("stream", Text),
    needed("at", Instant),
    needed("wall_at", Instant),
    needed("action", Text),
    Column("actor_id", Id),
    needed("actor_name", Text),
    needed("actor_role", Text),
    Column("tablet_id", Id),
    needed("subject", Text),
    needed("subject_id", Text),
    Column("session_id", Id),
    Column("patient_id", Id),
    Column("before", Canonical),
    Column("after", Canonical),
    Column("reason", Text),
    PrimaryKeyConstraint("clinic_id", "id"),
    Index(None, "clinic_id", "session_id", "id"),
    Index(None, "clinic_id", "patient_id", "id"),
    insert_only=True,
)
_CHANGE = audit_events.c.stream != literal_column("'clinic'")
"""What hangs on a session's chain changed the session; what hangs on the clinic's (reads above all) did not."""
Index(
    "ix_audit_events_changes",
    audit_events.c.clinic_id,
    audit_events.c.at,
    audit_events.c.session_id,
    sqlite_where=_CHANGE,
    postgresql_where=_CHANGE,
)

audit_links = table(
    "audit_links",
    needed("clinic_id", Id),
    needed("stream", Sorted),
    needed("position", Whole),
    Column("event_id", Id),
    Column("head_stream", Sorted),
    Column("head_position", Whole),
    Column("head_hash", Text),
    needed("prev_hash", Text),
    needed("hash", Text),
    PrimaryKeyConstraint("clinic_id", "stream", "position"),
    UniqueConstraint("clinic_id", "event_id"),
    Index(None, "clinic_id", "head_stream", "head_position"),
    CheckConstraint("(event_id IS NULL) <> (head_stream IS NULL)", name="one_entry"),
    insert_only=True,
)

audit_pending = table(
    "audit_pending",
    needed("clinic_id", Id),
    needed("event_id", Id),
    PrimaryKeyConstraint("clinic_id", "event_id"),
)
