"""What a heartbeat costs and moves: a row of its own, and a session only where its answer could change by it."""

import asyncio
import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.db.engine import Database
from app.db.work import Work
from app.domain.records import FlagChange
from app.jobs import lapses
from app.services import boards, session_work, tablets
from app.services.duties import Duty
from tests.api.conftest import SetClock
from tests.api.session_story.test_costs import statements
from tests.factories import at
from tests.services.test_tablets import changes, enrol, hear, in_step, ready_too
from tests.services.ward import Ward

MOST = 4
"""Statements of a heartbeat that changes nothing: its row, what it has open, whose tablets these are, its row again."""


@pytest.fixture
def ward(database: Database) -> Ward:
    return Ward(database)


@contextmanager
def derivations(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[UUID]]:
    """The sessions that are worked out meanwhile."""
    found: list[UUID] = []
    really = session_work.derive

    def derive(record: Any, protocol: Any, as_of: Any, known: Any = None) -> Any:
        found.append(record.id)
        return really(record, protocol, as_of, known)

    with monkeypatch.context() as counted:
        counted.setattr(session_work, "derive", derive)
        counted.setattr("app.domain.derive.derive", derive)
        yield found


def rows(ward: Ward) -> list[Any]:
    """The rows of the clinic's sessions as they lie there."""
    return list(ward.read(lambda work: work.all(text("SELECT * FROM sessions ORDER BY id"))))


def line_of(ward: Ward, session_id: UUID, minutes: float) -> dict[str, Any]:
    """The session's line on its clinic's board."""
    items, _, _ = ward.database.write_now(boards.page, ward.nurse, at(minutes), "active", None, 10)
    return next(item for item in items if item["id"] == session_id)


def keep_due(ward: Ward, minutes: float) -> None:
    """A round of the job that keeps what time has brought."""
    asyncio.run(lapses.catch_up_due(ward.database, SetClock(_now=at(minutes)), Duty("lapses", named="session")))


@pytest.mark.parametrize("enrolled", [True, False])
def test_an_unchanged_heartbeat_works_nothing_out_and_touches_no_session(ward: Ward, monkeypatch, enrolled: bool):
    opened = (ward.ready(), ready_too(ward), ward.plan(ward.add_patient()))
    tablet = enrol(ward) if enrolled else uuid4()
    for minutes in (103, 103.25):
        hear(ward, tablet, minutes, *opened)
    before = rows(ward)
    with derivations(monkeypatch) as derived, statements() as asked:
        told = [hear(ward, tablet, 103.5 + count / 4, *opened) for count in range(20)]
    assert derived == []
    assert len(asked) <= MOST * 20, asked[: MOST + 2]
    assert sum(not each.startswith("SELECT") for each in asked) == 20, "one row is written by each"
    assert rows(ward) == before
    assert [one.status for one in told[-1].sessions] == ["met", "met", "cannot-tell"]
    # and it is told what it was told before: until when the flags last
    lapses_at = at(108.25 + 2) if enrolled else at(122)
    assert [one.lapses_at for one in told[-1].sessions] == [lapses_at, lapses_at, None]


def test_what_is_held_counts_and_how_much_does_not(ward: Ward, monkeypatch):
    session_id, tablet = ward.ready(), enrol(ward)
    hear(ward, tablet, 103, session_id, unsent=3)
    with derivations(monkeypatch) as derived:
        hear(ward, tablet, 103.25, session_id, unsent=2)
        assert derived == []
        hear(ward, tablet, 103.5, session_id)
        assert set(derived) == {session_id}
    assert changes(ward, session_id) == [
        (FlagChange.RAISED, at(102)),
        (FlagChange.WITHDRAWN, at(103)),
        (FlagChange.RAISED, at(103.5)),
    ]


