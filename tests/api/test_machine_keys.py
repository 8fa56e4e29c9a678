"""Key sets by their address: a real server, keys rotated under the service's eyes, and strangers who ask for keys."""

import pytest

from tests.api.clinic import clinic_on
from tests.api.kept_rows import newest_audit
from tests.api.machines import machine
from tests.exchange.authority import believed, serving
from tests.exchange.keys import ec_key, key_set, rsa_key

OLD, NEW = ec_key("old"), rsa_key("new")


@pytest.fixture(scope="module")
def clinic(tmp_path_factory, sqlite_template):
    # what is fetched is never kept: one engine says it all
    with clinic_on("sqlite", tmp_path_factory, sqlite_template) as opened:
        yield opened


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    with believed(tmp_path_factory.mktemp("authority")) as found:
        yield found


@pytest.fixture
def place(chain):
    with serving(chain) as found:
        found.body = key_set(OLD).encode()
        yield found


@pytest.fixture
def one(clinic, place):
    clinic.service.forget_attempts()
    return machine(clinic.service, clinic.id, key=OLD, url=place.url)


def why(one, key=None, **header):
    answer = one.ask(client_assertion=one.assertion(key=key, header=header))
    if answer.status_code == 200:
        return None
    assert answer.json()["error"] == "invalid_client"
    return newest_audit(one.service)[0].reason


def later(one, *, seconds):
    one.service.clock.pass_on_the_wall(seconds / 60)


def test_a_set_is_fetched_once_and_then_believed_for_five_minutes(one, place):
    for _ in range(5):
        assert why(one) is None
    assert len(place.asked) == 1
    later(one, seconds=299)
    assert why(one) is None
    assert len(place.asked) == 1
    later(one, seconds=1)
    assert why(one) is None
    assert len(place.asked) == 2


def test_a_new_key_is_taken_up_at_once_and_an_old_one_is_given_up_with_its_set(one, place):
    assert why(one) is None
    later(one, seconds=60)
    place.body = key_set(OLD, NEW).encode()
    assert why(one, NEW) is None
    assert why(one) is None
    later(one, seconds=60)
    place.body = key_set(NEW).encode()
    assert why(one) is None, "believed until the set is over"
    later(one, seconds=240)
    assert why(one, NEW) is None
    assert why(one) == "unknown-kid"


def test_a_set_that_says_so_is_believed_for_less(one, place):
    place.headers = {"Cache-Control": "max-age=30"}
    assert why(one) is None
    later(one, seconds=29)
    assert why(one) is None
    assert len(place.asked) == 1
    later(one, seconds=1)
    place.body = key_set(NEW).encode()
    assert why(one) == "unknown-kid"
    # and never for longer than five minutes, whatever it says
    place.headers = {"Cache-Control": "max-age=31536000"}
    later(one, seconds=60)
    assert why(one, NEW) is None
    asked = len(place.asked)
    later(one, seconds=300)
    assert why(one, NEW) is None
    assert len(place.asked) == asked + 1


def test_strangers_cannot_make_us_knock_more_than_once_in_ten_seconds(one, place):
    stranger = ec_key("stranger")
    assert why(one) is None
    later(one, seconds=10)
    for number in range(30):
        one.ask(client_assertion=one.assertion(key=stranger, header={"kid": f"kid-{number}"}))
    assert len(place.asked) == 2
    assert why(one) is None, "the client itself is served meanwhile"
    place.body = key_set(NEW).encode()
    later(one, seconds=10)
    assert why(one, NEW) is None, "and its new key waits ten seconds at most"


@pytest.mark.parametrize(
    ("status", "body", "because"),
    [
        (404, b"", "keys: answer-404"),
        (302, b"", "keys: answer-302"),
        (200, b"", "keys: not a usable set"),
        (200, b"<html>", "keys: not a usable set"),
        (200, b'{"keys": []}', "keys: not a usable set"),
        (200, b" " * 70_000, "keys: too-large"),
    ],
)
def test_a_set_that_cannot_be_used_proves_nobody(one, place, status, body, because):
    place.status, place.body, place.headers = status, body, {"Location": "/elsewhere"}
    assert why(one) == because
    # nor does it take away what was believed already, before that is over
    good = machine(one.service, one.home, key=OLD, url=place.url)
    place.status, place.body = 200, key_set(OLD).encode()
    assert why(good) is None
    place.status, place.body = status, body
    later(one, seconds=60)
    assert why(good, NEW) == "unknown-kid"
    assert why(good) is None
    later(one, seconds=240)
    assert why(good) == because


def test_the_address_of_the_set_may_be_named_and_no_other(one, place):
    assert why(one, jku=place.url) is None
    assert why(one, jku=place.url + "2") == "jku"


def test_our_own_network_is_refused_where_the_operator_did_not_allow_it(one, place):
    from uuid import UUID

    from app.services import clients
    from tests.api.machines import _command

    _command(one.service, clients.change_keys, one.home, UUID(one.id), None, place.url, private=False)
    assert why(one) == "keys: private-address"
    assert place.asked == []


def test_from_an_address_to_a_set_and_back(one, place):
    assert why(one) is None
    one.rotate(NEW)
    assert why(one) == "unknown-kid"
    assert why(one, NEW) is None
    one.rotate(url=place.url)
    assert why(one) is None
