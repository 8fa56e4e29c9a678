"""Patients, courses and sessions as look-up rows: projections of the journal, but for the head of a session's stream.

`patient_keys` finds patients: by the beginnings of their names, and by what look-alikes share. `changed` of a session
is the mark under which its line was last written (`app.db.line_changes`).
"""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Text

from app.db.columns import CalendarDay, Id, Instant, Remade, Sorted, WholeNumber
from app.db.tables.making import head, needed, table

patients = table(
    "patients",
    needed("clinic_id", Id),
    needed("id", Id),
    needed("revision", WholeNumber),
    needed("family", Sorted),
    needed("given", Sorted),
    needed("record_number", Sorted),
    needed("birth_date", CalendarDay),
    PrimaryKeyConstraint("clinic_id", "id"),
    ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
    Index(None, "clinic_id", "family", "given", "id"),
    Index(None, "clinic_id", "birth_date"),
    Index(None, "clinic_id", "record_number"),
)

patient_keys = table(
    "patient_keys",
    needed("clinic_id", Id),
    needed("key", Sorted),
    needed("patient_id", Id),
    PrimaryKeyConstraint("clinic_id", "key", "patient_id"),
    ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"]),
    Index(None, "clinic_id", "patient_id"),
)

courses = table(
    "courses",
    needed("clinic_id", Id),
    needed("id", Id),
    needed("revision", WholeNumber),
    needed("patient_id", Id),
    PrimaryKeyConstraint("clinic_id", "id"),
    ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"]),
    Index(None, "clinic_id", "patient_id", "id"),
)

sessions = table(
    "sessions",
    needed("clinic_id", Id),
    needed("id", Id),
    needed("revision", WholeNumber),
    needed("patient_id", Id),
    Column("course_id", Id),
    needed("version", WholeNumber),
    needed("state", Sorted),
    needed("listing", Sorted),
    Column("due_at", Instant),
    Column("overdue_at", Instant),
    Column("next_change_at", Instant),
    Column("status", Text),
    Column("status_since", Instant),
    Column("digest", Text),
    Column("board", Remade),
    needed("at", Instant),
    Column("chair_key", Sorted),
    Column("signer_id", Id),
    Column("dose_started_at", Instant),
    Column("brief", Remade),
    needed("changed", WholeNumber),
    *head(),
    PrimaryKeyConstraint("clinic_id", "id"),
    ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"]),
    ForeignKeyConstraint(["clinic_id", "course_id"], ["courses.clinic_id", "courses.id"]),
    CheckConstraint("listing IN ('planned', 'active', 'closed', 'afterwards')", name="listing"),
    Index(None, "clinic_id", "course_id"),
    Index(None, "clinic_id", "listing", "id"),
    Index(None, "clinic_id", "at", "id"),
    Index(None, "clinic_id", "patient_id", "at", "id"),
    Index(None, "clinic_id", "state", "at", "id"),
    Index(None, "clinic_id", "changed"),
)
_ACTIVE = sessions.c.listing == "active"
Index(
    "uq_sessions_one_active_a_patient",
    sessions.c.clinic_id,
    sessions.c.patient_id,
    unique=True,
    sqlite_where=_ACTIVE,
    postgresql_where=_ACTIVE,
)
for _name, _of in (("chair_key", sessions.c.chair_key), ("signer_id", sessions.c.signer_id)):
    _some = _of.is_not(None)
    Index(
        f"ix_sessions_{_name}",
        sessions.c.clinic_id,
        _of,
        sessions.c.at,
        sessions.c.id,
        sqlite_where=_some,
        postgresql_where=_some,
    )
for _name, _moved in (
    ("unsealed", sessions.c.position > sessions.c.sealed),
    ("unnumbered", sessions.c.position > sessions.c.numbered),
):
    Index(f"ix_sessions_{_name}", sessions.c.clinic_id, sessions.c.id, sqlite_where=_moved, postgresql_where=_moved)
_CHANGES = sessions.c.next_change_at.is_not(None)
Index("ix_sessions_next_change", sessions.c.next_change_at, sqlite_where=_CHANGES, postgresql_where=_CHANGES)
