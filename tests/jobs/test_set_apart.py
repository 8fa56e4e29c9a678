"""A round of a job with one item that fails: the others are not late, and the one is told of and tried again."""

import asyncio
import logging
from itertools import pairwise
from uuid import uuid4

import pytest

from app.db import feed as kept_feed
from app.db.engine import Database
from app.db.work import service_actor
from app.jobs import feed, lapses, seals
from app.services import audit, boards, session_work
from app.services.duties import LATE, Duty
from tests.api.conftest import SetClock
from tests.factories import NOON, at
from tests.services.ward import Ward

SECRET = "Zebra Quagga"


class Ticks:
    """The seconds that nobody can set, in the test's hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


def break_rules(monkeypatch, session_id):
    """The rules raise for one session; what they say of any other is true."""
    really = session_work.derive

    def derive(record, *others):
        if record.id == session_id:
            raise RuntimeError(SECRET)
        return really(record, *others)

    monkeypatch.setattr(session_work, "derive", derive)


def line_of(ward, session_id, minutes):
    """The session's line on its clinic's board."""
    items, _, _ = ward.database.write_now(boards.page, ward.nurse, at(minutes), "active", None, 10)
    [line] = [item for item in items if item["id"] == session_id]
    return line


def catch_up(database, duty, minutes=300):
    return asyncio.run(lapses.catch_up_due(database, SetClock(_now=at(minutes)), duty))


def ready_in_three_clinics(database):
    """A session in each; the flag of the first lapses before the others'."""
    wards = [Ward(database) for _ in range(3)]
    ids = [ward.ready() for ward in wards]
    for ward, session_id in list(zip(wards, ids, strict=True))[1:]:
        ward.reading(session_id, 110)
    return wards, ids


def test_one_session_that_fails_leaves_no_other_clinics_board_at_met(database: Database, monkeypatch, ticks, caplog):
    wards, ids = ready_in_three_clinics(database)
    break_rules(monkeypatch, ids[0])
    duty = Duty("lapses", ticks, named="session")
    with caplog.at_level(logging.ERROR):
        assert catch_up(database, duty) == 2
    kept = [line_of(ward, session_id, 300) for ward, session_id in zip(wards, ids, strict=True)]
    assert [line["status"] for line in kept] == ["cannot-tell", "not-met", "not-met"]
    assert [line["status_because"] for line in kept][1:] == [None, None]
    assert (duty.report().apart, duty.report().late) == (1, False)
    [logged] = [record for record in caplog.records if record.msg == "item-failed"]
    assert (logged.job, logged.kind, logged.session) == ("lapses", "RuntimeError", str(ids[0]))
    assert SECRET not in caplog.text


def test_a_session_set_apart_is_tried_again_with_growing_gaps_and_is_well_when_it_can_be(
    database: Database, monkeypatch, ticks
):
    ward = Ward(database)
    session_id = ward.ready()
    duty, tries = Duty("lapses", ticks), []
    with monkeypatch.context() as broken:

        def derive(*_):
            tries.append(ticks.seconds)
            raise RuntimeError(SECRET)

        broken.setattr(session_work, "derive", derive)
        for _ in range(400):
            catch_up(database, duty)
            ticks.seconds += 1
        gaps = [later - earlier for earlier, later in pairwise(tries)]
        assert gaps[:6] == [1, 2, 4, 8, 16, 32]
        assert set(gaps[6:]) == {60}
        told = duty.report()
        assert (told.apart, told.oldest_seconds, told.late) == (1, 400, True)
    ticks.seconds += 60
    assert catch_up(database, duty) == 1
    assert duty.report().apart == 0
    assert line_of(ward, session_id, 300)["status"] == "not-met"


def test_a_session_that_somebody_else_caught_up_is_set_apart_no_longer(database: Database, monkeypatch, ticks):
    ward = Ward(database)
    session_id = ward.ready()
    duty = Duty("lapses", ticks, named="session")
    with monkeypatch.context() as broken:
        break_rules(broken, session_id)
        catch_up(database, duty)
        assert duty.report().apart == 1
    ward.reading(session_id, 299, now=300)
    catch_up(database, duty)
    assert duty.report().apart == 0


