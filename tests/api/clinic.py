"""A real service to knock at: an application on one engine, its clock in the test's hand, people who really sign in.

Every request goes through `Service.send`, which holds every answer against the OpenAPI document, whatever a test looks
at besides. The service's own jobs are off unless asked for, so that between two looks at the database nothing but the
request has happened.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete
from starlette.testclient import TestClient

import app.main
from app.db import recent
from app.db.tables import attempts, known_places
from app.db.work import EVERY_CLINIC, Work, service_actor
from app.domain.people import Clinic as ClinicValue
from app.domain.people import Role, Staff
from app.domain.protocol.check import check as prove
from app.domain.signatures import Signing
from app.main import create_app
from app.memory import Memory
from app.services import clinics, passwords, protocols, sign_in_memory, staff
from app.settings import Settings
from tests import keys, postgres
from tests.api.bodies import (
    NOON,
    PASSWORD,
    at,
    confirmation,
    event,
    header,
    patient,
    reading,
    screening,
)
from tests.api.contract_check import Contract
from tests.api.endless import first_event
from tests.architecture.tree import ROOT
from tests.tablets_made import by_tablet

ROLES = ("nurse", "clinician", "lead", "auditor", "operator")
JSON = "application/json"


class SetClock:
    """Both clocks stand still until the test moves them."""

    pace = 0

    def __init__(self) -> None:
        self._now = NOON - timedelta(minutes=200)
        self._wall = self._now

    def now(self) -> datetime:
        return self._now

    def wall(self) -> datetime:
        return self._wall

    def to(self, minutes: float, *, seconds: float = 0) -> None:
        """The clinic's clock, to so many minutes after noon."""
        self._now = NOON + timedelta(minutes=minutes, seconds=seconds)

    def pass_on_the_wall(self, minutes: float) -> None:
        """The wall clock alone goes on: sign-ins grow old."""
        self._wall += timedelta(minutes=minutes)


def _forget(work: Work) -> None:
    for table in (attempts, known_places):
        work.change(delete(table), {})


@dataclass
class Service:
    """One running application."""

    app: Any
    client: TestClient
    clock: SetClock
    url: str
    contract: Contract
    sent: list[tuple[str, str, int]] = field(default_factory=list)
    may_fail: bool = False

    @contextmanager
    def broken(self, *, remembering: bool = False) -> Iterator[pytest.MonkeyPatch]:
        """While a test breaks something inside, 500 is an answer; at any other time it is a fault.

        Nothing that was worked out before passes what is broken by (unless `remembering`), and nothing worked out here
        outlasts it.
        """
        self.may_fail = True
        with pytest.MonkeyPatch.context() as patch:
            for memory in ("_HELD", "_AROUND"):
                patch.setattr(recent, memory, getattr(recent, memory).copy() if remembering else Memory(recent.MOST))
            patch.setattr(self.app.state.frame.sign_ins, "_held", Memory(sign_in_memory.MOST))
            patch.setattr(protocols, "check", prove)
            yield patch
        self.may_fail = False

    @property
    def database(self) -> Any:
        return self.app.state.frame.database

    def forget_attempts(self) -> None:
        """Failures of one test are not those of the next."""
        for counted in (self.app.state.frame.strangers, self.app.state.frame.refused):
            counted.crowds(self.clock.wall(), ending=True)
        self.database.write_now(_forget, EVERY_CLINIC, self.clock.now())

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        raw: bytes | str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """One request. `raw` is sent as it is, as JSON unless `headers` say otherwise."""
        head = {"Content-Type": JSON} if body is not None or raw is not None else {}
        if token is not None:
            head["Authorization"] = f"Bearer {token}"
        head |= headers or {}
        content = raw if raw is not None else (json.dumps(body) if body is not None else None)
        if path == "/v1/stream":
            response = first_event(self.client, path, head)
        else:
            response = self.client.request(method, path, content=content, headers=head, auth=by_tablet)
        self.sent.append((method, path, response.status_code))
        if response.status_code == 500:
            assert self.may_fail, response.text
        else:
            self.contract.check(method, path, response)
        if response.status_code >= 400:
            check_problem(response)
        return response


OAUTH_ERRORS = {400: {"invalid_request", "invalid_scope", "unsupported_grant_type"}, 401: {"invalid_client"}}


