"""What a request costs, in numbers that no noise can touch: statements and bytes."""

from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, event, text

from app.db.work import EVERY_CLINIC
from app.services import sign_in_memory
from tests.api.bodies import reading
from tests.bench.counting import TURNS


@contextmanager
def statements(trusted=3600):
    """What is asked of the database meanwhile, by anybody in this process.

    Who was looked up before is not looked up again, however busy the machine: `trusted`, seconds.
    """
    found: list[str] = []

    def note(_connection, _cursor, statement, *_):
        if not statement.lstrip().upper().startswith(TURNS):
            found.append(" ".join(statement.split()))

    event.listen(Engine, "before_cursor_execute", note)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sign_in_memory, "TRUSTED", trusted)
        yield found
    event.remove(Engine, "before_cursor_execute", note)


def put_reading(clinic, session_id, minutes):
    clinic.to(minutes)
    clinic.nurse.put(f"/v1/sessions/{session_id}/readings/{uuid4()}", reading(minutes))


@pytest.mark.parametrize("after", [25, 50])
def test_a_reading_costs_five_statements_at_most_its_sign_in_included(clinic, after):
    """During the infusion, and in recovery; the first one makes what is compiled once."""
    session_id = clinic.treated() if after > 40 else clinic.plan()
    if after < 40:
        clinic.event(session_id, 0, "infusion-started", {"dose_mg": 36, "planned_minutes": 40})
    put_reading(clinic, session_id, after)
    with statements() as asked:
        put_reading(clinic, session_id, after + 1)
    assert len(asked) <= 5, asked
    # control: those of the ways that are gone most often are heard too
    assert sorted(one.split()[0] for one in asked) == ["INSERT", "SELECT", "SELECT", "SELECT", "UPDATE"]


def test_whoever_was_not_looked_up_just_now_costs_a_sixth(clinic):
    session_id = clinic.plan()
    clinic.event(session_id, 0, "infusion-started", {"dose_mg": 36, "planned_minutes": 40})
    put_reading(clinic, session_id, 25)
    with statements(trusted=0) as asked:
        put_reading(clinic, session_id, 26)
    assert len(asked) == 6, asked


def test_control_one_statement_more_is_counted(clinic):
    session_id = clinic.plan()
    with statements() as asked:
        clinic.nurse.get(f"/v1/sessions/{session_id}")
        before = len(asked)
        clinic.service.database.read_now(
            lambda work: work.first(text("SELECT 1")), EVERY_CLINIC, clinic.service.clock.now()
        )
    assert len(asked) == before + 1


def stored(clinic, session_id):
    """Bytes of this session's rows as they lie there: entries, line, and what the feed numbers of it."""

    def look(work):
        rows = work.all(text("SELECT * FROM journal WHERE session_id = :this"), this=str(session_id))
        return sum(len(str(value)) for row in rows for value in row if value is not None)

    return clinic.service.database.read_now(look, EVERY_CLINIC, clinic.service.clock.now())


def test_what_a_reading_takes_up_does_not_grow_with_the_session(clinic):
    """B19: kept assessments grew with the square of the readings."""
    session_id = clinic.treated()
    sizes = []
    for count in range(1, 61):
        put_reading(clinic, session_id, 40 + count)
        if count in (10, 20, 50, 60):
            sizes.append(stored(clinic, UUID(session_id)))
    early, late = (sizes[1] - sizes[0]) / 10, (sizes[3] - sizes[2]) / 10
    assert late <= 1.1 * early
    assert late <= 6000
