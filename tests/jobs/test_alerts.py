"""Tablets that are not looked at are called by push, over a real wire, by what only that tablet's browser can read."""

import asyncio
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Text, type_coerce, update

from app.db import alerts as kept
from app.db import push, sign_ins
from app.db.tables import sessions
from app.db.work import EVERY_CLINIC, service_actor
from app.domain.alerting import ClinicSettings
from app.domain.errors import Forbidden
from app.domain.people import Role, Staff
from app.domain.tablets import Tablet
from app.domain.vitals import Vital
from app.exchange.base64url import encoded
from app.jobs.alerts import Caller
from app.jobs.posting import Poster
from app.services import alerts, clinic_settings, enrolment, pins, sign_in, staff
from app.services.duties import Duty
from app.services.sign_in import SignInPolicy
from tests.api.conftest import SetClock
from tests.factories import at
from tests.jobs.receiver import receiving
from tests.push_reader import read_push
from tests.services.ward import Ward
from tests.tablets_made import MadeTablet

POLICY = SignInPolicy(idle=timedelta(minutes=30), absolute=timedelta(hours=12))
VALUES = {"systolic": 205, "diastolic": 118, "spo2": 88}
FRIGHTENING = {**VALUES, "confirmed_unlikely": frozenset(map(Vital, VALUES))}


class Browser:
    """A tablet's browser: what it subscribed with, and what its push service brought."""

    def __init__(self):
        self.key, self.auth = ec.generate_private_key(ec.SECP256R1()), bytes(range(16))
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.keys = encoded(point), encoded(self.auth)
        self.tablet = uuid4()

    def read(self, body):
        return json.loads(read_push(body, self.key, self.auth))


class Night:
    """A ward with a nurse's tablet in a pocket: one severe value in chair 3."""

    def __init__(self, database, receiver, browser):
        self.database, self.receiver, self.browser = database, receiver, browser
        self.ward = Ward(database)
        self.service = service_actor(self.ward.clinic.id)
        self.clock = SetClock(_now=at(20), _wall=at(20))
        self.session = self.ward.plan(chair="3")
        self.ward.treat(self.session)
        self.severe = self.ward.reading(self.session, 30, **FRIGHTENING)
        self.clock._now = at(31)
        self.nurse = self.signs_in()

    def write(self, verb, *args, who=None, **other):
        return self.database.write_now(verb, who or self.service, self.clock.now(), *args, **other)

    def read(self, verb, *args):
        return self.database.read_now(verb, self.service, self.clock.now(), *args)

    def signs_in(self):
        actor = self.ward.nurse
        self.write(
            staff.add, actor.staff_id, Staff(str(uuid4()), "A nurse", Role.NURSE), "no password", who=self.service
        )
        token, sign_in_id = sign_in.new_token(), uuid4()
        self.write(sign_in.begin, sign_in_id, token, sign_in.new_token(), self.clock.wall(), POLICY, who=actor)
        return sign_in.whose(self.read(sign_in.look_up, sign_in.fingerprint(token)))

    def subscribes(self, browser=None):
        browser = browser or self.browser
        place = f"http://push.internal:{self.receiver.port}/{browser.tablet}"
        self.write(alerts.subscribe, browser.tablet, place, *browser.keys, who=self.nurse, allow_private=True)

    def turn(self, seconds=0.0, clinic=None):
        self.clock._wall += timedelta(seconds=seconds)

        async def here(_host, _port):
            return ["127.0.0.1"]

        async def run():
            async with Poster(here, seconds=5) as poster:
                await Caller(
                    self.database, self.clock, poster, POLICY.idle, Duty("alerts"), allow_private=True
                ).call_all()

        asyncio.run(run())

    @property
    def heard(self):
        return [message["chair"] for message in self.receiver.arrived]


@pytest.fixture
def browser():
    return Browser()


@pytest.fixture
def night(database, browser):
    with receiving(read=browser.read) as receiver:
        found = Night(database, receiver, browser)
        found.subscribes()
        yield found


def test_what_nobody_has_seen_calls_after_the_clinics_seconds_and_names_no_patient(night):
    night.turn()
    night.turn(59)
    assert night.heard == []
    night.turn(1)
    assert night.heard == ["3"]
    [message] = night.receiver.arrived
    assert set(message) == {"chair", "raw", "headers"}, "nothing but the chair"
    headers = {name.lower(): value for name, value in message["headers"].items()}
    assert headers["authorization"].endswith(f"k={night.read(alerts.sender).public}")
    assert b"chair" not in message["raw"]
    # again as often as a call grows, and not for ever
    night.turn(30)
    assert night.heard == ["3"]
    for _ in range(5):
        night.turn(60)
    assert night.heard == ["3"] * 3


def test_seen_ends_it_and_another_severe_value_begins_anew(night):
    night.turn()
    names = [name for _, name in night.read(kept.known)]
    assert set(names) == {f"{night.severe.id}.1.{vital}" for vital in VALUES}
    night.write(alerts.see, night.session, names, night.clock.wall(), who=night.nurse)
    night.turn(61)
    assert night.heard == []
    assert {name for _, name, _ in night.read(alerts.seen)} == set(names)
    night.ward.reading(night.session, 31, **FRIGHTENING)
    night.turn()
    night.turn(60)
    assert night.heard == ["3"]


