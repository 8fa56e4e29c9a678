"""What a machine's token opens: only what is made for machines, of one clinic, as far as its scopes go, while it holds.

The route asked here is the smallest one that reads as /fhir does; those of /fhir itself are in the authorisation table.
"""

from typing import Annotated
from uuid import uuid4

import pytest
from fastapi import Response

from app.api import calls, routes
from app.api.answers import answer
from app.api.calls import Call, allow
from app.domain.people import Act
from app.domain.scopes import OFFERED, Access
from app.services import machines as signing_in
from app.services import patients
from tests.api.authorisation import EVERYONE, READS_FHIR
from tests.api.clinic import another_clinic, clinic_on
from tests.api.kept_rows import audit_mark, audit_since, newest_audit
from tests.api.machines import machine
from tests.conftest import ENGINES
from tests.exchange.keys import rsa_key

router = routes.router()


@router.get("/probe/{kind}/{letter}/{patient_id}")
async def probe(call: Annotated[Call, allow(Act.READ_FHIR)], kind: str, letter: str, patient_id: str) -> Response:
    """One patient's name, for who may see it."""
    from uuid import UUID

    await call.within_scope(kind, Access(letter))
    found = await call.read(patients.read, UUID(patient_id))
    return answer({"family_name": found.kept.value.family_name})


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        opened.service.app.router.routes[:0] = router.routes
        yield opened


@pytest.fixture(scope="module")
def other(clinic):
    return another_clinic(clinic.service)


def look(clinic, token, kind="Patient", letter="r", patient=None, **headers):
    path = f"/probe/{kind}/{letter}/{patient or clinic.patient_id}"
    return clinic.service.send("GET", path, token=token, headers=headers or None)


def test_a_machine_reads_and_the_audit_names_it(clinic):
    one = machine(clinic.service, clinic.id)
    found = look(clinic, one.token())
    assert (found.status_code, found.json()) == (200, {"family_name": "Probe"})
    event = newest_audit(clinic.service)[0]
    assert (event.action, event.clinic_id, event.subject_id) == ("patient.read", clinic.id, clinic.patient_id)
    assert (str(event.actor_id), event.actor_name, event.actor_role) == (one.id, "A record system", "client")


@pytest.mark.parametrize("role", sorted(EVERYONE))
def test_a_person_reads_where_their_role_may_and_needs_no_scope(clinic, role):
    found = look(clinic, clinic.people[role].token)
    assert found.status_code == (200 if role in READS_FHIR else 403)


def test_each_scope_opens_its_type_and_its_letter_alone(clinic):
    """Every scope there is, against every type and letter."""
    from app.domain.scopes import registered

    one = machine(clinic.service, clinic.id)
    kinds = ("Patient", "Observation", "Group", "Device")
    for name in ("*", *sorted(OFFERED)[:4], "Patient", "Observation"):
        for ending in ("r", "s", "rs", "read"):
            text = f"system/{name}.{ending}"
            token = one.token(text)
            assert registered(text)
            for kind in kinds:
                for letter in ("r", "s"):
                    opens = name in ("*", kind) and kind in OFFERED and (letter in ending if ending != "read" else True)
                    clinic.service.forget_attempts()  # each of many refusals is on record by itself
                    found = look(clinic, token, kind, letter)
                    assert found.status_code == (200 if opens else 403), (text, kind, letter)
                    if not opens:
                        assert found.json()["code"] == "scope-may-not"
                        event = newest_audit(clinic.service)[0]
                        assert (event.action, event.reason) == ("act.refused", "scope-may-not")
                        assert str(event.actor_id) == one.id


