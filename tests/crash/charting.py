"""A program that charts over HTTP until it is told to end, and says `kept ID` after each answer: one nurse's tablet."""

import json
import os
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.api.bodies import reading


def ask(url: str, method: str, body: Any, token: str | None = None) -> Any:
    head = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, json.dumps(body).encode(), head, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def a_moment_ago() -> str:
    return (datetime.now(UTC) - timedelta(seconds=1)).isoformat()


def chart(url: str, token: str, session_id: str) -> None:
    while True:
        reading_id = uuid4()
        body = reading(0, measured_at=a_moment_ago())
        ask(f"{url}/v1/sessions/{session_id}/readings/{reading_id}", "PUT", body, token)
        # one write call of less than a pipe's atomic size
        os.write(1, f"kept {reading_id}\n".encode())


if __name__ == "__main__":
    chart(*sys.argv[1:])
