"""A live demo in a thread, and what it says on its console."""

import io
import json
import threading
import time
from pathlib import Path
from typing import Any, Self

import httpx2
from rich.console import Console

from app.clock import Clock
from app.demo import run
from app.main import create_app
from app.settings import Settings


def real_service(database_url: str, clock: Clock) -> Any:
    """The service as it is served."""
    return create_app(Settings(database_url=database_url), clock)


class Heard(Console):
    """A console whose words can be read back."""

    @property
    def text(self) -> str:
        return self.file.getvalue()  # type: ignore[attr-defined]


def fresh_console() -> Heard:
    return Heard(file=io.StringIO(), width=200)


class Live:
    """A demo running in a thread."""

    def __init__(self, build: Any, folder: Path, heard: Any, pace: int = 60) -> None:
        self.stop = threading.Event()
        self.code: int | None = None
        self.heard = heard
        self.folder = folder
        self._token: str | None = None
        given = {"port": 0, "pace": pace, "folder": folder, "console": heard, "stop": self.stop}
        self._thread = threading.Thread(target=lambda: setattr(self, "code", run.main(build, **given)), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        deadline = time.monotonic() + 120
        while "Live:" not in self.heard.text:
            assert self._thread.is_alive(), self.heard.text
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._thread.join(timeout=60)

    @property
    def accounts(self) -> dict[str, Any]:
        """What the demo wrote down for people: its address, and who may sign in."""
        found: dict[str, Any] = json.loads((self.folder / "accounts.json").read_text(encoding="utf-8"))
        return found

    def password(self, username: str) -> str:
        """As the console says it."""
        return next(str(one["password"]) for one in self.accounts["staff"] if one["username"] == username)

    def get(self, path: str) -> dict[str, Any]:
        """Read by a nurse, past any browser."""
        accounts = self.accounts
        with httpx2.Client(base_url=accounts["url"], trust_env=False, timeout=60) as client:
            if self._token is None:
                who = {"username": "birch", "password": self.password("birch")}
                self._token = client.post("/v1/sign-in", json=who).json()["access_token"]
            answer = client.get(path, headers={"Authorization": f"Bearer {self._token}"})
            assert answer.status_code == 200, answer.text
            found: dict[str, Any] = answer.json()
            return found

    def board(self) -> dict[str, Any]:
        """Every chair."""
        return self.get("/v1/sessions?status=active")
