"""What a save and a look cost in a long session, in calls of functions: a count that no noise can touch."""

import shutil
import sys
from collections import Counter
from uuid import UUID

import pytest

from app.api.session_view import session_view
from app.db import recent
from app.db.engine import open_database
from app.domain import derive as deriving
from app.domain.events import EventKind
from app.domain.readiness import evidence as evidence_module
from app.memory import Memory
from app.services import readings, sessions
from tests import factories
from tests.services.ward import Ward

PHASES = ("infusion", "recovery")
LENGTHS = (5, 30, 500)


class Long:
    """Sessions that lasted so long, each at the minute where it goes on."""

    def __init__(self, ward: Ward) -> None:
        self.ward = ward
        self.sessions: dict[tuple[str, int], UUID] = {}
        self.minutes: dict[UUID, float] = {}
        for phase in PHASES:
            for length in LENGTHS:
                self.sessions[phase, length] = self._lasted(phase, length)

    def _lasted(self, phase: str, length: int) -> UUID:
        session_id = self.ward.plan(self.ward.add_patient())
        self.minutes[session_id] = 41
        if phase == "recovery":
            self.ward.treat(session_id)
            kept = 3
        else:
            self.ward.event(session_id, -30, EventKind.CHECKED_IN)
            self.ward.event(session_id, 0, EventKind.INFUSION_STARTED)
            kept = 0
        for _ in range(length - kept):
            self.minutes[session_id] += 10
            self.ward.reading(session_id, self.minutes[session_id])
        return session_id

    def save(self, session_id: UUID, *, late: float = 0) -> Counter[str]:
        """What one more good set calls, ten minutes later; it arrives `late` by so many minutes."""
        self.minutes[session_id] += 10
        now = self.minutes[session_id]
        return calls(self.ward.write, readings.put, session_id, factories.reading(now - late), now=now)

    def look(self, session_id: UUID) -> Counter[str]:
        return calls(self.ward.read, sessions.read, session_id, now=self.minutes[session_id])


def calls(run, verb, *args, now) -> Counter[str]:
    """How often the verb calls each function of Python, wherever it is; in `*`, those of C."""
    found: Counter[str] = Counter()

    def watch(frame, what, _):
        if what == "c_call":
            found["*"] += 1
        if what == "call":
            found[f"{frame.f_code.co_filename.rpartition('/')[2]} {frame.f_code.co_qualname}"] += 1

    def watched(*given):
        sys.setprofile(watch)
        try:
            return verb(*given)
        finally:
            sys.setprofile(None)

    run(watched, *args, now=now)
    return found


@pytest.fixture(scope="module")
def long(tmp_path_factory, sqlite_template):
    path = tmp_path_factory.mktemp("long") / "clinic.db"
    shutil.copyfile(sqlite_template, path)
    database = open_database(f"sqlite:///{path}")
    yield Long(Ward(database))
    database.close()


def growth(long: Long, phase: str, late: float = 0) -> float:
    short, lasted = (long.save(long.sessions[phase, length], late=late) for length in (5, 500))
    return lasted.total() / short.total()


@pytest.mark.parametrize("phase", PHASES)
def test_a_save_after_500_readings_takes_the_calls_of_one_after_5(long, phase):
    assert growth(long, phase) <= 1.1


@pytest.mark.parametrize("phase", PHASES)
def test_and_so_does_one_that_arrives_after_the_set_that_followed_it(long, phase):
    """Names, marks and peaks are gone through again; no set is judged again but the one that followed."""
    assert growth(long, phase, late=15) <= 1.5


@pytest.mark.parametrize("phase", PHASES)
def test_control_deriving_all_anew_is_seen(long, phase, monkeypatch):
    for module in (evidence_module, deriving):
        monkeypatch.setattr(module, "holds_for", lambda *_: None)
    assert growth(long, phase) > 2


@pytest.mark.parametrize("phase", PHASES)
def test_a_look_while_nothing_is_due_asks_no_rule(long, phase, monkeypatch):
    short, lasted = long.sessions[phase, 30], long.sessions[phase, 500]
    for session_id in (short, lasted):
        long.look(session_id)
    early, late = long.look(short), long.look(lasted)
    assert (early["rules.py evaluate"], late["rules.py evaluate"]) == (0, 0)
    assert late.total() <= 1.1 * early.total()
    # control: where nothing is remembered, they are asked
    monkeypatch.setattr(recent, "_HELD", Memory(recent.MOST))
    assert long.look(short)["rules.py evaluate"] >= 20
    assert long.look(short)["rules.py evaluate"] == 0


def test_what_is_shown_of_a_reading_is_written_out_once(long):
    found = long.ward.read(
        sessions.read, long.sessions["recovery", 500], now=long.minutes[long.sessions["recovery", 500]]
    )

    def shown(_work):
        return session_view(found)

    first, again = (calls(long.ward.read, shown, now=0) for _ in range(2))
    assert first["session_view.py reading_numbers"] >= 500
    assert again["session_view.py reading_numbers"] == 0
