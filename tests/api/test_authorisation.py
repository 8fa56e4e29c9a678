"""Every operation of the OpenAPI document, asked by everybody: each role at home, another clinic's staff, nobody."""

import re
from dataclasses import replace
from uuid import uuid4

import pytest

from app.api import calls
from app.services import sign_in as signing_in
from tests.api import bodies
from tests.api import clinic as made
from tests.api.asking import HEADERS, NOW, QUESTIONS, good_answer, good_request, standing_in
from tests.api.authorisation import (
    ANYBODY,
    CLINICIANS_EVENTS,
    EVERYONE,
    MACHINES,
    SIGNED_BY_TABLETS,
    TABLE,
    TO_BE_CHANGED,
)
from tests.api.clinic import another_clinic, clinic_on, code_of
from tests.api.kept_rows import audit_mark, audit_since, newest_audit, record_rows, rows_of
from tests.api.machines import machine
from tests.conftest import ENGINES

GUARDED = {key: roles for key, roles in TABLE.items() if roles != ANYBODY}
UUIDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module", params=ENGINES)
def there(request, tmp_path_factory, sqlite_template):
    """A furnished clinic, in which every request makes sense."""
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as clinic:
        yield standing_in(clinic)


def asked(key, there, **how):
    """One request as it stands, without renewing anything: what comes back."""
    path, body = QUESTIONS[key].ask(there)
    how["headers"] = HEADERS.get(key, {}) | how.get("headers", {})
    return there.clinic.service.send(key[0], path, body, **how)


# --- the table is whole ----------------------------------------------------------------------------------------------


def test_every_operation_is_in_the_table_and_nothing_else_is(there):
    assert set(there.clinic.service.contract.operations) == set(TABLE)


def test_every_operation_has_its_question():
    assert set(QUESTIONS) == set(TABLE)


def test_the_document_says_whom_an_operation_asks(there):
    for key, operation in there.clinic.service.contract.operations.items():
        open_to_all = operation.document["x-act"] == "anyone"
        assert open_to_all == (TABLE[key] == ANYBODY), key
        assert open_to_all == ("security" not in operation.document), key


# --- each role in its own clinic -------------------------------------------------------------------------------------


def wrongly_answered(there, keys=GUARDED):
    """Cells of the matrix in which a role that may not got anything but 403, or changed a row, or left no trace."""
    wrong, service = [], there.clinic.service
    rows = record_rows(service)
    for key, roles in keys.items():
        for role in EVERYONE - roles:
            person = there.clinic.people[role]
            answer = asked(key, there, token=person.token)
            trace = newest_audit(service)[0]
            now = record_rows(service)
            if (answer.status_code, code_of(answer)) != (403, "role-may-not"):
                wrong.append((*key, role, answer.status_code))
            elif now != rows:
                wrong.append((*key, role, "rows changed"))
            elif (trace.action, str(trace.actor_id), trace.subject_id) != ("act.denied", person.id, key[1]):
                wrong.append((*key, role, f"left {trace.action}"))
            rows = now
    return wrong


def test_a_role_that_may_not_is_refused_and_nothing_changes_and_it_is_on_record(there):
    there.clinic.to(NOW)
    assert wrongly_answered(there) == []


@pytest.mark.parametrize("key", sorted(GUARDED), ids=" ".join)
def test_a_role_that_may_is_served(there, key):
    for role in sorted(GUARDED[key]):
        path, body, who = good_request(key, there, there.clinic.people[role])
        answer = good_answer(key, path, body, who)
        assert answer.status_code in {200, 201, 202, 204}, f"{role}: {answer.text}"


