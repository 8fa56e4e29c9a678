"""The simulator's only way in: the public HTTP API, on loopback, with tokens like anybody's."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx2

Document = dict[str, Any]

PATIENCE = 20
"""How often a request is sent again that met a busy service."""


class Refused(Exception):
    """The service refused. `code` and `errors` are those of its problem document."""

    def __init__(self, method: str, path: str, status: int, problem: Document) -> None:
        self.status = status
        self.code = str(problem.get("code", ""))
        self.errors: list[Document] = problem.get("errors") or []
        fields = ", ".join(str(error.get("field")) for error in self.errors)
        super().__init__(f"{method} {path}: {status} {self.code} {fields}".rstrip())


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the document, and the sheet's ETag where there is one."""

    status: int
    document: Document
    etag: str | None


@dataclass(slots=True)
class Account:
    """One account of the clinic, and its token once signed in."""

    username: str
    password: str
    role: str
    name: str
    token: str | None = None


class ApiClient:
    """Requests, one at a time. Signs people in when they are not; waits when the service says it is busy."""

    def __init__(self, url: str) -> None:
        self.url = url
        # Nothing of the environment: a proxy has no place between the simulator and this machine's own service.
        self._client = httpx2.Client(base_url=url, timeout=60, trust_env=False)
        self.requests = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, who: Account, path: str) -> Document:
        """The document at `path`."""
        return self._call(who, "GET", path, None, {}).document

    def put(self, who: Account, path: str, body: Mapping[str, object], *, if_match: str | None = None) -> Reply:
        """Creates, repeats, or (with `if_match`) changes what is at `path`."""
        return self._call(who, "PUT", path, body, {"If-Match": if_match} if if_match else {})

    def post(self, who: Account, path: str, body: Mapping[str, object], revision: int | None = None) -> Document:
        """Does what `path` says, to the revision that was read where one is named."""
        headers = {} if revision is None else {"If-Match": f'"{revision}"'}
        return self._call(who, "POST", path, body, headers).document

    def anybody(self, path: str, body: Mapping[str, object]) -> Document:
        """A POST without a sign-in."""
        return self._answer("POST", path, self._send("POST", path, body, {})).document

    def every(self, who: Account, path: str) -> list[Document]:
        """All items of a list, page after page."""
        items: list[Document] = []
        following: str | None = None
        while True:
            page = self.get(who, path + (f"{'&' if '?' in path else '?'}after={following}" if following else ""))
            items += page["items"]
            following = page.get("next")
            if not following:
                return items

    def _call(
        self, who: Account, method: str, path: str, body: Mapping[str, object] | None, headers: Mapping[str, str]
    ) -> Reply:
        response = self._send(method, path, body, {**headers, "Authorization": f"Bearer {self._token(who)}"})
        if response.status_code == 401:
            who.token = None
            response = self._send(method, path, body, {**headers, "Authorization": f"Bearer {self._token(who)}"})
        return self._answer(method, path, response)

    def _token(self, who: Account) -> str:
        if who.token is None:
            signed_in = self.anybody("/v1/sign-in", {"username": who.username, "password": who.password})
            who.token = str(signed_in["access_token"])
        return who.token

    def _send(
        self, method: str, path: str, body: Mapping[str, object] | None, headers: Mapping[str, str]
    ) -> httpx2.Response:
        patience = PATIENCE
        while True:
            self.requests += 1
            patience -= 1
            response = self._client.request(method, path, json=body, headers=dict(headers))
            if response.status_code not in (429, 503) or not patience:
                return response
            time.sleep(min(5.0, float(response.headers.get("Retry-After", "1"))))

    def _answer(self, method: str, path: str, response: httpx2.Response) -> Reply:
        document = response.json() if response.content else {}
        if response.status_code >= 400:
            raise Refused(method, path, response.status_code, document)
        return Reply(response.status_code, document, response.headers.get("ETag"))
