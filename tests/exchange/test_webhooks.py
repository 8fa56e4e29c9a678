"""A delivery as others read it: their own library accepts the signature, and nothing that was changed."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from app.domain.feed import FeedItem
from app.exchange.webhooks import BadTarget, headers, message, new_secret, target_of

SECRET, OTHER = new_secret(bytes(range(32))), new_secret(bytes(32))
ITEM = FeedItem(7, uuid4(), "reading.recorded", datetime(2026, 3, 7, 12, tzinfo=UTC), uuid4(), uuid4(), "reading",
                str(uuid4()), 1, {"note": "Zebra Quagga: Ω", "heart_rate": 72})  # fmt: skip


def now() -> datetime:
    """The verifier reads the wall clock."""
    return datetime.now(UTC)


def test_the_standard_library_accepts_it_and_reads_ids_alone():
    body = message(ITEM, with_values=False)
    found = Verifier(SECRET).verify(body, headers(ITEM, body, [SECRET], now()))
    assert found["type"] == "reading.recorded"
    assert found["timestamp"] == "2026-03-07T12:00:00Z"
    assert found["data"]["subject_id"] == ITEM.subject_id
    assert b"Zebra" not in body
    assert "values" not in found["data"]


def test_values_go_only_where_the_clinic_allows_it():
    body = message(ITEM, with_values=True)
    found = Verifier(SECRET).verify(body, headers(ITEM, body, [SECRET], now()))
    assert found["data"]["values"] == {"note": "Zebra Quagga: Ω", "heart_rate": 72}


def test_a_changed_byte_anywhere_fails():
    body = message(ITEM, with_values=True)
    signed = headers(ITEM, body, [SECRET], now())
    for place in range(len(body)):
        changed = bytearray(body)
        changed[place] ^= 1
        with pytest.raises((WebhookVerificationError, UnicodeDecodeError)):
            Verifier(SECRET).verify(bytes(changed), signed)
    for name, value in (
        ("webhook-id", str(uuid4())),
        ("webhook-timestamp", str(int(now().timestamp()) + 2)),
    ):
        with pytest.raises(WebhookVerificationError):
            Verifier(SECRET).verify(body, {**signed, name: value})
    with pytest.raises(WebhookVerificationError):
        Verifier(OTHER).verify(body, signed)


def test_an_old_delivery_cannot_be_played_again():
    body = message(ITEM, with_values=False)
    with pytest.raises(WebhookVerificationError, match="too old"):
        Verifier(SECRET).verify(body, headers(ITEM, body, [SECRET], now() - timedelta(minutes=6)))


def test_while_a_secret_is_changed_either_is_accepted():
    body = message(ITEM, with_values=False)
    signed = headers(ITEM, body, [SECRET, OTHER], now())
    for secret in (SECRET, OTHER):
        assert Verifier(secret).verify(body, signed) == json.loads(body)


@pytest.mark.parametrize(
    ("url", "host", "port", "authority"),
    [
        ("https://example.org/in?key=1", "example.org", 443, "example.org"),
        ("https://example.org:8443/", "example.org", 8443, "example.org:8443"),
        ("https://[2606:4700::1111]/", "2606:4700::1111", 443, "[2606:4700::1111]"),
    ],
)
def test_where_a_url_leads(url, host, port, authority):
    found = target_of(url, allow_private=False)
    assert (found.host, found.port, found.authority, found.https) == (host, port, authority, True)


WRONG = [
    "http://example.org/",
    "ftp://example.org/",
    "file:///etc/passwd",
    "gopher://example.org/",
    "//example.org/",
    "example.org",
    "https://",
    "https:///path",
    "https://user:word@example.org/",
    "https://user@example.org/",
    "https://example.org/#part",
    "https://example.org:22/",
    "https://example.org:25/",
    "https://example.org:0/",
    "https://example.org:99999/",
    "https://exa mple.org/",
    "https://example.org/\r\nHost: other",
    "https://example.org\\@other.org/",
    "https://exämple.org/",
    "https://exam%70le.org/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fe80::1]/",
    "https://" + "a" * 1000 + ".org/",
]


@pytest.mark.parametrize("url", WRONG)
def test_where_no_webhook_may_lead(url):
    with pytest.raises(BadTarget):
        target_of(url, allow_private=False)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/in", "https://10.1.2.3/", "http://records.internal/in"])
def test_the_own_network_where_it_is_allowed(url):
    assert target_of(url, allow_private=True).url == url


@pytest.mark.parametrize(
    "url", ["https://169.254.169.254/", "https://0.0.0.0/", "http://[fe80::1]/", "http://8.8.8.8/"]
)
def test_what_is_never_right_even_there(url):
    with pytest.raises(BadTarget):
        target_of(url, allow_private=True)
