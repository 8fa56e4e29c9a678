"""A sign-in is remembered until it ends, and ends in every process: two services on one database."""

import time
from contextlib import contextmanager
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, event, select
from starlette.testclient import TestClient

from app.commands.running import operator
from app.db import work as works
from app.db.engine import open_database
from app.db.tables import installation
from app.main import create_app
from app.services import clients
from app.services.sign_in_memory import TRUSTED
from tests.api.machines import machine
from tests.factories import PASSWORD


@contextmanager
def look_ups():
    """How often somebody's token is looked up in a database meanwhile, by anybody in this process."""
    found: list[str] = []

    def note(_connection, _cursor, statement, *_):
        if "token_hash =" in statement:
            found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def far(client, settings, clock):
    """Another service on the same database, its own jobs running, its memory its own."""
    with TestClient(create_app(settings, clock)) as opened:
        yield opened


def at(client: TestClient, person, path: str = "/v1/sessions") -> int:
    return client.get(path, headers={"Authorization": f"Bearer {person.token}"}).status_code


def test_while_it_is_remembered_it_is_not_looked_up(people, client):
    with look_ups() as asked:
        assert at(client, people.nurse) == 200
        assert len(asked) == 1
        for _ in range(20):
            time.sleep(TRUSTED / 5)
            assert at(client, people.nurse) == 200
    assert len(asked) == 1, "four seconds, twenty requests"


def sign_out(people, _clock):
    assert people.nurse.post("/v1/sign-out").status_code == 204


def revise(**change):
    def by_the_lead(people, _clock):
        path, one = f"/v1/staff/{people.nurse.id}", people.nurse.staff
        now = {"username": one.username, "name": one.name, "role": one.role.value, "active": True}
        etag = people.lead.get(path).headers["etag"]
        assert people.lead.put(path, now | change, if_match=etag).status_code == 200

    return by_the_lead


ENDINGS = {
    "signed out": sign_out,
    "disabled": revise(active=False),
    "another role": revise(role="clinician"),
    "another password": revise(password=PASSWORD + " and more"),
}


def refused_after(client, person, most):
    """Seconds until `client` no longer believes this person; None where it does for so long."""
    began = time.monotonic()
    while (passed := time.monotonic() - began) < most:
        if at(client, person) == 401:
            return passed
        time.sleep(0.02)
    return None


@pytest.mark.parametrize("how", ENDINGS)
def test_it_ends_here_at_once_and_in_every_other_process_within_a_second(people, client, far, clock, how):
    assert at(client, people.nurse) == at(far, people.nurse) == 200
    with look_ups() as asked:
        assert at(far, people.nurse) == 200
    assert asked == [], "the other process does remember it"
    ENDINGS[how](people, clock)
    assert at(client, people.nurse) == 401
    # a slow machine may need some time of its own for the request that finds out
    passed = refused_after(far, people.nurse, 3 * TRUSTED)
    assert passed is not None
    assert passed < TRUSTED + 0.5


def actions(people, **filters):
    query = "&".join(f"{key}={value}" for key, value in filters.items())
    return [(one["action"], one["actor"]["name"]) for one in people.auditor.get(f"/v1/audit?{query}").json()["items"]]


def test_a_new_name_is_the_name_at_once(people, client):
    assert at(client, people.nurse) == 200
    revise(name="Newly Wed")(people, None)
    assert people.nurse.post("/v1/patients/search", {"text": "nobody"}).status_code == 200
    assert actions(people, actor_id=people.nurse.id)[0][1] == "Newly Wed"


@pytest.mark.parametrize("how", ENDINGS)
def test_control_with_the_ending_not_told_the_other_process_goes_on_believing(
    people, client, far, clock, monkeypatch, how
):
    monkeypatch.setattr(works, "RAISE", select(installation.c.endings))
    assert at(client, people.nurse) == at(far, people.nurse) == 200
    ENDINGS[how](people, clock)
    assert refused_after(far, people.nurse, 2 * TRUSTED) is None


def test_without_looks_nothing_is_believed_for_longer_than_a_second(people, client, monkeypatch):
    """The look fails: everybody is looked up anew, and nobody is let in or out by that."""
    memory = client.app.state.frame.sign_ins
    monkeypatch.setattr(memory, "heard", lambda *_: None)
    assert at(client, people.nurse) == 200
    time.sleep(TRUSTED)
    with look_ups() as asked:
        assert at(client, people.nurse) == at(client, people.nurse) == 200
    assert len(asked) == 2


def test_time_ends_it_without_a_look_and_reads_never_extend_it(people, client, clock):
    for _ in range(3):
        assert at(client, people.nurse) == 200
        clock.pass_by(minutes=10)
    # somebody else has been at work meanwhile
    people.auditor.token = people_again(client, people.auditor)
    assert at(client, people.nurse) == at(client, people.nurse) == 401
    told = [action for action, _ in actions(people, actor_id=people.nurse.id)]
    assert told.count("sign-in.expired") == 1
    assert told[0] == "sign-in.refused"


def people_again(client, person):
    answer = client.post("/v1/sign-in", json={"username": person.staff.username, "password": PASSWORD})
    return answer.json()["access_token"]


def put_patient(client, person):
    body = {"family_name": "Probe", "given_name": "M", "birth_date": "1984-03-11", "record_number": uuid4().hex}
    headers = {"Authorization": f"Bearer {person.token}"}
    return client.put(f"/v1/patients/{uuid4()}", json=body, headers=headers).status_code


def test_what_is_done_in_one_process_keeps_the_sign_in_alive_in_all(people, client, far, clock):
    assert at(far, people.nurse) == 200
    clock.pass_by(minutes=20)
    assert put_patient(client, people.nurse) == 201
    clock.pass_by(minutes=20)
    assert at(far, people.nurse) == 200
    clock.pass_by(minutes=10)
    assert at(far, people.nurse) == at(client, people.nurse) == 401


def test_use_is_kept_once_a_minute_and_not_at_every_write(people, client, clock):
    clock.pass_by(minutes=2)
    with touches() as kept:
        for _ in range(3):
            assert put_patient(client, people.nurse) == 201
    assert len(kept) == 1


@contextmanager
def touches():
    found: list[str] = []

    def note(_connection, _cursor, statement, *_):
        if statement.startswith("UPDATE sign_ins SET last_used_at"):
            found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


def test_a_machine_s_token_is_remembered_and_ends_with_the_machine(people, client, far, settings, clock):
    """The operator disables it at the command line: a third process."""
    near = SimpleNamespace(
        database=client.app.state.frame.database,
        clock=clock,
        send=lambda *a, raw, headers: client.post(a[1], content=raw, headers=headers),
    )
    one = machine(near, people.clinic.id)
    robot = SimpleNamespace(token=one.token())
    assert at(far, robot, "/fhir/Observation?_count=1") == 200
    with look_ups() as asked:
        assert at(far, robot, "/fhir/Observation?_count=1") == 200
    assert asked == []
    console = open_database(settings.database_url)
    console.write_now(clients.disable, operator(one.home), clock.now(), UUID(one.id))
    console.close()
    began = time.monotonic()
    while at(far, robot, "/fhir/Observation?_count=1") == 200:
        assert time.monotonic() - began < TRUSTED + 0.5
