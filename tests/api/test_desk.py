"""What the lead's desk asks: questions of the audit, its check and its anchor; machines and webhooks of the clinic."""

import json
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete

from app.db.tables import log_pending
from app.db.work import service_actor
from app.domain.questions import Question
from app.jobs import seals
from app.services import audit
from tests.api.clinic import another_clinic, clinic_on
from tests.api.machines import Machine
from tests.conftest import ENGINES
from tests.exchange.keys import ec_key, key_set
from tests.tablets_made import known


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


def ask(who, question, **more):
    fields = "&".join(f"{name}={value}" for name, value in more.items())
    return who.get(f"/v1/audit?question={question}&{fields}")


def seal(clinic):
    clinic.service.client.portal.call(seals.seal_all, clinic.service.database, clinic.service.clock)


# --- questions -------------------------------------------------------------------------------------------------------


def test_who_looked_at_this_patient_and_on_which_tablet(clinic):
    patient, tablet = clinic.add_patient(), known()
    clinic.lead.put(f"/v1/tablets/{tablet.id}", tablet.enrolment("Chair 7"))
    session = clinic.plan(patient_id=patient)
    clinic.nurse.ask("GET", f"/v1/sessions/{session}", headers={"X-Tablet-Id": tablet.id})
    clinic.auditor.get(f"/v1/patients/{patient}/past")
    clinic.nurse.get(f"/v1/patients/{clinic.add_patient()}")
    told = ask(clinic.auditor, Question.WHO_LOOKED, patient_id=patient)
    assert [(one["action"], one["actor"]["role"], one["tablet_id"]) for one in told["items"]] == [
        ("patient.past-read", "auditor", None),
        ("session.read", "nurse", tablet.id),
    ]
    assert told["tablets"] == {tablet.id: "Chair 7"}
    assert told["next"] is None


def test_a_question_goes_on_where_the_page_ended_and_finds_what_is_rare(clinic):
    who = clinic.hire("nurse")
    for _ in range(3):
        clinic.service.forget_attempts()
        body = {"username": who.username, "password": "not this one"}
        assert clinic.service.send("POST", "/v1/sign-in", body).status_code == 401
    seen, after = [], {}
    while True:
        page = ask(clinic.lead, Question.REFUSED_SIGN_INS, actor_id=who.id, limit=2, **after)
        seen += page["items"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert [one["action"] for one in seen] == ["sign-in.failed"] * 3
    assert len({one["id"] for one in seen}) == 3
    refused = clinic.lead.problem("GET", "/v1/audit?question=who-knows", status=422)
    assert [one["field"] for one in refused["errors"]] == ["question"]


# --- the check -------------------------------------------------------------------------------------------------------


def checked(who):
    parts, after = [], ""
    while True:
        parts.append(who.get(f"/v1/audit/check{after}"))
        if parts[-1]["next"] is None:
            return parts
        after = f"?after={parts[-1]['next']}"


def test_the_check_goes_through_every_chain_a_part_at_a_time(clinic, monkeypatch):
    home = another_clinic(clinic.service)
    home.treated()
    seal(home)
    who, now = service_actor(home.id), clinic.service.clock.now()
    database = clinic.service.database
    streams = database.read_now(audit.streams, who, now)
    whole = [database.read_now(audit.verify, who, now, stream, {}) for stream in streams]
    monkeypatch.setattr(audit, "LINKS_AT_ONCE", 7)
    monkeypatch.setattr(audit, "STREAMS_AT_ONCE", 2)
    parts = checked(home.auditor)
    assert len(parts) > 5
    assert sum(one["chains"] for one in parts) == len(streams)
    # what the check itself has put on record waits for its seal
    assert sum(one["links"] for one in parts) == sum(check.links for check in whole)
    assert [one["broken"] for one in parts if one["broken"]] == []
    assert home.auditor.problem("GET", "/v1/audit/check?after=W10", status=422)["errors"][0]["field"] == "after"


def test_what_was_slipped_in_or_waits_too_long_is_named(clinic):
    home = another_clinic(clinic.service)
    seal(home)
    home.nurse.get("/v1/sessions")
    service = clinic.service
    # as if the event had been written past the service: in line for no seal
    statement = delete(log_pending).where(log_pending.c.clinic_id == home.id)
    service.database.write_now(lambda work: work.change(statement, {}), service_actor(home.id), service.clock.now())
    [bad] = [bad for part in checked(home.lead) for bad in part["broken"]]
    assert (bad["stream"], bad["kind"]) == ("log", "added")
    assert UUID(bad["event_id"])


def test_an_anchor_is_what_the_verifier_takes(clinic):
    home = another_clinic(clinic.service)
    seal(home)
    answer = home.auditor.ask("GET", "/v1/audit/anchor", expect=200)
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="anchor-{home.id}-')
    anchors = audit.read_anchors(answer.text.splitlines())[home.id]
    assert "log" in anchors
    who, now = service_actor(home.id), clinic.service.clock.now()
    database = clinic.service.database
    assert set(anchors) == set(database.read_now(audit.streams, who, now))
    assert all(database.read_now(audit.verify, who, now, stream, anchors).holds for stream in anchors)
    # control: one that says otherwise is noticed
    other = {**anchors, "log": {1: "0" * 64}}
    assert not database.read_now(audit.verify, who, now, "log", other).holds


# --- machines --------------------------------------------------------------------------------------------------------


def test_a_machine_from_its_registration_to_its_end(clinic):
    key, other = ec_key("desk-1"), ec_key("desk-2")
    body = {"name": "A record system", "scopes": "system/Observation.rs", "jwks": key_set(key)}
    made = clinic.lead.post("/v1/clients", body)
    one = Machine(clinic.service, made["id"], clinic.id, key)

    def line():
        listed = clinic.lead.get("/v1/clients")
        assert listed["token_url"] == "http://127.0.0.1:8000/oauth/token"
        return next(each for each in listed["items"] if each["id"] == one.id)

    assert line() == made
    assert (made["scopes"], made["in_use"], made["of_all"]) == ("system/Observation.rs", True, False)
    assert made["last_used_at"] is None
    token = one.token("system/Observation.rs")
    assert line()["last_used_at"] == clinic.service.clock.wall().isoformat().replace("+00:00", "Z")
    clinic.lead.ask("POST", f"/v1/clients/{one.id}/keys", {"jwks": key_set(other)}, expect=204)
    assert clinic.service.send("GET", "/fhir/Observation", token=token).status_code == 401
    assert one.ask().status_code == 401
    one.key = other
    one.token("system/Observation.rs")
    clinic.lead.ask("POST", f"/v1/clients/{one.id}/end", expect=204)
    assert line()["in_use"] is False
    assert one.ask().status_code == 401
    again = clinic.lead.problem("POST", f"/v1/clients/{one.id}/end", status=409)
    assert again["code"] == "client-disabled"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"jwks": json.dumps({"keys": [{"kty": "oct", "k": "AAAA", "kid": "1"}]})}, "jwks"),
        ({"jwks": "keys"}, "jwks"),
        ({"jwks": None}, "jwks"),
        ({"jwks_url": "https://records.example/keys"}, "jwks"),
        ({"jwks": None, "jwks_url": "http://records.example/keys"}, "jwks"),
        ({"scopes": "user/*.rs"}, "scopes"),
        ({"name": "  "}, "name"),
    ],
)
def test_what_cannot_be_a_machine_is_named_by_its_field(clinic, wrong, field):
    body = {"name": "A record system", "scopes": "system/*.rs", "jwks": key_set(ec_key())} | wrong
    before = clinic.lead.get("/v1/clients")["items"]
    assert field in {one["field"] for one in clinic.lead.problem("POST", "/v1/clients", body, status=422)["errors"]}
    assert clinic.lead.get("/v1/clients")["items"] == before


