"""The board as a stream, over a real connection: who follows sees each change soon, and nothing after they may not."""

import itertools
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from app.demo.server import Service as Server
from app.main import create_app
from app.server import listening
from app.services.sign_in_memory import TRUSTED
from app.settings import Settings
from tests.api import bodies
from tests.api import clinic as made
from tests.api.bodies import at
from tests.api.clinic import Clinic, Person, another_clinic, clinic_on
from tests.conftest import ENGINES

PATIENCE = 30.0
"""Seconds that a busy machine is given. A look comes once a second, by itself."""


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template) -> Iterator[Clinic]:
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


@pytest.fixture(scope="module")
def url(clinic: Clinic) -> Iterator[str]:
    with served(clinic) as server:
        yield server.url


def served(clinic: Clinic) -> Server:
    """The same clinic, served on a real socket by an application of its own."""
    app = create_app(Settings(database_url=clinic.service.url), clinic.service.clock)
    return Server(app, listening("127.0.0.1", 0))


@dataclass
class Follower:
    """A screen: what it was sent, and when. `silence`: seconds without a word after which it gives up."""

    url: str
    token: str
    silence: float = 30.0
    events: list[dict[str, Any]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    status: int = 0

    def start(self) -> "Follower":
        threading.Thread(target=self._run, daemon=True).start()
        self.wait(lambda: self.events)
        return self

    def _run(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        with httpx2.stream("GET", f"{self.url}/v1/stream", headers=headers, timeout=self.silence) as answer:
            self.status = answer.status_code
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    self.events.append(json.loads(line[6:]))
        self.ended.set()

    def wait(self, found: Any, seconds: float = PATIENCE) -> None:
        until = time.monotonic() + seconds
        while not found():
            assert time.monotonic() < until, f"nothing in {seconds} s; {len(self.events)} events before"
            time.sleep(0.02)

    def seen(self, session_id: str) -> int:
        """How often a session came."""
        return sum(session_id in {item["id"] for item in news["items"]} for news in self.events)


def signed_in(clinic: Clinic, role: str = "nurse") -> Person:
    return made.sign_in(clinic.service, clinic.people[role].username)


def follow(url: str, person: Person) -> Follower:
    return Follower(url, person.token).start()


def test_two_screens_see_one_change_soon_and_as_the_board_shows_it(clinic: Clinic, url: str):
    session_id = clinic.plan()
    clinic.event(session_id, -30, "checked-in")
    first, second = follow(url, clinic.nurse), follow(url, clinic.auditor)
    for screen in (first, second):
        assert screen.status == 200
        assert screen.seen(session_id), "first comes everything that is active"
    before = (first.seen(session_id), second.seen(session_id))
    clinic.reading(session_id, -20)
    for screen, count in zip((first, second), before, strict=True):
        screen.wait(lambda s=screen, n=count: s.seen(session_id) > n)
    board = {item["id"]: item for item in clinic.nurse.get("/v1/sessions")["items"]}
    shown = [item for item in second.events[-1]["items"] if item["id"] == session_id]
    assert shown == [board[session_id]]
    assert second.events[-1]["as_of"] == at(-20)


def test_a_session_that_closes_is_said_to_be_gone(clinic: Clinic, url: str):
    session_id = clinic.plan()
    clinic.event(session_id, -30, "checked-in")
    screen = follow(url, clinic.clinician)
    screen.wait(lambda: screen.seen(session_id))
    clinic.event(session_id, -25, "cancelled")
    screen.wait(lambda: any(session_id in news["gone"] for news in screen.events))


def test_nothing_of_another_clinic_passes(clinic: Clinic, url: str):
    stranger = another_clinic(clinic.service)
    theirs = stranger.plan()
    stranger.event(theirs, -30, "checked-in")
    ours, elsewhere = follow(url, clinic.nurse), follow(url, stranger.nurse)
    session_id = clinic.plan()
    clinic.event(session_id, -28, "checked-in")
    stranger.reading(theirs, -20)
    ours.wait(lambda: ours.seen(session_id))
    elsewhere.wait(lambda: elsewhere.seen(theirs) > 1)
    assert not ours.seen(theirs)
    assert {item["id"] for news in elsewhere.events for item in news["items"]} == {theirs}


def test_it_ends_with_the_sign_in_and_shows_nothing_more(clinic: Clinic, url: str):
    leaving, disabled = signed_in(clinic), clinic.hire("nurse")
    screens = [follow(url, leaving), follow(url, disabled)]
    staying = follow(url, clinic.nurse)
    leaving.ask("POST", "/v1/sign-out", expect=204)
    account = {"username": disabled.username, "name": disabled.name, "role": "nurse", "active": False}
    clinic.lead.put(f"/v1/staff/{disabled.id}", account, expect=200, if_match='"1"')
    time.sleep(TRUSTED)  # the screens are another service's than the one where it ended
    session_id = clinic.plan()
    clinic.event(session_id, -27, "checked-in")
    staying.wait(lambda: staying.seen(session_id))
    for screen in screens:
        assert screen.ended.wait(PATIENCE)
        assert not screen.seen(session_id)


def test_each_event_says_which_it_is_so_that_a_missed_one_is_seen(clinic: Clinic, url: str):
    screen = follow(url, clinic.nurse)
    session_id = clinic.plan()
    clinic.event(session_id, -26, "checked-in")
    screen.wait(lambda: screen.seen(session_id) and screen.events[-1]["items"] == [])
    steps = list(itertools.pairwise(screen.events))
    told = {after["version"] - before["version"]: bool(after["items"]) for before, after in steps}
    assert told == {0: False, 1: True}


def test_a_quiet_board_gives_a_sign_of_life(clinic: Clinic, url: str):
    screen = follow(url, clinic.nurse)
    before = len(screen.events)
    screen.wait(lambda: len(screen.events) > before)
    assert screen.events[-1]["items"] == []


def test_nobody_follows_without_a_sign_in(clinic: Clinic, url: str):
    for headers, status in (({}, 401), ({"Authorization": f"Bearer {clinic.people['operator'].token}"}, 403)):
        assert httpx2.get(f"{url}/v1/stream", headers=headers).status_code == status


def test_following_is_on_record_and_never_extends_a_sign_in(clinic: Clinic, url: str):
    person = signed_in(clinic)
    screen = follow(url, person)
    items = clinic.auditor.get(f"/v1/audit?actor_id={person.id}")["items"]
    assert "board.followed" in {event["action"] for event in items}, {event["action"] for event in items}
    clinic.service.clock.pass_on_the_wall(30)
    session_id = str(uuid4())
    again = made.sign_in(clinic.service, clinic.nurse.username)
    again.put(f"/v1/sessions/{session_id}", bodies.header(clinic.patient_id))
    assert screen.ended.wait(PATIENCE)


def test_a_service_that_ends_lets_everybody_go_at_once(clinic: Clinic, caplog):
    nurse = signed_in(clinic)
    with served(clinic) as server:
        screens = [follow(server.url, nurse) for _ in range(3)]
    for screen in screens:
        assert screen.ended.wait(PATIENCE)
    stopped = [record for record in caplog.records if record.levelname == "ERROR"]
    assert stopped == [], "it did not wait for what never ends"
