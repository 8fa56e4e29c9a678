"""What all tables share: names of constraints, strictness, and the columns of whatever is kept."""

from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, MetaData, Table, Text

from app.db.columns import Canonical, Id, Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def table(name: str, *parts: Any, record: bool = False, insert_only: bool = False) -> Table:
    """One strict table; `info` as `tables` explains it."""
    info = {"record": record, "insert_only": insert_only}
    return Table(name, metadata, *parts, sqlite_strict=True, info=info)


def needed(name: str, kind: Any) -> Column[Any]:
    """A column that is never empty."""
    return Column(name, kind, nullable=False)


def kept() -> list[Column[Any]]:
    """What everything kept carries: its document, who typed it, when it arrived, on which tablet, and why."""
    return [
        needed("document", Canonical),
        needed("recorded_at", Instant),
        Column("by_id", Id),
        needed("by_name", Text),
        needed("by_role", Text),
        Column("tablet_id", Id),
        Column("reason", Text),
    ]


def of_session() -> ForeignKeyConstraint:
    """What hangs off a session hangs off one that exists, in this clinic."""
    return ForeignKeyConstraint(["clinic_id", "session_id"], ["sessions.clinic_id", "sessions.id"])
