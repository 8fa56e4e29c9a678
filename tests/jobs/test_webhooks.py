"""Deliveries over a real wire, to receivers that fail in every way: at least once, in order within a session."""

import asyncio
import random
import time
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from standardwebhooks import Webhook as Verifier

from app.db import audit
from app.db import feed as kept_feed
from app.db.work import service_actor
from app.domain.errors import NotFound
from app.domain.events import EventKind
from app.domain.webhooks import GAPS, LEASE, NoAnswer, Webhook
from app.exchange.webhooks import new_secret
from app.jobs import feed, webhooks
from app.jobs.posting import Poster
from app.jobs.webhooks import Courier
from app.services import webhooks as service
from app.services.audit import Filters
from app.services.duties import Duty
from tests import factories
from tests.api.conftest import SetClock
from tests.jobs.receiver import SECRET, here, signed_by
from tests.services.ward import Ward


class Told:
    """A clinic with one webhook, and the courier that serves it."""

    def __init__(self, database, url, **other):
        self.database = database
        self.ward = Ward(database)
        self.who = service_actor(self.ward.clinic.id)
        self.clock = SetClock(_wall=datetime.now(UTC))
        self.chance = random.Random(5)
        self.resolve = here
        usual = {"kinds": None, "with_values": False, "allow_private": True}
        self.webhook = Webhook(
            **({"id": uuid4(), "clinic_id": self.ward.clinic.id, "url": url, "secret": SECRET} | usual | other),
            old_secret=None,
            old_until=None,
            paused=None,
            added_at=self.clock.wall(),
        )
        self.write(service.add, self.webhook, from_start=True)

    def write(self, verb, *args, **named):
        return self.database.write_now(verb, self.who, factories.NOON, *args, **named)

    def read(self, verb, *args):
        return self.database.read_now(verb, self.who, factories.NOON, *args)

    def turn(self, turns=1, seconds=5.0):
        """Numbers what waits, and delivers what is due; once for each turn, an hour going by between."""

        async def run():
            poster = Poster(self.resolve, seconds=seconds)
            courier = Courier(self.database, self.clock, poster, self.chance.random)
            for number in range(turns):
                if number:
                    self.clock.pass_by(hours=1)
                await feed.number_all(self.database, self.clock)
                await courier.deliver()
            await courier.close()

        asyncio.run(run())

    @property
    def state(self):
        [state] = self.read(service.states)
        return state

    def in_the_feed(self):
        return [str(item.id) for item in self.read(kept_feed.page, 0, 10_000)]

    def audited(self, action):
        return [event.after for event in self.read(audit.page, Filters(action=action), None, 1000)[0]]


def test_a_receiver_ends_with_exactly_the_record(database, receiver):
    told = Told(database, receiver.url)
    told.ward.ready()
    told.turn()
    assert receiver.ids() == [message["data"]["id"] for message in receiver.arrived], "nothing twice where all is well"
    assert sorted(receiver.ids()) == sorted(told.in_the_feed())
    assert receiver.out_of_order() == []
    for message in receiver.arrived:
        headers = {name.lower(): value for name, value in message["headers"].items()}
        Verifier(SECRET).verify(message["raw"], headers)
        assert headers["host"] == f"receiver.internal:{receiver.port}"
        assert headers["webhook-id"] == message["data"]["id"]
        assert "values" not in message["data"]
    assert (told.state.waiting, told.state.dead) == (0, 0)
    count = len(receiver.arrived)
    told.turn(3)
    assert len(receiver.arrived) == count


@pytest.mark.parametrize("seed", range(2))
def test_through_chaos_each_event_arrives_in_order_and_nothing_is_missing(database, receiver, seed):
    told = Told(database, receiver.url)
    sessions = [told.ward.plan(told.ward.add_patient()) for _ in range(4)]
    for session_id in sessions:
        told.ward.treat(session_id)
    chance = random.Random(seed)
    ways = ["204", "204", "204", "500", "503", "429", "302 http://127.0.0.1/", "reset", "slow"]
    receiver.behave = lambda _message: chance.choice(ways)

    async def sometimes(_host, _port):
        fate = chance.random()
        if fate < 0.1:
            raise OSError
        return ["127.0.0.9"] if fate < 0.3 else ["127.0.0.1"]  # nobody listens there

    told.resolve = sometimes
    for minute in range(6):
        for session_id in sessions:
            told.ward.reading(session_id, 50 + minute)
        told.turn(seconds=0.3)
        told.clock.pass_by(hours=2)
    ways[:] = ["204"] * 12 + ["500", "reset"]
    told.resolve = here
    for _ in range(60):
        if told.state.waiting == 0 and len(receiver.ids()) == len(told.in_the_feed()):
            break
        told.clock.pass_by(hours=12)
        told.turn(seconds=0.5)
    assert told.state.dead == 0
    assert sorted(receiver.ids()) == sorted(told.in_the_feed())
    assert receiver.out_of_order() == []
    assert len(receiver.arrived) > len(receiver.ids()), "some came twice, with the same id"
    assert all(signed_by(message, SECRET) for message in receiver.arrived)


