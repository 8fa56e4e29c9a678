"""What all tables share: names of constraints, strictness, and the columns of whatever is kept."""

from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, MetaData, Table, Text

from app.db.columns import WholeNumber

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def table(name: str, *parts: Any, record: bool = False, insert_only: bool = False, callers: bool = False) -> Table:
    """One strict table; `info` as `tables` explains it."""
    info = {"record": record, "insert_only": insert_only, "callers": callers}
    return Table(name, metadata, *parts, sqlite_strict=True, info=info)


def needed(name: str, kind: Any) -> Column[Any]:
    """A column that is never empty."""
    return Column(name, kind, nullable=False)


def secret(name: str, *, nullable: bool = False) -> Column[Any]:
    """A column of a secret that must be readable: sealed (`app.db.sealing`), so that the database alone opens none."""
    return Column(name, Text, nullable=nullable, info={"sealed": True})


def head() -> list[Column[Any]]:
    """The head of a stream of the journal, and up to where the feed and the log know of it."""
    return [
        needed("position", WholeNumber),
        needed("hash", Text),
        needed("numbered", WholeNumber),
        needed("sealed", WholeNumber),
    ]


def of_session() -> ForeignKeyConstraint:
    """What hangs off a session hangs off one that exists, in this clinic."""
    return ForeignKeyConstraint(["clinic_id", "session_id"], ["sessions.clinic_id", "sessions.id"])
