"""A work that took too long is refused: what carries an instant is in the record soon after it, or never.

What counts begins where its instant was taken, wherever it waited since.
"""

import asyncio
import threading
from itertools import count

import pytest

from app import clock
from app.db import engine, patients
from app.db.refusals import Busy
from tests import factories
from tests.db.filled import NOW, fill

AROUND = [(engine.LATEST - 1, True), (engine.LATEST + 1, False)]


def keeping(filled, patient_id):
    """A verb that keeps a patient, audited."""

    def keep(work):
        patients.keep(work, patient_id, factories.patient(), 1)
        work.audit("test.wrote", subject="test", subject_id="1")

    return keep


@pytest.mark.parametrize(("seconds", "kept"), AROUND)
def test_a_work_that_took_too_long_is_not_kept(database, monkeypatch, seconds, kept):
    filled = fill(database)
    patient_id = factories.reading(0).id
    ticks = count(0.0, seconds)
    monkeypatch.setattr(clock, "ticking", lambda: next(ticks))
    if kept:
        filled.write(patients.keep, patient_id, factories.patient(), 1)
    else:
        with pytest.raises(Busy):
            filled.write(patients.keep, patient_id, factories.patient(), 1)
    monkeypatch.undo()
    assert (filled.read(patients.find, patient_id) is not None) is kept


@pytest.mark.parametrize(("seconds", "kept"), AROUND)
def test_what_waited_between_its_instant_and_the_door_is_not_kept_late(database, monkeypatch, seconds, kept):
    filled = fill(database)
    patient_id = factories.reading(0).id
    ticks = [100.0]
    monkeypatch.setattr(clock, "ticking", lambda: ticks[0])
    asked = factories.asked(NOW)
    ticks[0] += seconds
    writing = database.write(keeping(filled, patient_id), filled.actor, asked)
    if kept:
        asyncio.run(writing)
    else:
        with pytest.raises(Busy):
            asyncio.run(writing)
    monkeypatch.undo()
    assert (filled.read(patients.find, patient_id) is not None) is kept


def test_what_waited_in_the_queue_of_the_door_is_not_kept_late(database, monkeypatch):
    filled = fill(database)
    patient_id = factories.reading(0).id
    ticks = [100.0]
    monkeypatch.setattr(clock, "ticking", lambda: ticks[0])
    inside, go_on = threading.Event(), threading.Event()

    def hold(work):
        inside.set()
        go_on.wait(10)

    async def run():
        holders = [asyncio.create_task(database.write(hold, filled.actor, factories.asked(NOW))) for _ in range(8)]
        await asyncio.to_thread(inside.wait, 10)
        waiting = asyncio.create_task(database.write(keeping(filled, patient_id), filled.actor, factories.asked(NOW)))
        await asyncio.sleep(0)
        ticks[0] += engine.LATEST + 1
        go_on.set()
        return await asyncio.gather(waiting, *holders, return_exceptions=True)

    assert {type(outcome) for outcome in asyncio.run(run())} == {Busy}
    monkeypatch.undo()
    assert filled.read(patients.find, patient_id) is None
