"""A work that took too long is refused: what carries an instant is in the record soon after it, or never."""

from itertools import count

import pytest

from app.db import engine, patients
from app.db.refusals import Busy
from tests import factories
from tests.db.filled import fill


@pytest.mark.parametrize(("seconds", "kept"), [(engine.LATEST - 1, True), (engine.LATEST + 1, False)])
def test_a_work_that_took_too_long_is_not_kept(database, monkeypatch, seconds, kept):
    filled = fill(database)
    patient_id = factories.reading(0).id
    ticks = count(0.0, seconds)
    monkeypatch.setattr(engine, "ticking", lambda: next(ticks))
    if kept:
        filled.write(patients.keep, patient_id, factories.patient(), 1)
    else:
        with pytest.raises(Busy):
            filled.write(patients.keep, patient_id, factories.patient(), 1)
    monkeypatch.undo()
    assert (filled.read(patients.find, patient_id) is not None) is kept
