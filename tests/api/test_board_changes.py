"""The board as it changes: what a follower holds is what a fresh look finds, at the cost of what changed alone."""

import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import BigInteger, text

from app.api.board_memory import BoardMemory
from app.api.board_models import BoardItemOut
from app.db import chains, feed, line_changes, sessions
from app.db.engine import Database, open_database
from app.db.work import Work, service_actor
from app.domain.events import EventKind
from app.services import boards, patients
from tests import factories
from tests.api.screens import Screen, fresh
from tests.factories import at
from tests.services.test_heartbeats import keep_due
from tests.services.test_tablets import enrol, hear
from tests.services.ward import Ward


@pytest.fixture
def ward(database: Database) -> Ward:
    return Ward(database)


# --- what follows from changes alone is what there is ----------------------------------------------------------------


def a_day(ward: Ward, seed: int) -> Iterator[float]:
    """Whatever may happen to a board, with the job that keeps what is due coming late; yields the minute it is."""
    chance = random.Random(seed)
    open_ones = [ward.ready()]
    names: dict[UUID, int] = {ward.patient: 1}
    tablet = enrol(ward)
    minutes = 102.0
    yield minutes

    def comes() -> None:
        patient_id = ward.add_patient()
        names[patient_id] = 1
        open_ones.append(ward.plan(patient_id, chair=str(chance.randint(1, 9))))
        ward.event(open_ones[-1], minutes, EventKind.CHECKED_IN)

    def is_measured() -> None:
        if open_ones:
            ward.reading(chance.choice(open_ones), minutes, systolic=chance.choice([120, 186]))

    def goes() -> None:
        if len(open_ones) > 1:
            ward.event(open_ones.pop(), minutes, EventKind.CANCELLED)

    def is_renamed() -> None:
        patient_id = chance.choice(list(names))
        called = factories.patient(record_number=f"R-{patient_id}", family_name=f"Probe{chance.choice('abc')}")
        change, _ = ward.write(patients.put, patient_id, called, names[patient_id], now=minutes)
        names[patient_id] = change.revision

    def is_heard() -> None:
        hear(ward, tablet, minutes, *open_ones[:3], unsent=chance.choice([0, 0, 0, 2]))

    def is_kept() -> None:
        keep_due(ward, minutes)

    def waits() -> None:
        pass

    for _ in range(25):
        minutes += chance.choice([0.1, 0.5, 1.5, 4])
        chance.choice([comes, is_measured, goes, is_renamed, is_heard, is_heard, is_kept, waits])()
        yield minutes


@pytest.mark.parametrize("seed", range(4))
def test_what_a_follower_holds_is_what_a_fresh_look_finds(ward: Ward, seed: int):
    screen, versions = Screen(ward), [0]
    for minutes in a_day(ward, seed):
        news = screen.look(minutes)
        assert screen.shown == fresh(ward, minutes)
        assert (screen.memory.version > versions[-1]) is (news is not None)
        versions.append(screen.memory.version)
        assert screen.look(minutes) is None, "nothing changed meanwhile"
    assert versions == sorted(versions)


def hears_nothing(work: Work, _mark: int) -> tuple[int, list[UUID]]:
    return line_changes.from_here(work), []


