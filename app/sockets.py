"""Connections: how many there may be, of one address too, how much may come before a request, and in what time.

The web server beneath us bounds none of that: one header without an end filled the memory, and some hundred connections
that never said anything shut everybody else out. Whoever keeps a connection without asking for anything makes room when
it is needed; what is being answered is never cut for a newcomer.
"""

import logging
import resource
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.clock import ticking

log = logging.getLogger(__name__)

HEAD_BYTES = 32 * 1024
"""Of one request: its first line, its headers, and whatever else is no body."""
HEAD_SECONDS = 10.0
"""Until a request's headers are here, from the first moment of the connection or of the request."""
BODY_SECONDS = 60.0
"""From there until its body is here: a tablet far from the antenna is slow."""
LOOK_SECONDS = 0.5
"""How often connections are looked over."""
TOLD_SECONDS = 60.0
"""Nonsense that came instead of requests is told in one line of the log, at most this often."""
OTHER_FILES = 200
"""Descriptors beside connections: the database, files, what is fetched from elsewhere."""


class TooFewDescriptors(Exception):
    """This process may not open enough files. The text is one sentence for the operator."""


def make_room(connections: int) -> None:
    """Raises the process's limit of open files as far as so many connections need. Raises `TooFewDescriptors`."""
    needed = connections + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise TooFewDescriptors(
            f"this process may open {hard} files, and {connections} connections need {needed}: raise its limit "
            f"(ulimit -n), or lower MOST_CONNECTIONS"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


@dataclass(slots=True)
class SentAway:
    """How often, since it was last told."""

    nonsense: int = 0
    crowded: int = 0
    late: int = 0


class Doorkeeper:
    """Who is in. `most`: connections at once; `share`: those of one address, but for proxies that speak for many."""

    def __init__(self, most: int, share: int, speaks_for_many: Callable[[str], bool] = lambda _: False) -> None:
        self._most, self._share, self._speaks_for_many = most, share, speaks_for_many
        self._here: dict[Connection, None] = {}  # in the order they came
        self._of: Counter[str] = Counter()
        self.refused = SentAway()
        self._looked = self._told = float("-inf")

    def came(self, one: "Connection") -> None:
        """A newcomer; where there is no room, whoever only waits makes some, or the newcomer goes."""
        self._here[one] = None
        self._of[one.address] += 1
        alone = not self._speaks_for_many(one.address)
        if alone and self._of[one.address] > self._share:
            self._send_away(one, one.address)
        elif len(self._here) > self._most:
            self._send_away(one, None)

    def left(self, one: "Connection") -> None:
        """It is gone."""
        if one in self._here:
            del self._here[one]
            self._of[one.address] -= 1
            if not self._of[one.address]:
                del self._of[one.address]

    def _send_away(self, newcomer: "Connection", address: str | None) -> None:
        idle = [one for one in self._here if one.is_idle and one is not newcomer]
        idle = [one for one in idle if address is None or one.address == address]
        # who never asked for anything goes first, and of those who came first
        gone = min(idle, key=lambda one: one.asked, default=newcomer)
        self.refused.crowded += 1
        gone.cut()

    def look(self) -> None:
        """Cuts whoever is late, and tells of nonsense, now and then."""
        now = ticking()
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        for one in [one for one in self._here if one.until is not None and now > one.until]:
            self.refused.late += 1
            one.cut()
        if self.refused != SentAway() and now - self._told >= TOLD_SECONDS:
            self._told = now
            log.warning("connections-refused", extra={"failure": str(self.refused)})
            self.refused = SentAway()


class Connection(HttpToolsProtocol):
    """One connection. `keeper` is set by `bounded`."""

    keeper: Doorkeeper
    address = ""
    asked = False
    """Whether a whole request came over it."""
    until: float | None = None
    """The tick by which what is awaited has to be here."""
    _beside = 0
    """Bytes of this request that are no body."""
    _body = 0
    _heading = True

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being answered on it."""
        under_way: RequestResponseCycle | None = self.cycle
        return under_way is None or under_way.response_complete

    def connection_made(self, transport: Any) -> None:
        """Somebody comes."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self.until = ticking() + HEAD_SECONDS
        self.keeper.came(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody goes."""
        self.keeper.left(self)
        super().connection_lost(exc)

    def cut(self) -> None:
        """Ends it at once, whatever has not been sent yet."""
        self.keeper.left(self)
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """What comes in, counted before it is kept."""
        self._unset_keepalive_if_required()
        if self.until is None and self._heading:
            self.until = ticking() + HEAD_SECONDS
        self._beside += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._unsupported_upgrade_warning()
        except httptools.HttpParserError:
            self._unsupported_upgrade_warning()
            self.send_400_response("Invalid HTTP request received.")
            return
        if self._beside - self._body > HEAD_BYTES + 8 * self._body:
            self.keeper.refused.nonsense += 1
            self.cut()

    def _unsupported_upgrade_warning(self) -> None:
        # a line of the log for each would let strangers fill the disk
        self.keeper.refused.nonsense += 1

    def on_headers_complete(self) -> None:
        """A request begins to be answered."""
        self._heading = False
        self.until = ticking() + BODY_SECONDS
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of its body."""
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """It is here as a whole."""
        self._heading, self.asked, self.until = True, True, None
        self._beside = self._body = 0
        super().on_message_complete()


def bounded(keeper: Doorkeeper) -> type[Connection]:
    """The connections of one server, let in by its keeper."""
    return type("Connection", (Connection,), {"keeper": keeper})
