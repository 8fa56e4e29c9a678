"""The log: what is no fact of the record, the links of its chain, and what waits to be sealed."""

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Text, UniqueConstraint

from app.db.columns import Canonical, Id, Instant, Sorted, WholeNumber
from app.db.tables.making import needed, table

log_events = table(
    "log_events",
    needed("clinic_id", Id),
    needed("id", Id),
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
    Index(None, "clinic_id", "action", "id"),
    insert_only=True,
)

log_links = table(
    "log_links",
    needed("clinic_id", Id),
    needed("position", WholeNumber),
    Column("event_id", Id),
    Column("head_stream", Sorted),
    Column("head_position", WholeNumber),
    Column("head_hash", Text),
    needed("prev_hash", Text),
    needed("hash", Text),
    PrimaryKeyConstraint("clinic_id", "position"),
    UniqueConstraint("clinic_id", "event_id"),
    Index(None, "clinic_id", "head_stream", "head_position"),
    CheckConstraint("(event_id IS NULL) <> (head_stream IS NULL)", name="one_entry"),
    insert_only=True,
)

log_pending = table(
    "log_pending",
    needed("clinic_id", Id),
    needed("event_id", Id),
    PrimaryKeyConstraint("clinic_id", "event_id"),
)
