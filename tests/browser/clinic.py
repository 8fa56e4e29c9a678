"""A real clinic for the browser: the service on loopback, its staff, and a clock that a test can put forward."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import uuid4

import httpx2

from app.demo.server import Service
from app.main import create_app
from app.server import listening
from app.settings import Settings
from tests.tablets_made import by_tablet

PASSWORD = "a long enough pass phrase"


class ForwardClock:
    """Real time plus what the test has put the clinic's clock forward by. The wall clock is real."""

    pace = 1

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def wall(self) -> datetime:
        return datetime.now(UTC)

    def forward(self, minutes: float) -> None:
        self._ahead += timedelta(minutes=minutes)


@dataclass(frozen=True)
class Account:
    username: str
    name: str
    role: str
    token: str


class Clinic:
    """The service, running until `close`; `restart` ends it without ceremony and starts it again on the same port."""

    def __init__(self, database_url: str) -> None:
        self.clock = ForwardClock()
        self._database_url = database_url
        self._service: Service | None = None
        self._port = 0
        self.client = httpx2.Client(trust_env=False, verify=False, timeout=30)  # plain HTTP on loopback
        self.start()
        self.lead = self._first_run()
        self.nurse = self._add("Ada Nurse", "nurse")
        self.other_nurse = self._add("Bea Nurse", "nurse")
        self.clinician = self._add("Cleo Clinician", "clinician")
        for protocol in ("iv-infusion-example", "intranasal-example"):
            self.ask(
                self.clinician,
                "POST",
                f"/v1/protocols/{protocol}/versions/1/approve",
                {"password": PASSWORD},
                revision=1,
            )

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        door = listening("127.0.0.1", self._port)
        self._port = door.getsockname()[1]
        self.app = create_app(Settings(database_url=self._database_url, public_url=self.url), self.clock)
        self._service = Service(self.app, door)
        self._service.__enter__()

    def stop(self) -> None:
        if self._service is not None:
            self._service.__exit__(None, None, None)
            self._service = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.stop()

    def ask(self, who: Account | None, method: str, path: str, body: Any = None, revision: int | None = None) -> Any:
        """One request past the browser; raises for a refusal."""
        headers = {"Authorization": f"Bearer {who.token}"} if who else {}
        headers |= {"If-Match": f'"{revision}"'} if revision else {}
        answer = self.client.request(method, self.url + path, json=body, headers=headers, auth=by_tablet)
        if answer.status_code >= 400:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def sessions(self) -> list[dict[str, Any]]:
        """Every session, whole, as the record has it."""
        found = []
        for status in ("active", "planned", "closed"):
            items = self.ask(self.nurse, "GET", f"/v1/sessions?status={status}")["items"]
            found += [self.ask(self.nurse, "GET", f"/v1/sessions/{item['id']}") for item in items]
        return found

    def _first_run(self) -> Account:
        token = self.app.state.first_run_token
        lead = {"username": "lena", "name": "Lena Lead", "password": PASSWORD}
        self.ask(
            None,
            "POST",
            "/v1/first-run",
            {"token": token, "clinic": "North Clinic", "signing": "password", "lead": lead},
        )
        return self._signed_in("lena")

    def _add(self, name: str, role: str) -> Account:
        username = name.partition(" ")[0].lower()
        body = {"username": username, "name": name, "role": role}
        invited = self.ask(self.lead, "PUT", f"/v1/staff/{uuid4()}", body)["invitation"]
        self.ask(None, "POST", "/v1/invitations/accept", {"token": invited["token"], "password": PASSWORD})
        return self._signed_in(username)

    def _signed_in(self, username: str) -> Account:
        answer = self.ask(None, "POST", "/v1/sign-in", {"username": username, "password": PASSWORD})
        staff = answer["staff"]
        return Account(username, staff["name"], staff["role"], answer["access_token"])
