"""Machines that may sign in: registered, changed and ended by the operator, and those of a clinic by its lead."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.db import clients
from app.db.clients import Client, FoundClient
from app.db.work import Work
from app.domain.errors import Conflict, FieldError, Invalid, NotFound
from app.domain.records import Kept
from app.domain.texts import LINE, text_faults
from app.exchange.jose import BadKeys, read_keys
from app.exchange.registered import BadAddress, check_address


class NoSuchClient(NotFound):
    """There is no client of this clinic under this id."""

    code = "no-such-client"


class BadClient(Invalid):
    """A client needs a name, scopes, and either a set of public keys or the address of one."""

    code = "bad-client"


class ClientDisabled(Conflict):
    """This client is disabled for ever. Register a new one."""

    code = "client-disabled"


all_clients = clients.all_clients


@dataclass(frozen=True, slots=True)
class ListedClient:
    """A machine that may sign in to a clinic, and when it last did, as far back as is looked."""

    found: FoundClient
    last_used_at: datetime | None


def read_page(work: Work, after: UUID | None, limit: int) -> list[ListedClient]:
    """The next machines of the work's clinic, and of all clinics, by age; audited as read."""
    work.audit("client.listed", subject="clinic", subject_id=work.clinic_id)
    used = clients.last_uses(work)
    return [ListedClient(found, used.get(found.id)) for found in clients.page(work, after, limit)]


def check_client(value: Client) -> None:
    """Raises `BadClient`, naming the field."""
    faults = text_faults("name", value.name, longest=LINE)
    if not value.scopes:
        faults.append(FieldError("scopes", "are missing"))
    if (value.keys is None) == (value.keys_url is None):
        faults.append(FieldError("jwks", "give either a set of keys or its address"))
    try:
        if value.keys is not None:
            read_keys(value.keys.encode())
        if value.keys_url is not None:
            check_address(value.keys_url)
    except (BadKeys, BadAddress) as problem:
        faults.append(FieldError("jwks", str(problem)))
    if faults:
        raise BadClient(errors=faults)


def find(work: Work, client_id: UUID) -> FoundClient:
    """One client, in whichever clinic. Raises `NoSuchClient`."""
    found = clients.find(work, client_id)
    if found is None:
        raise NoSuchClient
    return found


def register(work: Work, client_id: UUID, value: Client) -> None:
    """Keep a new client of the work's clinic; of the nil clinic: of all."""
    check_client(value)
    clients.keep(work, client_id, value, 1, "client.registered")


def change_keys(work: Work, client_id: UUID, keys: str | None, keys_url: str | None, *, private: bool) -> None:
    """Another set, or another address of one. What was given out before opens nothing from now on."""
    found = _own(work, client_id)
    changed = replace(found.client, keys=keys, keys_url=keys_url, private=private)
    check_client(changed)
    _revise(work, found, changed, "client.keys-changed")


def disable(work: Work, client_id: UUID) -> None:
    """The client signs in no more, and its tokens open nothing from now on."""
    found = _own(work, client_id)
    _revise(work, found, replace(found.client, active=False), "client.disabled")


def revisions(work: Work, client_id: UUID) -> tuple[Kept[Client], ...]:
    """Every revision of a client of the work's clinic, oldest first."""
    return clients.history(work, client_id)


def _own(work: Work, client_id: UUID) -> FoundClient:
    found = find(work, client_id)
    if found.home != work.clinic_id:
        raise NoSuchClient
    if not found.client.active:
        raise ClientDisabled
    return found


def _revise(work: Work, found: FoundClient, changed: Client, action: str) -> None:
    clients.keep(work, found.id, changed, found.revision + 1, action)
