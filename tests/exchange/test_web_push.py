"""Push messages, read as a browser reads them (RFC 8291, held to its own example), and signed as RFC 8292 asks."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.exchange.base64url import encoded
from app.exchange.web_push import BadKey, PushSender, decoded, point_of, sealed_for
from app.exchange.webhooks import target_of
from tests.push_reader import read_push

WALL = datetime(2026, 3, 7, 12, tzinfo=UTC)
SALT, AUTH = bytes(range(16)), bytes(range(16, 32))


@pytest.fixture(scope="module")
def browser() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def given(browser: ec.EllipticCurvePrivateKey) -> str:
    return encoded(browser.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def test_the_reader_reads_the_example_of_the_standard():
    """RFC 8291, appendix A."""
    private = decoded("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94", 32)
    body = decoded(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
        144,
    )
    browser = ec.derive_private_key(int.from_bytes(private), ec.SECP256R1())
    told = read_push(body, browser, decoded("BTBZMqHH6r4Tts7J_aSIgg", 16))
    assert told == b"When I grow up, I want to be a watermelon"


def test_only_the_browser_can_read_it(browser: ec.EllipticCurvePrivateKey):
    body = sealed_for(b'{"chair": "3"}', given(browser), encoded(AUTH), SALT)
    assert read_push(body, browser, AUTH) == b'{"chair": "3"}'
    assert b"chair" not in body
    with pytest.raises(InvalidTag):
        read_push(body, browser, bytes(16))
    other = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(InvalidTag):
        read_push(body, other, AUTH)


def test_the_push_service_knows_who_sends():
    sender = PushSender.of(bytes(range(32)), "https://clinic.example")
    headers = sender.headers(
        target_of("https://push.example:8443/x", allow_private=False), "a", timedelta(minutes=5), WALL
    )
    scheme, token, key = headers["authorization"].replace(",", "").split()
    assert (scheme, key) == ("vapid", f"k={sender.public}")
    public = point_of(sender.public)
    said = jwt.decode(
        token.removeprefix("t="),
        public,
        algorithms=["ES256"],
        audience="https://push.example:8443",
        options={"verify_exp": False},
    )
    assert said["sub"] == "https://clinic.example"
    assert WALL.timestamp() < said["exp"] <= (WALL + timedelta(hours=24)).timestamp()
    assert (headers["ttl"], headers["urgency"], headers["content-encoding"]) == ("300", "high", "aes128gcm")
    # one topic for each chair, from which nothing can be read
    assert len(headers["topic"]) == 32
    assert (
        headers["topic"]
        != sender.headers(target_of("https://a.example", allow_private=False), "b", timedelta(1), WALL)["topic"]
    )


def test_an_installation_is_always_the_same_sender_and_names_no_address_that_is_not_https():
    assert PushSender.of(bytes(range(32))).public == PushSender.of(bytes(range(32)), "http://127.0.0.1:8000").public
    assert PushSender.of(bytes(32)).public != PushSender.of(bytes(31) + b"\1").public
    assert PushSender.of(bytes(32), "http://127.0.0.1:8000").contact is None
    # what no random number would be is a key all the same
    assert PushSender.of(b"\xff" * 32).public


@pytest.mark.parametrize("text", ["", "AA", "not base64 at all!", encoded(b"\4" + bytes(64)), encoded(bytes(65))])
def test_what_is_no_key_is_none(text: str):
    with pytest.raises(BadKey):
        point_of(text)


def test_bytes_are_read_as_browsers_write_them():
    assert decoded(encoded(AUTH), 16) == AUTH
    with pytest.raises(BadKey):
        decoded(encoded(AUTH), 15)
