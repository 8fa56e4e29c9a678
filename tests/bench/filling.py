"""A clinic with a full board: sessions under way, kept by the work that keeps entries, their lines derived once.

All of them hold the same values under ids of their own, so that what one record comes to, all come to.
"""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from app.db import sessions as kept_sessions
from app.db.engine import Database
from app.db.sessions import Line
from app.db.work import Work, service_actor
from app.domain import keeping
from app.domain.canonical import Document
from app.domain.events import EventKind
from tests import factories
from tests.export.filling import add_patient, all_known, derived_line, make_id

AT_ONCE = 100


def fill_board(database: Database, clinic_id: UUID, many: int, now: datetime) -> None:
    """So many active sessions: checked in, one set taken."""
    actor, chance = service_actor(clinic_id), random.Random(2)
    line: Line | None = None
    for start in range(0, many, AT_ONCE):
        line = database.write_now(_sessions, actor, now, min(AT_ONCE, many - start), chance, line)
        database.write_now(all_known, actor, now)


def _sessions(work: Work, many: int, chance: random.Random, line: Line | None) -> Line | None:
    for _ in range(many):
        this, patient_id, reading_id = make_id(chance), make_id(chance), make_id(chance)
        add_patient(work, patient_id, chance)
        kept_sessions.add(work, this, factories.header(patient_id))
        checked_in = factories.event(0, EventKind.CHECKED_IN, id=make_id(chance), at=work.now - timedelta(minutes=2))
        reading = factories.reading(0, id=reading_id, measured_at=work.now - timedelta(minutes=1))
        for fact in (
            keeping.header(this, factories.header(patient_id), 1),
            keeping.event(checked_in),
            keeping.reading(reading),
        ):
            work.keep(fact, this)
        line = line or derived_line(work, this)
        board = cast("dict[str, Any]", line.board)
        last_set: Document = board["last_set"] | {"id": str(reading_id)}
        kept_sessions.write_line(work, this, 0, replace(line, board={**board, "last_set": last_set}))
    return line