@pytest.mark.parametrize("kind", CLINICIANS_EVENTS)
def test_a_clinicians_event_is_refused_to_a_nurse(there, kind):
    details = {
        "baseline-accepted": {"readings": [{"id": there.reading, "revision": 1}]},
        "concern-acknowledged": {"concern_id": "x"},
    }
    body = bodies.event(60, kind, details[kind])
    path = f"/v1/sessions/{there.treated}/events/{uuid4()}"
    rows = record_rows(there.clinic.service)
    refused = there.clinic.nurse.problem("PUT", path, body, status=403)
    assert refused["code"] == "role-may-not"
    assert record_rows(there.clinic.service) == rows
    trace = newest_audit(there.clinic.service)[0]
    assert (trace.action, trace.reason, str(trace.actor_id)) == ("act.refused", "role-may-not", there.clinic.nurse.id)
    there.clinic.clinician.put(path, body)


def test_whose_password_somebody_else_chose_may_change_it_and_nothing_else(there):
    clinic = there.clinic
    clinic.to(NOW)
    person = clinic.hire("clinician")
    account = {
        "username": person.username,
        "name": person.name,
        "role": "clinician",
        "password": f"{bodies.PASSWORD}, given",
    }
    clinic.lead.put(f"/v1/staff/{person.id}", account, expect=200, if_match='"1"')
    person = made.sign_in(clinic.service, person.username, account["password"])
    rows = record_rows(clinic.service)
    wrong = []
    for key in sorted(set(GUARDED) - TO_BE_CHANGED):
        answer = asked(key, there, token=person.token)
        if (answer.status_code, code_of(answer)) != (403, "password-must-change"):
            wrong.append((*key, answer.status_code, code_of(answer)))
    assert wrong == []
    assert record_rows(clinic.service) == rows
    trace = newest_audit(clinic.service)[0]
    assert (trace.action, trace.reason, str(trace.actor_id)) == ("act.refused", "password-must-change", person.id)
    assert person.get("/v1/account")["password_must_change"] is True
    new = {"password": account["password"], "new_password": bodies.PASSWORD}
    person.ask("POST", "/v1/account/password", new, expect=204)
    assert person.get("/v1/account")["password_must_change"] is False
    person.get("/v1/protocols")


# --- tablets ----------------------------------------------------------------------------------------------------------


def passed_unsigned(there, keys=SIGNED_BY_TABLETS):
    """What was taken from an enrolled tablet that had not signed it, or changed a row, or left no trace."""
    wrong, service = [], there.clinic.service
    rows = record_rows(service)
    for key in sorted(keys):
        person = there.clinic.people[min(TABLE[key])]
        headers = {"X-Tablet-Id": there.tablet, "X-Tablet-Proof": f"1.{'A' * 86}"}
        answer = asked(key, there, token=person.token, headers=headers)
        trace = newest_audit(service)[0]
        if (answer.status_code, code_of(answer)) != (403, "wrong-tablet-proof"):
            wrong.append((*key, answer.status_code))
        elif record_rows(service) != rows:
            wrong.append((*key, "rows changed"))
        elif (trace.action, trace.reason, str(trace.tablet_id)) != ("act.refused", "wrong-tablet-proof", there.tablet):
            wrong.append((*key, f"left {trace.action}"))
    return wrong


def test_nothing_is_taken_from_an_enrolled_tablet_that_it_has_not_signed(there):
    there.clinic.to(NOW)
    assert len(SIGNED_BY_TABLETS) > 15
    assert passed_unsigned(there) == []


def test_control_without_its_guard_a_tablet_need_not_sign(there, monkeypatch):
    there.clinic.to(NOW)
    monkeypatch.setattr(calls, "PROVEN", frozenset())
    key = ("PUT", "/v1/patients/{patient_id}")
    assert passed_unsigned(there, {key}) == [(*key, 201)]