@pytest.mark.parametrize(
    "deaf",
    [
        pytest.param(("since", line_changes, hears_nothing), id="to changed lines"),
        pytest.param(("turning", BoardMemory, lambda *_: set()), id="to time"),
        pytest.param(("fallen_silent", boards, lambda _: {}), id="to silence"),
        pytest.param(("shows_patient", sessions, lambda *_: None), id="to names"),
    ],
)
def test_control_a_look_that_is_deaf_to_one_kind_of_change_is_found(ward: Ward, monkeypatch, deaf: Any):
    name, of, stand_in = deaf
    minutes, session_id, tablet = 103.0, ward.ready(), enrol(ward)
    hear(ward, tablet, minutes, session_id)
    screen = Screen(ward)
    screen.look(minutes)

    def differs(now: float) -> bool:
        with monkeypatch.context() as broken:
            broken.setattr(of, name, stand_in)
            if name == "turning":
                # whoever else is at work in the cluster may have lines looked at again that nobody has written since
                broken.setattr(line_changes, "since", hears_nothing)
            screen.look(now)
        return screen.shown != fresh(ward, now)

    with monkeypatch.context() as broken:
        broken.setattr(of, name, stand_in)
        called = factories.patient(record_number=f"R-{ward.patient}", family_name="Other")
        ward.write(patients.put, ward.patient, called, 1, now=103.5)
    hear(ward, tablet, 103.75, session_id)
    if name == "shows_patient":
        # every look sees the same line: it is the line that says the old name
        assert fresh(ward, 104)[str(session_id)]["patient"]["family_name"] != "Other"
        return
    if name == "turning":
        hear(ward, tablet, 121, session_id)
        screen.look(121)
        assert differs(122)
        return
    assert differs(104 if name == "since" else 105.75) or name == "fallen_silent"
    if name == "fallen_silent":
        assert screen.shown[str(session_id)]["status"] == "met"
        assert fresh(ward, 105.75)[str(session_id)]["status"] == "cannot-tell"


def test_no_board_says_met_past_the_lapse_or_a_silence_though_nobody_keeps_it(ward: Ward):
    session_id, tablet = ward.ready(), enrol(ward)
    screen = Screen(ward)
    hear(ward, tablet, 103, session_id)
    screen.look(104.9)
    assert screen.shown[str(session_id)]["status"] == "met"
    screen.look(105)
    assert screen.shown[str(session_id)]["status"] == "cannot-tell"
    hear(ward, tablet, 105.1)
    screen.look(105.2)
    assert screen.shown[str(session_id)]["status"] == "met"
    screen.look(122)
    assert screen.shown[str(session_id)]["status"] == "cannot-tell"


def test_a_look_that_failed_asks_again_for_what_time_has_changed(ward: Ward):
    session_id = ward.ready()
    screen = Screen(ward)
    screen.look(121)
    assert screen.memory.turning(at(122)) == {session_id}  # and then the look could not be had
    screen.look(122.5)
    assert screen.shown[str(session_id)]["status"] == "cannot-tell"


# --- a line that cannot be read --------------------------------------------------------------------------------------

SPOILT: dict[str, dict[str, Any]] = {
    "no JSON": {"board": "{"},
    "another shape": {"board": '{"phase":null}'},
    "no number": {"board": '{"patient":NaN}'},
    "half a character": {"board": '{"chair":"\\ud800"}'},
    "no document": {"board": None},
    "an instant out of all bounds": {"due_at": 9_000_000_000_000_000_000},
}


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
def test_a_line_that_cannot_be_read_cannot_tell_and_stands_in_nobody_s_way(ward: Ward, spoilt: dict[str, Any]):
    bad, good = ward.ready(), ward.plan(ward.add_patient())
    ward.event(good, 10, EventKind.CHECKED_IN, now=102)
    screen = Screen(ward)
    screen.look(103)
    [(column, value)] = spoilt.items()
    spoil = text(f"UPDATE sessions SET {column} = :value, changed = 999999 WHERE status = 'met'")
    spoil = spoil.bindparams(value=value)
    ward.write(lambda work: work._connection.execute(spoil))
    screen.look(104)
    for shown in (screen.shown, fresh(ward, 104)):
        assert shown[str(bad)]["status"] == "cannot-tell"
        assert shown[str(bad)]["status_because"] == boards.UNREADABLE
        assert shown[str(bad)]["patient"]["family_name"] == factories.patient().family_name
        assert shown[str(good)]["state"] == "checked-in"
    items, _, _ = ward.database.write_now(boards.page, ward.nurse, at(104), "active", None, 10)
    assert {item["id"]: item["status"] for item in items}[bad] == "cannot-tell"
    if "due_at" not in spoilt:
        ward.reading(bad, 105)
        screen.look(105)
        assert screen.shown[str(bad)]["status"] == "met", "the next thing kept makes the line anew"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_line_kept_before_concerns_named_their_value_is_read(ward: Ward):
    session_id = ward.ready()
    before = {"id": "a.1.spo2", "because": "spo2 88 is below 92", "acknowledge": True}

    def keep(work: Work) -> None:
        locked = sessions.lock(work, session_id)
        assert locked is not None
        board = {**(locked.line.board or {}), "concerns": [before]}
        sessions.write_line(work, session_id, locked.version, replace(locked.line, board=board))

    ward.write(keep)
    item = fresh(ward, 103)[str(session_id)]
    (concern,) = BoardItemOut.model_validate_json(json.dumps(item)).concerns
    assert concern.model_dump() == {**before, "vital": None, "value": None, "measured_at": None}


