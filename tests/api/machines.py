"""Machines that sign in to a test's service, with a signer that shares no code with it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from app.commands.running import operator
from app.db.clients import Client
from app.db.work import NIL
from app.domain.scopes import registered
from app.services import clients
from tests.api.clinic import Service
from tests.exchange.keys import Key, claims, ec_key, key_set, signed

FORM = "application/x-www-form-urlencoded"
GRANT = "client_credentials"
PROOF = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_URL = "http://127.0.0.1:8000/oauth/token"
"""What a service says of itself that was told nothing else."""


@dataclass
class Machine:
    """A registered client with its key."""

    service: Service
    id: str
    home: UUID
    key: Key

    def assertion(self, *, header: dict[str, Any] | None = None, key: Key | None = None, **other: Any) -> str:
        usual = claims(self.id, TOKEN_URL, self.service.clock.wall(), **other)
        return signed(key or self.key, usual, **(header or {}))

    def ask(self, scope: str = "system/*.rs", **other: Any) -> Any:
        """The answer to a request for a token. A field given as None is left out."""
        usual = {"grant_type": GRANT, "scope": scope, "client_assertion_type": PROOF}
        fields = usual | ({} if "client_assertion" in other else {"client_assertion": self.assertion()}) | other
        return post(self.service, {name: value for name, value in fields.items() if value is not None})

    def token(self, scope: str = "system/*.rs", **other: Any) -> str:
        answer = self.ask(scope, **other)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def disable(self) -> None:
        _command(self.service, clients.disable, self.home, UUID(self.id))

    def rotate(self, *keys: Key, url: str | None = None) -> None:
        text = None if url else key_set(*keys)
        _command(self.service, clients.change_keys, self.home, UUID(self.id), text, url, private=True)


def post(service: Service, fields: Any, content_type: str = FORM, **headers: str) -> Any:
    raw = fields if isinstance(fields, (bytes, str)) else urlencode(fields)
    return service.send("POST", "/oauth/token", raw=raw, headers={"Content-Type": content_type} | headers)


def _command(service: Service, verb: Any, home: UUID, *args: Any, **kwargs: Any) -> None:
    service.database.write_now(verb, operator(home), service.clock.now(), *args, **kwargs)


def machine(
    service: Service,
    home: UUID = NIL,
    scopes: str = "system/*.rs",
    key: Key | None = None,
    url: str | None = None,
) -> Machine:
    """A client registered as the operator's command registers it. `home`: its clinic, the nil one for all."""
    made, key = uuid4(), key or ec_key()
    value = Client("A record system", registered(scopes), None if url else key_set(key), url, private=url is not None)
    _command(service, clients.register, home, made, value)
    return Machine(service, str(made), home, key)
