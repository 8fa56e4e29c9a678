"""Who calls: a person or a machine by its bearer token, on which tablet, and who wrote what is sent."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from fastapi import Request

from app.api.frame import Frame
from app.api.strict import is_id
from app.clock import Moment, moment, ticking
from app.db.clients import FoundToken
from app.db.sign_ins import FoundSignIn
from app.db.work import NOBODY, Work
from app.domain.errors import FieldError, Invalid
from app.domain.people import Actor, Role, TicketRefused
from app.services import machines, sign_in
from app.services.sign_in import Expired, HoldingSignIn, NotSignedIn, SignInPolicy

_BEARER = re.compile(r"Bearer ([A-Za-z0-9_-]{20,128})\Z", re.IGNORECASE | re.ASCII)
_OFFSET = re.compile(r"[+-]?[0-9]{1,13}\Z", re.ASCII)
_TICKET = re.compile(r"[A-Za-z0-9_-]{20,128}\Z", re.ASCII)


def tablet_of(request: Request) -> UUID | None:
    """The tablet named in X-Tablet-Id. Raises `Invalid` for anything but a UUID."""
    named = request.headers.get("x-tablet-id")
    if named is None:
        return None
    if not is_id(named):
        raise Invalid(errors=[FieldError("X-Tablet-Id", "must be a UUID")])
    return UUID(named)


def clock_offset_of(request: Request) -> int | None:
    """The X-Tablet-Clock-Offset-Ms of what was typed on a tablet. Raises `Invalid` for anything but a whole number."""
    said = request.headers.get("x-tablet-clock-offset-ms")
    if said is None:
        return None
    if not _OFFSET.match(said):
        raise Invalid(errors=[FieldError("X-Tablet-Clock-Offset-Ms", "must be a whole number of milliseconds")])
    return int(said)


@dataclass(slots=True)
class Receipt:
    """What an answer says of what was sent, once it is kept: `item` is the sender's own name for it, from X-Item-Id.

    `version`: of the session it went into, as a look at that session has it; None where it went into none.
    """

    item: str | None
    kept: bool = False
    version: int | None = None

    def headers(self) -> dict[str, str]:
        """For the answer: nothing is named that was not kept."""
        if self.item is None or not self.kept:
            return {}
        version = {} if self.version is None else {"X-Session-Version": str(self.version)}
        return {"X-Item-Id": self.item, **version}


def item_of(request: Request) -> str | None:
    """The X-Item-Id by which the sender knows what it sends. Raises `Invalid` for anything but a UUID."""
    said = request.headers.get("x-item-id")
    if said is not None and not is_id(said):
        raise Invalid(errors=[FieldError("X-Item-Id", "must be a UUID")])
    return said


async def author_of(request: Request, shared: Frame, holding: HoldingSignIn, asked: Moment, wall: datetime) -> Actor:
    """Who wrote what this request carries, by its X-Author-Ticket; the signed-in person without one."""
    ticket = request.headers.get("x-author-ticket")
    if ticket is None:
        return holding.actor
    if not _TICKET.match(ticket):
        raise TicketRefused
    return await shared.database.read(sign_in.author, holding.actor, asked.at, holding, ticket, wall)


def _behind(work: Work, fingerprint: str) -> FoundSignIn | FoundToken | None:
    return sign_in.look_up(work, fingerprint) or machines.find_token(work, fingerprint)


def _judge(
    found: FoundSignIn | FoundToken | None, wall: datetime, policy: SignInPolicy
) -> HoldingSignIn | Expired | None:
    if not isinstance(found, FoundToken):
        return sign_in.judge(found, wall, policy)
    return (
        HoldingSignIn(found.token.token_hash, machines.whose(found), wall, None)
        if machines.holds(found, wall)
        else None
    )


async def _look_up(shared: Frame, fingerprint: str, asked: Moment, wall: datetime) -> HoldingSignIn:
    """Asks the database who is behind a token. Raises `NotSignedIn`, audited where it has ended."""
    since = ticking()
    found = await shared.database.read(_behind, NOBODY, asked.at, fingerprint)
    match _judge(found, wall, shared.policy):
        case HoldingSignIn() as holding:
            assert found is not None
            shared.sign_ins.keep(fingerprint, found, since)
            return holding
        case Expired() as expired:
            await shared.database.write(sign_in.record_expiry, expired.actor, asked, wall)
        case None:
            if isinstance(found, FoundToken):
                await shared.database.write(machines.record_ended, machines.whose(found), asked)
            elif found is not None:
                await shared.database.write(sign_in.record_ended, sign_in.whose(found), asked)
    raise NotSignedIn


async def identify(request: Request, shared: Frame, asked: Moment, wall: datetime) -> HoldingSignIn:
    """Whose sign-in or token a request carries, on which tablet. Raises `NotSignedIn`, audited where it has ended."""
    header = _BEARER.match(request.headers.get("authorization", ""))
    if header is None:
        raise NotSignedIn
    fingerprint = sign_in.fingerprint(header[1])
    # expiry is decided before anything else the request says is looked at; only what holds is believed unasked
    holding = _judge(shared.sign_ins.recall(fingerprint), wall, shared.policy)
    if not isinstance(holding, HoldingSignIn):
        holding = await _look_up(shared, fingerprint, asked, wall)
    if isinstance(holding.actor.role, Role):
        tablet_id, offset = tablet_of(request), clock_offset_of(request)
        return replace(holding, actor=sign_in.on_tablet(holding.actor, tablet_id, offset))
    return holding


async def still_signed_in(request: Request, shared: Frame) -> bool:
    """Whether the sign-in behind a request that is still being answered holds now."""
    try:
        await identify(request, shared, moment(shared.clock), shared.clock.wall())
    except NotSignedIn:
        return False
    return True


async def prove(
    shared: Frame, username: str, password_hash: str | None, password: str, place: tuple[str, UUID | None]
) -> bool:
    """Whether the password is right, counted against the account and the place. Raises `TooManyAttempts`."""
    attempt = shared.lockout.attempt(username, *place)
    # asked again when the turn comes: of many guesses sent at once, no more count than of some sent one by one
    matched = await shared.passwords.matches(
        password_hash, password, lambda: shared.lockout.check(attempt, shared.clock.wall())
    )
    if matched:
        shared.lockout.succeeded(attempt)
    else:
        shared.lockout.failed(attempt, shared.clock.wall())
    return matched


def source(request: Request, tablet_id: UUID | None) -> tuple[str, UUID | None]:
    """Where a request comes from, for counting attempts: the peer's address, and the tablet it claims to be."""
    return (request.client.host if request.client else "unknown", tablet_id)
