"""Where a webhook is posted to, and where nothing may go: the own network, in the clear, a redirect, without end."""

import asyncio
import ssl

import pytest

from app.domain.webhooks import NoAnswer
from app.exchange.reaching import look_up
from app.jobs.posting import Poster
from tests.exchange.authority import certificate
from tests.jobs.receiver import here, receiving


def posted(url, resolve, *, allow_private=False, **other):
    async def run():
        async with Poster(resolve, **other) as poster:
            return await poster.post(url, b"{}", {"content-type": "application/json"}, allow_private=allow_private)

    return asyncio.run(run())


def answering(*answers):
    """A resolver that gives one answer after the other, and how often it was asked."""
    asked = []

    async def resolve(host, _port):
        asked.append(host)
        return list(answers[min(len(asked), len(answers)) - 1])

    return resolve, asked


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["10.0.0.5"], ["169.254.169.254"], ["::1"], ["::ffff:127.0.0.1"], ["8.8.8.8", "127.0.0.1"]],
)
def test_a_name_that_leads_into_the_own_network_is_refused(receiver, addresses):
    resolve, _ = answering(addresses)
    assert posted(f"https://receiver.internal:{receiver.port}/", resolve) == NoAnswer.ADDRESS
    assert receiver.asked == []


def test_control_the_receiver_would_have_answered(receiver):
    resolve, _ = answering(["127.0.0.1"])
    assert posted(receiver.url, resolve, allow_private=True) == "204"
    assert len(receiver.asked) == 1


def test_a_name_is_looked_up_once_and_the_connection_goes_to_that_very_address(receiver):
    """A name that leads elsewhere at the second look (rebinding) is never looked up a second time."""
    resolve, asked = answering(["127.0.0.1"], ["169.254.169.254"])
    assert posted(receiver.url, resolve, allow_private=True) == "204"
    assert asked == ["receiver.internal"]
    assert posted(receiver.url, resolve, allow_private=True) == NoAnswer.ADDRESS


def test_not_even_where_private_is_allowed(receiver):
    for address in ("169.254.169.254", "0.0.0.0", "fe80::1", "224.0.0.1"):
        resolve, _ = answering([address])
        assert posted(receiver.url, resolve, allow_private=True) == NoAnswer.ADDRESS


def test_what_is_not_encrypted_never_leaves_the_own_network(receiver):
    resolve, _ = answering(["8.8.8.8"])
    assert posted("http://receiver.internal/", resolve, allow_private=True) == NoAnswer.ADDRESS
    assert posted("http://receiver.internal/", resolve) == NoAnswer.ADDRESS


def test_the_system_s_own_look_up_is_judged_too(receiver):
    assert posted(f"https://localhost:{receiver.port}/", look_up) == NoAnswer.ADDRESS
    assert posted(f"https://0x7f.1:{receiver.port}/", look_up) in {NoAnswer.ADDRESS, NoAnswer.NO_ADDRESS}
    assert posted(f"http://localhost:{receiver.port}/", look_up, allow_private=True) == "204"
    assert posted("https://nobody.invalid/", look_up) == NoAnswer.NO_ADDRESS
    assert len(receiver.asked) == 1


@pytest.mark.parametrize("code", ["301", "302", "303", "307", "308"])
def test_a_redirect_is_a_failure_and_not_followed(receiver, code):
    with receiving() as other:
        receiver.behave = lambda _message: f"{code} http://127.0.0.1:{other.port}/in"
        assert posted(receiver.url, here, allow_private=True) == code
        assert (len(receiver.asked), other.asked) == (1, [])


def test_an_answer_without_end_is_not_read(receiver):
    receiver.behave = lambda _message: "endless"
    assert posted(receiver.url, here, allow_private=True) == "200"


def test_the_other_faults_have_their_words(receiver):
    receiver.behave = lambda _message: "slow"
    assert posted(receiver.url, here, allow_private=True, seconds=0.3) == NoAnswer.TIME
    receiver.behave = lambda _message: "reset"
    assert posted(receiver.url, here, allow_private=True) == NoAnswer.BROKEN
    resolve, _ = answering(["127.0.0.9"])
    assert posted(receiver.url, resolve, allow_private=True) == NoAnswer.CONNECTION
    resolve, _ = answering(["127.0.0.9", "127.0.0.1"])
    receiver.behave = lambda _message: "204"
    assert posted(receiver.url, resolve, allow_private=True) == "204", "the next address of the host"
    resolve, _ = answering([])
    assert posted(receiver.url, resolve, allow_private=True) == NoAnswer.NO_ADDRESS


def test_the_certificate_is_held_against_the_name_not_the_address(tmp_path):
    authority, chain = certificate(tmp_path, "receiver.internal")
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=str(authority))
    server.load_cert_chain(chain)
    with receiving(server) as receiver:
        url = f"https://receiver.internal:{receiver.port}/in"
        assert posted(url, here, allow_private=True, trusting=client) == "204"
        assert receiver.asked[0][1]["host"] == f"receiver.internal:{receiver.port}"
        other = f"https://other.internal:{receiver.port}/in"
        assert posted(other, here, allow_private=True, trusting=client) in {NoAnswer.CONNECTION, NoAnswer.BROKEN}
        assert posted(url, here, allow_private=True) in {NoAnswer.CONNECTION, NoAnswer.BROKEN}, (
            "not in the system's list"
        )
        assert len(receiver.asked) == 1
