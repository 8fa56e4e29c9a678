"""A second factor for those who sign: added by its owner alone, asked for at each signature, and good once."""

import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pyotp
import pypdf
import pytest

from app.api import signing
from app.db import second_factors
from app.db.second_factors import Nonce
from app.domain.journal import Kind
from app.domain.signatures import challenge
from app.services import second_factor
from tests.api.bodies import PASSWORD, confirmation, screening
from tests.api.clinic import Clinic, Person, another_clinic, clinic_on, sign_in
from tests.api.factors import ACCOUNT, add_digits, add_passkey, for_owner, next_code, nonce, owner
from tests.api.kept_rows import audit_mark, audit_since
from tests.authenticator import Authenticator, decode, digest
from tests.conftest import ENGINES

OTHER_PASSWORD = "another pass phrase, quite as long"


@pytest.fixture(scope="module", params=ENGINES)
def shared(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as clinic:
        yield clinic


@pytest.fixture
def clinic(shared) -> Clinic:
    """A clinic of its own, in which a signature takes a second factor."""
    made = another_clinic(shared.service)
    made.lead.put("/v1/clinic/signing", {"signing": "second-factor", "password": PASSWORD}, expect=200, if_match='"1"')
    return made


def says(body: dict[str, Any]) -> dict[str, Any]:
    """What is signed of a confirmation."""
    names = ("decision", "digest", "own_assessment", "reason", "had_left_at", "examined_by")
    return {name: body.get(name) for name in names}


def decision(clinic: Clinic, session_id: str, **other: Any) -> dict[str, Any]:
    """Without its proof."""
    body = confirmation(clinic.digest(session_id), **other)
    del body["password"]
    return body


def answered(who: Person, device: Authenticator, session_id: str, body: dict[str, Any]) -> dict[str, Any]:
    return device.answer(nonce(who), digest("confirmation", session_id, says(body)))


def sent(who: Person, session_id: str, body: dict[str, Any], **proof: Any) -> Any:
    return who.ask("POST", f"/v1/sessions/{session_id}/confirmations", body | proof)


def refused(clinic: Clinic, session_id: str, body: dict[str, Any], *, code: str, status: int = 403, who=None, **proof):
    """Nothing was signed, and the audit says why."""
    who = who or clinic.clinician
    mark = audit_mark(clinic.service)
    if "code_sent" in proof:
        proof["code"] = proof.pop("code_sent")
    answer = sent(who, session_id, body, **proof)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    reasons = [event.reason for event in audit_since(clinic.service, mark) if event.action == "second-factor.refused"]
    assert reasons == [code]
    assert clinic.nurse.get(f"/v1/sessions/{session_id}")["confirmations"] == []


# --- what signs ------------------------------------------------------------------------------------------------------


def test_a_passkey_signs_exactly_what_was_shown_and_is_named_with_the_signature(clinic):
    device, session_id = Authenticator(), clinic.ready()
    add_passkey(clinic.clinician, device)
    body = decision(clinic, session_id)
    made = sent(clinic.clinician, session_id, body, passkey=answered(clinic.clinician, device, session_id, body))
    assert made.status_code == 201, made.text
    proof = {"kind": "passkey", "credential": device.id}
    assert made.json()["proof"] == proof
    record = clinic.nurse.get(f"/v1/sessions/{session_id}")
    assert [each["proof"] for each in record["confirmations"]] == [proof]


def test_the_password_with_six_digits_signs(clinic):
    digits, session_id = add_digits(clinic.clinician), clinic.ready()
    code = next_code(clinic.clinician, digits)
    made = sent(clinic.clinician, session_id, decision(clinic, session_id), password=PASSWORD, code=code)
    assert made.status_code == 201, made.text
    assert made.json()["proof"] == {"kind": "password-and-code", "credential": None}


def test_by_the_clinics_policy_the_password_alone_signs(shared):
    session_id = shared.ready()
    assert shared.sign(session_id)["proof"] == {"kind": "password", "credential": None}


def test_a_screening_override_and_an_approval_are_signed_likewise(clinic):
    device = Authenticator()
    add_passkey(clinic.clinician, device)
    session_id = clinic.plan(cleared=False)
    clinic.nurse.put(f"/v1/sessions/{session_id}/screening", screening(pregnancy=True))
    word = {"exclusions": ["pregnancy"], "reason": "test was wrong", "same_day": []}
    path = f"/v1/sessions/{session_id}/screening/override"
    assert clinic.clinician.problem("POST", path, word | {"password": PASSWORD}, status=403)["code"] == NEEDED
    given = device.answer(nonce(clinic.clinician), digest("screening-override", session_id, word))
    kept = clinic.clinician.post(path, word | {"passkey": given})
    assert kept["proof"] == {"kind": "passkey", "credential": device.id}

    version = f"iv-infusion-example/{1000 + 1}"
    draft = clinic.lead.get("/v1/protocols/iv-infusion-example/versions/1")["document"] | {"version": 1001}
    path = "/v1/protocols/iv-infusion-example/versions/1001"
    made = clinic.lead.put(path, draft)
    given = device.answer(nonce(clinic.clinician), digest("protocol-approval", version, {"hash": made["hash"]}))
    etag = {"If-Match": '"1"'}
    answer = clinic.clinician.ask("POST", f"{path}/approve", {"passkey": given}, expect=200, headers=etag)
    approved = clinic.clinician.get(path)
    assert answer.status_code == 200
    assert approved["approvals"][0]["proof"] == {"kind": "passkey", "credential": device.id}


NEEDED = "second-factor-needed"
EXCLUSIONS = (
    "active-substance-abuse",
    "no-negative-urine-toxicology",
    "history-of-psychosis",
    "raised-intracranial-pressure",
    "pregnancy",
    "uncontrolled-hypertension",
    "unstable-cardiovascular-disease",
    "previous-negative-response",
)


# --- what does not ---------------------------------------------------------------------------------------------------


def test_a_thief_with_an_unlocked_tablet_signs_nothing(clinic):
    add_passkey(clinic.clinician, Authenticator())
    session_id = clinic.ready()
    body = decision(clinic, session_id)
    assert sent(clinic.clinician, session_id, body).status_code == 422
    assert sent(clinic.clinician, session_id, body, password="a guess").json()["code"] == "wrong-password"
    # who has seen the password typed has no second factor, and cannot add one either
    refused(clinic, session_id, body, code=NEEDED, password=PASSWORD)
    denied = clinic.clinician.problem("POST", f"{ACCOUNT}/passkeys/begin", owner(), status=403)
    assert denied["code"] == "factor-needed"
    mine = Authenticator()
    refused(
        clinic, session_id, body, code="not-your-passkey", passkey=answered(clinic.clinician, mine, session_id, body)
    )


def test_an_answer_is_good_once(clinic):
    device, first, second = Authenticator(), clinic.ready(), clinic.ready()
    add_passkey(clinic.clinician, device)
    body = decision(clinic, first)
    given = answered(clinic.clinician, device, first, body)
    assert sent(clinic.clinician, first, body, passkey=given).status_code == 201
    refused(clinic, second, decision(clinic, second), code="answer-not-awaited", passkey=given)
    again = sent(clinic.clinician, first, body | {"id": str(uuid4())}, passkey=given)
    assert again.json()["code"] == "answer-not-awaited"


@pytest.mark.parametrize(
    "other",
    [
        {"digest": "0" * 64},
        {"own_assessment": "something else"},
        {"decision": "override", "reason": "I know better"},
        {"decision": "decline", "reason": "not yet"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_an_answer_for_anything_else_is_refused(clinic, other):
    device, session_id = Authenticator(), clinic.ready()
    add_passkey(clinic.clinician, device)
    body = decision(clinic, session_id)
    given = answered(clinic.clinician, device, session_id, body | other)
    refused(clinic, session_id, body, code="answer-for-another", passkey=given)


def test_an_answer_for_another_session_is_refused(clinic):
    device, session_id = Authenticator(), clinic.ready()
    add_passkey(clinic.clinician, device)
    body = decision(clinic, session_id)
    given = answered(clinic.clinician, device, str(uuid4()), body)
    refused(clinic, session_id, body, code="answer-for-another", passkey=given)


def test_an_answer_comes_within_minutes(clinic):
    device, session_id = Authenticator(), clinic.ready()
    add_passkey(clinic.clinician, device)
    body = decision(clinic, session_id)
    given = answered(clinic.clinician, device, session_id, body)
    clinic.service.clock.pass_on_the_wall(5)
    refused(clinic, session_id, body, code="answer-not-awaited", passkey=given)


def test_a_nonce_is_one_persons(clinic):
    mine, theirs, session_id = Authenticator(), Authenticator(), clinic.ready()
    other = clinic.hire("clinician")
    add_passkey(clinic.clinician, mine)
    add_passkey(other, theirs)
    body = decision(clinic, session_id)
    # my nonce with another's passkey, another's nonce with mine
    given = answered(clinic.clinician, theirs, session_id, body)
    refused(clinic, session_id, body, code="not-your-passkey", passkey=given)
    given = answered(other, mine, session_id, body)
    refused(clinic, session_id, body, code="answer-not-awaited", passkey=given)


@pytest.mark.parametrize(
    "bent",
    [
        {"verified": False},
        {"origin": "http://localhost:9000"},
        {"origin": "https://clinic.example"},
        {"party": "clinic.example"},
        {"key": Authenticator().key},
        {"used": 0},
    ],
    ids=lambda bent: f"{next(iter(bent))}-{next(iter(bent.values()))}"[:30],
)
def test_an_answer_that_is_not_the_passkeys_own_is_refused(clinic, bent):
    device, session_id = Authenticator(), clinic.ready()
    add_passkey(clinic.clinician, device)
    body = decision(clinic, session_id)
    given = answered(clinic.clinician, replace(device, **bent), session_id, body)
    if "used" in bent:  # a copy of the device, which counts as far as the device had
        given = answered(clinic.clinician, replace(device, counts=False), session_id, body)
    refused(clinic, session_id, body, code="passkey-refused", passkey=given)


@pytest.mark.parametrize("part", ["client_data", "authenticator_data", "signature"])
def test_garbage_is_refused(clinic, part):
    device, session_id = Authenticator(), clinic.ready()
    add_passkey(clinic.clinician, device)
    body = decision(clinic, session_id)
    for text in ("A", "AAAA", "bm8", "e30", "W10", "a" * 4000):
        given = answered(clinic.clinician, device, session_id, body) | {part: text}
        refused(clinic, session_id, body, code="passkey-refused", passkey=given)


def test_a_code_is_good_once_and_wrong_ones_are_counted(clinic):
    digits, session_id = add_digits(clinic.clinician), clinic.ready()
    body, wall = decision(clinic, session_id), clinic.service.clock.wall
    refused(clinic, session_id, body, code="code-used", password=PASSWORD, code_sent=digits.at(wall()))
    wrong = next(
        code
        for code in map("{:06}".format, range(1000, 1100))
        if not digits.verify(code, for_time=wall(), valid_window=2)
    )
    for _ in range(5):
        refused(clinic, session_id, body, code="wrong-code", password=PASSWORD, code_sent=wrong)
    code = next_code(clinic.clinician, digits)
    held = sent(clinic.clinician, session_id, body, password=PASSWORD, code=code)
    assert (held.status_code, held.json()["code"]) == (429, "too-many-attempts")
    assert 0 < int(held.headers["retry-after"]) <= 900
    clinic.service.clock.pass_on_the_wall(15)
    code = next_code(clinic.clinician, digits)
    assert sent(clinic.clinician, session_id, body, password=PASSWORD, code=code).status_code == 201


def test_a_code_of_long_ago_is_wrong(clinic):
    digits, session_id = add_digits(clinic.clinician), clinic.ready()
    clinic.service.clock.pass_on_the_wall(10)
    body, wall = decision(clinic, session_id), clinic.service.clock.wall()
    for minutes in (-5, -1.5, 1.5):
        old = digits.at(wall + timedelta(minutes=minutes))
        refused(clinic, session_id, body, code="wrong-code", password=PASSWORD, code_sent=old)
    late = digits.at(wall - timedelta(seconds=30))
    assert sent(clinic.clinician, session_id, body, password=PASSWORD, code=late).status_code == 201


# --- a lead who sets a password --------------------------------------------------------------------------------------


def reset(clinic: Clinic, who: Person) -> Person:
    """The lead sets another password, signs in with it, and chooses one in their stead."""
    account = {"username": who.username, "name": who.name, "role": who.role, "password": f"{OTHER_PASSWORD}, given"}
    revision = clinic.lead.get(f"/v1/staff/{who.id}")["revision"]
    clinic.lead.put(f"/v1/staff/{who.id}", account, expect=200, if_match=f'"{revision}"')
    given = f"{OTHER_PASSWORD}, given"
    again = sign_in(clinic.service, who.username, given)
    again.ask("POST", "/v1/account/password", {"password": given, "new_password": OTHER_PASSWORD}, expect=204)
    return sign_in(clinic.service, who.username, OTHER_PASSWORD)


def test_a_lead_who_sets_a_password_signs_with_nothing(clinic):
    device, planted, session_id = Authenticator(), Authenticator(), clinic.ready()
    add_passkey(clinic.clinician, device)
    codes = clinic.clinician.post(
        f"{ACCOUNT}/recovery-codes", owner(passkey=for_owner(clinic.clinician, device, "recovery-codes"))
    )
    thief = reset(clinic, clinic.clinician)
    found = thief.get(f"{ACCOUNT}/second-factor")
    assert (found["passkeys"], found["six_digits"], found["reset"]) == ([], False, True)
    body = decision(clinic, session_id)
    given = answered(thief, device, session_id, body)
    refused(clinic, session_id, body, code="not-your-passkey", who=thief, passkey=given)
    refused(clinic, session_id, body, code=NEEDED, who=thief, password=OTHER_PASSWORD)
    # what is added now signs nothing, of either kind, nor does it make recovery codes
    _plant(thief, planted)
    given = answered(thief, planted, session_id, body)
    refused(clinic, session_id, body, code="factor-after-reset", who=thief, passkey=given)
    begun = thief.post(
        f"{ACCOUNT}/six-digits/begin", {"password": OTHER_PASSWORD, "passkey": for_owner(thief, planted, "add-factor")}
    )
    digits = pyotp.TOTP(begun["secret"])
    confirm = {"nonce": begun["nonce"], "code": digits.at(clinic.service.clock.wall())}
    thief.ask("POST", f"{ACCOUNT}/six-digits", confirm, expect=204)
    code = next_code(thief, digits)
    refused(clinic, session_id, body, code="factor-after-reset", who=thief, password=OTHER_PASSWORD, code_sent=code)
    asked = {"password": OTHER_PASSWORD, "passkey": for_owner(thief, planted, "recovery-codes")}
    assert thief.problem("POST", f"{ACCOUNT}/recovery-codes", asked, status=403)["code"] == "factor-after-reset"
    # its owner has a code from before: what was planted is gone, and what they add signs
    owned = {"password": OTHER_PASSWORD, "recovery_code": codes["codes"][3]}
    begun = thief.post(f"{ACCOUNT}/passkeys/begin", owned)
    assert begun["have"] == []
    mine = Authenticator()
    made = {"nonce": begun["nonce"], "name": "phone", **mine.make(decode(begun["challenge"]))}
    thief.post(f"{ACCOUNT}/passkeys", made)
    refused(
        clinic,
        session_id,
        body,
        code="not-your-passkey",
        who=thief,
        passkey=answered(thief, planted, session_id, body),
    )
    given = answered(thief, mine, session_id, body)
    assert sent(thief, session_id, body, passkey=given).status_code == 201


def _plant(who: Person, device: Authenticator) -> None:
    begun = who.post(f"{ACCOUNT}/passkeys/begin", {"password": OTHER_PASSWORD})
    made = {"nonce": begun["nonce"], "name": "phone", **device.make(decode(begun["challenge"]))}
    who.post(f"{ACCOUNT}/passkeys", made)


def test_the_operator_vouches_and_what_was_planted_is_gone(clinic):
    device, planted, session_id = Authenticator(), Authenticator(), clinic.ready()
    owner_again = reset(clinic, clinic.clinician)
    _plant(owner_again, planted)
    who, now = _service(clinic), clinic.service.clock.now()
    clinic.service.database.write_now(second_factor.vouch, who, now, UUID(owner_again.id))
    found = owner_again.get(f"{ACCOUNT}/second-factor")
    assert (found["passkeys"], found["reset"]) == ([], False)
    _plant(owner_again, device)
    body = decision(clinic, session_id)
    given = answered(owner_again, device, session_id, body)
    assert sent(owner_again, session_id, body, passkey=given).status_code == 201


def test_the_pack_says_what_proved_a_signature(clinic):
    device, session_id = Authenticator(), clinic.ready()
    add_passkey(clinic.clinician, device)
    body = decision(clinic, session_id)
    given = answered(clinic.clinician, device, session_id, body)
    assert sent(clinic.clinician, session_id, body, passkey=given).status_code == 201
    pdf = clinic.lead.ask("GET", f"/v1/sessions/{session_id}/pack/pdf", expect=200).content
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert f"Provenwiththepasskey{device.id}" in re.sub(r"\s", "", text)


# --- one's own account -----------------------------------------------------------------------------------------------


def test_adding_takes_the_password_and_then_the_factor_that_is_there(clinic):
    who, device = clinic.clinician, Authenticator()
    path = f"{ACCOUNT}/passkeys/begin"
    assert who.problem("POST", path, {}, status=422)["errors"][0]["field"] == "password"
    assert who.problem("POST", path, {"password": "a guess"}, status=403)["code"] == "wrong-password"
    add_passkey(who, device)
    assert who.problem("POST", path, owner(), status=403)["code"] == "factor-needed"
    second = add_passkey(who, Authenticator(), passkey=for_owner(who, device, "add-factor"))
    digits = add_digits(who, passkey=for_owner(who, device, "add-factor"))
    found = who.get(f"{ACCOUNT}/second-factor")
    assert {each["id"] for each in found["passkeys"]} == {device.id, second["id"]}
    assert found["six_digits"]
    remove = f"{ACCOUNT}/second-factor/remove"
    asked = owner(factor=device.id)
    assert who.problem("POST", remove, asked, status=403)["code"] == "factor-needed"
    who.ask("POST", remove, asked | {"code": next_code(who, digits)}, expect=204)
    # an answer that removes one thing removes no other
    given = for_owner(who, device, "remove-factor", factor="six-digits")
    assert who.problem("POST", remove, owner(factor=second["id"], passkey=given), status=403)["code"] in {
        "not-your-passkey",
        "answer-for-another",
    }
    who.ask("POST", remove, owner(factor="six-digits", code=next_code(who, digits)), expect=204)
    assert not who.get(f"{ACCOUNT}/second-factor")["six_digits"]


def test_a_begun_passkey_is_added_once_and_by_whoever_began(clinic):
    who, device = clinic.clinician, Authenticator()
    begun = who.post(f"{ACCOUNT}/passkeys/begin", owner())
    made = {"nonce": begun["nonce"], "name": "phone", **device.make(decode(begun["challenge"]))}
    other = clinic.hire("clinician")
    assert other.problem("POST", f"{ACCOUNT}/passkeys", made, status=403)["code"] == "answer-not-awaited"
    # a nonce that signs does not add, nor the other way round
    wrong = made | {"nonce": nonce(who)}
    assert who.problem("POST", f"{ACCOUNT}/passkeys", wrong, status=403)["code"] == "answer-not-awaited"
    who.post(f"{ACCOUNT}/passkeys", made)
    assert who.problem("POST", f"{ACCOUNT}/passkeys", made, status=403)["code"] == "answer-not-awaited"


def test_a_passkey_of_an_unverified_owner_is_not_added(clinic):
    who, device = clinic.clinician, Authenticator(verified=False)
    begun = who.post(f"{ACCOUNT}/passkeys/begin", owner())
    made = {"nonce": begun["nonce"], "name": "phone", **device.make(decode(begun["challenge"]))}
    assert who.problem("POST", f"{ACCOUNT}/passkeys", made, status=403)["code"] == "passkey-refused"


def test_recovery_codes_are_good_once_sign_nothing_and_go_with_a_factor(clinic):
    who, session_id = clinic.clinician, clinic.ready()
    codes_at = f"{ACCOUNT}/recovery-codes"
    assert who.problem("POST", codes_at, owner(), status=409)["code"] == "factor-first"
    digits = add_digits(who)
    codes = who.post(codes_at, owner(code=next_code(who, digits)))["codes"]
    assert len(set(codes)) == 10
    assert who.get(f"{ACCOUNT}/second-factor")["recovery_codes"] == 10
    remove = f"{ACCOUNT}/second-factor/remove"
    typed = codes[0].lower().replace("-", " ")
    who.ask("POST", remove, owner(factor="six-digits", recovery_code=typed), expect=204)
    again = who.problem("POST", f"{ACCOUNT}/passkeys/begin", owner(recovery_code=codes[0]), status=403)
    assert again["code"] == "wrong-code"
    assert who.get(f"{ACCOUNT}/second-factor")["recovery_codes"] == 9
    body = decision(clinic, session_id)
    assert sent(who, session_id, body, password=PASSWORD, recovery_code=codes[1]).status_code == 422
    other = clinic.hire("clinician")
    theirs = other.problem("POST", f"{ACCOUNT}/passkeys/begin", owner(recovery_code=codes[1]), status=403)
    assert theirs["code"] == "wrong-code"


# --- the clinic's policy ---------------------------------------------------------------------------------------------


def test_the_policy_is_a_leads_signed_for_and_revisioned(clinic):
    path, looser = "/v1/clinic/signing", {"signing": "password", "password": PASSWORD}
    assert clinic.clinician.problem("PUT", path, looser, status=403)["code"] == "role-may-not"
    # by what holds now: the password alone does not end the rule that it is not enough
    assert clinic.lead.problem("PUT", path, looser, status=403, headers={"If-Match": '"2"'})["code"] == NEEDED
    digits = add_digits(clinic.lead)
    signed = looser | {"code": next_code(clinic.lead, digits)}
    assert clinic.lead.problem("PUT", path, signed, status=428)["code"] == "precondition-missing"
    signed["code"] = next_code(clinic.lead, digits)
    kept = clinic.lead.put(path, signed, expect=200, if_match='"2"')
    assert kept == {"signing": "password", "revision": 3}
    assert clinic.nurse.get(path) == kept
    session_id = clinic.ready()
    assert clinic.sign(session_id)["proof"]["kind"] == "password"


def test_a_first_run_that_says_nothing_asks_for_a_second_factor(shared):
    # as the schema of the contract has it, and as the operator's command makes a clinic
    schema = shared.service.contract.document["components"]["schemas"]["FirstRunIn"]
    assert schema["properties"]["signing"]["default"] == "second-factor"


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_no_secret_is_kept_as_it_is_or_told_again(clinic):
    who = clinic.clinician
    begun = who.post(f"{ACCOUNT}/six-digits/begin", owner())
    digits = pyotp.TOTP(begun["secret"])
    mark = audit_mark(clinic.service)
    code = digits.at(clinic.service.clock.wall())
    who.ask("POST", f"{ACCOUNT}/six-digits", {"nonce": begun["nonce"], "code": code}, expect=204)
    codes = who.post(f"{ACCOUNT}/recovery-codes", owner(code=next_code(who, digits)))["codes"]
    told = json.dumps(who.get(f"{ACCOUNT}/second-factor"))
    noted = repr(audit_since(clinic.service, mark))
    kept = clinic.service.database.read_now(_everything, _service(clinic), clinic.service.clock.now())
    for secret in (begun["secret"], *codes, *(code.replace("-", "") for code in codes)):
        assert secret not in told
        assert secret not in noted
        assert secret not in kept


def _service(clinic: Clinic):
    from app.db.work import service_actor

    return service_actor(clinic.id)


def _everything(work) -> str:
    from sqlalchemy import text

    tables = ("second_factors", "passkeys", "recovery_codes", "nonces", "journal", "log_events")
    return repr([work.all(text(f"SELECT * FROM {name}")) for name in tables])


def test_the_journal_says_what_proved_a_signature(clinic):
    digits, session_id = add_digits(clinic.clinician), clinic.ready()
    code = next_code(clinic.clinician, digits)
    assert (
        sent(clinic.clinician, session_id, decision(clinic, session_id), password=PASSWORD, code=code).status_code
        == 201
    )

    def entries(work):
        from app.db import journal
        from app.domain.journal import session_stream

        return [e.document for e in journal.of_stream(work, session_stream(session_id)) if e.kind == Kind.CONFIRMATION]

    (kept,) = clinic.service.database.read_now(entries, _service(clinic), clinic.service.clock.now())
    assert kept["proof"] == {"kind": "password-and-code", "credential": None}


# --- the guards can fail ---------------------------------------------------------------------------------------------


def test_control_a_reset_that_ends_nothing_lets_the_lead_sign(clinic, monkeypatch):
    monkeypatch.setattr(second_factor, "end_all", lambda work, staff_id: None)
    device, session_id = Authenticator(), clinic.ready()
    thief = reset(clinic, clinic.clinician)
    _plant(thief, device)
    body = decision(clinic, session_id)
    assert sent(thief, session_id, body, passkey=answered(thief, device, session_id, body)).status_code == 201


def test_control_a_challenge_of_the_nonce_alone_would_sign_anything(clinic, monkeypatch):
    monkeypatch.setattr(signing, "challenge", lambda nonce, signed: challenge(nonce, "0" * 64))
    device, session_id = Authenticator(), clinic.ready()
    monkeypatch.setattr("app.api.second_factor.challenge", lambda nonce, signed: challenge(nonce, "0" * 64))
    add_passkey(clinic.clinician, device)
    given = device.answer(nonce(clinic.clinician), "0" * 64)
    assert sent(clinic.clinician, session_id, decision(clinic, session_id), passkey=given).status_code == 201


def test_control_a_nonce_that_is_not_used_up_takes_the_same_answer_again(clinic, monkeypatch):
    monkeypatch.setattr(
        second_factors, "take", lambda work, staff_id, nonce, purpose, wall: Nonce(nonce, staff_id, purpose, None, wall)
    )
    device, session_id = Authenticator(counts=False), clinic.ready()
    add_passkey(clinic.clinician, device)
    body = decision(clinic, session_id)
    given = answered(clinic.clinician, device, session_id, body)
    assert sent(clinic.clinician, session_id, body, passkey=given).status_code == 201
    # the proof is taken; only the decision stands in the way
    assert sent(clinic.clinician, session_id, body, passkey=given).json()["code"] == "already-signed"
