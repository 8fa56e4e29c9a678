"""An answer that never ends by itself, looked at until its first event and then left, as a closed page leaves it."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
from starlette.testclient import TestClient


def first_event(client: TestClient, path: str, headers: dict[str, str]) -> httpx2.Response:
    """The answer with its first event; a whole answer where it ends before."""
    assert client.portal is not None
    return client.portal.call(_look, client.app, path, headers)


async def _look(app: Any, path: str, headers: dict[str, str]) -> httpx2.Response:
    started: dict[str, Any] = {}
    body = bytearray()
    asked, left = asyncio.Event(), asyncio.Event()

    async def receive() -> dict[str, Any]:
        if not asked.is_set():
            asked.set()
            return {"type": "http.request", "body": b"", "more_body": False}
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
            return
        body.extend(message.get("body", b""))
        if body or not message.get("more_body"):
            left.set()

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("testclient", 50000),
        "server": ("testserver", 80),
        "state": {},
    }
    async with asyncio.timeout(20):
        await app(scope, receive, send)
    request = httpx2.Request("GET", f"http://testserver{path}", headers=headers)
    answer = httpx2.Response(started["status"], headers=started["headers"], content=bytes(body), request=request)
    answer.elapsed = timedelta(0)
    return answer
