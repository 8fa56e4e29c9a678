"""What a signature is asked for with, and what a lead or a thief tries."""

from typing import Any

from app.db.work import service_actor
from app.domain.people import Actor
from tests.api.bodies import confirmation
from tests.api.clinic import Clinic, Person, sign_in
from tests.api.factors import ACCOUNT, nonce
from tests.api.kept_rows import audit_mark, audit_since
from tests.authenticator import Authenticator, decode, digest

OTHER_PASSWORD = "another pass phrase, quite as long"


NEEDED = "second-factor-needed"


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


def reset(clinic: Clinic, who: Person) -> Person:
    """The lead sets another password, signs in with it, and chooses one in their stead."""
    account = {"username": who.username, "name": who.name, "role": who.role, "password": f"{OTHER_PASSWORD}, given"}
    revision = clinic.lead.get(f"/v1/staff/{who.id}")["revision"]
    clinic.lead.put(f"/v1/staff/{who.id}", account, expect=200, if_match=f'"{revision}"')
    given = f"{OTHER_PASSWORD}, given"
    again = sign_in(clinic.service, who.username, given)
    again.ask("POST", "/v1/account/password", {"password": given, "new_password": OTHER_PASSWORD}, expect=204)
    return sign_in(clinic.service, who.username, OTHER_PASSWORD)


def plant(who: Person, device: Authenticator) -> None:
    begun = who.post(f"{ACCOUNT}/passkeys/begin", {"password": OTHER_PASSWORD})
    made = {"nonce": begun["nonce"], "name": "phone", **device.make(decode(begun["challenge"]))}
    who.post(f"{ACCOUNT}/passkeys", made)


def service_of(clinic: Clinic) -> Actor:
    """The clinic's own hand."""
    return service_actor(clinic.id)
