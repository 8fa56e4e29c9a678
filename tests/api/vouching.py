"""A clinic whose people sign in with an OpenID provider, and a browser's part in it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.commands.running import operator
from app.domain.providers import Provider
from app.services import providers
from tests.api.bodies import PASSWORD
from tests.api.clinic import Clinic, Person, Service, code_of
from tests.exchange.openid_provider import CLIENT, SECRET, OpenIdProvider

HERE = "http://127.0.0.1:8000"
"""Where the service says that it is."""
BEGIN, FINISH = "/v1/sign-in/provider/begin", "/v1/sign-in/provider/finish"


def settle(clinic: Clinic, provider: OpenIdProvider, name: str = "House key", **other: Any) -> None:
    """The operator settles a provider on this machine."""
    value = Provider(**({"name": name, "issuer": provider.issuer, "client_id": CLIENT, "private": True} | other))
    service = clinic.service
    who, now = operator(clinic.id), service.clock.now()
    service.database.write_now(providers.put_at_any_revision, who, now, value, SECRET)


@dataclass
class Browser:
    """One browser: what it was told to keep, and where it was sent."""

    service: Service
    provider: OpenIdProvider
    kept: str = field(default="")
    address: str = ""

    def set_out(self, headers: dict[str, str] | None = None, **purpose: Any) -> Any:
        """Asks where to go."""
        answer = self.service.send("POST", BEGIN, purpose, headers=headers)
        if answer.status_code == 200:
            self.kept, self.address = answer.json()["browser"], answer.json()["address"]
        return answer

    def back(self, subject: str | None = None) -> dict[str, str]:
        """What the provider sends it back with, as whoever says that they are there."""
        if subject is not None:
            self.provider.subject = subject
        found = self.provider.way_back(self.address)
        return {name: found[name] for name in ("state", "code", "iss", "error") if name in found}

    def come_back(self, *, headers: dict[str, str] | None = None, **said: Any) -> Any:
        """Hands in what it came back with."""
        fields = {name: value for name, value in ({"browser": self.kept} | said).items() if value is not None}
        return self.service.send("POST", FINISH, fields, headers=headers)

    def go(self, subject: str | None = None, **purpose: Any) -> Any:
        """All of it: there and back, as a person does."""
        there = self.set_out(**purpose)
        assert there.status_code == 200, there.text
        return self.come_back(**self.back(subject))


def linked(person: Person, provider: OpenIdProvider, subject: str) -> Any:
    """The person links an identity under "My account"."""
    ticket = person.post("/v1/account/identity/begin", {"password": PASSWORD}, expect=200)["ticket"]
    answer = Browser(person.service, provider).go(subject, ticket=ticket)
    assert answer.status_code == 200, answer.text
    return answer


def as_person(service: Service, answer: Any) -> Person:
    """Whoever was signed in by an answer."""
    assert answer.status_code == 200, answer.text
    found, token = answer.json()["staff"], answer.json()["access_token"]
    return Person(service, found["id"], found["username"], found["name"], found["role"], token)


def invited(clinic: Clinic, staff_id: UUID | str, username: str, role: str = "nurse") -> str:
    """The token of an invitation for a new account."""
    account = {"username": username, "name": f"{username} by name", "role": role}
    return str(clinic.lead.put(f"/v1/staff/{staff_id}", account)["invitation"]["token"])


def refusal(answer: Any) -> tuple[int, str | None]:
    """What a refusal is, in one look."""
    return answer.status_code, code_of(answer)