# --- nobody ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def worthless(there):
    """Headers that prove nothing, by what is wrong with them."""
    clinic = there.clinic
    ended = clinic.hire("clinician")
    ended.ask("POST", "/v1/sign-out", expect=204)
    disabled, changed = clinic.hire("clinician"), clinic.hire("clinician")
    for person, change in ((disabled, {"active": False}), (changed, {"role": "nurse"})):
        account = {"username": person.username, "name": person.name, "role": "clinician"} | change
        clinic.lead.put(f"/v1/staff/{person.id}", account, expect=200, if_match='"1"')
    bearer = "Bearer {}".format
    return {
        "no header": {},
        "no token": {"Authorization": "Bearer"},
        "garbage": {"Authorization": bearer("x" * 43)},
        "not a token": {"Authorization": bearer("' OR 1=1 --")},
        "another scheme": {"Authorization": f"Basic {clinic.clinician.token}"},
        "token and more": {"Authorization": bearer(f"{clinic.clinician.token} {clinic.clinician.token}")},
        "a machine's, whose client was disabled": {"Authorization": bearer(disabled_machine(clinic))},
        "token cut short": {"Authorization": bearer(clinic.clinician.token[:-1])},
        "signed out": {"Authorization": bearer(ended.token)},
        "account disabled": {"Authorization": bearer(disabled.token)},
        "role changed": {"Authorization": bearer(changed.token)},
    }


def disabled_machine(clinic):
    one = machine(clinic.service, clinic.id)
    token = one.token()
    one.disable()
    return token


KNOWN = {"signed out", "account disabled", "role changed", "a machine's, whose client was disabled"}
"""Tokens that once were somebody's: their use is on record. What was never a token leaves nothing behind."""


def test_nobody_gets_in_anywhere(there, worthless):
    there.clinic.to(NOW)
    service = there.clinic.service
    rows = record_rows(service)
    for key in GUARDED:
        for kind, headers in worthless.items():
            before = audit_mark(service)
            service.forget_attempts()  # the first few of a minute are kept one by one, and each of these is a first
            answer = asked(key, there, headers=headers)
            assert (answer.status_code, code_of(answer)) == (401, "not-signed-in"), (key, kind)
            assert answer.headers["www-authenticate"] == "Bearer"
            said = "client.token-refused" if "machine" in kind else "sign-in.refused"
            left = [said] if kind in KNOWN else []
            assert [event.action for event in audit_since(service, before)] == left, (key, kind)
    assert record_rows(service) == rows


def test_a_person_whose_role_changed_signs_in_again_and_is_what_they_are_now(there):
    clinic = there.clinic
    person = clinic.hire("nurse")
    account = {"username": person.username, "name": person.name, "role": "auditor"}
    clinic.lead.put(f"/v1/staff/{person.id}", account, expect=200, if_match='"1"')
    again = made.sign_in(clinic.service, person.username)
    assert again.role == "auditor"
    again.problem("PUT", f"/v1/patients/{uuid4()}", bodies.patient(), status=403)
    again.get(f"/v1/patients/{there.patient}")


def test_who_asks_nobody_in_particular_answers_everybody_alike(there):
    for key in set(TABLE) - set(GUARDED):
        statuses = {asked(key, there, token=person.token).status_code for person in there.clinic.people.values()}
        statuses.add(asked(key, there).status_code)
        assert len(statuses) == 1, key
        assert not statuses & {401, 403}, key


# --- machines --------------------------------------------------------------------------------------------------------


def wrongly_answered_to_machines(there, keys):
    """Operations at which a machine with every scope got anything but 403, or changed a row, or left no trace."""
    wrong, service = [], there.clinic.service
    one = machine(service, there.clinic.id)
    token = one.token()
    rows = record_rows(service)
    for key in keys:
        answer = asked(key, there, token=token)
        trace = newest_audit(service)[0]
        if (answer.status_code, code_of(answer)) != (403, "role-may-not"):
            wrong.append((*key, answer.status_code))
        elif record_rows(service) != rows:
            wrong.append((*key, "rows changed"))
        elif (trace.action, str(trace.actor_id), trace.actor_role, trace.subject_id) != (
            "act.denied",
            one.id,
            "client",
            key[1],
        ):
            wrong.append((*key, f"left {trace.action}"))
    return wrong


