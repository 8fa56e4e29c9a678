"""Machines that may sign in, their used assertions and their tokens (hashes only, by the wall clock)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, insert, or_, select, true, update

from app.db import journal
from app.db.endings import ENDINGS
from app.db.refusals import MovedOn
from app.db.tables import client_assertions, client_tokens, clients, clinics, installation, log_events
from app.db.work import NIL, Work
from app.domain.codec import Form
from app.domain.documents import pair
from app.domain.journal import Fact, Kind
from app.domain.records import Kept
from app.domain.scopes import Scopes, asked, spell

KIND = Kind.CLIENT


@dataclass(frozen=True, slots=True)
class Client:
    """A registration. `keys`: its key set as JSON text, or `keys_url`: where it is fetched; one of the two.

    `private`: that address may be one of our own network.
    """

    name: str
    scopes: Scopes
    keys: str | None = None
    keys_url: str | None = None
    private: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True)
class FoundClient:
    """A client as it is now. `home`: the clinic it is bound to, the nil one for a client of all."""

    home: UUID
    id: UUID
    revision: int
    client: Client

    @property
    def of_all(self) -> bool:
        """Whether it is bound to no clinic."""
        return self.home == NIL


@dataclass(frozen=True, slots=True)
class Token:
    """What a client was given. `home` and `revision`: those of the client when it was given."""

    id: UUID
    home: UUID
    client_id: UUID
    revision: int
    token_hash: str
    scopes: Scopes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class FoundToken:
    """A token with the clinic it is for and its client as it is now. `endings`: as often anything was ended by then."""

    clinic_id: UUID
    token: Token
    client: FoundClient
    endings: int


_FIND = select(clients).where(clients.c.id == bindparam("this"))
_ALL = (
    select(clients, clinics.c.name.label("clinic_name"))
    .outerjoin(clinics, clinics.c.id == clients.c.clinic_id)
    .order_by(clients.c.id)
)
_PAGE = select(clients).where(or_(clients.c.clinic_id == bindparam("clinic"), clients.c.clinic_id == NIL))
_LATELY = (
    select(log_events.c.actor_id, log_events.c.wall_at)
    .where(log_events.c.clinic_id == bindparam("clinic"), log_events.c.action == "client.token-given")
    .order_by(log_events.c.id.desc())
    .limit(5_000)
    .subquery()
)
_LAST_USES = select(_LATELY.c.actor_id, func.max(_LATELY.c.wall_at).label("last")).group_by(_LATELY.c.actor_id)
_ADD = insert(clients)
_REVISE = (
    update(clients)
    .where(
        clients.c.clinic_id == bindparam("clinic"),
        clients.c.id == bindparam("this"),
        clients.c.revision == bindparam("before"),
    )
    .values(revision=bindparam("after"), **{name: bindparam(f"as_{name}") for name in Client.__slots__})
)
_USE = insert(client_assertions)
_ADD_TOKEN = insert(client_tokens)
_FIND_TOKEN = (
    select(
        client_tokens.c.clinic_id.label("for_clinic"),
        client_tokens.c.id.label("token_id"),
        client_tokens.c.client_revision,
        client_tokens.c.token_hash,
        client_tokens.c.scopes.label("granted"),
        client_tokens.c.expires_at,
        clients,
        ENDINGS,
    )
    .join(clients, (clients.c.clinic_id == client_tokens.c.home_id) & (clients.c.id == client_tokens.c.client_id))
    .join(installation, true())
    .where(client_tokens.c.token_hash == bindparam("token_hash"))
)


client_document, client_from = pair(Client, Form(spelt={"scopes": (spell, asked)}))
"""Everything of a registration; public keys are no secret."""


def _client(row: Row[Any]) -> FoundClient:
    value = Client(row.name, asked(row.scopes), row.keys, row.keys_url, row.private, row.active)
    return FoundClient(row.clinic_id, row.id, row.revision, value)


def keep(work: Work, client_id: UUID, value: Client, revision: int, action: str) -> None:
    """A new client of the work's clinic (revision 1), or its next revision: else `MovedOn`."""
    row = client_document(value)
    if revision == 1:
        work.change(_ADD, {"clinic_id": work.clinic_id, "id": client_id, "revision": 1, **row})
    else:
        new = {f"as_{name}": part for name, part in row.items()}
        steps = {"clinic": work.clinic_id, "this": client_id, "before": revision - 1, "after": revision}
        if work.change(_REVISE, {**steps, **new}) != 1:
            raise MovedOn
    work.keep(Fact(KIND, str(client_id), row, revision, action=action))


def history(work: Work, client_id: UUID) -> tuple[Kept[Client], ...]:
    """Every revision of a client of the work's clinic, oldest first."""
    return journal.revisions(work, KIND, client_id, client_from)


def find(work: Work, client_id: UUID) -> FoundClient | None:
    """By id, in whichever clinic: before anybody is signed in."""
    row = work.first(_FIND, this=client_id)
    return None if row is None else _client(row)


def all_clients(work: Work) -> tuple[tuple[FoundClient, str | None], ...]:
    """Every client of the installation in the order they were made, with its clinic's name (None: of all)."""
    return tuple((_client(row), row.clinic_name) for row in work.all(_ALL))


def page(work: Work, after: UUID | None, limit: int) -> list[FoundClient]:
    """The next clients that may have tokens for the work's clinic, by age."""
    those = _PAGE if after is None else _PAGE.where(clients.c.id > after)
    return [_client(row) for row in work.all_of_every_clinic(those.order_by(clients.c.id).limit(limit))]


def last_uses(work: Work) -> dict[UUID, datetime]:
    """When each client last had a token for the work's clinic, by the log, and no further back than its newest."""
    return {row.actor_id: row.last for row in work.all(_LAST_USES)}


def use_assertion(work: Work, home: UUID, client_id: UUID, jti_hash: str, expires_at: datetime) -> None:
    """Keeps that an assertion was used. One that was used before is refused (`AlreadyKept`)."""
    used = {"clinic_id": home, "client_id": client_id, "jti_hash": jti_hash, "expires_at": expires_at}
    work.change(_USE, used)


def add_token(work: Work, token: Token) -> None:
    """A new token, for the work's clinic."""
    work.change(
        _ADD_TOKEN,
        {
            "clinic_id": work.clinic_id,
            "id": token.id,
            "home_id": token.home,
            "client_id": token.client_id,
            "client_revision": token.revision,
            "token_hash": token.token_hash,
            "scopes": spell(token.scopes),
            "expires_at": token.expires_at,
        },
    )


def find_token(work: Work, token_hash: str) -> FoundToken | None:
    """By the token's hash, in whichever clinic; one that is over too: what that means is for the caller."""
    row = work.first(_FIND_TOKEN, token_hash=token_hash)
    if row is None:
        return None
    given = asked(row.granted)
    token = Token(row.token_id, row.clinic_id, row.id, row.client_revision, row.token_hash, given, row.expires_at)
    return FoundToken(row.for_clinic, token, _client(row), row.endings)