def test_one_session_that_changes_works_no_other_out(ward: Ward, monkeypatch):
    session_id, other, tablet = ward.ready(), ready_too(ward), enrol(ward)
    hear(ward, tablet, 103, session_id, other)
    with derivations(monkeypatch) as derived:
        hear(ward, tablet, 103.25, session_id, other, drafts=(other,))
    assert set(derived) == {other}


def test_silence_is_kept_at_its_own_instant_though_no_heartbeat_touched_the_session(ward: Ward, monkeypatch):
    session_id, tablet = ward.ready(), enrol(ward)
    for count in range(21):
        hear(ward, tablet, 103 + count / 4, session_id)
    keep_due(ward, 109.9)
    assert changes(ward, session_id) == [(FlagChange.RAISED, at(102))]
    # no board says met from the instant on, whatever a job does
    before, after = line_of(ward, session_id, 109.99), line_of(ward, session_id, 110)
    assert (before["status"], after["status"], after["status_since"]) == ("met", "cannot-tell", at(110))
    keep_due(ward, 113)
    assert line_of(ward, session_id, 113)["status"] == "not-met"
    assert changes(ward, session_id)[1:] == [(FlagChange.WITHDRAWN, at(110))]
    with derivations(monkeypatch) as derived:
        keep_due(ward, 114)
    assert derived == [], "a silence that has been told is not told again"
    hear(ward, tablet, 115, session_id)
    assert changes(ward, session_id)[2:] == [(FlagChange.RAISED, at(115))]


def test_a_heartbeat_that_comes_while_its_silence_is_kept_is_heard(ward: Ward):
    """It was asked before the tablet counted as silent, and is taken after that was kept."""
    session_id, tablet = ward.ready(), enrol(ward)
    hear(ward, tablet, 103, session_id)
    keep_due(ward, 105)
    assert in_step(ward, session_id, 105) == "not-met"
    hear(ward, tablet, 104.9, session_id)
    assert in_step(ward, session_id, 105) == "met"


def test_a_heartbeat_between_falling_silent_and_keeping_it_leaves_the_flag_up(ward: Ward):
    session_id, tablet = ward.ready(), enrol(ward)
    hear(ward, tablet, 103, session_id)
    [silent] = ward.read(tablets.tablets.silent_here, now=105)
    hear(ward, tablet, 104.9, session_id)
    ward.write(tablets.falls_silent, silent, now=105)
    keep_due(ward, 105)
    assert in_step(ward, session_id, 105) == "met"
    assert changes(ward, session_id) == [(FlagChange.RAISED, at(102))]


# --- it keeps what would be kept if everything were worked out at every heartbeat ------------------------------------


def walk(ward: Ward, seed: int) -> list[Any]:
    """Tablets that come, hold, fall silent, leave and are enrolled, and a job that comes late or not at all."""
    chance = random.Random(seed)
    opened = [ward.ready(), ready_too(ward)]
    holders = [uuid4() for _ in range(2)]
    enrolled: set[UUID] = set()
    minutes = 103.0
    for _ in range(24):
        minutes += chance.choice([0.25, 0.25, 0.25, 0.5, 1, 2.5])
        tablet = chance.choice(holders[: chance.choice([1, 3])])
        if chance.random() < 0.15 and tablet not in enrolled:
            enrol(ward, tablet, now=minutes)
            enrolled.add(tablet)
            continue
        if chance.random() < 0.2:
            keep_due(ward, minutes)
            continue
        shown = opened[: chance.choice([0, 1, 2, 2, 2, 2])]
        drafts = tuple(each for each in opened if chance.random() < 0.1)
        pace = chance.choice([1, 1, 1, 2])
        hear(ward, tablet, minutes, *shown, unsent=chance.choice([0, 0, 0, 0, 1, 2]), drafts=drafts, pace=pace)
    kept = []
    for session_id in opened:
        in_the_end = ward.assessment(session_id, minutes + 3)
        told = [(one.status, one.as_of, one.change, one.outcomes) for one in ward.assessments(session_id)]
        kept.append((in_the_end.status, in_the_end.lapses_at, told))
    return kept


