"""The installation's own rows, its clinics, and the people of each."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Text

from app.db.columns import Flag, Id, Instant, Sorted, WholeNumber
from app.db.tables.making import needed, secret, table

installation = table(
    "installation",
    Column("only", WholeNumber, primary_key=True, autoincrement=False),
    needed("epoch", Id),
    needed("demo", Flag),
    needed("created_at", Instant),
    needed("endings", WholeNumber),
    Column("restored_at", Instant),
    Column("lost_from", Instant),
    Column("backed_up_at", Instant),
    Column("first_run_hash", Text),
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
    secret("check_value", nullable=True),
    secret("own_key", nullable=True),
    secret("push_key", nullable=True),
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
    PrimaryKeyConstraint("clinic_id", "id"),
    ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
    record=True,
    callers=True,
)

credentials = table(
    "credentials",
    needed("clinic_id", Id),
    needed("staff_id", Id),
    needed("revision", WholeNumber),
    Column("password_hash", Text),
    needed("must_change", Flag),
    Column("invitation_hash", Text),
    Column("invited_until", Instant),
    PrimaryKeyConstraint("clinic_id", "staff_id"),
    ForeignKeyConstraint(["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"]),
    Index(None, "invitation_hash"),
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

walls = table(
    "walls",
    needed("clinic_id", Id),
    needed("id", Id),
    needed("revision", WholeNumber),
    needed("name", Text),
    needed("initials", Flag),
    needed("in_use", Flag),
    needed("token_hash", Text),
    PrimaryKeyConstraint("clinic_id", "id"),
    ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
    Index(None, "token_hash"),
    record=True,
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
    needed("pin_tries", WholeNumber),
    needed("revoked", Flag),
    PrimaryKeyConstraint("clinic_id", "id"),
    ForeignKeyConstraint(["clinic_id", "staff_id"], ["staff.clinic_id", "staff.id"]),
    Index(None, "token_hash"),
    Index(None, "clinic_id", "ticket_hash"),
    Index(None, "clinic_id", "shift_id"),
    Index(None, "clinic_id", "staff_id"),
    Index(None, "expires_at"),
    callers=True,
)

attempts = table(
    "attempts",
    Column("key", Text, primary_key=True),
    needed("failures", WholeNumber),
    needed("since", Instant),
    Index(None, "since"),
)

known_places = table(
    "known_places",
    Column("key", Text, primary_key=True),
    needed("seen_at", Instant),
    Index(None, "seen_at"),
)
