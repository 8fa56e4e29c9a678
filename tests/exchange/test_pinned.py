"""Fetching from a registered address: exactly there, nothing followed, little read. The servers are real."""

import asyncio
import socket

import pytest

from app.exchange import pinned
from app.exchange.pinned import Unreachable, fetch
from app.exchange.registered import BadAddress, check_address
from tests.exchange.authority import believed, certificate, serving


@pytest.fixture(scope="module")
def trusted(tmp_path_factory):
    with believed(tmp_path_factory.mktemp("authority")) as chain:
        yield chain


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A busy machine is no silent server."""
    monkeypatch.setattr(pinned, "SECONDS", 60)


@pytest.fixture
def place(trusted):
    with serving(trusted) as found:
        yield found


def get(url, *, private=True, most=100):
    return asyncio.run(fetch(url, private=private, most=most))


def refused(url, **how):
    with pytest.raises(Unreachable) as problem:
        get(url, **how)
    return problem.value.because


def test_what_is_there_comes_whole(place):
    place.body = b"x" * 100
    came = get(place.url)
    assert (came.body, came.max_age) == (b"x" * 100, None)
    assert place.asked == [place.url.removeprefix("https://").replace("/keys", " /keys")]


def test_our_own_network_is_refused_unless_allowed(place):
    assert refused(place.url, private=False) == "private-address"
    assert refused(place.url.replace("localhost", "127.0.0.1"), private=False) == "private-address"
    assert place.asked == []
    assert get(place.url.replace("localhost", "127.0.0.1")).body == b"{}"


def test_nothing_is_followed(place):
    for status in (301, 302, 303, 307, 308):
        place.status, place.headers = status, {"Location": place.url}
        assert refused(place.url) == f"answer-{status}"
    assert len(place.asked) == 5


@pytest.mark.parametrize("status", [201, 204, 304, 404, 500])
def test_anything_but_200_is_nothing(place, status):
    place.status, place.body = status, b""
    assert refused(place.url) == f"answer-{status}"


def test_too_much_is_not_read(place):
    place.body = b"x" * 101
    assert refused(place.url) == "too-large"
    place.body, place.headers = b"x" * 50, {"Content-Encoding": "gzip"}
    assert refused(place.url) == "encoded"


@pytest.mark.parametrize(
    ("said", "age"),
    [
        ("max-age=60", 60),
        ("public, MAX-AGE=60", 60),
        ('max-age="60"', 60),
        ("no-store", 0),
        ("max-age=60, no-cache", 0),
        ("s-maxage=60", None),
        ("max-age=-1", None),
        ("", None),
    ],
)
def test_how_long_it_may_be_kept(place, said, age):
    place.headers = {"Cache-Control": said}
    assert get(place.url).max_age == age


def test_the_connection_goes_where_the_judged_address_was(place, monkeypatch):
    """A name that leads somewhere else at the second look: there is no second look."""
    looked = []
    real = socket.getaddrinfo

    def changing(host, *args, **kwargs):
        looked.append(host)
        return real("127.0.0.1" if len(looked) == 1 else "192.0.2.1", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    assert get(place.url).body == b"{}"
    assert looked.count("localhost") == 1


def test_a_name_with_one_wrong_address_is_refused_whole(place, monkeypatch):
    real = socket.getaddrinfo
    both = [*real("127.0.0.1", 443, type=socket.SOCK_STREAM), *real("192.88.99.1", 443, type=socket.SOCK_STREAM)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: both)
    assert refused(place.url) == "private-address"
    assert place.asked == []


def test_a_certificate_for_another_name_or_of_nobody_is_refused(place, trusted, tmp_path, monkeypatch):
    # the same authority, but the name is not in the certificate: pinning must not have loosened the check of names
    other = place.url.replace("localhost", "another.invalid")
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *args, **kwargs: real("127.0.0.1", *args, **kwargs))
    assert refused(other) == "unreachable (ConnectError)"
    _, strangers = certificate(tmp_path)
    with serving(strangers) as unknown:
        assert refused(unknown.url) == "unreachable (ConnectError)"
        assert unknown.asked == []


def test_nobody_there(place, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    assert "unreachable" in refused(f"https://127.0.0.1:{port}/")

    def nowhere(*args, **kwargs):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    assert "unreachable" in refused("https://nobody.invalid/keys")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://keys.example/jwks",
        "ftp://keys.example",
        "file:///etc/passwd",
        "https://",
        "https:///jwks",
        "https://user@keys.example/",
        "https://user:secret@keys.example/",
        "https://@keys.example/",
        "https://keys.example/#part",
        "https://keys.example:0/",
        "https://keys.example:99999/",
        "https://keys.example/a b",
        "https://keys.example/\n",
        "https://kéys.example/",
        "https://[::1/",
        "https://keys.example/" + "x" * 500,
    ],
)
def test_addresses_that_are_none(url):
    with pytest.raises(BadAddress):
        check_address(url)
    assert refused(url) == "address"


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "169.254.169.254", "[::]", "[fe80::1]", "[::ffff:169.254.169.254]", "0x7f.1"]
)
def test_some_addresses_are_never_right(host):
    because = refused(f"https://{host}/")
    assert because == "private-address" or (host == "0x7f.1" and because.startswith("unreachable"))
