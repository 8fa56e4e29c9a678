"""MLLP, release 1: a message between a vertical tab and a file separator with a carriage return, and its answer.

Delivered means that the receiver said so of this very message. Anything else is not: no answer, half an answer, an
answer to another message, an error. The wire is not encrypted: other machines belong behind a tunnel.
"""

import ipaddress
import socket
import time
from dataclasses import dataclass

from app.exchange.hl7.oru import Message

START, END = b"\x0b", b"\x1c\r"
LARGEST_ANSWER = 64 * 1024
ACCEPTED = frozenset({"AA", "CA"})
REFUSED = frozenset({"AE", "AR", "CE", "CR"})


class NotDelivered(Exception):
    """The receiver did not take the message. The text is one sentence, and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the receiver said: `AA` or `CA`."""

    code: str


def framed(content: bytes) -> bytes:
    """A message as it goes over the wire."""
    return START + content + END


def addresses(host: str, port: int, allowed: frozenset[str]) -> list[tuple[str, int]]:
    """Where to connect, resolved once. Raises `NotDelivered` for what is neither this machine nor allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise NotDelivered(f"the host {host} is not known") from None
    resolved = [(str(one[4][0]), port) for one in found]
    if host.lower() not in allowed and not all(ipaddress.ip_address(one).is_loopback for one, _ in resolved):
        raise NotDelivered(f"{host} is neither this machine nor named in HL7_HOSTS")
    return resolved


def send(message: Message, host: str, port: int, *, allowed: frozenset[str], seconds: float) -> Acknowledgement:
    """Sends one message and waits for its answer, `seconds` in all. Raises `NotDelivered`."""
    deadline = time.monotonic() + seconds
    places = addresses(host, port, allowed)
    try:
        with _connected(places, deadline) as wire:
            wire.settimeout(max(deadline - time.monotonic(), 0.001))
            wire.sendall(framed(message.content))
            answer = _answer(wire, deadline)
    except TimeoutError:
        raise NotDelivered("no answer in time: whether the message was taken is not known") from None
    except OSError as error:
        raise NotDelivered(f"the connection failed: {error.strerror or type(error).__name__}") from None
    return judged(answer, message.control_id)


def _connected(places: list[tuple[str, int]], deadline: float) -> socket.socket:
    """A connection to the first that takes one: a name may stand for an address of each family."""
    for place in places[:-1]:
        try:
            return socket.create_connection(place, timeout=max(deadline - time.monotonic(), 0.001))
        except ConnectionRefusedError:
            continue
    return socket.create_connection(places[-1], timeout=max(deadline - time.monotonic(), 0.001))


def _answer(wire: socket.socket, deadline: float) -> bytes:
    held = b""
    # a whole answer, or none: a receiver that drips must not hold us beyond the deadline
    while END not in held:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        wire.settimeout(left)
        chunk = wire.recv(4096)
        if not chunk:
            said = "half an answer" if held else "no answer"
            raise NotDelivered(f"the receiver hung up with {said}: whether the message was taken is not known")
        held += chunk
        if len(held) > LARGEST_ANSWER:
            raise NotDelivered("the answer is too long to be one")
    start, _, rest = held.partition(START)
    if start or not rest:
        raise NotDelivered("the answer is not framed as MLLP asks")
    return rest.partition(END)[0]


def judged(answer: bytes, control_id: str) -> Acknowledgement:
    """The answer, where it accepts this very message. Raises `NotDelivered`."""
    segments = answer.decode("utf-8", "replace").replace("\n", "\r").split("\r")
    head = segments[0]
    if not head.startswith("MSH") or len(head) < 4:
        raise NotDelivered("the answer is not an HL7 v2 message")
    fields = next((one.split(head[3]) for one in segments if one.startswith(f"MSA{head[3]}")), [])
    if len(fields) < 3:
        raise NotDelivered("the answer has no MSA")
    code, about = fields[1].strip(), fields[2].strip()
    if about != control_id:
        raise NotDelivered("the answer is about another message")
    if code in REFUSED:
        raise NotDelivered(f"the receiver refused the message ({code})")
    if code not in ACCEPTED:
        raise NotDelivered("the answer neither accepts nor refuses")
    return Acknowledgement(code)
