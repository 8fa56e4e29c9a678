"""Statements that are made once: the rows, the errors and the listeners of SQLAlchemy's own way, on both engines."""

from uuid import uuid4

import pytest
from sqlalchemy import Engine, bindparam, event, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.db import session_records, sessions, tablets, work
from app.db.prepared import Prepared
from app.db.refusals import AlreadyKept
from app.db.tables import clinics, journal
from app.db.tables import sessions as sessions_table
from app.domain.journal import session_stream
from tests import factories
from tests.services.ward import Ward


@pytest.fixture
def ward(database):
    made = Ward(database)
    made.session = made.ready()
    return made


def test_they_find_the_rows_that_sqlalchemy_finds(ward):
    patient = f"patient:{ward.patient}"
    asked = [
        (sessions._LOCK, {"this": ward.session}),
        (session_records._HEADS, {"one": patient, "other": patient}),
        (tablets._OF_SESSION, {"session": ward.session}),
        (tablets._OFFSET, {"tablet": uuid4()}),
        # of every type of column that an entry has, and with a value of the statement's own
        (
            Prepared(select(journal).where(journal.c.stream == bindparam("this"), journal.c.position > 2)),
            {"this": session_stream(ward.session)},
        ),
    ]

    def look(work):
        for prepared, values in asked:
            plainly = work.all(prepared.statement, **values)
            found = work.all(prepared, **values)
            assert found == plainly
            assert [row._asdict() for row in found] == [row._asdict() for row in plainly]
            assert work.first(prepared, **values) == (plainly[0] if plainly else None)
            yield len(plainly)

    assert ward.write(lambda work: list(look(work))) == [1, 1, 0, 0, 22]


def test_they_say_how_many_rows_they_met(ward):
    one = (sessions_table.c.clinic_id == bindparam("clinic"), sessions_table.c.id == bindparam("this"))
    renamed = Prepared(update(sessions_table).where(*one).values(digest=bindparam("as_digest")))

    def change(work):
        of = {"clinic": work.clinic_id, "as_digest": "another"}
        met = [renamed.change(work._connection, {**of, "this": this}) for this in (ward.session, uuid4())]
        return met, work.first(sessions._LOCK, this=ward.session).digest

    assert ward.write(change) == ([1, 0], "another")


def refused(ward, statement, values):
    found = []

    def run(work):
        try:
            if isinstance(statement, Prepared):
                statement.change(work._connection, values)
            else:
                work._connection.execute(statement, values)
        except DBAPIError as error:
            found.append(error)
            raise

    with pytest.raises(AlreadyKept):
        ward.write(run)
    return found[0]


def test_an_error_is_the_one_that_sqlalchemy_raises(ward):
    taken = {"id": ward.clinic.id, "name": "Another", "timezone": "UTC", "created_at": factories.NOON}
    mine, its = (refused(ward, how, taken) for how in (Prepared(insert(clinics), *taken), insert(clinics)))
    assert type(mine) is type(its) is IntegrityError
    assert str(mine.orig).splitlines()[0] == str(its.orig).splitlines()[0]
    assert mine.connection_invalidated is its.connection_invalidated is False
    assert work.is_taken(mine)
    # what was to be kept is not said
    assert "Another" not in str(mine)


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_connection_that_was_lost_is_seen_as_lost_and_the_work_is_done_again(ward):
    tries = []

    def cut_off_once(work):
        pid = work._connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        tries.append(pid)
        if len(tries) == 1:
            with work._connection.engine.connect() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 1000)")
        return sessions.lock(work, ward.session)

    assert ward.write(cut_off_once).id == ward.session
    assert len(set(tries)) == len(tries) == 2


def test_whoever_listens_hears_of_them(ward):
    heard = []

    def note(_connection, _cursor, statement, *_):
        heard.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        ward.write(lambda work: sessions.lock(work, ward.session))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len([one for one in heard if "FROM sessions" in one]) == 1