def test_another_clinics_patient_is_an_unknown_one(clinic, other):
    every = machine(clinic.service)
    ours, theirs = every.token(clinic=str(clinic.id)), every.token(clinic=str(other.id))
    assert look(clinic, ours).status_code == 200
    assert look(clinic, theirs, patient=other.patient_id).status_code == 200
    bound = machine(clinic.service, clinic.id).token()
    for token in (ours, bound):
        wrong, unknown = look(clinic, token, patient=other.patient_id), look(clinic, token, patient=uuid4())
        assert wrong.status_code == unknown.status_code == 404
        assert wrong.content == unknown.content
        event = newest_audit(clinic.service)[0]
        assert (event.action, event.clinic_id) == ("act.refused", clinic.id)


def test_a_token_is_over_after_five_minutes_of_the_wall_clock(clinic):
    token = machine(clinic.service, clinic.id).token()
    clock = clinic.service.clock
    clinic.to(10_000)
    assert look(clinic, token).status_code == 200
    clock.pass_on_the_wall(4.99)
    assert look(clinic, token).status_code == 200
    clock.pass_on_the_wall(0.01)
    mark = audit_mark(clinic.service)
    assert look(clinic, token).status_code == 401
    assert [event.action for event in audit_since(clinic.service, mark)] == ["client.token-refused"]
    clinic.to(0)


@pytest.mark.parametrize("end", ["disable", "rotate"])
def test_a_token_dies_at_once_with_its_client_or_its_keys(clinic, end):
    one = machine(clinic.service, clinic.id)
    tokens = [one.token(), one.token("system/Patient.r")]
    assert {look(clinic, token).status_code for token in tokens} == {200}
    if end == "disable":
        one.disable()
    else:
        one.rotate(rsa_key("new"))
    assert {look(clinic, token).status_code for token in tokens} == {401}


def test_a_token_given_while_its_client_was_changed_opens_nothing(clinic, monkeypatch):
    one = machine(clinic.service, clinic.id)
    give = signing_in.give

    def slow(work, found, *rest):
        from app.services import clients

        if work.actor.called == "client":
            clients.disable(work, found.id)
        return give(work, found, *rest)

    monkeypatch.setattr(signing_in, "give", slow)
    token = one.token()
    assert look(clinic, token).status_code == 401


def test_a_machine_types_for_nobody(clinic):
    token = machine(clinic.service, clinic.id).token()
    answer = clinic.service.send("POST", "/v1/sign-in", {"username": clinic.nurse.username, "password": "x" * 20})
    assert answer.status_code == 401
    ticket = clinic.service.send(
        "POST", "/v1/sign-in", {"username": clinic.nurse.username, "password": "a pass phrase of plain words"}
    ).json()["author_ticket"]
    for headers in ({"X-Author-Ticket": ticket}, {"X-Author-Ticket": ticket, "X-Tablet-Id": str(uuid4())}):
        refused = look(clinic, token, **headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "ticket-refused")


def test_control_without_the_look_at_the_client_a_disabled_one_reads_on(clinic, monkeypatch):
    one = machine(clinic.service, clinic.id)
    token = one.token()
    one.disable()
    monkeypatch.setattr(signing_in, "holds", lambda found, wall: True)
    assert look(clinic, token).status_code == 200


def test_control_without_the_check_of_scopes_everything_opens(clinic, monkeypatch):
    token = machine(clinic.service, clinic.id).token("system/Observation.r")
    assert look(clinic, token).status_code == 403
    monkeypatch.setattr(calls, "check_scope", lambda *args: None)
    assert look(clinic, token).status_code == 200


def test_the_feed_tells_of_everything_and_takes_a_scope_over_everything(clinic, other):
    some, every = (
        machine(clinic.service, clinic.id, scopes=scopes) for scopes in ("system/Observation.rs", "system/*.s")
    )
    refused = clinic.service.send("GET", "/v1/feed", token=some.token("system/Observation.rs"))
    assert (refused.status_code, refused.json()["code"]) == (403, "scope-may-not")
    told = clinic.service.send("GET", "/v1/feed", token=every.token("system/*.s"))
    assert told.status_code == 200
    assert other.patient_id not in told.text
