"""The people of the simulated clinic, how it is set up, and whom it treats."""

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from app.demo.api_client import Account, ApiClient
from app.demo.chance import seeded_id
from app.demo.papers import SETTLED
from app.demo.patients import Person, invent, look_alike
from app.demo.visitor import Visitor
from app.domain.events import Route

NAME = "Demo clinic"
ZONE = "America/New_York"

# The staff are trees, so that nobody is taken for a real person.
STAFF: tuple[tuple[str, str, str], ...] = (
    ("elm", "lead", "Elm"),
    ("alder", "nurse", "Alder"),
    ("birch", "nurse", "Birch"),
    ("cedar", "clinician", "Dr Cedar"),
    ("damson", "clinician", "Dr Damson"),
    ("fir", "auditor", "Fir"),
)


@dataclass(frozen=True, slots=True)
class PinnedProtocol:
    """The protocol each route is charted by, and what its same-day check asks."""

    id: str
    version: int
    same_day: tuple[str, ...]

    def reference(self) -> dict[str, object]:
        """As the session header wants it."""
        return {"id": self.id, "version": self.version}


@dataclass(slots=True)
class SimulatedClinic:
    """Who works here, by which protocols, and who looks on. `defects` is what the service got wrong, in words."""

    api: ApiClient
    staff: list[Account]
    protocols: dict[Route, PinnedProtocol]
    zone: ZoneInfo
    visitor: Visitor = field(default_factory=Visitor)
    defects: list[str] = field(default_factory=list)

    def of_role(self, role: str) -> list[Account]:
        """Everybody with that role."""
        return [one for one in self.staff if one.role == role]

    def defect(self, what: str) -> None:
        """Notes that the service did what it must not."""
        self.defects.append(what)


def new_staff() -> list[Account]:
    """The demo's accounts, each with a random password."""
    return [Account(username, secrets.token_urlsafe(15), role, name) for username, role, name in STAFF]


def set_up(api: ApiClient, staff: list[Account], first_run_token: str, chance: Random) -> list[str]:
    """The clinic's first day: first run, accounts, and the example protocols approved by name.

    Returns what was done that a person looking at the demo should know, one sentence each.
    """
    lead = next(one for one in staff if one.role == "lead")
    api.anybody(
        "/v1/first-run",
        {
            "token": first_run_token,
            "clinic": NAME,
            "timezone": ZONE,
            "signing": "password",
            "lead": {"username": lead.username, "name": lead.name, "password": lead.password},
        },
    )
    for one in staff:
        if one is not lead:
            account = {"username": one.username, "name": one.name, "role": one.role}
            invited = api.put(lead, f"/v1/staff/{seeded_id(chance)}", account).document["invitation"]
            api.anybody("/v1/invitations/accept", {"token": invited["token"], "password": one.password})
    api.put(lead, "/v1/clinic/papers", SETTLED)
    clinician = next(one for one in staff if one.role == "clinician")
    said = []
    for protocol in api.every(clinician, "/v1/protocols"):
        path = f"/v1/protocols/{protocol['id']}/versions/{protocol['version']}/approve"
        api.post(clinician, path, {"password": clinician.password}, revision=int(protocol["revision"]))
        said.append(
            f"{clinician.name} (simulated) approved the EXAMPLE protocol {protocol['id']}, version "
            f"{protocol['version']}, for this demo: its numbers are no standard"
        )
    return said


def opened(api: ApiClient, staff: list[Account]) -> SimulatedClinic:
    """The clinic as it stands: signs in, and takes the newest approved protocol of each route."""
    nurse = next(one for one in staff if one.role == "nurse")
    protocols: dict[Route, PinnedProtocol] = {}
    for item in api.every(nurse, "/v1/protocols"):
        if item["status"] == "approved":
            path = f"/v1/protocols/{item['id']}/versions/{item['version']}"
            check = api.get(nurse, path)["document"].get("same-day", {})
            asked = tuple(name for name, one in check.items() if isinstance(one, dict))
            protocols[Route(item["route"])] = PinnedProtocol(str(item["id"]), int(item["version"]), asked)
    if missing := [route.value for route in Route if route not in protocols]:
        raise RuntimeError(f"this clinic has no approved protocol for {' and '.join(missing)}")
    return SimulatedClinic(api, staff, protocols, ZoneInfo(ZONE))


# --- accounts on disk ------------------------------------------------------------------------------------------------
def keep_accounts(path: Path, url: str, staff: list[Account]) -> None:
    """Writes who may sign in where, readable by this account of the machine alone."""
    document = {
        "url": url,
        "clinic": NAME,
        "staff": [{"username": one.username, "password": one.password, "role": one.role} for one in staff],
    }
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(document, file, indent=2)
        file.write("\n")
    beside.replace(path)


def kept_accounts(path: Path) -> list[Account]:
    """The accounts of an earlier run."""
    names = {username: name for username, _, name in STAFF}
    document = json.loads(path.read_text(encoding="utf-8"))
    return [
        Account(one["username"], one["password"], one["role"], names.get(one["username"], one["username"]))
        for one in document["staff"]
    ]


# --- whom it treats --------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class Treated:
    """A patient the clinic knows: the course where there is one, who they are easily taken for, sessions so far."""

    person: Person
    course_id: UUID | None
    alike: UUID | None = None
    sessions: int = 0
    nasal: int = 0
    """Of these, by nose."""
    here: bool = False


class Roster:
    """Who comes next: a new patient, or one who was here before and is not here now."""

    def __init__(self, chance: Random, first_number: int = 1) -> None:
        self._chance = chance
        self._number = first_number
        self.treated: list[Treated] = []

    def arrives(self, *, alike: bool = False) -> Treated:
        """The next patient. `alike`: somebody new who is easily taken for one who is here now."""
        here = [one for one in self.treated if one.here]
        away = [one for one in self.treated if not one.here]
        if not alike and away and self._chance.random() < 0.3:
            found = self._chance.choice(away)
        else:
            model = here[-1].person if alike and here else None
            person = look_alike(model, self._chance, self._number) if model else invent(self._chance, self._number)
            self._number += 1
            course = seeded_id(self._chance) if self._chance.random() < 0.7 else None
            found = Treated(person, course, model.id if model else None)
            self.treated.append(found)
        found.sessions += 1
        found.here = True
        return found
