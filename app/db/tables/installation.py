"""The installation's own rows, its clinics, and the people of each."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Text

from app.db.columns import Flag, Id, Instant, Sorted, WholeNumber
from app.db.tables.making import needed, table

installation = table(
    "installation",
    Column("only", WholeNumber, primary_key=True, autoincrement=False),
    needed("epoch", Id),
    needed("demo", Flag),
    needed("created_at", Instant),
    needed("endings", WholeNumber),
    CheckConstraint('"only" = 1', name="one_row"),
)

clock = table(
    "clock",
    Column("only", WholeNumber, primary_key=True, autoincrement=False),
    needed("instant", Instant),
    CheckConstraint('"only" = 1', name="one_row"),
)

sealing = table(
    "sealing",
    Column("only", WholeNumber, primary_key=True, autoincrement=False),
    needed("key", Text),
    CheckConstraint('"only" = 1', name="one_row"),
)

clinics = table(
    "clinics",
    Column("id", Id, primary_key=True),
    needed("name", Text),
    needed("timezone", Text),
    needed("created_at", Instant),
    record=True,
    callers=True,
)

staff = table(
    "staff",
    needed("clinic_id", Id),
    needed("id", Id),
    needed("revision", WholeNumber),
    needed("username", Text),
    needed("name", Text),
    needed("role", Text),
    needed("active", Flag),
    Column("password_hash", Text),
    PrimaryKeyConstraint("clinic_id", "id"),
    ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
    record=True,
    callers=True,
)

usernames = table(
    "usernames",
    Column("username", Sorted, primary_key=True),
    needed("clinic_id", Id),
    needed("staff_id", Id),
    ForeignKeyConstraint(["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"]),
    Index(None, "clinic_id", "staff_id"),
    Index(None, "clinic_id", "username"),
)

sign_ins = table(
    "sign_ins",
    needed("clinic_id", Id),
    needed("id", Id),
    needed("staff_id", Id),
    needed("token_hash", Text),
    needed("created_at", Instant),
    needed("last_used_at", Instant),
    needed("expires_at", Instant),
    Column("ended_at", Instant),
    Column("tablet_id", Id),
    Column("ticket_hash", Text),
    Column("shift_id", Id),
    PrimaryKeyConstraint("clinic_id", "id"),
    ForeignKeyConstraint(["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"]),
    Index(None, "token_hash"),
    Index(None, "clinic_id", "ticket_hash"),
    Index(None, "clinic_id", "shift_id"),
    Index(None, "clinic_id", "staff_id"),
    callers=True,
)
