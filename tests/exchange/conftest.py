"""A furnished ward for what only looks at what comes out."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from app.db.engine import open_database
from tests.exchange.records import filled
from tests.services.ward import Ward


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[tuple[Ward, list[UUID]]]:
    """A ward and its sessions, made once a module."""
    path = tmp_path_factory.mktemp("furnished") / "clinic.db"
    shutil.copyfile(sqlite_template, path)
    database = open_database(f"sqlite:///{path}")
    ward = Ward(database)
    yield ward, filled(ward)
    database.close()
