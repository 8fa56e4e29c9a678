"""The journal: the one insert-only table of the record; and the heads of its streams.

A session's row carries the head of its own stream.
"""

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Text, UniqueConstraint

from app.db.columns import Id, Instant, Sorted, WholeNumber
from app.db.tables.making import head, needed, of_session, table

journal = table(
    "journal",
    needed("clinic_id", Id),
    needed("stream", Sorted),
    needed("position", WholeNumber),
    needed("id", Id),
    needed("kind", Sorted),
    needed("fact_id", Sorted),
    needed("revision", WholeNumber),
    Column("at", Instant),
    needed("action", Text),
    Column("session_id", Id),
    Column("patient_id", Id),
    needed("document", Text),
    Column("by_id", Id),
    needed("by_name", Text),
    needed("by_role", Text),
    Column("tablet_id", Id),
    Column("reason", Text),
    Column("sent_as", Id),
    needed("recorded_at", Instant),
    needed("wall_at", Instant),
    needed("hash", Text),
    PrimaryKeyConstraint("clinic_id", "stream", "position"),
    UniqueConstraint("clinic_id", "kind", "fact_id", "revision"),
    UniqueConstraint("clinic_id", "id"),
    CheckConstraint("position >= 1 AND revision >= 1", name="counted"),
    of_session(),
    Index(None, "clinic_id", "kind", "at"),
    Index(None, "clinic_id", "recorded_at"),
    Index(None, "clinic_id", "patient_id", "id"),
    Index(None, "clinic_id", "action", "id"),
    record=True,
    insert_only=True,
)

streams = table(
    "streams",
    needed("clinic_id", Id),
    needed("stream", Sorted),
    *head(),
    PrimaryKeyConstraint("clinic_id", "stream"),
)
for _name, _moved in (
    ("unsealed", streams.c.position > streams.c.sealed),
    ("unnumbered", streams.c.position > streams.c.numbered),
):
    Index(f"ix_streams_{_name}", streams.c.clinic_id, streams.c.stream, sqlite_where=_moved, postgresql_where=_moved)
