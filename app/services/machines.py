"""Machines sign in: a signed assertion, good once, for an opaque token of five minutes, for one clinic.

Everything here is by the wall clock. Whoever is refused learns only that; the audit says why.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.db import clients, clinics
from app.db.clients import FoundClient, FoundToken, Token
from app.db.work import NO_CLINIC, Work
from app.domain.instants import to_text
from app.domain.people import Actor, Machine
from app.domain.scopes import Scopes, asked, spell
from app.exchange.jose import SKEW, Assertion
from app.services.sign_in import fingerprint

TOKEN_LASTS = timedelta(minutes=5)
LONGEST_FORM = 16 * 1024
"""Bytes of a request for a token."""
GRANT = "client_credentials"
PROOF = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class TokenRefused(Exception):
    """A request for a token is refused, in OAuth's words; `because` is for the audit alone."""

    def __init__(self, error: str, because: str | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.because = because


@dataclass(frozen=True, slots=True)
class Request:
    """A request for a token: the assertion as sent, the scopes asked for, and the clinic where one is named."""

    assertion: str
    scopes: Scopes
    clinic: UUID | None


@dataclass(frozen=True, slots=True)
class Given:
    """What a machine gets. The token is in nobody's hands but its own."""

    token: str
    scopes: Scopes
    clinic_id: UUID


def _uuid(text: str) -> UUID | None:
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None


def client_id_of(assertion: Assertion) -> UUID | None:
    """The id of the client that an assertion says it is of, None where it cannot be one of ours."""
    return _uuid(assertion.client)


def read_request(fields: Mapping[str, str]) -> Request:
    """A token request's fields. Raises `TokenRefused`."""
    if fields.get("grant_type", GRANT) != GRANT:
        raise TokenRefused("unsupported_grant_type")
    if "grant_type" not in fields or fields.get("client_assertion_type") != PROOF:
        raise TokenRefused("invalid_request")
    assertion = fields.get("client_assertion", "")
    if not assertion:
        raise TokenRefused("invalid_request")
    named = fields.get("clinic") or None
    clinic = _uuid(named) if named else None
    if named and clinic is None:
        raise TokenRefused("invalid_request")
    return Request(assertion, asked(fields.get("scope", "")), clinic)


def find(work: Work, client_id: UUID) -> FoundClient | None:
    """The client of this id, whatever its state."""
    return clients.find(work, client_id)


def actor_of(found: FoundClient, clinic_id: UUID, scopes: Scopes = ()) -> Actor:
    """The machine itself, acting in one clinic."""
    return Actor(clinic_id, None, found.client.name, Machine(found.id, scopes))


def clinic_for(work: Work, found: FoundClient, named: UUID | None) -> UUID | None:
    """The one clinic a token would be for. A client of all clinics must name one; None where that cannot be.

    Another clinic's id answers a client of one clinic exactly as an unknown one.
    """
    if not found.of_all:
        return found.home if named in (None, found.home) else None
    return named if named is not None and clinics.find(work, named) is not None else None


def use(work: Work, found: FoundClient, assertion: Assertion) -> None:
    """Keep that a proved assertion was used. One that was used before is refused (`AlreadyKept`)."""
    # hashed: whatever it holds, it is short and says nothing
    hashed = hashlib.sha256(assertion.jti.encode()).hexdigest()
    clients.use_assertion(work, found.home, found.id, hashed, assertion.expires_at + SKEW)


def give(work: Work, found: FoundClient, scopes: Scopes, token_id: UUID, token: str, wall: datetime) -> Given:
    """A new token for the work's clinic, to a client that has proved itself, with scopes that it was granted.

    Should the client have been changed since it was found, the token opens nothing.
    """
    expires_at = wall + TOKEN_LASTS
    kept = Token(token_id, found.home, found.id, found.revision, fingerprint(token), scopes, expires_at)
    clients.add_token(work, kept)
    work.audit(
        "client.token-given",
        subject="client",
        subject_id=found.id,
        after={"scopes": spell(scopes), "expires_at": to_text(expires_at)},
    )
    return Given(token, scopes, work.clinic_id)


def record_failure(work: Work, client_id: UUID | None, because: str) -> None:
    """A request for a token was refused; of a client nobody knows, not even the id it gave is kept."""
    work.audit("client.refused", subject="client", subject_id=client_id or "unknown", reason=because)


def failure_actor(found: FoundClient | None) -> Actor:
    """Under whose clinic a failure is kept. Nothing was proved: it is the service that says so."""
    return NO_CLINIC if found is None else Actor(found.home, None, NO_CLINIC.name, NO_CLINIC.role)


# --- tokens ----------------------------------------------------------------------------------------------------------


def find_token(work: Work, token_hash: str) -> FoundToken | None:
    """The token behind a hash, whatever its state, with its client as it is now."""
    return clients.find_token(work, token_hash)


def whose(found: FoundToken) -> Actor:
    """The machine behind a token, whatever its state."""
    return actor_of(found.client, found.clinic_id, found.token.scopes)


def holds(found: FoundToken, wall: datetime) -> bool:
    """Whether a token opens anything at `wall`: not over, and its client as it was when it was given."""
    return (
        wall < found.token.expires_at and found.client.client.active and found.client.revision == found.token.revision
    )


def record_ended(work: Work) -> None:
    """A token was used that is over, or whose client has been changed or disabled."""
    work.audit("client.token-refused", subject="client", subject_id=work.actor.id or "")
