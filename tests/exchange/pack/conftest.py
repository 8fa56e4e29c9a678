"""Packs made once: of a whole story and of a session with hardly anything in it."""

import shutil

import pytest

from app.db.engine import open_database
from app.exchange.pack import make_pack
from tests.exchange.pack import stories


@pytest.fixture(scope="package")
def kept(tmp_path_factory, sqlite_template):
    path = tmp_path_factory.mktemp("packs") / "clinic.db"
    shutil.copyfile(sqlite_template, path)
    opened = open_database(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.fixture(scope="package")
def taken(kept):
    ward, session_id = stories.treated(kept)
    return stories.take(ward, session_id)


@pytest.fixture(scope="package")
def pack(taken):
    return make_pack(taken)


@pytest.fixture(scope="package")
def small(kept):
    ward, session_id = stories.simple(kept)
    return make_pack(stories.take(ward, session_id))


@pytest.fixture(scope="package")
def declined(kept):
    ward, session_id = stories.declined(kept)
    return make_pack(stories.take(ward, session_id, now=105))
