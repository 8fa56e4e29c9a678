"""`infusion-vitals demo --once`: whole sessions, as fast as the service takes them, and one table at the end."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from app.db.engine import UnsafeDatabase
from app.demo.agenda import Agenda
from app.demo.api_client import ApiClient
from app.demo.clinic import Roster, SimulatedClinic, new_staff, opened, set_up
from app.demo.clocks import SteppedClock
from app.demo.curves import Cohort
from app.demo.day import Day
from app.demo.demo_database import NotADemo, prepare
from app.demo.server import Build, Service
from app.demo.stories import Story, programme
from app.demo.tally import Tally
from app.demo.visit import Visit
from app.server import listening

# A Saturday: the first session over midnight meets the hour that the clinic's zone skips that night.
BEGINNING = datetime(2026, 3, 7, 13, 0, tzinfo=UTC)
CHAIRS = 8


def main(
    build: Build,
    *,
    sessions: int = 200,
    seed: int = 7,
    database_url: str | None = None,
    cohort: str = Cohort.YALE.value,
    console: Console | None = None,
) -> int:
    """Plays `sessions` sessions and prints one table. The same seed gives the same table.

    Returns 1 where a flag stood while the patient had truly not recovered, where a reading the service acknowledged is
    not in its record, or where the service took what it must refuse; 2 where the database cannot be used; else 0.
    """
    say = console or Console()
    complain = console or Console(stderr=True)
    if cohort not in set(Cohort):
        complain.print(f"error: no cohort {cohort}; there is {', '.join(Cohort)}", markup=False, soft_wrap=True)
        return 2
    with tempfile.TemporaryDirectory(prefix="infusion-vitals-") as folder:
        url = database_url or f"sqlite:///{Path(folder) / 'once.db'}"
        clock = SteppedClock(BEGINNING)
        try:
            prepare(url, clock.now())
        except (UnsafeDatabase, NotADemo) as error:
            complain.print(f"error: {error}", markup=False, soft_wrap=True)
            return 2
        with Service(build(url, clock), listening("127.0.0.1", 0)) as service, ApiClient(service.url) as api:
            if service.app.state.first_run_token is None:
                complain.print("error: this database has its demo clinic already; give an empty one", soft_wrap=True)
                return 2
            chance = Random(seed)
            staff = new_staff()
            set_up(api, staff, service.app.state.first_run_token, chance)
            tally = play(opened(api, staff), clock, chance, sessions, Cohort(cohort), say)
    show(tally, say)
    return 0 if tally.sound else 1


def play(
    clinic: SimulatedClinic, clock: SteppedClock, chance: Random, sessions: int, cohort: Cohort, say: Console
) -> Tally:
    """All sessions, each counted against the record when all have ended (what comes late must not be missed)."""
    visits: list[Visit] = []
    tally = Tally()
    stories = programme(sessions, chance)
    with Progress(console=say, transient=True, disable=not say.is_terminal) as progress:
        playing = progress.add_task("playing sessions", total=sessions)

        def happened(visit: Visit, error: Exception | None) -> None:
            visits.append(visit)
            if error is not None:
                tally.defects.append(f"session {visit.id} ({visit.plan.story.value}): {error}")
            progress.advance(playing)

        day = Day(clinic, Roster(chance), chance, cohort, happened)
        agenda = Agenda(clock)
        by_day = iter([story for story in stories if story is not Story.OVER_MIDNIGHT])
        for number in range(CHAIRS):
            agenda.add(day.chair(f"Chair {number + 1}", by_day, clock.now() + timedelta(minutes=7 * number)))
        agenda.add(day.night_chair("Night chair", stories.count(Story.OVER_MIDNIGHT), clock.now()))
        for _ in agenda.step():
            pass
        comparing = progress.add_task("comparing with the record", total=len(visits))
        for visit in visits:
            tally.count(visit, clinic)
            progress.advance(comparing)
    tally.defects += clinic.defects
    return tally


def show(tally: Tally, say: Console) -> None:
    """The table, and beneath it whatever makes the run unsound."""
    table = Table(show_header=False)
    for label, value in tally.rows():
        table.add_row(label, value)
    say.print(table)
    for line in _complaints(tally):
        say.print(line, markup=False, soft_wrap=True)


def _complaints(tally: Tally) -> Iterator[str]:
    for false in tally.false_readies:
        yield "FALSE READY " + "\n".join(false.lines())
    yield from (f"LOST {line}" for line in tally.lost)
    yield from (f"DEFECT {line}" for line in tally.defects)
