"""A second factor for those who sign: added by its owner alone, asked for at each signature, and good once."""

import io
import re
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pypdf
import pytest

from app.api import signing
from app.db import second_factors
from app.db.second_factors import Nonce
from app.domain.journal import Kind
from app.domain.signatures import challenge
from app.services import second_factor
from tests.api.bodies import PASSWORD, screening
from tests.api.factors import ACCOUNT, add_digits, add_passkey, next_code, nonce, owner
from tests.api.second_factor.asking import (
    NEEDED,
    answered,
    decision,
    plant,
    refused,
    reset,
    sent,
    service_of,
)
from tests.authenticator import Authenticator, digest

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


def test_the_pack_says_what_proved_a_signature(clinic):
    device, session_id = Authenticator(), clinic.ready()
    add_passkey(clinic.clinician, device)
    body = decision(clinic, session_id)
    given = answered(clinic.clinician, device, session_id, body)
    assert sent(clinic.clinician, session_id, body, passkey=given).status_code == 201
    pdf = clinic.lead.ask("GET", f"/v1/sessions/{session_id}/pack/pdf", expect=200).content
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert f"Provenwiththepasskey{device.id}" in re.sub(r"\s", "", text)


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

    (kept,) = clinic.service.database.read_now(entries, service_of(clinic), clinic.service.clock.now())
    assert kept["proof"] == {"kind": "password-and-code", "credential": None}


# --- the guards can fail ---------------------------------------------------------------------------------------------


def test_control_a_reset_that_ends_nothing_lets_the_lead_sign(clinic, monkeypatch):
    monkeypatch.setattr(second_factor, "end_all", lambda work, staff_id: None)
    device, session_id = Authenticator(), clinic.ready()
    thief = reset(clinic, clinic.clinician)
    plant(thief, device)
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