# --- what ends late, and what other processes keep -------------------------------------------------------------------


@contextmanager
def held_open(ward: Ward, session_id: UUID) -> Iterator[Callable[[], None]]:
    """A work that has written a line and does not end before it is let go."""
    written, go_on = threading.Event(), threading.Event()

    def slowly(work: Work) -> None:
        locked = sessions.lock(work, session_id)
        assert locked is not None
        sessions.write_line(work, session_id, locked.version, locked.line)
        written.set()
        go_on.wait(20)

    ended = threading.Thread(target=lambda: ward.write(slowly, now=103))
    ended.start()
    assert written.wait(20)

    def let_go() -> None:
        go_on.set()
        ended.join()

    try:
        yield let_go
    finally:
        let_go()


def sees_what_ends_late(ward: Ward) -> bool:
    late, other = ward.ready(), ward.plan(ward.add_patient())
    ward.event(other, 10, EventKind.CHECKED_IN, now=102)
    screen = Screen(ward)
    screen.look(103)
    before = screen.shown[str(late)]["version"]
    with held_open(ward, late) as let_go:
        ward.reading(other, 103)
        screen.look(103)
        assert screen.shown[str(other)]["last_set"] is not None
        let_go()
    screen.look(103.5)
    return bool(screen.shown[str(late)]["version"] > before)


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_work_that_ends_after_a_later_one_was_seen_is_seen_too(ward: Ward):
    assert sees_what_ends_late(ward)


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_control_asking_from_the_greatest_mark_on_misses_it(ward: Ward, monkeypatch):
    greatest = text("SELECT coalesce(max(changed), 0) + 1 AS mark FROM sessions WHERE clinic_id = :clinic")
    greatest = greatest.columns(mark=BigInteger)
    monkeypatch.setitem(line_changes._FROM_HERE, "postgresql", greatest)
    monkeypatch.setitem(line_changes._CHANGED, "postgresql", line_changes._both("postgresql"))
    assert not sees_what_ends_late(ward)


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_what_another_process_keeps_is_on_the_stream_though_nobody_tells_of_it(ward: Ward, database_url: str):
    """Each process has a door of its own to the database; neither knows of the other."""
    session_id = ward.ready()
    other = open_database(database_url)
    try:
        screen = Screen(ward, other)
        screen.look(103)
        ward.reading(session_id, 103, systolic=190)
        assert other.last_move(ward.clinic.id) is None, "nobody has told"
        screen.look(103)
        assert screen.shown[str(session_id)]["status"] == "not-met"
        # as a copy brought back from another server would have it: its numbers are greater than any here
        ward.write(lambda work: work._connection.execute(text("UPDATE sessions SET changed = 1000000000000")))
        assert screen.look(103) is None
        ward.reading(session_id, 104)
        assert screen.look(104) is not None
    finally:
        other.close()


def test_whoever_writes_a_line_calls_and_a_seal_or_a_number_calls_nobody(ward: Ward):
    """Both are kept in the session's row, after each entry."""
    called: list[UUID] = []
    with ward.database.moves(called.append):
        ward.ready()
        assert set(called) == {ward.clinic.id}
        called.clear()
        for keep in (feed.number, chains.seal):
            assert ward.database.write_now(keep, service_actor(ward.clinic.id), at(103))
        assert called == []
    ward.reading(ward.plan(ward.add_patient()), 103)
    assert called == [], "nobody listens any more"