def test_a_lead_sees_what_reads_every_clinic_and_cannot_change_it(clinic):
    from tests.api.machines import machine

    everywhere = machine(clinic.service)
    everywhere.token(clinic=str(clinic.id))
    [line] = [one for one in clinic.lead.get("/v1/clients")["items"] if one["id"] == everywhere.id]
    assert (line["of_all"], line["in_use"]) == (True, True)
    assert line["last_used_at"] is not None
    refused = clinic.lead.problem("POST", f"/v1/clients/{everywhere.id}/end", status=404)
    unknown = clinic.lead.problem("POST", f"/v1/clients/{uuid4()}/end", status=404)
    assert refused["detail"] == unknown["detail"]
    everywhere.token(clinic=str(clinic.id))


# --- webhooks --------------------------------------------------------------------------------------------------------


def test_a_webhook_from_its_secret_to_its_end(clinic):
    lead = clinic.lead
    body = {"url": "https://records.example/in", "kinds": ["readiness.raised"], "with_values": True}
    made = lead.post("/v1/webhooks", body)
    assert made["secret"].startswith("whsec_")

    def line():
        return next((one for one in lead.get("/v1/webhooks")["items"] if one["id"] == made["id"]), None)

    found = line()
    assert {name: found[name] for name in body} == body
    assert (found["allow_private"], found["paused"], found["failing_since"], found["waiting"]) == (False, None, None, 0)
    assert made["secret"] not in json.dumps(lead.get("/v1/webhooks"))
    renewed = lead.post(f"/v1/webhooks/{made['id']}/secret", None, expect=200)
    assert renewed["secret"].startswith("whsec_")
    assert renewed["secret"] != made["secret"]
    lead.ask("POST", f"/v1/webhooks/{made['id']}/try", expect=204)
    lead.ask("POST", f"/v1/webhooks/{made['id']}/end", expect=204)
    assert line() is None
    assert lead.problem("POST", f"/v1/webhooks/{made['id']}/end", status=404)["code"] == "no-such-webhook"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "http://records.example/in"}, "url"),
        ({"url": "https://127.0.0.1:9000/in"}, "url"),
        ({"url": "https://169.254.169.254/latest"}, "url"),
        ({"url": "https://ada:secret@records.example/in"}, "url"),
        ({"kinds": ["reading.weighed"]}, "kinds"),
        ({"kinds": []}, "kinds"),
        ({"allow_private": True}, "allow_private"),
    ],
)
def test_what_cannot_be_a_webhook_is_named_by_its_field(clinic, wrong, field):
    body = {"url": "https://records.example/in", "kinds": None, "with_values": False} | wrong
    before = clinic.lead.get("/v1/webhooks")["items"]
    refused = clinic.lead.problem("POST", "/v1/webhooks", body, status=422)
    assert {one["field"] for one in refused["errors"]} == {field}
    assert clinic.lead.get("/v1/webhooks")["items"] == before
