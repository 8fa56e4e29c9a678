"""Where backups of tests go: a key, a scratch folder, and an empty place elsewhere to bring one back into."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.commands.running import running
from app.db.copying import count_all
from app.db.work import EVERY_CLINIC
from app.settings import read_settings
from tests import postgres


@dataclass
class Places:
    """`key`: the public half; `identity`: the file with the other. `elsewhere`: an empty place of the same engine."""

    folder: Path
    url: str
    elsewhere: str
    key: str = ""

    @property
    def identity(self) -> Path:
        return self.folder / "key.txt"

    @property
    def scratch(self) -> Path:
        return self.folder / "scratch"

    @property
    def file(self) -> Path:
        return self.folder / "kept" / "monday.age"

    def settings(self, url: str | None = None) -> dict[str, str]:
        """What the environment says."""
        chosen = url or self.url
        said = {"DATABASE_URL": chosen, "BACKUP_SCRATCH": str(self.scratch)}
        if chosen.startswith("postgresql"):
            said["OWNER_DATABASE_URL"] = owner_of(chosen)
            said["POSTGRESQL_PROGRAMS"] = str(postgres.programs(postgres.folder()))
        return said

    def nothing_lies_about(self) -> bool:
        """No half of anything: no scratch, no hidden file beside the backup, none beside the database."""
        beside = [path for path in self.file.parent.iterdir() if path != self.file]
        coming = list(self.folder.rglob("*coming*"))
        return [*beside, *coming, *self.scratch.iterdir()] == [] and (
            not self.url.startswith("postgresql") or scratch_databases() == []
        )


def owner_of(url: str) -> str:
    """The same database, for who owns it."""
    return postgres.address(urlsplit(url).path.strip("/"), postgres.OWNER)


def scratch_databases() -> list[str]:
    with postgres.as_owner() as owner:
        found = owner.execute("SELECT datname FROM pg_database WHERE datname LIKE 'infusion_vitals_scratch%'")
        return [name for (name,) in found.fetchall()]


@contextmanager
def alone(url: str) -> Iterator[None]:
    """One test at a time makes backups on the server that all tests share: a second backup would be refused there."""
    if not url.startswith("postgresql"):
        yield
        return
    with postgres.as_owner() as owner:
        owner.execute("SELECT pg_advisory_lock(4711999)")
        yield


@contextmanager
def places(folder: Path, url: str) -> Iterator[Places]:
    """Folders, and an empty place that goes again."""
    name = f"elsewhere_{os.getpid()}"
    if url.startswith("postgresql"):
        postgres.drop(name)
        with postgres.as_owner() as owner:
            owner.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        elsewhere = postgres.address(name)
    else:
        elsewhere = f"sqlite:///{folder / 'elsewhere' / 'clinic.db'}"
    made = Places(folder, url, elsewhere)
    made.scratch.mkdir()
    made.file.parent.mkdir()
    with alone(url):
        yield made
    if url.startswith("postgresql"):
        postgres.drop(name)


def look(verb: Callable[..., Any], *args: Any) -> Any:
    """What a verb reads in the database of the environment."""
    with running(read_settings()) as run:
        return run.database.read_now(verb, EVERY_CLINIC, run.now(), *args)


def counts() -> dict[str, int]:
    """The rows of every table, in the database of the environment."""
    return dict(look(lambda work: count_all(work._connection)))