def check_problem(response: Any) -> None:
    """What holds for every refusal; under /fhir it is an OperationOutcome, and those of a token are OAuth's own."""
    assert (response.status_code == 401) == ("www-authenticate" in response.headers)
    if response.url.path == "/oauth/token" and response.status_code in OAUTH_ERRORS:
        assert response.headers["content-type"] == "application/json"
        error = response.json()
        assert set(error) == {"error", "error_description"}
        assert error["error"] in OAUTH_ERRORS[response.status_code]
        return
    if response.url.path.startswith("/fhir") and ".well-known" not in response.url.path:
        assert response.headers["content-type"] == "application/fhir+json", response.text
        outcome = response.json()
        assert outcome["resourceType"] == "OperationOutcome"
        assert all(issue["severity"] == "error" and issue["diagnostics"] for issue in outcome["issue"])
        assert outcome["issue"][0]["details"]["text"]
        return
    assert response.headers["content-type"] == "application/problem+json", response.text
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["code"]
    assert problem["detail"]
    assert problem["type"].endswith(problem["code"])


def code_of(refusal: Any) -> str | None:
    """The stable code of a refusal, in whichever form it came."""
    said = refusal.json()
    found: str | None = said["issue"][0]["details"]["text"] if "issue" in said else said.get("code")
    return found


@dataclass
class Person:
    """Somebody of one clinic, signed in."""

    service: Service
    id: str
    username: str
    name: str
    role: str
    token: str

    def ask(self, method: str, path: str, body: Any = None, *, expect: int | None = None, **how: Any) -> Any:
        """The answer; with `expect`, only if it has that status."""
        response = self.service.send(method, path, body, token=self.token, **how)
        if expect is not None:
            assert response.status_code == expect, f"{method} {path}: {response.status_code} {response.text}"
        return response

    def get(self, path: str, *, expect: int = 200) -> Any:
        return self.ask("GET", path, expect=expect).json()

    def put(self, path: str, body: Any, *, expect: int = 201, if_match: str | None = None) -> Any:
        headers = {"If-Match": if_match} if if_match else None
        return self.ask("PUT", path, body, expect=expect, headers=headers).json()

    def post(self, path: str, body: Any, *, expect: int = 201) -> Any:
        response = self.ask("POST", path, body, expect=expect)
        return response.json() if response.content else None

    def approve(self, name: str, version: int = 1, revision: int = 1) -> None:
        """Vouch for a protocol version."""
        path, etag = f"/v1/protocols/{name}/versions/{version}/approve", {"If-Match": f'"{revision}"'}
        self.ask("POST", path, {"password": PASSWORD}, headers=etag, expect=200)

    def problem(self, method: str, path: str, body: Any = None, *, status: int, **how: Any) -> dict[str, Any]:
        """The refusal that this request must meet."""
        return self.ask(method, path, body, expect=status, **how).json()


