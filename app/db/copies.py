"""A copy of a whole database as it stands at one instant, and places to bring one back into, on either engine."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.db import postgresql, postgresql_copies, sqlite, sqlite_copies
from app.db.copying import CopyPlace, Counts, Snapshot, count_all
from app.db.refusals import NoCopy
from app.db.schema import file_of, parsed
from app.db.sole import alone

IN_MEMORY = frozenset({"tmpfs", "ramfs"})
"""File systems whose files are on no disk, as long as the machine does not swap."""


@dataclass(frozen=True, slots=True)
class Means:
    """With what copies are made and brought back.

    `scratch`: a folder for a SQLite copy while it is made or checked. PostgreSQL: `owner` is who owns the tables,
    `server` where a scratch database may be made, `programs` the folder of its own programs, else those on PATH.
    """

    scratch: Path
    owner: str | None
    server: str | None
    programs: Path | None


def is_in_memory(folder: Path) -> bool:
    """Whether what is written there stays off the disks."""
    return folder.is_dir() and sqlite.file_system_of(folder) in IN_MEMORY


@contextlib.contextmanager
def snapshot(url: str, means: Means) -> Iterator[Snapshot]:
    """The database as it stands now; whoever writes to it is not held up. Raises `NoCopy`."""
    address = parsed(url)
    if address.get_backend_name() == "sqlite":
        with sqlite_copies.snapshot(file_of(address), means.scratch) as taken:
            yield taken
    else:
        if means.owner is None:
            raise NoCopy("PostgreSQL is backed up by the owner of the tables: set OWNER_DATABASE_URL")
        with postgresql_copies.snapshot(parsed(means.owner), means.programs) as taken:
            yield taken


@contextlib.contextmanager
def scratch_place(engine: str, means: Means) -> Iterator[CopyPlace]:
    """An empty place of this engine that goes again. Raises `NoCopy`."""
    if engine == "sqlite":
        place: CopyPlace = sqlite_copies.FilePlace(means.scratch / "scratch.db")
        try:
            yield place
        finally:
            place.discard()
        return
    if means.server is None:
        raise NoCopy(
            "a backup of PostgreSQL is checked in a scratch database: set BACKUP_SCRATCH_DATABASE_URL or"
            " OWNER_DATABASE_URL, of somebody who may make databases"
        )
    with postgresql_copies.scratch_database(parsed(means.server)) as address:
        place = postgresql_copies.ServerPlace(address, None, means.programs)
        try:
            yield place
        finally:
            place.discard()


@contextlib.contextmanager
def empty_place(url: str, means: Means) -> Iterator[CopyPlace]:
    """The place that the service will serve, where nothing is yet; left as it was unless it is taken."""
    address = parsed(url)
    if address.get_backend_name() == "sqlite":
        path = file_of(address)
        path.parent.mkdir(parents=True, exist_ok=True)
        with alone(url):
            sqlite_copies.check_empty(path)
            with _discarded(sqlite_copies.FilePlace(path)) as place:
                yield place
        return
    if means.owner is None:
        raise NoCopy("PostgreSQL is restored by the owner of the tables: set OWNER_DATABASE_URL")
    owner = parsed(means.owner)
    if owner.database != address.database:
        raise NoCopy("DATABASE_URL and OWNER_DATABASE_URL name two databases: they must name the same, empty one")
    postgresql_copies.check_empty(owner)
    with _discarded(postgresql_copies.ServerPlace(owner, address, means.programs)) as place:
        yield place


@contextlib.contextmanager
def _discarded(place: CopyPlace) -> Iterator[CopyPlace]:
    try:
        yield place
    except BaseException:
        place.discard()
        raise


settle_file, settle_folder = sqlite_copies.settle_file, sqlite_copies.settle_folder


def engine_of(url: str) -> str:
    """`sqlite` or `postgresql`."""
    return parsed(url).get_backend_name()


def counts_of(place: CopyPlace) -> Counts:
    """What was brought back into a place, counted. Raises `NoCopy` where it is damaged."""
    address = parsed(place.url)
    if address.get_backend_name() == "sqlite":
        sqlite_copies.check_whole(file_of(address))
        engine = sqlite.make_engine(file_of(address), "BEGIN", query_only=True, pool_size=1)
    else:
        engine = postgresql.make_engine(address, pool_size=1)
    try:
        with engine.connect() as connection, connection.begin():
            return count_all(connection)
    finally:
        engine.dispose()
