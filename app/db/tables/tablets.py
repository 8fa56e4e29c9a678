"""What tablets last said, which are enrolled, and their secrets.

Heartbeats, PINs, and what calls whom are housekeeping: each is overwritten by the next. What follows from a heartbeat
is kept as assessments. `silent_at`: from when on a tablet counts as silent in a session that it has open, unless it is
heard of; empty where it never does, and where that has been told. `seconds`: after how many of silence, by its
protocol. `number`: the highest that a tablet has signed since it has this key.
"""

from sqlalchemy import Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Text

from app.db.columns import Flag, Id, Instant, Sorted, WholeNumber
from app.db.tables.making import needed, of_session, secret, table

tablets = table(
    "tablets",
    needed("clinic_id", Id),
    needed("id", Id),
    needed("heard_at", Instant),
    needed("unsent", WholeNumber),
    needed("clock_offset_ms", WholeNumber),
    needed("pace", WholeNumber),
    Column("silent_at", Instant),
    PrimaryKeyConstraint("clinic_id", "id"),
    ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
)
_SILENT = tablets.c.silent_at.is_not(None)
Index("ix_tablets_silent", tablets.c.silent_at, sqlite_where=_SILENT, postgresql_where=_SILENT)

tablet_sessions = table(
    "tablet_sessions",
    needed("clinic_id", Id),
    needed("session_id", Id),
    needed("tablet_id", Id),
    needed("draft", Flag),
    needed("seconds", WholeNumber),
    PrimaryKeyConstraint("clinic_id", "session_id", "tablet_id"),
    ForeignKeyConstraint(["clinic_id", "tablet_id"], ["tablets.clinic_id", "tablets.id"]),
    of_session(),
    Index(None, "clinic_id", "tablet_id"),
)

enrolments = table(
    "enrolments",
    needed("clinic_id", Id),
    needed("id", Id),
    needed("revision", WholeNumber),
    needed("name", Sorted),
    needed("in_use", Flag),
    Column("public_key", Text),
    PrimaryKeyConstraint("clinic_id", "id"),
    ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
    Index(None, "clinic_id", "name", "id"),
    record=True,
    callers=True,
)

tablet_numbers = table(
    "tablet_numbers",
    needed("clinic_id", Id),
    needed("tablet_id", Id),
    needed("public_key", Text),
    needed("number", WholeNumber),
    needed("since", Instant),
    PrimaryKeyConstraint("clinic_id", "tablet_id"),
    ForeignKeyConstraint(["clinic_id", "tablet_id"], ["enrolments.clinic_id", "enrolments.id"]),
)

tablet_keys = table(
    "tablet_keys",
    needed("clinic_id", Id),
    needed("tablet_id", Id),
    secret("key"),
    needed("made_at", Instant),
    Column("made_for", Id),
    PrimaryKeyConstraint("clinic_id", "tablet_id"),
    ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
    Index(None, "clinic_id", "made_at"),
    record=True,
)

pins = table(
    "pins",
    needed("clinic_id", Id),
    needed("tablet_id", Id),
    needed("staff_id", Id),
    needed("pin_hash", Text),
    needed("device_hash", Text),
    needed("shift_id", Id),
    needed("expires_at", Instant),
    PrimaryKeyConstraint("clinic_id", "tablet_id", "staff_id"),
    ForeignKeyConstraint(["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"]),
    ForeignKeyConstraint(["clinic_id", "tablet_id"], ["enrolments.clinic_id", "enrolments.id"]),
    ForeignKeyConstraint(["clinic_id", "shift_id"], ["sign_ins.clinic_id", "sign_ins.id"]),
    Index(None, "clinic_id", "staff_id"),
    Index(None, "clinic_id", "shift_id"),
    Index(None, "device_hash"),
)

push_subscriptions = table(
    "push_subscriptions",
    needed("clinic_id", Id),
    needed("tablet_id", Id),
    needed("shift_id", Id),
    needed("expires_at", Instant),
    needed("endpoint", Text),
    needed("p256dh", Text),
    secret("auth"),
    PrimaryKeyConstraint("clinic_id", "tablet_id"),
    ForeignKeyConstraint(["clinic_id", "shift_id"], ["sign_ins.clinic_id", "sign_ins.id"]),
)

alerts = table(
    "alerts",
    needed("clinic_id", Id),
    needed("session_id", Id),
    needed("alert", Text),
    needed("noticed_at", Instant),
    needed("calls", WholeNumber),
    Column("seen_at", Instant),
    PrimaryKeyConstraint("clinic_id", "session_id", "alert"),
    of_session(),
)
