"""The clinic's day: who comes when, to which chair."""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from random import Random

import httpx2

from app.demo.agenda import Turn
from app.demo.api_client import Refused
from app.demo.chance import seeded_id
from app.demo.clinic import Roster, SimulatedClinic
from app.demo.curves import Cohort
from app.demo.stories import Story, plan
from app.demo.visit import Steps, Visit

MINUTE = timedelta(minutes=1)
NIGHT_ARRIVAL = time(23, 50)
Happened = Callable[[Visit, Exception | None], None]
"""Told of every visit when it ends, and of what went wrong with it."""


class Day:
    """Chairs that take one patient after another."""

    def __init__(
        self, clinic: SimulatedClinic, roster: Roster, chance: Random, cohort: Cohort, happened: Happened
    ) -> None:
        self.clinic = clinic
        self.roster = roster
        self.chance = chance
        self.cohort = cohort
        self.happened = happened

    def chair(self, name: str, stories: Iterator[Story], first: datetime) -> Turn:
        """One chair: `stories` one after the other (chairs may share them), a pause for cleaning between."""
        now = yield first
        for story in stories:
            now = yield from self._visit(story, name, now)
            now = yield now + self.chance.uniform(5, 20) * MINUTE

    def night_chair(self, name: str, count: int, first: datetime) -> Turn:
        """Sessions over midnight, one a night, from the night that begins on `first`'s local day."""
        night = first.astimezone(self.clinic.zone).date()
        now = yield first
        for _ in range(count):
            arrival = datetime.combine(night, NIGHT_ARRIVAL, self.clinic.zone).astimezone(first.tzinfo)
            now = yield max(now, arrival)
            now = yield from self._visit(Story.OVER_MIDNIGHT, name, now)
            night += timedelta(days=1)

    def _visit(self, story: Story, chair: str, now: datetime) -> Steps:
        treated = self.roster.arrives(alike=story is Story.LOOK_ALIKE)
        age = treated.person.age(now.date())
        drawn = plan(story, self.cohort, self.chance, age=age, session_number=treated.sessions)
        visit = Visit(drawn, treated, self.clinic, self.chance, chair, seeded_id(self.chance, now))
        try:
            steps = visit.play(now)
            at = next(steps)
            while True:
                now = yield at
                at = steps.send(now)
        except StopIteration:
            self.happened(visit, None)
        except (Refused, httpx2.HTTPError) as error:
            self.happened(visit, error)
        return now