@pytest.mark.parametrize("seed", range(5))
def test_the_same_is_kept_as_if_every_heartbeat_worked_everything_out(ward: Ward, monkeypatch, seed: int):
    found = walk(ward, seed)
    monkeypatch.setattr(tablets, "_may_change", lambda *_: True)
    assert found == walk(Ward(ward.database), seed)


def test_control_a_heartbeat_that_never_works_anything_out_is_found(ward: Ward, monkeypatch):
    found = [walk(Ward(ward.database), seed) for seed in range(2)]
    really = tablets._may_change
    monkeypatch.setattr(
        tablets, "_may_change", lambda now, was, it_is, around: not (was and it_is) and really(now, was, it_is, around)
    )
    assert found != [walk(Ward(ward.database), seed) for seed in range(2)]


# --- a session that fails --------------------------------------------------------------------------------------------


def breaks(monkeypatch: pytest.MonkeyPatch, session_id: UUID) -> None:
    really = session_work.derive_at

    def derive_at(record: Any, protocol: Any, now: Any, known: Any = None) -> Any:
        if record.id == session_id:
            raise RuntimeError("Zebra Quagga")
        return really(record, protocol, now, known)

    monkeypatch.setattr(session_work, "derive_at", derive_at)


def test_one_session_that_fails_is_set_apart_and_the_heartbeat_is_taken(ward: Ward, monkeypatch, caplog):
    bad, good, tablet = ward.ready(), ready_too(ward), enrol(ward)
    hear(ward, tablet, 103, bad, good)
    with monkeypatch.context() as broken, caplog.at_level(logging.ERROR):
        breaks(broken, bad)
        told = {one.session_id: one for one in hear(ward, tablet, 104, bad, good, unsent=1).sessions}
        assert (told[bad].status, told[bad].lapses_at, told[good].status) == ("cannot-tell", None, "not-met")
        keep_due(ward, 104.5)
        shown = line_of(ward, bad, 104.5)
        assert (shown["status"], shown["status_since"]) == ("cannot-tell", at(104))
    [logged, *_] = [record for record in caplog.records if record.msg == "item-failed"]
    assert (logged.job, logged.kind, logged.session) == ("heartbeats", "RuntimeError", str(bad))
    assert "Zebra" not in caplog.text
    assert changes(ward, good)[-1] == (FlagChange.WITHDRAWN, at(104))
    # once it can be worked out, it is kept at the instant of the heartbeat
    keep_due(ward, 106)
    assert changes(ward, bad)[-1] == (FlagChange.WITHDRAWN, at(104))
    assert line_of(ward, bad, 106)["status"] == "not-met"


def test_control_without_setting_apart_one_session_fails_the_whole_heartbeat(ward: Ward, monkeypatch):
    bad, good, tablet = ward.ready(), ready_too(ward), enrol(ward)
    breaks(monkeypatch, bad)
    monkeypatch.setattr(Work, "apart", lambda _work, part: (part(),))
    with pytest.raises(RuntimeError):
        hear(ward, tablet, 104, bad, good, unsent=1)
    assert changes(ward, good)[-1] == (FlagChange.RAISED, at(102))


def test_a_line_that_cannot_be_read_is_never_met_and_the_next_heartbeat_mends_it(ward: Ward):
    session_id, tablet = ward.ready(), enrol(ward)
    hear(ward, tablet, 103, session_id)
    for broken in ("{", "[]", '"met"', ""):
        spoil = text("UPDATE sessions SET board = :broken WHERE status = 'met'").bindparams(broken=broken)
        ward.write(lambda work, spoil=spoil: work._connection.execute(spoil))
        hear(ward, tablet, 103.5, session_id)
        assert line_of(ward, session_id, 103.5)["status"] == "met"
        assert line_of(ward, session_id, 103.5)["peaks"] is not None
