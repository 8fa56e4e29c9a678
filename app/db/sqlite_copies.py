"""Copies of a SQLite file: made by its online backup, and brought back as a file that nothing else is beside."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from pysqlite3 import dbapi2
from sqlalchemy.exc import DBAPIError

from app.db import schema, sqlite
from app.db.copying import PIECE, Snapshot, count_all
from app.db.refusals import NoCopy

_BESIDE = ("", "-wal", "-shm", "-journal")


@contextlib.contextmanager
def snapshot(path: Path, scratch: Path) -> Iterator[Snapshot]:
    """The file as it stands now. `scratch`: a folder for the copy until its pieces are read; it goes again."""
    engine = sqlite.make_engine(path, "BEGIN", query_only=True, pool_size=1)
    copy = scratch / "copy.db"
    try:
        with engine.connect() as connection, connection.begin():
            schema.check_schema(connection)
            counts = count_all(connection)
            # within the snapshot that was counted: whoever writes meanwhile is not held up, and is not in it
            _copy(connection.connection.dbapi_connection, copy)
        yield Snapshot("sqlite", schema.newest(), counts, _read(copy))
    except DBAPIError as error:
        raise NoCopy(f"the database cannot be copied: {type(error.orig).__name__}: {error.orig}") from None
    finally:
        engine.dispose()
        copy.unlink(missing_ok=True)


def _copy(source: Any, copy: Path) -> None:
    copy.touch(mode=0o600, exist_ok=False)
    target = dbapi2.connect(str(copy))
    try:
        target.execute("PRAGMA synchronous=OFF")
        source.backup(target)
    except dbapi2.Error as error:
        raise NoCopy(f"there is no room for a copy in {copy.parent}, or it cannot be made there: {error}") from None
    finally:
        target.close()


def _read(copy: Path) -> Iterator[bytes]:
    with copy.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def check_empty(path: Path) -> None:
    """Raises `NoCopy` where a database is, or what was beside one: it would be taken for part of the one to come."""
    for suffix in _BESIDE:
        beside = path.with_name(path.name + suffix)
        if beside.exists() and (suffix or beside.stat().st_size):
            raise NoCopy(f"{beside} is there already, and nothing is written over: move it away first")


class FilePlace:
    """A new file that a copy is written into, under another name until it is taken."""

    def __init__(self, name: Path) -> None:
        self._name, self._path = name, name.with_name(f"{name.name}.coming")
        self.url = f"sqlite:///{self._path}"
        self._file: IO[bytes] | None = None
        self.discard_rests()

    def _opened(self) -> IO[bytes]:
        """The file, made only when it is written to: by then somebody sees to it that it goes again."""
        if self._file is None:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(descriptor, "wb")
        return self._file

    def write(self, data: bytes, /) -> int:
        return self._opened().write(data)

    def finish(self) -> None:
        file = self._opened()
        settle_file(file)
        file.close()

    def take(self) -> None:
        with self._path.open("rb+") as file:
            settle_file(file)
        schema.mark(self._name)
        if self._name.exists() and self._name.stat().st_size == 0:
            self._name.unlink()
        os.link(self._path, self._name)
        self.discard_rests()
        settle_folder(self._name.parent)

    def discard(self) -> None:
        with contextlib.suppress(OSError):  # a full disk: what was not written is thrown away with the rest
            if self._file is not None:
                self._file.close()
        self.discard_rests()

    def discard_rests(self) -> None:
        """What lies under the other name: of a restore that was killed, too."""
        for suffix in (*_BESIDE, ".kept"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def settle_file(file: IO[bytes]) -> None:
    """What was written is on the disk."""
    file.flush()
    os.fsync(file.fileno())


def settle_folder(folder: Path) -> None:
    """What was named in a folder stays named so when the power goes."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_whole(path: Path) -> None:
    """Raises `NoCopy` where SQLite itself finds the file damaged."""
    connection = dbapi2.connect(str(path))
    try:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check(1)")]
    except dbapi2.DatabaseError as error:
        found = [str(error)]
    finally:
        connection.close()
    if found != ["ok"]:
        raise NoCopy(f"the database in it is damaged, and was when it was copied: {found[0]}")