@dataclass
class Clinic:
    """One clinic: a person of each role, both example protocols approved, one patient."""

    service: Service
    id: UUID
    name: str
    people: dict[str, Person]
    patient_id: str = ""

    @property
    def nurse(self) -> Person:
        return self.people["nurse"]

    @property
    def clinician(self) -> Person:
        return self.people["clinician"]

    @property
    def lead(self) -> Person:
        return self.people["lead"]

    @property
    def auditor(self) -> Person:
        return self.people["auditor"]

    def to(self, minutes: float, *, seconds: float = 0) -> None:
        self.service.clock.to(minutes, seconds=seconds)

    # --- people -------------------------------------------------------------------------------------------------------

    def hire(self, role: str, *, username: str | None = None) -> Person:
        """A new account made by the lead, signed in."""
        username = username or f"{role}-{uuid4().hex[:12]}"
        staff_id = str(uuid4())
        account = {"username": username, "name": f"The {role} of {self.name}", "role": role}
        invited = self.lead.put(f"/v1/staff/{staff_id}", account)["invitation"]
        accepted = {"token": invited["token"], "password": PASSWORD}
        assert self.service.send("POST", "/v1/invitations/accept", accepted).status_code == 204
        return sign_in(self.service, username)

    # --- patients, courses, sessions ----------------------------------------------------------------------------------

    def add_patient(self, **other: Any) -> str:
        patient_id = str(uuid4())
        self.nurse.put(f"/v1/patients/{patient_id}", patient(**other))
        return patient_id

    def plan(
        self,
        *,
        cleared: bool = True,
        nasal: bool = False,
        patient_id: str | None = None,
        session_id: str | None = None,
        **other: Any,
    ) -> str:
        """A planned session; `cleared`: screened with nothing present, and cleared by the clinician."""
        session_id = session_id or str(uuid4())
        self.to(-60)
        self.nurse.put(f"/v1/sessions/{session_id}", header(patient_id or self.add_patient(), nasal=nasal, **other))
        if cleared:
            self.nurse.put(f"/v1/sessions/{session_id}/screening", screening(nasal=nasal))
            self.clinician.put(f"/v1/sessions/{session_id}/clearance", {})
        return session_id

    # --- the session --------------------------------------------------------------------------------------------------

    def event(
        self, session_id: str, minutes: float, kind: str, detail: Any = None, *, by: Person | None = None
    ) -> dict[str, Any]:
        """An event entered when it happens."""
        self.to(minutes)
        path = f"/v1/sessions/{session_id}/events/{uuid4()}"
        return (by or self.nurse).put(path, event(minutes, kind, detail))

    def reading(self, session_id: str, minutes: float, **other: Any) -> dict[str, Any]:
        """A good reading entered when it is taken."""
        self.to(minutes)
        return self.nurse.put(f"/v1/sessions/{session_id}/readings/{uuid4()}", reading(minutes, **other))

    def treat(self, session_id: str, **other: Any) -> None:
        """Check-in, two baseline readings, forty minutes of infusion; the dose ends at minute 40."""
        self.event(session_id, -30, "checked-in")
        self.reading(session_id, -20, **other)
        self.reading(session_id, -10, **other)
        self.event(session_id, 0, "infusion-started", {"dose_mg": 36, "planned_minutes": 40, "lot": "K-17"})
        self.reading(session_id, 20, systolic=138, dissociation={"grade": "moderate"}, gait_steady=None)
        self.event(session_id, 40, "infusion-stopped")

    def recover(self, session_id: str) -> None:
        """The escort is seen, and good sets, so that the flag rises with the set at minute 102."""
        self.to(60)
        self.nurse.put(f"/v1/sessions/{session_id}/escort", {"name": "A friend", "present": True})
        self.reading(session_id, 92)
        self.reading(session_id, 102)

    def treated(self, **other: Any) -> str:
        """A session at minute 40: the dose has just ended."""
        session_id = self.plan(**other)
        self.treat(session_id)
        return session_id

    def ready(self, **other: Any) -> str:
        """A session at minute 103: its flag is up."""
        session_id = self.treated(**other)
        self.recover(session_id)
        self.to(103)
        return session_id

    def signed(self) -> str:
        """A session at minute 104: confirmed, and the patient still here."""
        session_id = self.ready()
        self.to(104)
        self.sign(session_id)
        return session_id

    def noticed(self) -> tuple[str, str]:
        """A signed session at minute 106 with an open notice: (session id, notice id)."""
        session_id = self.signed()
        self.to(106)
        late = reading(95, gait_steady=False)
        self.nurse.put(f"/v1/sessions/{session_id}/readings/{uuid4()}", late)
        notices = self.nurse.get(f"/v1/sessions/{session_id}")["notices"]
        assert len(notices) == 1
        return session_id, notices[0]["id"]

    def discharged(self) -> str:
        """A session closed at minute 110."""
        session_id = self.signed()
        self.to(110)
        self.nurse.post(f"/v1/sessions/{session_id}/discharge", {"left_at": at(109), "instructions_given": True})
        return session_id

    def digest(self, session_id: str) -> str:
        return str(self.nurse.get(f"/v1/sessions/{session_id}/readiness")["digest"])

    def sign(self, session_id: str, *, expect: int = 201, by: Person | None = None, **other: Any) -> Any:
        """A decision over the digest that is on screen now."""
        body = confirmation(other.pop("digest", None) or self.digest(session_id), **other)
        return (by or self.clinician).post(f"/v1/sessions/{session_id}/confirmations", body, expect=expect)


# --- making a service ------------------------------------------------------------------------------------------------


def sign_in(service: Service, username: str, password: str = PASSWORD) -> Person:
    """A person, really signed in."""
    answer = service.send("POST", "/v1/sign-in", {"username": username, "password": password})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    known = found["staff"]
    return Person(service, known["id"], username, known["name"], known["role"], found["access_token"])


def first_clinic(service: Service) -> Clinic:
    """The clinic that the first run makes, its lead hiring everybody else."""
    token = service.app.state.first_run_token
    lead = {"username": "lead-one", "name": "The lead", "password": PASSWORD}
    made = service.send(
        "POST", "/v1/first-run", {"token": token, "clinic": "First clinic", "signing": "password", "lead": lead}
    )
    assert made.status_code == 201, made.text
    clinic_id = UUID(made.json()["clinic"]["id"])
    return _furnished(Clinic(service, clinic_id, "First clinic", {"lead": sign_in(service, "lead-one")}))


