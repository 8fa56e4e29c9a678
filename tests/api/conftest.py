"""A real app over a real database, a clock that stands where a test puts it, and people signed in to two clinics."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from starlette.testclient import TestClient

from app.db.work import Work, service_actor
from app.domain.people import Actor, Clinic, Role, Staff
from app.domain.signatures import Signing
from app.main import create_app
from app.services import clinics, sign_in, staff
from app.services.passwords import hash_now
from app.settings import Settings
from tests import keys
from tests.factories import NOON, PASSWORD
from tests.tablets_made import by_tablet


@dataclass
class SetClock:
    """Both clocks stand still until a test moves them."""

    pace: int = 0
    _now: datetime = NOON
    _wall: datetime = NOON

    def now(self) -> datetime:
        return self._now

    def wall(self) -> datetime:
        return self._wall

    def pass_by(self, **amount: float) -> None:
        self._now += timedelta(**amount)
        self._wall += timedelta(**amount)


@dataclass
class Person:
    """Somebody signed in: requests carry their token."""

    client: TestClient
    clinic: Clinic
    id: UUID
    staff: Staff
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        sent = {"Authorization": f"Bearer {self.token}", **self.headers}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if body is None:
            return self.client.request(method, path, headers=sent, auth=by_tablet)
        if isinstance(body, bytes):
            sent = {"content-type": "application/json"} | sent
            return self.client.request(method, path, content=body, headers=sent, auth=by_tablet)
        return self.client.request(method, path, json=body, headers=sent, auth=by_tablet)

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.request("GET", path, **headers)

    def put(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        return self.request("PUT", path, body, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        return self.request("POST", path, body, **headers)


@dataclass
class People:
    """One clinic with one person of each role."""

    clinic: Clinic
    nurse: Person
    clinician: Person
    lead: Person
    auditor: Person
    operator: Person

    def of(self, role: Role) -> Person:
        found: Person = getattr(self, role.value)
        return found


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    # not read from the environment: that is asked where settings are the subject, and costs more than all the rest here
    return Settings.model_construct(
        database_url=database_url, export_folder=tmp_path / "exports", secrets_key=keys.SETTING
    )


@pytest.fixture
def client(settings: Settings, clock: SetClock) -> Iterator[TestClient]:
    with TestClient(create_app(settings, clock)) as opened:
        yield opened


@pytest.fixture(scope="session")
def password_hash() -> str:
    return hash_now(PASSWORD)


def made_of(work: Work, clinic: Clinic, hired: Mapping[UUID, Staff], password_hash: str) -> None:
    """A new clinic and its people, in one unit of work."""
    clinics.create(work, clinic, Signing.PASSWORD)
    for staff_id, person in hired.items():
        staff.add(work, staff_id, person, password_hash)


def people_of(client: TestClient, name: str, password_hash: str) -> People:
    """A new clinic with one person of each role, signed in."""
    frame = client.app.state.frame  # type: ignore[attr-defined]
    database, clock = frame.database, frame.clock
    clinic = Clinic(uuid4(), name)
    hired = {uuid4(): Staff(f"{role.value}@{name}", f"{role.value.capitalize()} of {name}", role) for role in Role}
    database.write_now(made_of, service_actor(clinic.id), clock.now(), clinic, hired, password_hash)
    found = {}
    for staff_id, person in hired.items():
        actor = Actor(clinic.id, staff_id, person.name, person.role)
        signed_in = database.write_now(
            sign_in.begin,
            actor,
            clock.now(),
            uuid4(),
            sign_in.new_token(),
            sign_in.new_token(),
            clock.wall(),
            frame.policy,
        )
        found[person.role.value] = Person(client, clinic, staff_id, person, signed_in.token)
    return People(clinic, **found)


@pytest.fixture
def people(client: TestClient, password_hash: str) -> People:
    return people_of(client, "lakeside", password_hash)


@pytest.fixture
def others(client: TestClient, password_hash: str) -> People:
    """Another clinic of the same installation."""
    return people_of(client, "hillside", password_hash)
