"""What one process writes, the board of another shows: at once where it hears of it, within a second where it does not.

Two services on one PostgreSQL, each with connections of its own. Where nobody looks for minutes, only hearing is left.
"""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import make_url

from app.api import following
from app.db.hearing import Hearing
from tests import postgres
from tests.api.clinic import Clinic, clinic_on
from tests.api.test_stream import PATIENCE, Follower, follow, served


@pytest.fixture(scope="module")
def clinic(tmp_path_factory, sqlite_template) -> Iterator[Clinic]:
    """Of the service that writes."""
    with clinic_on("postgresql", tmp_path_factory, sqlite_template, jobs=True) as opened:
        yield opened


@pytest.fixture
def nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "LOOK_SECONDS", 600.0)


def listening(clinic: Clinic, *, end: bool = False) -> set[int]:
    """Who listens, by the server's processes; `end`: no longer."""
    asked = "SELECT pid, %s AND pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND query LIKE %s"
    with postgres.as_owner() as owner:
        name = make_url(clinic.service.url).database
        rows = owner.execute(f"{asked} AND state = 'idle'", [end, name, "LISTEN %"]).fetchall()
    return {row[0] for row in rows}


def until_two_listen(clinic: Clinic, *, but: frozenset[int] | set[int] = frozenset()) -> None:
    until = time.monotonic() + PATIENCE
    while len(listening(clinic) - but) < 2:
        assert time.monotonic() < until, "nobody listens"
        time.sleep(0.02)


def somebody_comes(clinic: Clinic) -> str:
    session_id = clinic.plan()
    clinic.event(session_id, -30, "checked-in")
    return session_id


def shown(screen: Follower, session_id: str) -> None:
    screen.wait(lambda: screen.seen(session_id))


def failed(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.kind for record in caplog.records if getattr(record, "job", None) == "hearing"]


@pytest.mark.usefixtures("nobody_looks")
def test_it_is_shown_before_anybody_looks_and_again_after_the_connections_were_lost(clinic: Clinic, caplog):
    with served(clinic) as other:
        until_two_listen(clinic)
        screen = follow(other.url, clinic.nurse)
        shown(screen, somebody_comes(clinic))
        lost = listening(clinic, end=True)
        until_two_listen(clinic, but=lost)
        assert len(failed(caplog)) == 2
        shown(screen, somebody_comes(clinic))


@pytest.mark.usefixtures("nobody_looks")
def test_the_control_who_does_not_hear_shows_nothing_before_looking(clinic: Clinic, monkeypatch):
    monkeypatch.setattr(Hearing, "run", lambda self, heard, well, stop: stop.wait())
    with served(clinic) as deaf:
        monkeypatch.undo()
        monkeypatch.setattr(following, "LOOK_SECONDS", 600.0)
        with served(clinic) as other:
            until_two_listen(clinic)
            screen, in_time = follow(deaf.url, clinic.nurse), follow(other.url, clinic.nurse)
            session_id = somebody_comes(clinic)
            shown(in_time, session_id)
            assert not screen.seen(session_id)


def test_without_its_connections_it_is_shown_by_the_look(clinic: Clinic, monkeypatch, caplog):
    with served(clinic) as other:
        until_two_listen(clinic)
        screen = follow(other.url, clinic.nurse)
        monkeypatch.setattr(Hearing, "_connect", refuses)
        listening(clinic, end=True)
        screen.wait(lambda: failed(caplog).count("ConnectionRefusedError") >= 2)
        shown(screen, somebody_comes(clinic))
        duty = next(duty for duty in other.app.state.frame.duties if duty.name == "hearing")
        monkeypatch.setattr("app.services.duties.LATE", 0)
        screen.wait(lambda: duty.report().late)


async def refuses(_: Hearing) -> None:
    raise ConnectionRefusedError
