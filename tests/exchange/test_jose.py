"""Key sets and assertions of others, read strictly; the signer is PyJWT."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from app.exchange.jose import (
    LIFE,
    LONGEST_ASSERTION,
    LONGEST_SET,
    MOST_KEYS,
    SKEW,
    BadKeys,
    Unproven,
    check_claims,
    check_signature,
    read_assertion,
    read_keys,
)
from tests.exchange.keys import claims, ec_key, key_set, rsa_key, signed

WALL = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)
AUD = "https://clinic.example/oauth/token"
CLIENT = "0190a5c4-8d3e-7abc-8def-0123456789ab"
KEYS = [rsa_key(), ec_key()]
by_key = pytest.mark.parametrize("key", KEYS, ids=lambda key: key.algorithm)


def good(**other):
    return claims(CLIENT, AUD, WALL, **other)


def prove(compact, keys=None, audience=AUD, wall=WALL):
    """As the service does it; True, or the word for the audit."""
    try:
        assertion = read_assertion(compact)
        check_claims(assertion, audience, wall)
        check_signature(assertion, keys if keys is not None else read_keys(key_set(*KEYS).encode()))
    except Unproven as problem:
        return problem.because
    return True


def encoded(part):
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def by_hand(header, payload, key=None):
    """A JWT put together piece by piece; with a key, signed as RS384 or ES384 by it."""
    text = f"{encoded(header)}.{encoded(payload)}"
    if key is None:
        return f"{text}."
    algorithm = jwt.get_algorithm_by_name(key.algorithm)
    return f"{text}.{encoded(algorithm.sign(text.encode(), key.private))}"


# --- what is taken ---------------------------------------------------------------------------------------------------


@by_key
def test_a_good_assertion_of_another_library_proves_its_client(key):
    compact = signed(key, good())
    assert prove(compact) is True
    assert read_assertion(compact).client == CLIENT


@by_key
def test_what_may_differ(key):
    assert prove(signed(key, good(iat=None))) is True
    assert prove(signed(key, good(aud=[AUD]))) is True
    assert prove(signed(key, good(nbf=int(WALL.timestamp())))) is True
    assert prove(signed(key, good(exp=(WALL + LIFE).timestamp() + 0.5))) is True
    assert prove(signed(key, good(), typ=None)) is True
    assert prove(signed(key, good(), typ="jwt")) is True
    assert prove(signed(key, good(extra={"a": [1, None]}))) is True


# --- what is not -----------------------------------------------------------------------------------------------------


@by_key
@pytest.mark.parametrize(
    ("other", "because"),
    [
        ({"iss": "somebody"}, "issuer-and-subject"),
        ({"sub": "somebody"}, "issuer-and-subject"),
        ({"sub": None}, "issuer-and-subject"),
        ({"iss": None, "sub": None}, "issuer-and-subject"),
        ({"aud": None}, "audience"),
        ({"aud": "https://other.example/oauth/token"}, "audience"),
        ({"aud": AUD + "/"}, "audience"),
        ({"aud": AUD.upper()}, "audience"),
        ({"aud": [AUD, "https://other.example"]}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": {AUD: 1}}, "audience"),
        ({"jti": None}, "no-jti"),
        ({"jti": ""}, "no-jti"),
        ({"jti": "x" * 201}, "no-jti"),
        ({"exp": None}, "no-exp"),
        ({"nbf": int(WALL.timestamp()) + 31}, "not-yet"),
        ({"iat": int(WALL.timestamp()) + 31}, "issued-at"),
        ({"iat": int(WALL.timestamp()) - 331}, "issued-at"),
    ],
)
def test_a_claim_that_is_wrong(key, other, because):
    assert prove(signed(key, good(**other))) == because


@pytest.mark.parametrize("value", [True, "1772884800", [1], 0, -5, 1e300, 2**35, {}])
@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
def test_a_time_that_is_none(name, value):
    compact = by_hand({"alg": "ES384", "kid": "ec-1"}, good() | {name: value}, ec_key())
    assert prove(compact) == f"{name}-is-no-time"


def test_the_skew_of_clocks_is_bounded_to_the_second():
    key = ec_key()
    end = int(WALL.timestamp())
    compact = signed(key, good(exp=end, iat=None))
    assert prove(compact, wall=WALL + SKEW - timedelta(seconds=1)) is True
    assert prove(compact, wall=WALL + SKEW) == "expired"
    assert prove(signed(key, good(exp=end + 330, iat=None))) is True
    assert prove(signed(key, good(exp=end + 331, iat=None))) == "ends-too-late"


@by_key
@pytest.mark.parametrize(
    ("header", "because"),
    [
        ({"kid": None}, "no-kid"),
        ({"kid": ""}, "no-kid"),
        ({"kid": "another"}, "unknown-kid"),
        ({"typ": "at+jwt"}, "header"),
        ({"crit": ["exp"]}, "header"),
    ],
)
def test_a_header_that_is_wrong(key, header, because):
    head = {"alg": key.algorithm, "kid": key.kid} | header
    head = {name: value for name, value in head.items() if value is not None}
    assert prove(by_hand(head, good(), key)) == because


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "NONE", "HS384", "HS256", "RS256", "PS384", "ES256", "EdDSA", ""]
)
def test_no_other_algorithm(algorithm):
    header = {"alg": algorithm, "kid": "rsa-1"}
    assert prove(by_hand(header, good())) in {"algorithm", "not-a-jwt"}
    assert prove(by_hand(header, good(), rsa_key())) == "algorithm"


def test_control_the_same_by_hand_is_good_with_the_right_algorithm():
    for key in KEYS:
        assert prove(by_hand({"alg": key.algorithm, "kid": key.kid}, good(), key)) is True


@pytest.mark.parametrize("claimed", ["HS384", "RS384"])
def test_a_public_key_is_no_shared_secret(claimed):
    """Key confusion: signed as HMAC under the text of the public key."""
    text = f"{encoded({'alg': claimed, 'kid': 'rsa-1'})}.{encoded(good())}"
    for secret in (rsa_key().pem, rsa_key().pem.strip(), json.dumps(rsa_key().public).encode()):
        forged = f"{text}.{encoded(hmac.new(secret, text.encode(), hashlib.sha384).digest())}"
        assert prove(forged) in {"algorithm", "signature"}


def test_a_key_of_the_other_kind_under_the_kid_is_refused():
    assert prove(signed(rsa_key(), good(), kid="ec-1")) == "algorithm"
    assert prove(signed(ec_key(), good(), kid="rsa-1")) == "algorithm"


@by_key
def test_a_key_in_the_header_is_not_asked(key):
    stranger = rsa_key("stranger") if key.algorithm == "RS384" else ec_key("stranger")
    assert prove(signed(stranger, good(), kid=key.kid, jwk=stranger.public)) == "signature"


@by_key
def test_names_that_are_there_twice(key):
    payload = json.dumps(good())
    for more in (f'"iss": "{CLIENT}"', '"iss": "x"', '"\\u0069ss": "x"'):
        twice = f"{payload[:-1]}, {more}}}".encode()
        assert prove(by_hand({"alg": key.algorithm, "kid": key.kid}, twice, key)) == "not-a-jwt"
    header = f'{{"alg": "none", "alg": "{key.algorithm}", "kid": "{key.kid}"}}'.encode()
    assert prove(by_hand(header, good(), key)) == "not-a-jwt"


@by_key
def test_a_changed_byte_anywhere_is_seen(key):
    compact = signed(key, good())
    assert prove(compact) is True
    for at in range(0, len(compact), 7):
        changed = compact[:at] + ("A" if compact[at] != "A" else "B") + compact[at + 1 :]
        assert prove(changed) is not True, at


@pytest.mark.parametrize(
    "compact",
    ["", ".", "..", "...", "a.b", "a.b.c.d", "=.=.=", "e30.e30.e30", "é.é.é", "W10.W10.W10", "e30=.e30=.e30="],
)
def test_what_is_no_jwt(compact):
    assert prove(compact) in {"not-a-jwt", "algorithm"}


def test_padding_and_line_breaks_are_another_spelling():
    parts = signed(ec_key(), good()).split(".")
    for changed in (f"{parts[0]}=.{parts[1]}.{parts[2]}", f"{parts[0]}.{parts[1]}.{parts[2]}\n", f" {'.'.join(parts)}"):
        assert prove(changed) == "not-a-jwt"


def test_an_oversized_one_is_not_looked_at():
    assert prove(signed(ec_key(), good(extra="x" * LONGEST_ASSERTION))) == "too-long"
    deep = b'{"iss":' + b"[" * 2800 + b"]" * 2800 + b"}"
    assert prove(by_hand({"alg": "ES384", "kid": "ec-1"}, deep, ec_key())) in {"not-a-jwt", "issuer-and-subject"}


@given(st.text(max_size=300) | st.binary(max_size=200).map(lambda raw: f"{encoded(raw)}.{encoded(raw)}.{encoded(raw)}"))
def test_no_text_proves_anything_or_breaks_anything(text):
    assert prove(text, {}) is not True


# --- key sets --------------------------------------------------------------------------------------------------------


def refused(document):
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(BadKeys) as problem:
        read_keys(raw)
    return str(problem.value)


def test_a_set_holds_what_can_be_used_and_leaves_the_rest_aside():
    encrypting = {**rsa_key("enc").public, "use": "enc", "alg": "RSA-OAEP"}
    p256 = ec_key("p-256", ec.SECP256R1).public | {"alg": "ES256"}
    small = rsa_key("small", 1024).public
    nameless = {name: part for name, part in ec_key("x").public.items() if name != "kid"}
    found = read_keys(key_set(rsa_key(), encrypting, ec_key(), p256, small, nameless).encode())
    assert set(found) == {"rsa-1", "ec-1"}


def test_a_point_beside_the_curve_is_no_key():
    public = ec_key().public
    assert "can be used" in refused({"keys": [public | {"y": public["x"]}]})
    assert "can be used" in refused({"keys": [public | {"alg": "RS384"}]})
    assert "can be used" in refused({"keys": [rsa_key().public | {"e": "Aw"}]})
    assert "can be used" in refused({"keys": [rsa_key().public | {"n": encoded(b"\x01" + bytes(2000))}]})


def test_sets_that_are_none():
    public = ec_key().public
    assert "JSON" in refused(b"[]")
    assert "JSON" in refused(b'{"keys": [], "keys": []}')
    assert "JSON" in refused(b"\xff")
    assert "list" in refused({"keys": {}})
    assert "list" in refused({"keys": ["x"]})
    assert "list" in refused({})
    assert "can be used" in refused({"keys": []})
    assert "same kid" in refused({"keys": [public, public]})
    assert str(MOST_KEYS) in refused({"keys": [public] * (MOST_KEYS + 1)})
    assert str(LONGEST_SET) in refused(b" " * (LONGEST_SET + 1))


def test_a_private_key_is_refused_aloud_and_not_repeated():
    maker = jwt.algorithms.ECAlgorithm
    private = {**maker.to_jwk(ec_key().private, as_dict=True), "kid": "ec-1"}
    said = refused({"keys": [private]})
    assert "private" in said
    assert private["d"] not in said
    assert "shared" in refused({"keys": [{"kty": "oct", "k": encoded(b"secret"), "kid": "1"}]})


# --- numbers ---------------------------------------------------------------------------------------------------------

BEYOND = ("1e9999999999999999999", "1e-300000000", "1e1000000", "9" * 5000, "0." + "1" * 5000, "NaN")


@pytest.mark.parametrize("number", BEYOND)
@pytest.mark.parametrize("name", ["exp", "iat", "nbf", "another"])
def test_a_number_beyond_in_the_claims_is_no_jwt(name, number):
    payload = json.dumps(good() | {name: "@"}).replace('"@"', number).encode()
    assert prove(by_hand({"alg": "ES384", "kid": "ec-1"}, payload, ec_key())) == "not-a-jwt"


@pytest.mark.parametrize("number", BEYOND)
def test_a_number_beyond_in_the_header_is_no_jwt(number):
    header = json.dumps({"alg": "ES384", "kid": "ec-1", "another": "@"}).replace('"@"', number).encode()
    assert prove(by_hand(header, good(), ec_key())) == "not-a-jwt"


@pytest.mark.parametrize("number", BEYOND)
def test_a_number_beyond_in_a_key_set_is_no_key_set(number):
    text = json.dumps(json.loads(key_set(*KEYS)) | {"another": "@"}).replace('"@"', number)
    with pytest.raises(BadKeys, match="not a JSON object"):
        read_keys(text.encode())