def test_seen_before_anybody_was_called_holds_and_what_does_not_call_is_passed_over(night):
    night.write(alerts.see, night.session, [f"{night.severe.id}.1.spo2", "x"], night.clock.wall(), who=night.nurse)
    assert [name for _, name, _ in night.read(alerts.seen)] == [f"{night.severe.id}.1.spo2"]


def test_a_set_that_is_overdue_calls_and_one_that_was_taken_does_not(database, browser):
    with receiving(read=browser.read) as receiver:
        night = Night(database, receiver, browser)
        night.subscribes()
        other = night.ward.plan(night.ward.add_patient(), chair="5")
        night.ward.treat(other)
        night.ward.reading(night.session, 31)
        night.clock._now = at(75)
        night.turn()
        due = {name for _, name in night.read(kept.known) if "/due/" in name}
        assert len(due) == 2
        night.ward.reading(other, 75, now=75)
        night.turn(60)
        assert night.heard == ["3"]
        # what calls no more is not kept
        assert len([name for _, name in night.read(kept.known) if "/due/" in name]) == 1


def test_the_clinic_settles_after_how_many_seconds(night):
    night.write(clinic_settings.put, ClinicSettings(escalate_seconds=15), None, who=night.ward.clinician)
    night.turn()
    night.turn(15)
    assert night.heard == ["3"]


@pytest.mark.parametrize("code", ["404", "410"])
def test_a_push_service_that_knows_it_no_more_ends_it(night, code):
    night.receiver.behave = lambda _message: code
    night.turn()
    night.turn(60)
    assert night.read(push.of_clinic, night.clock.wall(), POLICY.idle) == ([], [])
    # one that fails otherwise is tried again
    night.subscribes()
    night.receiver.behave = lambda _message: "500"
    night.turn(60)
    assert len(night.read(push.of_clinic, night.clock.wall(), POLICY.idle)[0]) == 1


def is_called(night):
    return night.read(alerts.push_state, night.browser.tablet, night.clock.wall(), POLICY.idle).called


def nobody_is_called(night):
    assert not is_called(night)
    night.turn()
    night.turn(60)
    assert night.heard == []
    assert night.read(push.clinics) == [], "what is over is not kept"


def test_it_ends_with_the_shift(night):
    assert is_called(night)
    night.write(sign_in.end, night.clock.wall(), who=night.nurse)
    nobody_is_called(night)


def test_it_ends_when_a_tablet_without_a_pin_is_locked(night):
    night.write(sign_in.lock, night.clock.wall(), who=night.nurse)
    nobody_is_called(night)


def test_a_tablet_that_is_locked_and_opens_by_pin_is_called(night):
    enrolled = Tablet("Tablet 1", public_key=MadeTablet().public_key)
    night.write(enrolment.put, night.browser.tablet, enrolled, None, night.clock.wall())
    night.write(pins.put, night.browser.tablet, "hash of a PIN", "hash of a secret", who=night.nurse)
    night.write(sign_in.lock, night.clock.wall(), who=night.nurse)
    night.turn()
    night.turn(60)
    assert night.heard == ["3"]
    # until the shift is over
    night.clock._wall += POLICY.absolute
    assert not is_called(night)


def test_it_ends_when_the_sign_in_lies_idle(night):
    night.clock._wall += POLICY.idle
    nobody_is_called(night)


def test_it_ends_when_the_account_does(night):
    night.write(sign_ins.revoke_all, night.nurse.staff_id, night.clock.wall())
    nobody_is_called(night)


def test_it_ends_when_the_tablet_is_taken_out_of_use(night):
    night.write(enrolment.put, night.browser.tablet, Tablet("Tablet 1"), None, night.clock.wall())
    night.write(enrolment.put, night.browser.tablet, Tablet("Tablet 1", in_use=False), 1, night.clock.wall())
    nobody_is_called(night)
    with pytest.raises(Forbidden):
        night.subscribes()


def test_one_that_cannot_be_called_stops_no_other(night):
    other = Browser()
    night.subscribes(other)
    # a line that cannot be read, of another chair
    ruined = night.ward.plan(night.ward.add_patient(), chair="9")
    night.ward.treat(ruined)
    night.ward.reading(ruined, 30, **FRIGHTENING)
    night.database.write_now(_spoil, night.service, night.clock.now(), ruined)
    night.turn()
    night.turn(60)
    # the other's message cannot be read with this browser's key: its connection breaks
    assert night.heard == ["3"]


def _spoil(work, session_id):
    ruined = type_coerce('{"acknowledge":true,}', Text)
    work.change(update(sessions).where(sessions.c.id == session_id).values(board=ruined), {})


def test_nobody_has_subscribed_and_nothing_is_asked(database):
    assert database.read_now(alerts.clinics_called, EVERY_CLINIC, at(0)) == []