def test_a_machine_is_let_in_where_it_is_said_to_be_and_nowhere_else(there):
    there.clinic.to(NOW)
    assert wrongly_answered_to_machines(there, sorted(set(GUARDED) - set(MACHINES))) == []


def test_control_a_machine_taken_for_the_service_itself_is_noticed(there, monkeypatch):
    there.clinic.to(NOW)
    monkeypatch.setattr(calls, "check_may", lambda actor, act: None)
    keys = [("GET", "/v1/sessions"), ("GET", "/v1/staff")]
    assert wrongly_answered_to_machines(there, keys) == [(*key, 200) for key in keys]


# --- another clinic's staff ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def strangers(there):
    """Two clinics alike, so that one may ask with this clinic's ids and the other with ids nobody knows."""
    service = there.clinic.service
    service.clock.to(-200)
    return another_clinic(service), another_clinic(service)


def alike(answer):
    """An answer without what differs from one request to the next by its nature: ids."""
    body = UUIDS.sub("an id", answer.text)
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return answer.status_code, headers, body


def names_something(there):
    """Operations whose question names something of ours, in its address or in its body."""
    ours = {value for value in vars(there).values() if isinstance(value, str)}
    asks = {key: repr(QUESTIONS[key].ask(there)) for key in GUARDED}
    return [key for key, text in asks.items() if any(one in text for one in ours)]


def told_apart(there, strangers, keys=None):
    """Operations that answer another clinic's staff otherwise for this clinic's ids than for unknown ones."""
    service, found = there.clinic.service, []
    with_ours, with_unknown = strangers
    own = rows_of(record_rows(service), there.clinic.id)
    for key in keys or names_something(there):
        for role in sorted(GUARDED[key]):
            first = asked(key, there, token=with_ours.people[role].token)
            second = asked(key, there.unknown(), token=with_unknown.people[role].token)
            if alike(first) != alike(second):
                found.append((*key, role, first.status_code, second.status_code))
            elif rows_of(record_rows(service), there.clinic.id) != own:
                found.append((*key, role, "our rows changed"))
    return found


def test_another_clinics_id_answers_exactly_as_an_unknown_one_and_changes_nothing(there, strangers):
    there.clinic.to(NOW)
    assert told_apart(there, strangers) == []


def test_what_names_one_thing_of_ours_is_not_found_by_strangers(there, strangers):
    there.clinic.to(NOW)
    stranger, _ = strangers
    named = names_something(there)
    assert len(named) > 20
    for key in named:
        for role in sorted(GUARDED[key]):
            refused = asked(key, there, token=stranger.people[role].token)
            assert refused.status_code == 404, (key, role, refused.text)
            trace = newest_audit(there.clinic.service)[0]
            assert (trace.action, trace.clinic_id) == ("act.refused", stranger.id)


def test_ids_taken_elsewhere_are_free_here(there, strangers):
    """A stranger who makes something under an id of ours makes their own, and ours stays as it was."""
    service, (stranger, other) = there.clinic.service, strangers
    there.clinic.to(NOW)
    own = rows_of(record_rows(service), there.clinic.id)
    person = bodies.patient(family_name="Unlike", given_name="Anybody", birth_date="1951-07-30")
    taken = stranger.nurse.ask("PUT", f"/v1/patients/{there.patient}", person, expect=201)
    assert alike(taken) == alike(other.nurse.ask("PUT", f"/v1/patients/{uuid4()}", person, expect=201))
    stranger.nurse.put(f"/v1/sessions/{there.treated}", bodies.header(there.patient))
    stranger.nurse.put(f"/v1/sessions/{there.treated}/readings/{there.reading}", bodies.reading(50, heart_rate=90))
    account = {"username": str(uuid4()), "name": "Namesake", "role": "nurse", "password": bodies.PASSWORD}
    stranger.lead.put(f"/v1/staff/{there.staff}", account)
    assert rows_of(record_rows(service), there.clinic.id) == own
    ours = there.clinic.nurse.get(f"/v1/sessions/{there.treated}")
    assert ours["patient"]["family_name"] == "Probe"
    assert {reading["heart_rate"] for reading in ours["readings"]} == {72}


