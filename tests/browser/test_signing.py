"""A clinician signs with a passkey, one tap; who has the tablet and not the passkey signs nothing."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, expect

from tests.authenticator import challenge, digest, encode
from tests.browser.chairs import Chair
from tests.browser.clinic import PASSWORD, Account, Clinic
from tests.browser.conftest import PORTRAIT
from tests.browser.tablet import Tablet

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
"""A tablet that unlocks with its owner's finger."""


@pytest.fixture
def tablet(browser: Browser, clinic: Clinic) -> Iterator[Tablet]:
    """A tablet that calls the service by its name: browsers know passkeys by no number."""
    context = browser.new_context(base_url=f"http://localhost:{clinic.port}", viewport=PORTRAIT, has_touch=True)
    yield Tablet(context, clinic)
    context.close()


@pytest.fixture
def device(tablet: Tablet) -> CDPSession:
    return with_authenticator(tablet)


@pytest.fixture
def strict(clinic: Clinic) -> Clinic:
    """A signature takes a second factor."""
    answer = clinic.client.put(
        f"{clinic.url}/v1/clinic/signing",
        json={"signing": "second-factor", "password": PASSWORD},
        headers={"Authorization": f"Bearer {clinic.lead.token}", "If-Match": '"1"'},
    )
    assert answer.status_code == 200, answer.text
    return clinic


def with_authenticator(tablet: Tablet) -> CDPSession:
    session = tablet.context.new_cdp_session(tablet.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return session


def add_passkey(tablet: Tablet, password: str = PASSWORD) -> None:
    """On "My account"."""
    tablet.tap(tablet.button("Add a passkey of this device"))
    tablet.fill("What you call it", "this tablet")
    tablet.fill("Your password", password)
    tablet.tap(tablet.button("Go on"))
    expect(tablet.page.get_by_text("Passkey “this tablet”")).to_be_visible()


def to_decision(tablet: Tablet, chair: Chair) -> None:
    """Evidence, one's own look, the decision: what is left is to sign."""
    tablet.open(f"/#/review/{chair.id}")
    for look in ("Alert", "Steady on their feet", "Speaks clearly"):
        tablet.tap(tablet.page.get_by_role("checkbox", name=look))
    tablet.tap(tablet.button(re.compile("Confirm: the criteria are met")))


def test_a_discharge_is_signed_with_a_passkey_in_one_tap(strict, tablet, device, chair):
    tablet.open()
    tablet.sign_in(strict.clinician)
    to_decision(tablet, chair)
    # nothing to sign with yet: the screen says so, and where to go
    expect(tablet.page.get_by_text("you have neither yet")).to_be_visible()
    tablet.tap(tablet.link("Add one under “My account”"))
    add_passkey(tablet)
    to_decision(tablet, chair)
    tablet.tap(tablet.button("Sign as Cleo Clinician, with your passkey"))
    expect(tablet.page.get_by_text(re.compile("Confirmed.*by Cleo Clinician")).first).to_be_visible()
    (signed,) = strict.ask(strict.nurse, "GET", f"/v1/sessions/{chair.id}")["confirmations"]
    assert signed["proof"]["kind"] == "passkey"
    (held,) = strict.ask(strict.clinician, "GET", "/v1/account/second-factor")["passkeys"]
    assert signed["proof"]["credential"] == held["id"]


ANSWER = """async ([asked, id]) => {
  const coded = (text) => text.replace(/-/g, "+").replace(/_/g, "/");
  const bytes = (text) => Uint8Array.from(atob(coded(text)), (c) => c.charCodeAt(0));
  const plain = (held) => btoa(String.fromCharCode(...new Uint8Array(held)));
  const text = (held) => plain(held).replace(/\\+/g, "-").replace(/\\//g, "_").replace(/=+$/, "");
  const allowCredentials = [{ type: "public-key", id: bytes(id) }];
  const publicKey = { challenge: bytes(asked), allowCredentials, userVerification: "required" };
  const { rawId, response } = await navigator.credentials.get({ publicKey });
  const said = { client_data: "clientDataJSON", authenticator_data: "authenticatorData", signature: "signature" };
  const parts = Object.entries(said).map(([name, part]) => [name, text(response[part])]);
  return { id: text(rawId), ...Object.fromEntries(parts) };
}"""


def test_what_another_has_or_was_given_for_something_else_signs_nothing(strict, tablet, device, chair):
    """By request, with answers of a real browser: past the screens, as a thief would send them."""
    tablet.open()
    tablet.sign_in(strict.clinician)
    tablet.tap(tablet.link("Cleo Clinician"))
    add_passkey(tablet)
    (held,) = strict.ask(strict.clinician, "GET", "/v1/account/second-factor")["passkeys"]
    says: dict[str, Any] = {
        "decision": "confirm",
        "digest": strict.ask(strict.clinician, "GET", f"/v1/sessions/{chair.id}/readiness")["digest"],
        "own_assessment": "alert, steady",
        "reason": None,
        "had_left_at": None,
        "examined_by": None,
    }

    def answer(**other: Any) -> dict[str, Any]:
        nonce = strict.ask(strict.clinician, "POST", "/v1/account/nonces")["nonce"]
        asked = challenge(nonce, digest("confirmation", chair.id, says | other))
        return {"nonce": nonce, **tablet.state(ANSWER, [encode(asked), held["id"]])}

    def send(who: Account, method: str, path: str, body: dict[str, Any], **headers: str) -> Any:
        return strict.client.request(
            method, strict.url + path, json=body, headers={"Authorization": f"Bearer {who.token}", **headers}
        )

    def signed(who: Account, **proof: Any) -> tuple[int, str | None]:
        said = send(who, "POST", f"/v1/sessions/{chair.id}/confirmations", {**says, **proof})
        return said.status_code, said.json().get("code")

    # a thief with the unlocked tablet, who has seen the password
    assert signed(strict.clinician, password=PASSWORD) == (403, "second-factor-needed")
    assert signed(strict.clinician, passkey=answer(own_assessment="other words")) == (403, "answer-for-another")
    assert signed(strict.clinician, passkey=answer(digest="0" * 64)) == (403, "answer-for-another")
    good = answer()
    assert signed(strict.clinician, passkey=good) == (201, None)
    assert signed(strict.clinician, passkey=good) == (403, "answer-not-awaited")
    # a lead who sets the clinician's password, signs in with it and changes it
    given = f"{PASSWORD} once"
    other = f"{PASSWORD} again"
    account = {"username": "cleo", "name": "Cleo Clinician", "role": "clinician", "password": given}
    staff = strict.ask(strict.lead, "GET", "/v1/staff")["items"]
    cleo = next(each["id"] for each in staff if each["username"] == "cleo")
    assert send(strict.lead, "PUT", f"/v1/staff/{cleo}", account, **{"If-Match": '"1"'}).status_code == 200
    begun = strict.ask(None, "POST", "/v1/sign-in", {"username": "cleo", "password": given})
    lead = Account("cleo", "Cleo Clinician", "clinician", begun["access_token"])
    assert signed(lead, password=given) == (403, "password-must-change")
    changed = {"password": given, "new_password": other}
    assert send(lead, "POST", "/v1/account/password", changed).status_code == 204
    assert signed(lead, password=other) == (403, "second-factor-needed")
    nonce = strict.ask(lead, "POST", "/v1/account/nonces")["nonce"]
    assert signed(lead, passkey={**good, "nonce": nonce}) == (403, "not-your-passkey")
