"""What copies of a database have in common on either engine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, inspect

Counts = Mapping[str, int]
"""How many rows each table has."""
PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One instant of a database.

    `counts` are of the source itself, so that a copy which left something out is found by them. `pieces`: the copy, to
    be read once, while the snapshot is held.
    """

    engine: str
    schema: str
    counts: Counts
    pieces: Iterator[bytes]


class CopyPlace(Protocol):
    """Where a copy is put. `url`: the database it is, once `finish` has returned."""

    url: str

    def take(self) -> None:
        """From now on it is what it is to be; after the database in it was closed."""
        ...

    def discard(self) -> None:
        """Nothing of it stays."""
        ...

    def write(self, data: bytes, /) -> int:
        """More of the copy."""
        ...

    def finish(self) -> None:
        """All of it has come: it is on the disk. Raises `NoCopy`."""
        ...


def count_all(connection: Connection) -> Counts:
    """The rows of every table there is, whether this program knows it or not."""
    quote = connection.dialect.identifier_preparer.quote
    names = sorted(inspect(connection).get_table_names())
    return {
        name: connection.exec_driver_sql(f"SELECT count(*) FROM {quote(name)}").scalar_one()  # noqa: S608 - a name
        for name in names
    }