def test_control_order_is_not_kept_by_itself(database, receiver, monkeypatch):
    """Without lanes, an event that failed is overtaken by the next of its session."""
    monkeypatch.setattr("app.domain.feed.FeedItem.lane", property(lambda item: str(item.id)))
    told = Told(database, receiver.url)
    told.ward.ready()
    seen = set()

    def first_fails(message):
        new = message["data"]["id"] not in seen
        seen.add(message["data"]["id"])
        return "500" if new and message["data"]["position"] % 2 else "204"

    receiver.behave = first_fails
    told.turn(3)
    assert sorted(receiver.ids()) == sorted(told.in_the_feed())
    assert receiver.out_of_order() != []


def test_other_sessions_go_on_while_one_waits(database, receiver):
    told = Told(database, receiver.url)
    stuck, other = (told.ward.plan(told.ward.add_patient()) for _ in range(2))
    receiver.behave = lambda message: "500" if message["data"]["session_id"] == str(stuck) else "204"
    told.turn(4)
    arrived = [message["data"] for message in receiver.arrived]
    assert {data["kind"] for data in arrived if data["session_id"] == str(stuck)} == {"session.planned"}
    assert {data["kind"] for data in arrived if data["session_id"] == str(other)} >= {
        "session.planned",
        "session.cleared",
    }
    receiver.behave = lambda _message: "204"
    told.turn(30)
    assert told.state.waiting == 0


def test_after_days_it_is_given_up_shown_and_can_be_sent_again(database, receiver):
    told = Told(database, receiver.url, kinds=frozenset({"reading.recorded"}))
    session_id = told.ward.plan()
    told.ward.event(session_id, -30, EventKind.CHECKED_IN)
    for minute in (-20, -10):
        told.ward.reading(session_id, minute)
    receiver.behave = lambda _message: "503"
    for _ in range(len(GAPS)):
        told.turn()
        told.clock.pass_by(hours=30)
    assert len(receiver.arrived) == len(GAPS)
    assert len(receiver.ids()) == 1, "the next waits its turn"
    assert (told.state.waiting, told.state.dead) == (2, 0)
    told.turn()
    assert (told.state.waiting, told.state.dead, told.state.last_failure) == (0, 2, "503")
    letters = told.read(service.letters, told.webhook.id, None, 1)
    assert [(one.tries, one.outcome, one.kind) for one in letters] == [(len(GAPS) + 1, "503", "reading.recorded")]
    rest = told.read(service.letters, told.webhook.id, letters[0].position, 9)
    assert len(rest) == 1
    assert len(receiver.arrived) == len(GAPS) + 2, "what had waited behind it as long was tried once"
    receiver.behave = lambda _message: "204"
    receiver.arrived.clear()
    told.turn()
    assert receiver.arrived == []
    assert told.write(service.resend_all, told.webhook.id, told.clock.wall()) == 2
    told.turn()
    assert [message["data"]["position"] for message in receiver.arrived] == [letters[0].position, rest[0].position]
    assert (told.state.waiting, told.state.dead) == (0, 0)
    with pytest.raises(NotFound):
        told.write(service.resend, told.webhook.id, letters[0].position, told.clock.wall())


def test_whoever_is_gone_is_left_alone_until_somebody_says_otherwise(database, receiver):
    told = Told(database, receiver.url)
    receiver.behave = lambda _message: "410"
    told.turn()
    count = len(receiver.arrived)
    assert told.state.webhook.paused == "it answered 410 Gone"
    assert len(told.audited("webhook.paused")) == 1
    told.clock.pass_by(days=30)
    told.turn(3)
    assert len(receiver.arrived) == count
    receiver.behave = lambda _message: "204"
    told.write(service.resume, told.webhook.id, told.clock.wall())
    told.turn()
    assert sorted(receiver.ids()) == sorted(told.in_the_feed())


