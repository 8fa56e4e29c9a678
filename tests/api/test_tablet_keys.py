"""An enrolled tablet is known by its key: nothing is taken in its name that it has not signed, and nothing twice."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

import app.main
from app.domain import tablets as bounds
from app.services import enrolment, sign_in_memory, tablet_keys
from tests.api.conftest import People, Person, SetClock
from tests.bench.counting import asked
from tests.factories import PASSWORD
from tests.tablets_made import MADE, MadeTablet, by_tablet, known

QUIET = {"unsent": 0, "open_sessions": [], "clock_offset_ms": 0}
PATIENT = {"family_name": "Probe", "given_name": "Maria", "birth_date": "1984-03-11", "record_number": "R-1"}
DEVICE = "A" * 43 + "="
JSON = b'{"unsent": 0, "open_sessions": [], "clock_offset_ms": 0}'


@dataclass
class Chair:
    """An enrolled tablet, and who stands at it."""

    people: People
    tablet: MadeTablet

    @property
    def path(self) -> str:
        return f"/v1/tablets/{self.tablet.id}"

    def contact(self, who: Person, body: bytes = JSON, **headers: str) -> Any:
        """A heartbeat as it is said, signed by nobody but by these headers."""
        return who.put(f"{self.path}/contact", body, X_Tablet_Id=self.tablet.id, **headers)

    def proof(self, who: Person, number: int | None = None, body: bytes = JSON, path: str = "contact") -> str:
        bearer = {"Authorization": f"Bearer {who.token}"}
        return self.tablet.proof("PUT", f"{self.path}/{path}", body, bearer, number)

    def beat(self, who: Person, number: int | None = None) -> Any:
        return self.contact(who, X_Tablet_Proof=self.proof(who, number))


@pytest.fixture
def chair(people: People) -> Chair:
    tablet = known()
    answer = people.lead.put(f"/v1/tablets/{tablet.id}", tablet.enrolment("Chair 3"))
    assert answer.status_code == 201, answer.text
    del MADE[tablet.id]  # from here on nothing signs by itself
    return Chair(people, tablet)


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def audited(people: People) -> list[tuple[str, str | None]]:
    return [(one["action"], one["reason"]) for one in reversed(people.auditor.get("/v1/audit").json()["items"])]


# --- what is signed ---------------------------------------------------------------------------------------------------


def test_a_heartbeat_that_it_signed_is_taken(chair: Chair):
    for who in (chair.people.nurse, chair.people.clinician):
        answer = chair.beat(who)
        assert (answer.status_code, answer.json()["name"]) == (200, "Chair 3")


def test_one_that_is_not_signed_is_refused_and_on_record(chair: Chair):
    refused(chair.contact(chair.people.nurse), 403, "tablet-proof-needed")
    # who does not even say which tablet they hold is no better off
    plain = chair.people.nurse.put(f"{chair.path}/contact", QUIET)
    refused(plain, 403, "tablet-proof-needed")
    assert audited(chair.people)[-2:] == [("act.refused", "tablet-proof-needed")] * 2
    assert chair.people.lead.get("/v1/tablets").json()["items"][0]["heard_at"] is None


@pytest.mark.parametrize("who", ["auditor", "lead", "operator"])
def test_who_may_not_chart_speaks_for_no_tablet(chair: Chair, who: str):
    person = getattr(chair.people, who)
    refused(chair.beat(person), 403, "role-may-not")
    refused(person.put(f"/v1/tablets/{uuid4()}/contact", QUIET), 403, "role-may-not")


def test_nobody_speaks_for_a_tablet_that_they_do_not_hold(chair: Chair, people: People):
    other = known()
    people.lead.put(f"/v1/tablets/{other.id}", other.enrolment("Chair 4"))
    # signed by one tablet, said of another
    answer = people.nurse.put(f"{chair.path}/contact", QUIET, X_Tablet_Id=other.id)
    refused(answer, 403, "other-tablet")
    # signed by another tablet's key
    bearer = {"Authorization": f"Bearer {people.nurse.token}"}
    signed = MadeTablet(chair.tablet.id).proof("PUT", f"{chair.path}/contact", JSON, bearer)
    refused(chair.contact(people.nurse, X_Tablet_Proof=signed), 403, "wrong-tablet-proof")
    # a browser that nobody enrolled, said by a sign-in that was begun on another one
    here, there = str(uuid4()), str(uuid4())
    begun = {"username": "nurse@lakeside", "password": PASSWORD}
    token = people.nurse.client.post("/v1/sign-in", json=begun, headers={"X-Tablet-Id": here}).json()["access_token"]
    at_it = Person(people.nurse.client, people.clinic, people.nurse.id, people.nurse.staff, token)
    assert at_it.put(f"/v1/tablets/{here}/contact", QUIET).status_code == 200
    for headers in ({}, {"X_Tablet_Id": there}):
        refused(at_it.put(f"/v1/tablets/{there}/contact", QUIET, **headers), 403, "other-tablet")


def changed(chair: Chair, who: Person) -> dict[str, Any]:
    """Requests that carry a proof of something else, by what is different."""
    good = chair.proof(who)
    number, _, signature = good.partition(".")
    return {
        "the body": lambda: chair.contact(who, JSON.replace(b'"unsent": 0', b'"unsent": 1'), X_Tablet_Proof=good),
        "the number": lambda: chair.contact(who, X_Tablet_Proof=f"{int(number) + 1}.{signature}"),
        "who says it": lambda: chair.contact(chair.people.clinician, X_Tablet_Proof=good),
        "the clock": lambda: chair.contact(who, X_Tablet_Proof=good, X_Tablet_Clock_Offset_Ms="90000"),
        "in whose name": lambda: who.put(
            f"/v1/patients/{uuid4()}", PATIENT, X_Tablet_Id=chair.tablet.id, X_Tablet_Proof=good
        ),
        "the query": lambda: who.put(
            f"{chair.path}/contact?x=1", JSON, X_Tablet_Id=chair.tablet.id, X_Tablet_Proof=good
        ),
        "no proof at all": lambda: chair.contact(who, X_Tablet_Proof="1.x"),
        "one sign of it": lambda: chair.contact(
            who, X_Tablet_Proof=f"{number}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
        ),
        "all of it": lambda: chair.contact(who, X_Tablet_Proof=f"{number}.{'A' * 86}"),
    }


def test_a_proof_is_good_for_nothing_else(chair: Chair):
    who = chair.people.nurse
    for what, ask in changed(chair, who).items():
        answer = ask()
        assert (what, answer.status_code, answer.json().get("code")) == (what, 403, "wrong-tablet-proof")
    assert chair.beat(who).status_code == 200


def test_control_a_check_that_looks_at_nothing_lets_all_of_them_pass(chair: Chair, monkeypatch):
    monkeypatch.setattr("app.services.tablet_proofs.holds", lambda *_: True)
    who = chair.people.nurse
    passed = [what for what, ask in changed(chair, who).items() if ask().status_code != 403]
    assert passed == [what for what in changed(chair, who) if what != "no proof at all"]


# --- once ------------------------------------------------------------------------------------------------------------


def test_a_heartbeat_sent_again_says_nothing(chair: Chair):
    who = chair.people.nurse
    first = chair.proof(who, 5)
    assert chair.contact(who, X_Tablet_Proof=first).status_code == 200
    again = chair.contact(who, X_Tablet_Proof=first)
    refused(again, 409, "old-tablet-proof")
    assert again.json()["last"] == 5
    refused(chair.beat(who, 4), 409, "old-tablet-proof")
    assert chair.beat(who, 6).status_code == 200


def test_an_old_one_cannot_take_a_begun_set_back(chair: Chair):
    """What was said before an unfinished set was begun is not said again by who recorded it."""
    who = chair.people.nurse
    before = chair.proof(who, 1)
    assert chair.contact(who, X_Tablet_Proof=before).status_code == 200
    held = b'{"unsent": 3, "open_sessions": [], "clock_offset_ms": 0}'
    assert chair.contact(who, held, X_Tablet_Proof=chair.proof(who, 2, held)).status_code == 200
    refused(chair.contact(who, X_Tablet_Proof=before), 409, "old-tablet-proof")
    assert chair.people.lead.get("/v1/tablets").json()["items"][0]["unsent"] == 3


def test_what_was_typed_goes_by_its_id_and_may_come_late(chair: Chair):
    """Facts typed long ago arrive in any order; the same again is the same again."""
    who = chair.people.nurse
    assert chair.beat(who, 900).status_code == 200
    path = f"/v1/patients/{uuid4()}"
    body = b'{"family_name": "Probe", "given_name": "M", "birth_date": "1984-03-11", "record_number": "R-9"}'
    head = {"Authorization": f"Bearer {who.token}"}
    signed = chair.tablet.proof("PUT", path, body, head, 3)
    for status in (201, 200):
        sent = who.put(path, body, X_Tablet_Id=chair.tablet.id, X_Tablet_Proof=signed)
        assert sent.status_code == status
    refused(who.put(path, body, X_Tablet_Id=chair.tablet.id), 403, "tablet-proof-needed")
    # a browser that nobody enrolled signs nothing
    assert who.put(path, body, X_Tablet_Id=str(uuid4())).status_code == 200


def test_no_clock_shuts_it_out(chair: Chair, clock: SetClock):
    who = chair.people.nurse
    far = b'{"unsent": 0, "open_sessions": [], "clock_offset_ms": 90000000}'
    answer = chair.contact(who, far, X_Tablet_Proof=chair.proof(who, body=far))
    assert (answer.status_code, answer.json()["clock_in_doubt"]) == (200, True)
    clock._now, before = clock._now.replace(year=2020), clock._now
    assert chair.beat(who).status_code == 200
    clock._now = before


# --- PINs -------------------------------------------------------------------------------------------------------------


def unlock(
    client: TestClient, chair: Chair, pin: str = "4927", number: int | None = None, *, signed: bool = True
) -> Any:
    body = (
        f'{{"tablet_id": "{chair.tablet.id}", "staff_id": "{chair.people.nurse.id}", "pin": "{pin}", '
        f'"device": "{DEVICE}"}}'
    ).encode()
    headers = {"Content-Type": "application/json", "X-Tablet-Id": chair.tablet.id}
    if signed:
        headers["X-Tablet-Proof"] = chair.tablet.proof("POST", "/v1/sign-in/pin", body, {}, number)
    return client.post("/v1/sign-in/pin", content=body, headers=headers)


def test_a_pin_opens_the_tablet_that_signs_it_and_once(chair: Chair, client: TestClient):
    nurse = chair.people.nurse
    assert nurse.put(f"{chair.path}/pin", {"pin": "4927", "device": DEVICE}).status_code == 200
    refused(unlock(client, chair, signed=False), 403, "tablet-proof-needed")
    assert unlock(client, chair, number=7).status_code == 200
    refused(unlock(client, chair, number=7), 409, "old-tablet-proof")
    refused(unlock(client, chair, "8350", 8), 401, "wrong-pin")
    # five more that nothing has signed cost no try
    for _ in range(5):
        refused(unlock(client, chair, "8350", signed=False), 403, "tablet-proof-needed")
    assert unlock(client, chair, number=9).status_code == 200
    assert ("sign-in.failed", "old-tablet-proof") in audited(chair.people)


# --- another key -----------------------------------------------------------------------------------------------------


def renewed(chair: Chair, who: Person, public_key: str) -> Any:
    body = f'{{"public_key": "{public_key}"}}'.encode()
    proof = chair.proof(who, body=body, path="public-key")
    return who.put(f"{chair.path}/public-key", body, X_Tablet_Id=chair.tablet.id, X_Tablet_Proof=proof)


def test_a_key_hands_over_to_another_and_is_good_for_nothing_more(chair: Chair, clock: SetClock):
    who = chair.people.nurse
    old, new = chair.tablet.public_key, chair.tablet.another_key()
    assert chair.beat(who, 500).json()["renew_key"] is False
    clock._now += bounds.RENEWED_AFTER
    assert chair.beat(who, 501).json()["renew_key"] is True
    assert renewed(chair, who, new).status_code == 204
    refused(chair.beat(who, 502), 403, "wrong-tablet-proof")
    # the answer was lost: the tablet tries the other key
    chair.tablet.use(new)
    assert renewed(chair, who, new).status_code == 204
    answer = chair.beat(who, 1)
    assert (answer.status_code, answer.json()["renew_key"]) == (200, False), "numbers begin anew with a key"
    history = chair.people.lead.get(f"{chair.path}/history").json()["items"]
    assert [(one["public_key"], one["recorded_by"]["role"]) for one in history] == [(old, "lead"), (new, "nurse")]
    assert audited(chair.people).count(("tablet.key-renewed", None)) == 1


def test_only_the_tablet_itself_hands_over(chair: Chair, people: People):
    new = chair.tablet.another_key()
    body = {"public_key": new}
    refused(people.nurse.put(f"{chair.path}/public-key", body), 403, "other-tablet")
    refused(people.nurse.put(f"{chair.path}/public-key", body, X_Tablet_Id=chair.tablet.id), 403, "tablet-proof-needed")
    refused(people.nurse.put(f"/v1/tablets/{uuid4()}/public-key", body), 404, "no-such-tablet")
    refused(renewed(chair, people.lead, new), 403, "role-may-not")


@pytest.mark.parametrize("key", ["", "A" * 86, "A" * 87, "A" * 88, "BA" + "A" * 85, "!" * 87])
def test_a_key_is_a_point_of_the_curve(chair: Chair, key: str):
    for ask in (lambda: renewed(chair, chair.people.nurse, key), lambda: enrolled(chair.people, key)):
        answer = ask()
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == ["public_key"]


def enrolled(people: People, key: str) -> Any:
    return people.lead.put(f"/v1/tablets/{uuid4()}", {"name": "Chair 9", "public_key": key})


# --- enrolment --------------------------------------------------------------------------------------------------------


def test_a_key_is_given_on_the_tablet_itself_and_signs_for_it(people: People):
    tablet = MadeTablet()
    path = f"/v1/tablets/{tablet.id}"
    refused(people.lead.put(path, tablet.enrolment("Chair 3")), 403, "other-tablet")
    refused(people.lead.put(path, tablet.enrolment("Chair 3"), X_Tablet_Id=tablet.id), 403, "tablet-proof-needed")
    MADE[tablet.id] = tablet
    assert people.lead.put(path, tablet.enrolment("Chair 3")).status_code == 201
    assert people.lead.put(path, tablet.enrolment("Chair 3")).status_code == 200
    # a name from the desk leaves the key as it is
    renamed = people.lead.put(path, {"name": "Chair 5"}, If_Match='"1"')
    assert renamed.json()["public_key"] == tablet.public_key


def test_one_without_a_key_is_told_what_to_do_and_a_lost_key_is_replaced(people: People, client: TestClient):
    tablet = known()
    path = f"/v1/tablets/{tablet.id}"
    assert people.lead.put(path, {"name": "Chair 3"}).status_code == 201
    for ask in (
        lambda: people.nurse.put(f"{path}/contact", QUIET),
        lambda: people.nurse.put(f"/v1/patients/{uuid4()}", PATIENT, X_Tablet_Id=tablet.id),
        lambda: people.nurse.put(f"{path}/pin", {"pin": "4927", "device": DEVICE}),
    ):
        answer = ask()
        refused(answer, 403, "tablet-key-needed")
        assert "enrols it again" in answer.json()["detail"]
    # reading and signing in on it go on
    assert people.nurse.get("/v1/protocols", X_Tablet_Id=tablet.id).status_code == 200
    assert people.lead.put(path, tablet.enrolment("Chair 3"), If_Match='"1"').status_code == 200
    assert people.nurse.put(f"{path}/contact", QUIET).status_code == 200
    assert people.nurse.put(f"{path}/pin", {"pin": "4927", "device": DEVICE}).status_code == 200
    # its storage was cleared: another key, and numbers from the beginning; the PIN's own secret is gone too
    tablet.use(tablet.another_key())
    refused(people.nurse.put(f"{path}/contact", QUIET), 403, "wrong-tablet-proof")
    refused(people.lead.put(path, tablet.enrolment("Chair 3")), 428, "precondition-missing")
    assert people.lead.put(path, tablet.enrolment("Chair 3"), If_Match='"2"').status_code == 200
    assert people.nurse.put(f"{path}/contact", QUIET).status_code == 200
    held = {"tablet_id": tablet.id, "staff_id": str(people.nurse.id), "pin": "4927", "device": DEVICE}
    assert client.post("/v1/sign-in/pin", json=held, auth=by_tablet).status_code == 401


def test_out_of_use_ends_everything_at_once(chair: Chair, client: TestClient):
    people = chair.people
    begun = {"username": "nurse@lakeside", "password": PASSWORD}
    token = client.post("/v1/sign-in", json=begun, headers={"X-Tablet-Id": chair.tablet.id}).json()["access_token"]
    there = Person(client, people.clinic, people.nurse.id, people.nurse.staff, token)
    people.nurse.put(f"{chair.path}/pin", {"pin": "4927", "device": DEVICE})
    assert chair.beat(there).status_code == 200
    assert unlock(client, chair).status_code == 200
    lost = people.lead.put(chair.path, {"name": "Chair 3", "in_use": False}, If_Match='"1"')
    assert lost.status_code == 200
    for ask in (lambda: chair.beat(there), lambda: there.get("/v1/protocols"), lambda: unlock(client, chair)):
        assert ask().status_code == 401
    refused(chair.beat(people.nurse), 403, "tablet-not-in-use")
    refused(renewed(chair, people.nurse, chair.tablet.another_key()), 403, "tablet-not-in-use")
    refused(people.nurse.post(f"{chair.path}/key", {}), 403, "tablet-not-in-use")


def test_from_its_enrolment_on_whoever_is_signed_in_there_needs_its_key(people: People, client: TestClient):
    """What is remembered of a sign-in does not outlast the enrolment of the tablet it was begun on."""
    tablet = known()
    begun = {"username": "nurse@lakeside", "password": PASSWORD}
    token = client.post("/v1/sign-in", json=begun, headers={"X-Tablet-Id": tablet.id}).json()["access_token"]
    there = Person(client, people.clinic, people.nurse.id, people.nurse.staff, token)
    path = f"/v1/patients/{uuid4()}"
    assert there.put(path, PATIENT).status_code == 201
    people.lead.put(f"/v1/tablets/{tablet.id}", tablet.enrolment("Chair 3"))
    refused(there.put(path, PATIENT), 403, "tablet-proof-needed")
    assert there.put(path, PATIENT, X_Tablet_Id=tablet.id).status_code == 200
    refused(there.put(path, PATIENT, X_Tablet_Id=str(uuid4())), 403, "other-tablet")


@pytest.fixture
def without_jobs(monkeypatch):
    """What is asked of the database is asked by requests alone."""
    monkeypatch.setattr(app.main, "jobs_of", lambda *_: ())


@pytest.mark.usefixtures("without_jobs")  # before the service starts
def test_a_signature_costs_no_statement(people: People, client: TestClient, monkeypatch):
    """The tablet's key is remembered with the sign-in that was begun on it."""
    monkeypatch.setattr(sign_in_memory, "TRUSTED", 3600)  # however busy the machine
    tablet, begun = known(), {"username": "nurse@lakeside", "password": PASSWORD}
    token = client.post("/v1/sign-in", json=begun, headers={"X-Tablet-Id": tablet.id}).json()["access_token"]
    there = Person(client, people.clinic, people.nurse.id, people.nurse.staff, token)
    costs = []
    for _ in range(2):
        for _ in range(2):
            answer = there.put(f"/v1/patients/{uuid4()}", PATIENT | {"record_number": f"R-{uuid4()}"})
            assert answer.status_code == 201
            there.headers = {"X-Tablet-Id": tablet.id}
        with asked() as statements:
            there.put(f"/v1/patients/{uuid4()}", PATIENT | {"record_number": f"R-{uuid4()}"})
        costs.append(len(statements))
        people.lead.put(f"/v1/tablets/{tablet.id}", tablet.enrolment("Chair 3"))
    assert costs[1] <= costs[0]