def another_clinic(service: Service) -> Clinic:
    """A further clinic, made as the operator's command makes it."""
    clinic_id, staff_id = uuid4(), uuid4()
    name = f"Clinic {clinic_id}"
    username = f"lead-{clinic_id.hex[:12]}"
    who, now = service_actor(clinic_id), service.clock.now()
    service.database.write_now(clinics.create, who, now, ClinicValue(clinic_id, name), Signing.PASSWORD)
    lead = Staff(username, "Another lead", Role.LEAD)
    service.database.write_now(staff.add, who, now, staff_id, lead, passwords.hash_now(PASSWORD))
    return _furnished(Clinic(service, clinic_id, name, {"lead": sign_in(service, username)}))


def _furnished(clinic: Clinic) -> Clinic:
    for role in ROLES:
        if role != "lead":
            clinic.people[role] = clinic.hire(role)
    for name in ("iv-infusion-example", "intranasal-example"):
        clinic.clinician.approve(name)
    clinic.patient_id = clinic.add_patient()
    return clinic


@cache
def published() -> Contract:
    """What docs/openapi.json promises; that it is what the application says of itself, test_generated.py asks."""
    return Contract(json.loads((ROOT / "docs" / "openapi.json").read_text()))


@contextmanager
def empty_database(engine: str, folder: Path, template: Path) -> Iterator[str]:
    """The address of an empty, migrated database for as long as a module needs it."""
    with like_it(engine, folder, str(template) if engine == "sqlite" else postgres.TEMPLATE) as url:
        yield url


@contextmanager
def like_it(engine: str, folder: Path, like: str) -> Iterator[str]:
    """The address of a copy: on SQLite of this file, on PostgreSQL of the database of this name."""
    if engine == "sqlite":
        path = folder / f"{uuid4().hex}.db"
        shutil.copyfile(like, path)
        yield f"sqlite:///{path}"
        return
    name = f"t_{uuid4().hex}"
    yield postgres.make(name, like)
    postgres.drop(name)


@contextmanager
def running(url: str, *, jobs: bool = False, **settings: Any) -> Iterator[Service]:
    """The application, started. `jobs`: with what happens by itself."""
    clock = SetClock()
    with ExitStack() as open_until_the_end:
        folder = Path(open_until_the_end.enter_context(TemporaryDirectory()))
        how = {"secrets_key": keys.SETTING, **settings}
        made = create_app(Settings.model_construct(database_url=url, export_folder=folder, **how), clock)
        client = TestClient(made, raise_server_exceptions=False)
        with pytest.MonkeyPatch.context() as patch:
            if not jobs:
                patch.setattr(app.main, "jobs_of", lambda *_: ())
            open_until_the_end.enter_context(client)
        yield Service(made, client, clock, url, published())


@contextmanager
def made_anew(engine: str, factory: pytest.TempPathFactory, template: Path, **how: Any) -> Iterator[Clinic]:
    """A furnished clinic on one engine, for tests to which its making belongs."""
    with empty_database(engine, factory.mktemp("service"), template) as url, running(url, **how) as service:
        yield first_clinic(service)


@contextmanager
def clinic_on(engine: str, factory: pytest.TempPathFactory, template: Path, **how: Any) -> Iterator[Clinic]:
    """A furnished clinic on one engine, in a database like that of this process's first."""
    if engine not in _FURNISHED:
        _FURNISHED[engine] = _furnish(engine, factory.mktemp("furnished"), template)
    like, first = _FURNISHED[engine]
    with like_it(engine, factory.mktemp("service"), like) as url, running(url, **how) as service:
        people = {role: replace(person, service=service) for role, person in first.people.items()}
        yield replace(first, service=service, people=people)


_FURNISHED: dict[str, tuple[str, Clinic]] = {}
"""By engine, what databases are copied from (a file, or the name of a database), and who is in it."""


def _furnish(engine: str, folder: Path, template: Path) -> tuple[str, Clinic]:
    if engine == "sqlite":
        path = folder / "clinic.db"
        shutil.copyfile(template, path)
        like, url = str(path), f"sqlite:///{path}"
    else:
        like = f"furnished_{uuid4().hex}"
        url = postgres.make(like)
    with running(url) as service:
        clinic = first_clinic(service)
    assert not list(folder.glob("*-wal")), "the file is not all there is"
    return like, clinic
