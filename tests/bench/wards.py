"""A clinic in a running service, made over HTTP as people make one: staff signed in, sessions under way."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from tests import postgres
from tests.api import bodies
from tests.bench.load import Request
from tests.bench.servers import Running, cluster, place, serving

PASSWORD = bodies.PASSWORD
ROLES = ("nurse", "clinician", "auditor")
STEP = timedelta(milliseconds=200)
"""Between two readings of a session: however many are typed, none lies in the future."""


def text(instant: datetime) -> str:
    """As the contract writes instants."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Ward:
    """One clinic: the tokens of its people, and when its sessions' doses ended."""

    service: Running
    id: UUID = field(init=False)
    tokens: dict[str, str] = field(default_factory=dict)
    began: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(minutes=100))
    _sets: dict[str, Iterator[int]] = field(default_factory=dict)

    @classmethod
    def first(cls, service: Running) -> "Ward":
        """The clinic that the first run makes."""
        made = cls(service)
        lead = {"username": "lead", "name": "The lead", "password": PASSWORD}
        first = {
            "token": service.first_run_token,
            "clinic": "Measured",
            "timezone": "UTC",
            "signing": "password",
            "lead": lead,
        }
        made.id = UUID(service.must("POST", "/v1/first-run", first)["clinic"]["id"])
        made.sign_in("lead")
        for role in ROLES:
            account = {"username": role, "name": f"The {role}", "role": role}
            invited = made.put("lead", f"/v1/staff/{uuid4()}", account)["invitation"]
            service.must("POST", "/v1/invitations/accept", {"token": invited["token"], "password": PASSWORD})
            made.sign_in(role)
        for name in ("iv-infusion-example", "intranasal-example"):
            path = f"/v1/protocols/{name}/versions/1/approve"
            service.must("POST", path, {"password": PASSWORD}, made.tokens["clinician"], **{"If-Match": '"1"'})
        return made

    @classmethod
    @contextmanager
    def alone(cls, engine: str, name: str) -> Iterator["Ward"]:
        """The first clinic of a service of its own, on a database of its own. `name`: of its PostgreSQL."""
        with ExitStack() as until:
            folder = Path(until.enter_context(tempfile.TemporaryDirectory()))
            postgres.begin()
            until.callback(postgres.end)
            of = until.enter_context(cluster(name)) if engine == "postgresql" else None
            yield cls.first(until.enter_context(serving(place(engine, folder, of), folder)))

    def again(self, service: Running) -> "Ward":
        """The same clinic in a service that was started again."""
        self.service = service
        for role in ("lead", *ROLES):
            self.sign_in(role)
        return self

    def sign_in(self, username: str) -> None:
        said = self.service.must("POST", "/v1/sign-in", {"username": username, "password": PASSWORD})
        self.tokens[username] = said["access_token"]

    def put(self, who: str, path: str, body: Any) -> Any:
        return self.service.must("PUT", path, body, self.tokens[who])

    def treated(self) -> str:
        """A session whose dose has ended: check-in, two sets before, one during it."""
        patient, session = str(uuid4()), str(uuid4())
        self.put("nurse", f"/v1/patients/{patient}", bodies.patient())
        self.put("nurse", f"/v1/sessions/{session}", bodies.header(patient))
        self.put("nurse", f"/v1/sessions/{session}/screening", bodies.screening() | {"asked_at": text(self.began)})
        self.put("clinician", f"/v1/sessions/{session}/clearance", {})
        self._event(session, -30, "checked-in")
        for minutes in (-20, -10):
            self._set(session, minutes)
        self._event(session, 0, "infusion-started", {"dose_mg": 36, "planned_minutes": 40, "lot": "K-17"})
        self._set(session, 20)
        self._event(session, 40, "infusion-stopped")
        self._sets[session] = count()
        return session

    def holding(self, many: int) -> str:
        """A treated session that holds so many readings."""
        session = self.treated()
        for one in self.readings([session], many - 3):
            self.service.must(one.method, one.path, json.loads(one.body or ""), self.tokens["nurse"])
        return session

    def _event(self, session: str, minutes: float, kind: str, detail: Any = None) -> None:
        body = bodies.event(0, kind, detail) | {"at": text(self.began + timedelta(minutes=minutes))}
        self.put("nurse", f"/v1/sessions/{session}/events/{uuid4()}", body)

    def _set(self, session: str, minutes: float) -> None:
        body = bodies.reading(0, measured_at=text(self.began + timedelta(minutes=minutes)))
        self.put("nurse", f"/v1/sessions/{session}/readings/{uuid4()}", body)

    # --- requests to measure ------------------------------------------------------------------------------------------

    def headers(self, who: str = "nurse", **other: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[who]}", **other}

    def readings(self, sessions: list[str], many: int) -> list[Request]:
        """New readings for these sessions in turn, each a moment after the one before, values a little different."""
        return [self._reading(sessions[number % len(sessions)]) for number in range(many)]

    def _reading(self, session: str) -> Request:
        number = next(self._sets[session])
        at = self.began + timedelta(minutes=41) + number * STEP
        body = bodies.reading(0, measured_at=text(at), heart_rate=66 + number % 9, systolic=116 + number % 11)
        path = f"/v1/sessions/{session}/readings/{uuid4()}"
        return Request("PUT", path, self.headers(), json.dumps(body))

    def looks(self, path: str, many: int, who: str = "nurse", **other: str) -> list[Request]:
        """The same look, many times."""
        return [Request("GET", path, self.headers(who, **other))] * many
