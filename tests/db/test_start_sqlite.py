"""Opening a SQLite file: each thing that is not safe is refused in one sentence."""

import os
import shutil
import sqlite3

import pysqlite3.dbapi2 as packaged
import pytest

from app.db import sqlite
from app.db.engine import OldSchema, UnsafeDatabase, migrate, open_database
from app.db.tables import INSERT_ONLY


@pytest.fixture
def path(tmp_path, sqlite_template):
    copy = tmp_path / "clinic.db"
    shutil.copyfile(sqlite_template, copy)
    return copy


def alter(path, *statements):
    connection = packaged.connect(str(path), isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def refused(path):
    with pytest.raises(UnsafeDatabase) as refusal:
        open_database(f"sqlite:///{path}")
    text = str(refusal.value)
    assert text
    assert "\n" not in text
    return text


def test_a_good_file_opens_with_every_setting_in_force(path):
    opened = open_database(f"sqlite:///{path}")
    opened.close()
    assert path.stat().st_size > 0


def test_the_system_s_library_is_refused_where_it_is_too_old():
    assert packaged.sqlite_version_info >= sqlite.SAFE_LIBRARY
    with pytest.raises(UnsafeDatabase, match=r"3\.51\.2; it must be at least 3\.51\.3"):
        sqlite.check_library((3, 51, 2))
    sqlite.check_library((3, 51, 3))
    if sqlite3.sqlite_version_info < sqlite.SAFE_LIBRARY:
        with pytest.raises(UnsafeDatabase):
            sqlite.check_library(sqlite3.sqlite_version_info)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("synchronous", "NORMAL"),
        ("foreign_keys", "OFF"),
        ("trusted_schema", "ON"),
        ("mmap_size", "1000000"),
        ("journal_mode", "DELETE"),
    ],
)
def test_a_setting_that_did_not_take_hold_is_refused(path, name, wrong):
    engine = sqlite.make_engine(path, "BEGIN", pragmas=sqlite.PRAGMAS | {name: wrong})
    with engine.connect() as connection, pytest.raises(UnsafeDatabase, match=name):
        sqlite.check_settings(connection)
    engine.dispose()


def test_every_asserted_setting_has_its_test():
    assert set(sqlite.EXPECTED) == {"synchronous", "foreign_keys", "trusted_schema", "mmap_size", "journal_mode"}


def test_writers_begin_immediately_and_readers_cannot_write(path):
    """A deferred transaction that reads and then writes fails at once, whatever its timeout: so writers never do."""
    writer = sqlite.make_engine(path, "BEGIN IMMEDIATE", pragmas=sqlite.PRAGMAS | {"busy_timeout": "0"})
    reader = sqlite.make_engine(path, "BEGIN", query_only=True)
    with writer.connect() as first, writer.connect() as second, reader.connect() as reading, first.begin():
        with pytest.raises(Exception, match="locked"):
            second.begin()
        with pytest.raises(Exception, match="readonly"):
            reading.exec_driver_sql("DELETE FROM clock")
    writer.dispose()
    reader.dispose()


@pytest.mark.parametrize("kind", sorted(sqlite.REMOTE))
def test_another_machine_s_disk_is_refused(tmp_path, kind):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"disk / ext4 rw 0 0\nserver:/x /srv/my\\040clinic {kind} rw 0 0\n")
    found = sqlite.file_system_of(sqlite.Path("/srv/my clinic/data/clinic.db"), mounts)
    assert found == kind
    with pytest.raises(UnsafeDatabase, match=kind):
        sqlite.check_file_system(found)
    sqlite.check_file_system(sqlite.file_system_of(sqlite.Path("/srv/other/clinic.db"), mounts))


def test_a_table_that_is_not_strict_is_refused(path):
    alter(path, "CREATE TABLE loose (anything)")
    assert "loose" in refused(path)


@pytest.mark.parametrize("table", INSERT_ONLY)
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_a_table_that_lost_a_trigger_is_refused(path, table, verb):
    alter(path, f"DROP TRIGGER {table}_no_{verb}")
    assert table in refused(path)


def test_an_old_schema_names_the_remedy(path):
    alter(path, "UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(
        OldSchema, match=r"the schema is at 0001, this version needs \d+: run `infusion-vitals migrate`"
    ):
        open_database(f"sqlite:///{path}")


def test_a_newer_schema_is_not_touched(path):
    alter(path, "UPDATE alembic_version SET version_num = 'from-the-future'")
    with pytest.raises(OldSchema, match="newer"):
        open_database(f"sqlite:///{path}", create=True)


def test_a_missing_file_is_made_only_when_asked(tmp_path):
    path = tmp_path / "new" / "clinic.db"
    assert "migrate" in refused(path)
    assert not path.exists()
    open_database(f"sqlite:///{path}", create=True).close()
    assert path.stat().st_mode & 0o077 == 0, "patients' data is nobody else's to read"


def test_no_database_is_refused(tmp_path):
    path = tmp_path / "clinic.db"
    path.write_bytes(b"not a database at all, but quite long enough to look like something\n" * 100)
    assert "not a database" in refused(path)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    assert refused(tmp_path / "file" / "clinic.db")
    with pytest.raises(UnsafeDatabase):
        open_database(f"sqlite:///{tmp_path}/file/clinic.db", create=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_file_that_cannot_be_written_is_refused(path):
    path.chmod(0o400)
    assert refused(path)


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "mysql://u@h/d", "sqlite+aiosqlite:///x.db", "nonsense", "", "postgresql://"],
)
def test_an_address_that_cannot_be_is_refused(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnsafeDatabase):
        open_database(url)
    with pytest.raises(UnsafeDatabase):
        migrate(url)


# --- B18: a record that was there and is gone ------------------------------------------------------------------------


@pytest.mark.parametrize("gone", ["missing", "empty"])
@pytest.mark.parametrize("how", ["open", "migrate"])
def test_a_file_that_is_gone_or_empty_where_one_was_is_never_made_anew(path, gone, how):
    url = f"sqlite:///{path}"
    open_database(url).close()
    for file in path.parent.glob("clinic.db-*"):
        file.unlink()
    path.unlink() if gone == "missing" else path.write_bytes(b"")
    with pytest.raises(UnsafeDatabase, match=f"there was a database at .*clinic.db, and it is {gone}: bring back"):
        open_database(url, create=True) if how == "open" else migrate(url)
    assert path.exists() is (gone == "empty"), "nothing was made"
    path.with_name("clinic.db.kept").unlink()
    open_database(url, create=True).close()
    assert path.stat().st_size > 0, "whoever removes the mark says that it is to begin anew"


def test_where_none_was_a_file_is_made_and_marked(tmp_path):
    url = f"sqlite:///{tmp_path}/new/clinic.db"
    open_database(url, create=True).close()
    assert (tmp_path / "new" / "clinic.db.kept").stat().st_mode & 0o777 == 0o600
    open_database(url).close()