# --- bounds -----------------------------------------------------------------------------------------------------------


def test_a_clinic_has_so_many_in_use_and_no_more(people: People, monkeypatch):
    monkeypatch.setattr(enrolment, "MOST_IN_USE", 2)
    one, two, three = known(), known(), known()
    for each in (one, two):
        assert people.lead.put(f"/v1/tablets/{each.id}", each.enrolment("Chair")).status_code == 201
    refused(people.lead.put(f"/v1/tablets/{three.id}", three.enrolment("Chair")), 409, "too-many-tablets")
    people.lead.put(f"/v1/tablets/{one.id}", {"name": "Chair", "in_use": False}, If_Match='"1"')
    assert people.lead.put(f"/v1/tablets/{three.id}", three.enrolment("Chair")).status_code == 201
    back = people.lead.put(f"/v1/tablets/{one.id}", {"name": "Chair"}, If_Match='"2"')
    refused(back, 409, "too-many-tablets")
    assert people.lead.put(f"/v1/tablets/{two.id}", {"name": "Other"}, If_Match='"1"').status_code == 200


def test_new_browsers_are_let_in_so_many_a_day(people: People, others: People, clock: SetClock, monkeypatch):
    monkeypatch.setattr(tablet_keys, "MOST_NEW_OF_ONE", 2)
    monkeypatch.setattr(tablet_keys, "MOST_NEW_A_DAY", 3)
    first = f"/v1/tablets/{uuid4()}/key"

    def new(person: Person) -> Any:
        return person.post(f"/v1/tablets/{uuid4()}/key", {})

    assert people.auditor.post(first, {}).status_code == 200
    assert new(people.auditor).status_code == 200
    refused(new(people.auditor), 409, "too-many-new-tablets")
    assert new(people.nurse).status_code == 200, "one person's many keep nobody else out"
    refused(new(people.nurse), 409, "too-many-new-tablets")
    assert new(others.nurse).status_code == 200
    assert people.nurse.post(first, {}).status_code == 200, "one that is known is let in always"
    clock._now += tablet_keys.A_DAY
    assert new(people.nurse).status_code == 200
