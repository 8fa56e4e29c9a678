"""What every request passes through, and every answer: one layer of plain ASGI.

It limits the size of what comes in, sets the headers that keep browsers from guessing, counts, and turns a mistake of
ours into an answer that says nothing about it. What it logs names routes and lines of code, never a value.
"""

import logging
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import problem, unexpected
from app.api.outcomes import told

log = logging.getLogger(__name__)

_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
]
_HSTS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds of the duration histogram, seconds."""


@dataclass(slots=True)
class Counts:
    """What /metrics shows. Labels are route templates, never addresses."""

    answers: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    buckets: Counter[float] = field(default_factory=Counter)
    seconds: float = 0.0
    total: int = 0

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self.answers[method, route, status] += 1
        self.seconds += seconds
        self.total += 1
        for bound in BUCKETS:
            if seconds <= bound:
                self.buckets[bound] += 1

    def lines(self) -> Iterable[str]:
        """In Prometheus' text form."""
        yield "# HELP http_requests_total Answers by method, route and status."
        yield "# TYPE http_requests_total counter"
        for (method, route, status), count in sorted(self.answers.items()):
            yield f'http_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}'
        yield "# HELP http_request_duration_seconds Time to answer."
        yield "# TYPE http_request_duration_seconds histogram"
        for bound in BUCKETS:
            yield f'http_request_duration_seconds_bucket{{le="{bound}"}} {self.buckets[bound]}'
        yield f'http_request_duration_seconds_bucket{{le="+Inf"}} {self.total}'
        yield f"http_request_duration_seconds_sum {self.seconds:.6f}"
        yield f"http_request_duration_seconds_count {self.total}"


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Gate:
    """Outermost layer of the API. `max_body_bytes` bounds a request's body, announced or not.

    `files`: where a body is a file, by the beginning of the address, how large one may be.
    """

    def __init__(
        self, app: ASGIApp, *, max_body_bytes: int, files: Mapping[str, int], https: bool, counts: Counts
    ) -> None:
        self.app = app
        self._usual, self._files = max_body_bytes, files
        self._headers = [*_HEADERS, _HSTS] if https else _HEADERS
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0
        size = 0
        limit = next((most for under, most in self._files.items() if scope["path"].startswith(under)), self._usual)

        async def bounded() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > limit:
                raise HTTPException(413)
            return message

        async def sealed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in self._headers if pair[0] not in own)]
            await send(message)

        try:
            if _announces_more(scope, limit):
                text = f"The body is larger than the {limit} bytes this service takes."
                await told(scope, problem(413, "body-too-large", text, text))(scope, receive, sealed)
            else:
                await self.app(scope, bounded, sealed)
        except Exception as error:  # noqa: BLE001  # the last place where a mistake can be kept from leaking
            log.error("unexpected", extra={"kind": type(error).__name__, "at": _where(error), "route": _route(scope)})
            if status == 0:
                await told(scope, unexpected())(scope, receive, sealed)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._counts.add(method, _route(scope), status or 500, time.perf_counter() - began)


def _announces_more(scope: Scope, limit: int) -> bool:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return not value.isdigit() or len(value) > 12 or int(value) > limit
    return False


def _route(scope: Scope) -> str:
    """The template of the route that answered; an address nobody has is not worth a label of its own."""
    return getattr(scope.get("route"), "path", "none")


def _where(error: BaseException) -> str:
    """File and line of each step, innermost last: never a value, never the message."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