def test_a_secret_is_changed_without_a_gap(database, receiver):
    told = Told(database, receiver.url)
    fresh = new_secret(bytes(32))
    told.write(service.rotate, told.webhook.id, fresh, told.clock.wall())
    told.turn()
    assert all(signed_by(message, SECRET) and signed_by(message, fresh) for message in receiver.arrived)
    told.clock.pass_by(hours=25)
    told.ward.add_patient()
    told.turn()
    newest = receiver.arrived[-1]
    assert signed_by(newest, fresh)
    assert not signed_by(newest, SECRET)


def test_values_leave_only_where_allowed_and_never_unrecorded(database, receiver):
    told = Told(database, receiver.url, with_values=True)
    told.turn()
    [added] = [message for message in receiver.arrived if message["type"] == "patient.added"]
    assert added["data"]["values"]["family_name"] == "Probe"
    positions = {place for after in told.audited("webhook.values-sent") for place in after["positions"]}
    assert positions == {message["data"]["position"] for message in receiver.arrived}


def test_only_the_kinds_asked_for_and_only_what_comes(database, receiver):
    told = Told(database, receiver.url, kinds=frozenset({"session.planned"}))
    later = replace(told.webhook, id=uuid4(), kinds=frozenset({"patient.added"}))
    asyncio.run(feed.number_all(database, told.clock))
    told.write(service.add, later)
    told.ward.plan(told.ward.add_patient())
    told.turn()
    assert sorted(message["type"] for message in receiver.arrived) == ["patient.added", "session.planned"]


def test_what_was_claimed_by_a_process_that_died_is_taken_over(database, receiver):
    told = Told(database, receiver.url)
    asyncio.run(feed.number_all(database, told.clock))
    _, claimed = told.write(service.take, told.webhook, told.clock.wall())
    assert claimed
    told.turn()
    assert not {str(one.item.id) for one in claimed} & set(receiver.ids()), "they are the other's until its time is up"
    told.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    told.turn()
    assert sorted(receiver.ids()) == sorted(told.in_the_feed())
    assert receiver.out_of_order() == []


def test_a_removed_webhook_is_told_nothing_more(database, receiver):
    told = Told(database, receiver.url)
    told.write(service.remove, told.webhook.id)
    told.turn()
    assert receiver.arrived == []
    assert told.read(service.states) == []
    with pytest.raises(NotFound):
        told.write(service.pause, told.webhook.id, "again")


def test_it_ends_at_once_however_slow_the_receiver(database, receiver):
    told = Told(database, receiver.url)
    receiver.behave = lambda _message: "slow"
    asyncio.run(feed.number_all(database, told.clock))

    async def run():
        stop, before = asyncio.Event(), asyncio.get_running_loop().time()
        job = asyncio.create_task(webhooks.run(Duty("webhooks"), database, told.clock, stop))
        await asyncio.sleep(0.3)
        stop.set()
        await job
        return asyncio.get_running_loop().time() - before

    # the name is not known here, so nothing is sent; with a receiver that holds on, see below
    assert asyncio.run(run()) < 10

    async def held():
        courier = Courier(database, told.clock, Poster(here))
        told.clock.pass_by(hours=1)
        await courier.begin()
        while not receiver.arrived:
            await asyncio.sleep(0.01)
        before = time.monotonic()
        await courier.close()
        return time.monotonic() - before

    assert asyncio.run(held()) < 5


def test_an_event_that_cannot_be_sent_holds_up_only_what_follows_it_in_its_session(database, receiver, monkeypatch):
    told = Told(database, receiver.url)
    bad, good = (told.ward.plan(told.ward.add_patient()) for _ in range(2))
    really = webhooks.message

    def message(item, *, with_values):
        if item.session_id == bad:
            raise RuntimeError("Zebra Quagga")
        return really(item, with_values=with_values)

    monkeypatch.setattr(webhooks, "message", message)
    told.turn()
    items = told.read(kept_feed.page, 0, 10_000)
    assert set(receiver.ids()) == {str(item.id) for item in items if item.session_id != bad}
    assert good in {item.session_id for item in items}
    assert told.state.last_failure == NoAnswer.OURS
    monkeypatch.undo()
    told.turn(3)
    assert sorted(receiver.ids()) == sorted(told.in_the_feed())
