"""How the demo comes to life: hours of clinic played at once, then at its pace, for ever."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from rich.console import Console
from rich.progress import Progress

from app.demo.agenda import Agenda
from app.demo.api_client import Refused
from app.demo.chance import seeded_id
from app.demo.charting import stamp
from app.demo.clinic import Roster, SimulatedClinic
from app.demo.clocks import SteppedClock
from app.demo.curves import Cohort
from app.demo.day import Day
from app.demo.patients import RECORD_NUMBER_PREFIX
from app.demo.stories import UNUSUAL, Story
from app.demo.visit import Visit

MINUTE = timedelta(minutes=1)
HISTORY = timedelta(hours=3)
"""What is played at once before going live, so that the board is full of life when somebody first looks."""

# Minutes before going live at which each chair's first patient comes: so spread that within an hour of the clinic's
# time (a minute of ours) one flag goes after a correction, another by a rebound, and one patient is still late.
OPENING: tuple[tuple[int, Story], ...] = (
    (160, Story.LATE_DISSOCIATION),
    (118, Story.CORRECTION_AFTER_FLAG),
    (112, Story.ORDINARY),
    (96, Story.REBOUND),
    (75, Story.NASAL),
    (55, Story.OXYGEN_GIVEN),
    (35, Story.ORDINARY),
    (8, Story.ORDINARY),
)


def close_leftovers(clinic: SimulatedClinic, clock: SteppedClock, chance: Random) -> int:
    """Ends what an earlier run left open: its people have gone home. Sessions charted by hand are left alone."""
    nurse = clinic.of_role("nurse")[0]
    now = clock.now()
    left = [
        one
        for one in clinic.api.every(nurse, "/v1/sessions?status=active")
        if str(one["patient"]["record_number"]).startswith(RECORD_NUMBER_PREFIX)
    ]
    for one in left:
        kind = "cancelled" if one["phase"] == "baseline" else "left-against-advice"
        path = f"/v1/sessions/{one['id']}/events/{seeded_id(chance, now)}"
        clinic.api.put(nurse, path, {"kind": kind, "at": stamp(now, None)})
    return len(left)


def live(
    clinic: SimulatedClinic, clock: SteppedClock, chance: Random, pace: int, say: Console, stop: threading.Event
) -> None:
    """Plays the history as fast as it can, then lets the clock run at `pace` until `stop`."""
    agenda, goes_live = _chairs(clinic, clock, chance, say)
    with Progress(console=say, transient=True, disable=not say.is_terminal) as progress:
        bar = progress.add_task("the clinic's morning", total=HISTORY / MINUTE)
        for now in agenda.step(goes_live):
            progress.update(bar, completed=(HISTORY - (goes_live - now)) / MINUTE)
            if stop.is_set():
                return
    clock.run(pace)
    say.print(f"Live: {pace} clinic seconds a second. Ctrl-C ends it.", markup=False)
    agenda.live(stop, pace)


def _chairs(clinic: SimulatedClinic, clock: SteppedClock, chance: Random, say: Console) -> tuple[Agenda, datetime]:
    begins = clock.now()
    goes_live = begins + HISTORY

    def happened(visit: Visit, error: Exception | None) -> None:
        # Somebody charting by hand may well have closed the session before us: it is theirs now.
        if error is not None and not (isinstance(error, Refused) and error.status == 409):
            say.print(f"a simulated session stopped ({visit.plan.story.value}): {error}", markup=False)

    # A number no earlier run has given: one patient a minute would have to come to catch up with it.
    first_number = int((begins - datetime(2026, 1, 1, tzinfo=begins.tzinfo)) / MINUTE)
    day = Day(clinic, Roster(chance, first_number), chance, Cohort.YALE, happened)
    agenda = Agenda(clock)
    for number, (minutes, story) in enumerate(OPENING, start=1):
        agenda.add(day.chair(f"Chair {number}", _endless(story, chance), goes_live - minutes * MINUTE))
    return agenda, goes_live


def _endless(first: Story, chance: Random) -> Iterator[Story]:
    """A story after another; one in four is unusual."""
    yield first
    while True:
        if chance.random() < 0.25:
            yield chance.choice(UNUSUAL)
        else:
            yield Story.NASAL if chance.random() < 0.125 else Story.ORDINARY
