"""What tablets last said: housekeeping, overwritten at every heartbeat. What follows from it is kept as assessments."""

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint

from app.db.columns import Id, Instant, Whole
from app.db.tables.making import needed, of_session, table

tablets = table(
    "tablets",
    needed("clinic_id", Id),
    needed("id", Id),
    needed("heard_at", Instant),
    needed("unsent", Whole),
    needed("clock_offset_ms", Whole),
    PrimaryKeyConstraint("clinic_id", "id"),
    ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
)

tablet_sessions = table(
    "tablet_sessions",
    needed("clinic_id", Id),
    needed("session_id", Id),
    needed("tablet_id", Id),
    PrimaryKeyConstraint("clinic_id", "session_id", "tablet_id"),
    ForeignKeyConstraint(["clinic_id", "tablet_id"], ["tablets.clinic_id", "tablets.id"]),
    of_session(),
    Index(None, "clinic_id", "tablet_id"),
)