def test_lists_and_searches_stay_at_home(there, strangers):
    stranger, _ = strangers
    for who, path in ((stranger.nurse, "/v1/sessions"), (stranger.lead, "/v1/staff"), (stranger.lead, "/v1/audit")):
        text = who.ask("GET", path, expect=200).text
        assert there.clinic.name not in text
        assert str(there.clinic.id) not in text
        assert there.ready not in text
    found = stranger.nurse.post("/v1/patients/search", {}, expect=200)
    assert there.clinic.patient_id not in {item["id"] for item in found["items"]}


# --- wall boards ------------------------------------------------------------------------------------------------------


def test_a_wall_boards_token_opens_its_own_board_and_nothing_else(there):
    service = there.clinic.service
    wall = f"/v1/walls/{uuid4()}"
    token = there.clinic.lead.put(wall, {"name": "Corridor"})["token"]
    rows = record_rows(service)
    opened = {key for key in GUARDED if asked(key, there, token=token).status_code != 401}
    assert opened == {("GET", "/v1/wall")}
    assert record_rows(service) == rows
    there.clinic.lead.put(wall, {"name": "Corridor", "in_use": False}, expect=200, if_match='"1"')
    assert asked(("GET", "/v1/wall"), there, token=token).status_code == 401


# --- time, last because it ends every sign-in ------------------------------------------------------------------------


def test_an_expired_sign_in_opens_nothing_and_its_end_is_on_record(there):
    clinic = there.clinic
    people = {key: made.sign_in(clinic.service, clinic.clinician.username) for key in GUARDED}
    clinic.service.clock.pass_on_the_wall(30)
    rows = record_rows(clinic.service)
    for key, person in people.items():
        before = audit_mark(clinic.service)
        assert asked(key, there, token=person.token).status_code == 401, key
        assert [event.action for event in audit_since(clinic.service, before)] == ["sign-in.expired"], key
    assert record_rows(clinic.service) == rows
    for role, person in clinic.people.items():
        clinic.people[role] = made.sign_in(clinic.service, person.username)


# --- the matrix can fail ---------------------------------------------------------------------------------------------


def test_control_an_operation_missing_in_the_table_is_noticed(there):
    more = dict(there.clinic.service.contract.operations) | {("GET", "/v1/everything"): None}
    assert set(more) != set(TABLE)


def test_control_without_the_guard_the_matrix_is_red(there, monkeypatch):
    there.clinic.to(NOW)
    monkeypatch.setattr(calls, "check_may", lambda actor, act: None)
    keys = {key: GUARDED[key] for key in [("PUT", "/v1/patients/{patient_id}"), ("GET", "/v1/audit")]}
    wrong = wrongly_answered(there, keys)
    assert {(*key, role) for key, roles in keys.items() for role in EVERYONE - roles} == {cell[:3] for cell in wrong}


def test_control_a_stranger_let_into_this_clinic_is_noticed(there, monkeypatch):
    there.clinic.to(NOW)
    strangers = (another_clinic(there.clinic.service), another_clinic(there.clinic.service))
    judge, home, let_in = signing_in.judge, there.clinic.id, strangers[0].id

    def confused(*args):
        found = judge(*args)
        if isinstance(found, signing_in.HoldingSignIn) and found.actor.clinic_id == let_in:
            return replace(found, actor=replace(found.actor, clinic_id=home))
        return found

    monkeypatch.setattr(signing_in, "judge", confused)
    look = ("GET", "/v1/sessions/{session_id}")
    assert (*look, "nurse", 200, 404) in told_apart(there, strangers, [look])