def test_however_many_are_set_apart_the_others_have_their_turn(database: Database, monkeypatch, ticks):
    wards, ids = ready_in_three_clinics(database)
    break_rules(monkeypatch, ids[0])
    monkeypatch.setattr(lapses, "AT_ONCE", 1)
    duty = Duty("lapses", ticks, named="session")
    for _ in range(3):
        catch_up(database, duty)
    assert [line_of(*each, 300)["status"] for each in zip(wards[1:], ids[1:], strict=True)] == ["not-met"] * 2


def test_no_board_says_met_after_the_lapse_whatever_a_job_does(database: Database):
    ward = Ward(database)
    session_id = ward.ready()
    before, after = line_of(ward, session_id, 121.9), line_of(ward, session_id, 122)
    assert (before["status"], before["lapses_at"], before["status_because"]) == ("met", at(122), None)
    assert (after["status"], after["lapses_at"], after["status_since"]) == ("cannot-tell", at(122), at(122))
    assert "worked out" in after["status_because"]
    looked = database.read_now(boards.look, service_actor(ward.clinic.id), at(122), None, {}, ())
    assert looked.items[session_id] == after


@pytest.mark.parametrize(("job", "verb"), [(seals.seal_all, "seal"), (feed.number_all, "number")])
def test_one_clinic_that_fails_holds_up_no_other(database: Database, monkeypatch, ticks, job, verb):
    wards = [Ward(database) for _ in range(3)]
    module = {"seal": audit, "number": feed.feed}[verb]
    really = getattr(module, verb)

    def fails_in_one(work):
        if work.clinic_id == wards[number].clinic.id:
            raise RuntimeError(SECRET)
        return really(work)

    for number in range(3):
        for ward in wards:
            ward.add_patient()
        duty = Duty(verb, ticks)
        with monkeypatch.context() as broken:
            broken.setattr(module, verb, fails_in_one)
            asyncio.run(job(database, SetClock(_now=at(0)), duty))
        left = [ward.clinic.id for ward in wards if waits(database, ward, verb)]
        assert left == [wards[number].clinic.id]
        assert duty.report().apart == 1
        asyncio.run(job(database, SetClock(_now=at(0)), Duty(verb)))


def waits(database, ward, verb):
    """Whether something of this clinic waits for its seal or its number."""
    actor = service_actor(ward.clinic.id)
    if verb == "seal":
        return ward.clinic.id in database.read_now(audit.waiting, actor, NOON)
    return ward.clinic.id in database.read_now(kept_feed.waiting, actor, NOON)


# --- a duty by itself ------------------------------------------------------------------------------------------------


def test_an_item_that_hangs_holds_up_no_other_item():
    async def run():
        done, never, others = [], asyncio.Event(), asyncio.Event()

        async def work(number):
            if number == 0:
                await never.wait()
            done.append(number)
            if len(done) == 9:
                others.set()

        items = {uuid4(): number for number in range(10)}
        round_ = asyncio.create_task(Duty("probe").each(items, work))
        await asyncio.wait_for(others.wait(), 10)
        never.set()
        await round_
        return done

    assert asyncio.run(run())[-1] == 0


def test_a_duty_without_a_finished_round_is_late(ticks):
    duty = Duty("probe", ticks)
    ticks.seconds += LATE
    assert not duty.report().late
    ticks.seconds += 1
    assert (duty.report().late, duty.report().quiet_seconds) == (True, LATE + 1)
    duty.done()
    assert not duty.report().late


def test_what_is_cancelled_has_not_failed():
    async def run():
        duty = Duty("probe")

        async def work(_):
            raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await duty.each({uuid4(): None}, work)
        return duty.report().apart

    assert asyncio.run(run()) == 0
