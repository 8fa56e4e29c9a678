"""A second factor is its owner's: added by them alone, whatever a lead sets, and kept as no secret."""

import json
from uuid import UUID

import pyotp

from app.services import second_factor
from tests.api.bodies import PASSWORD
from tests.api.factors import ACCOUNT, add_digits, add_passkey, for_owner, next_code, nonce, owner
from tests.api.kept_rows import audit_mark, audit_since
from tests.api.second_factor.asking import (
    NEEDED,
    OTHER_PASSWORD,
    answered,
    decision,
    plant,
    refused,
    reset,
    sent,
    service_of,
)
from tests.authenticator import Authenticator, decode

# --- a lead who sets a password --------------------------------------------------------------------------------------


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
    plant(thief, planted)
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


def test_the_operator_vouches_and_what_was_planted_is_gone(clinic):
    device, planted, session_id = Authenticator(), Authenticator(), clinic.ready()
    owner_again = reset(clinic, clinic.clinician)
    plant(owner_again, planted)
    who, now = service_of(clinic), clinic.service.clock.now()
    clinic.service.database.write_now(second_factor.vouch, who, now, UUID(owner_again.id))
    found = owner_again.get(f"{ACCOUNT}/second-factor")
    assert (found["passkeys"], found["reset"]) == ([], False)
    plant(owner_again, device)
    body = decision(clinic, session_id)
    given = answered(owner_again, device, session_id, body)
    assert sent(owner_again, session_id, body, passkey=given).status_code == 201


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
    kept = clinic.service.database.read_now(_everything, service_of(clinic), clinic.service.clock.now())
    for secret in (begun["secret"], *codes, *(code.replace("-", "") for code in codes)):
        assert secret not in told
        assert secret not in noted
        assert secret not in kept


def _everything(work) -> str:
    from sqlalchemy import text

    tables = ("second_factors", "passkeys", "recovery_codes", "nonces", "journal", "log_events")
    return repr([work.all(text(f"SELECT * FROM {name}")) for name in tables])
