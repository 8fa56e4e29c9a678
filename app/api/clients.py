"""Machines of a clinic as a lead sees them: registering one, giving it other keys, ending it; and when it last came."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from uuid_utils.compat import uuid7

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.cursors import MOST, After, Limit, a_page, read_cursor
from app.api.errors import refusals
from app.api.routes import router as make_router
from app.api.strict import Body, Id, Instant, Text
from app.db.clients import Client, FoundClient
from app.domain.people import Act
from app.domain.scopes import LONGEST, registered, spell
from app.exchange.jose import LONGEST_SET
from app.exchange.registered import LONGEST as LONGEST_ADDRESS
from app.services import clients
from app.services.clients import ListedClient

router = make_router()


class KeysIn(Body):
    """One of the two: `jwks`, its set of public keys as text, or `jwks_url`, where that is fetched (https)."""

    jwks: Annotated[str, Text(LONGEST_SET, lines=True)] | None = None
    jwks_url: Annotated[str, Text(LONGEST_ADDRESS)] | None = None


class ClientIn(KeysIn):
    """`scopes`: what it may read, such as `system/Observation.rs system/Patient.r`."""

    name: Annotated[str, Text()]
    scopes: Annotated[str, Text(LONGEST)]


class ClientOut(Out):
    """`jwks_url` null: its keys were given as a set. `of_all`: of every clinic; the operator alone changes those.

    `last_used_at`: when it last signed in to this clinic; null where it is not among the newest sign-ins of machines.
    """

    id: Id
    name: str
    scopes: str
    jwks_url: str | None
    of_all: bool
    in_use: bool
    last_used_at: Instant | None


class ClientsOut(Out):
    """`token_url`: where a machine signs in; null where nobody has said this service's address."""

    items: list[ClientOut]
    next: str | None
    token_url: str | None


def _client(found: FoundClient) -> dict[str, Any]:
    client = found.client
    return {
        "id": found.id,
        "name": client.name,
        "scopes": spell(client.scopes),
        "jwks_url": client.keys_url,
        "of_all": found.of_all,
        "in_use": client.active,
    }


def _listed(one: ListedClient) -> dict[str, Any]:
    return {**_client(one.found), "last_used_at": one.last_used_at}


@router.get("/v1/clients", response_model=ClientsOut)
async def list_clients(
    call: Annotated[Call, allow(Act.MANAGE_CLIENTS)], after: After = None, limit: Limit = MOST
) -> Response:
    """Machines that may sign in to this clinic, the oldest first; those that were ended too."""
    found = await call.read(clients.read_page, read_cursor(after, UUID), limit + 1)
    url = call.shared.public_url
    token_url = None if url is None else f"{url}/oauth/token"
    return answer(a_page(found, limit, _listed, lambda one: (str(one.found.id),), token_url=token_url))


@router.post("/v1/clients", status_code=201, response_model=ClientOut)
async def register_client(body: ClientIn, call: Annotated[Call, allow(Act.MANAGE_CLIENTS)]) -> Response:
    """Register a machine of this clinic; its `id` is its client id. Keys are fetched from a public address alone."""
    value = Client(body.name, registered(body.scopes), body.jwks, body.jwks_url)
    made = uuid7()
    await call.write(clients.register, made, value)
    return answer({**_client(FoundClient(call.actor.clinic_id, made, 1, value)), "last_used_at": None}, status=201)


@router.post("/v1/clients/{client_id}/keys", status_code=204, response_model=None, responses=refusals(409))
async def change_keys(client_id: Id, body: KeysIn, call: Annotated[Call, allow(Act.MANAGE_CLIENTS)]) -> Response:
    """Give it another set of keys, or another address of one; its tokens open nothing from now on."""
    await call.write(clients.change_keys, client_id, body.jwks, body.jwks_url, private=False)
    return Response(status_code=204)


@router.post("/v1/clients/{client_id}/end", status_code=204, response_model=None, responses=refusals(409))
async def end_client(client_id: Id, call: Annotated[Call, allow(Act.MANAGE_CLIENTS)]) -> Response:
    """Let it in no more, from this moment, for ever."""
    await call.write(clients.disable, client_id)
    return Response(status_code=204)
