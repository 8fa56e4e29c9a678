"""What a provider says of itself, what it is asked, and its keys; how it may lie, tests/api/vouched says."""

import base64
import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from app.domain.providers import Provider
from app.exchange.jose import BadKeys
from app.exchange.openid import BadMetadata, Journey, address_to, read_metadata, read_provider_keys
from app.exchange.registered import BadAddress, check_issuer
from tests.exchange.keys import ec_key, key_set, rsa_key
from tests.exchange.openid_provider import es256, rs256

ISSUER = "https://login.example/realm"
SAID = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
}
HOUSE = Provider("House key", ISSUER, "vitals")
JOURNEY = Journey("s" * 43, "b" * 43, "https://clinic.example/")


def read(**other):
    return read_metadata(json.dumps(SAID | other).encode(), ISSUER)


def asked(journey=JOURNEY):
    return {name: one for name, [one] in parse_qs(urlsplit(address_to(read(), HOUSE, journey)).query).items()}


def test_what_is_asked_is_who_somebody_is_and_no_more():
    said = asked()
    challenge = base64.urlsafe_b64encode(hashlib.sha256(JOURNEY.verifier.encode()).digest()).rstrip(b"=").decode()
    assert said == {
        "response_type": "code",
        "client_id": "vitals",
        "redirect_uri": "https://clinic.example/",
        "scope": "openid",
        "state": JOURNEY.state,
        "nonce": JOURNEY.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "prompt": "login",
    }


def test_verifier_and_nonce_are_of_this_state_and_this_browser():
    others = [Journey("t" * 43, JOURNEY.browser, ""), Journey(JOURNEY.state, "c" * 43, ""), JOURNEY]
    assert len({each.verifier for each in others} | {each.nonce for each in others}) == 6
    assert len(JOURNEY.verifier) == 43, "as long as PKCE asks"
    assert "bbbb" not in repr(JOURNEY)
    assert "ssss" not in repr(JOURNEY)


def test_the_least_that_a_provider_may_say():
    found = read()
    assert (found.by_form, found.names_itself) == (False, False)
    assert read(token_endpoint_auth_methods_supported=["client_secret_post", "x"]).by_form
    assert not read(token_endpoint_auth_methods_supported=["client_secret_post", "client_secret_basic"]).by_form
    assert read(authorization_response_iss_parameter_supported=True).names_itself
    assert not read(authorization_response_iss_parameter_supported="true").names_itself


@pytest.mark.parametrize(
    "raw", [b"", b"<html>", b"[]", b'{"issuer": "a", "issuer": "b"}', b"\xff", json.dumps([SAID]).encode()]
)
def test_what_is_no_metadata(raw):
    with pytest.raises(BadMetadata, match="not a JSON object"):
        read_metadata(raw, ISSUER)


@pytest.mark.parametrize("issuer", [f"{ISSUER}/", ISSUER.upper(), f" {ISSUER}", 7, None])
def test_an_issuer_is_compared_to_the_letter(issuer):
    with pytest.raises(BadMetadata, match="another issuer"):
        read(issuer=issuer)


@pytest.mark.parametrize("issuer", ["https://a.example?x=1", "https://a.example/?", "http://a.example", "https://"])
def test_addresses_that_are_no_issuer(issuer):
    with pytest.raises(BadAddress):
        check_issuer(issuer)


def test_of_a_set_the_keys_for_our_two_algorithms_are_used():
    found = read_provider_keys(
        key_set(rs256("one"), es256("two"), ec_key("machine's"), rsa_key("of another algorithm")).encode()
    )
    assert found.keys() == {"one", "two"}
    with pytest.raises(BadKeys, match="P-256, for signing with RS256 or ES256"):
        read_provider_keys(key_set(ec_key()).encode())
