"""A courier killed at any moment has lost no delivery: each arrives at least once, in order within its session."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.db import feed as kept_feed
from app.db.tables import webhook_deliveries
from app.db.work import service_actor
from app.domain.webhooks import Webhook
from app.exchange.webhooks import new_secret
from app.jobs import feed
from app.jobs.posting import Poster
from app.jobs.webhooks import Courier
from app.services import webhooks
from tests.crash.courier import HurriedClock, here
from tests.factories import NOON
from tests.jobs.receiver import receiving, signed_by
from tests.services.ward import Ward

KILLS, CONTROL_KILLS, SESSIONS = 10, 60, 5
SECRET = new_secret(bytes(range(32)))
ROOT = Path(__file__).parent.parent.parent


class Harness:
    """A clinic whose record grows, a receiver that often fails, and couriers that are killed."""

    def __init__(self, database, url, receiver, seed, *flags):
        self.database, self.receiver, self.chance = database, receiver, random.Random(seed)
        self.ward = Ward(database)
        self.who = service_actor(self.ward.clinic.id)
        self.sessions = [self.ward.plan(self.ward.add_patient()) for _ in range(SESSIONS)]
        self.webhook = Webhook(
            uuid4(), self.ward.clinic.id, receiver.url, None, False, True, SECRET, None, None, None, NOON
        )
        self.write(webhooks.add, self.webhook, from_start=True)
        self.program = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.courier", url, *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def write(self, verb, *args, **named):
        return self.database.write_now(verb, self.who, NOON, *args, **named)

    def kill_one(self, minute):
        """Starts a courier, lets the record grow meanwhile, and kills it some moment after it has delivered."""
        arrived = len(self.receiver.arrived)
        self.program.stdin.write("\n")
        self.program.stdin.flush()
        _, pid = self.program.stdout.readline().split()
        self.ward.reading(self.sessions[minute % SESSIONS], -20 - minute, now=-10)
        until = time.monotonic() + 20
        while len(self.receiver.arrived) == arrived:
            assert time.monotonic() < until, "the courier delivers nothing"
            time.sleep(0.001)
        time.sleep(self.chance.random() * 0.03)
        os.kill(int(pid), signal.SIGKILL)
        assert self.program.stdout.readline() == "gone\n"

    def finish(self):
        """Ends the program, and delivers what is left, in this process."""
        self.program.stdin.close()
        self.program.wait(timeout=30)
        self.program.stdout.close()
        self.receiver.behave = lambda _message: "204"

        async def rest():
            clock = HurriedClock()
            courier = Courier(self.database, clock, Poster(here))
            until = time.monotonic() + 60
            while time.monotonic() < until:
                await feed.number_all(self.database, clock)
                await courier.deliver()
                [state] = self.database.read_now(webhooks.states, self.who, NOON)
                if state.waiting == 0:
                    break
                await asyncio.sleep(0.02)
            await courier.close()

        asyncio.run(rest())

    def in_the_feed(self):
        return {str(item.id) for item in self.database.read_now(kept_feed.page, self.who, NOON, 0, 10_000)}

    def put_down_but_not_sent(self):
        """What no row waits for any more, and nobody ever received."""

        def look(work):
            waiting = {row.position for row in work.all(select(webhook_deliveries.c.position))}
            [state] = webhooks.states(work)
            items = kept_feed.page(work, 0, state.position)
            return {str(item.id) for item in items if item.position not in waiting}

        return self.database.read_now(look, self.who, NOON) - set(self.receiver.ids())

    def missing(self):
        return self.in_the_feed() - set(self.receiver.ids())


def test_nothing_is_lost_and_nothing_overtakes(database, database_url):
    with receiving() as receiver:
        harness = Harness(database, database_url, receiver, 1)
        receiver.behave = lambda _message: harness.chance.choice(["204", "204", "204", "500", "reset"])
        for kill in range(KILLS):
            harness.kill_one(kill)
        harness.finish()
        assert harness.missing() == set()
        assert set(receiver.ids()) == harness.in_the_feed()
        assert receiver.out_of_order() == []
        assert all(signed_by(message, SECRET) for message in receiver.arrived)
        assert len(receiver.arrived) > len(receiver.ids())


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_harness_sees_a_courier_that_writes_down_what_it_has_not_sent(database, database_url):
    with receiving() as receiver:
        harness = Harness(database, database_url, receiver, 2, "--settle-first")
        for kill in range(CONTROL_KILLS):
            harness.kill_one(kill)
            if harness.put_down_but_not_sent():
                break
        harness.finish()
        assert harness.missing(), "a harness that cannot fail proves nothing"
