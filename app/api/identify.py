"""Who calls: a person or a machine by its bearer token, on which tablet, and who wrote what is sent."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Concatenate, ParamSpec
from uuid import UUID

from fastapi import Request

from app.api.frame import Frame
from app.api.strict import is_id
from app.clock import Moment, moment, ticking
from app.db.clients import FoundToken
from app.db.sign_ins import FoundSignIn
from app.db.work import EVERY_CLINIC, Work
from app.domain.errors import FieldError, Invalid
from app.domain.people import Actor, Role, TicketRefused
from app.domain.tablets import Tablet
from app.exchange.tablet_proofs import HEADER, SIGNED_HEADERS, SentByTablet
from app.services import enrolment, lockout, machines, sign_in, tablet_proofs
from app.services.lockout import Attempt, Whence
from app.services.sign_in import Expired, HoldingSignIn, NotSignedIn, SignInPolicy

P = ParamSpec("P")
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


def bearer_of(request: Request) -> str | None:
    """The token that a request carries; None where it carries none that could be one."""
    header = _BEARER.match(request.headers.get("authorization", ""))
    return None if header is None else header[1]


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


async def refused_stranger(
    shared: Frame,
    action: str,
    actor: Actor,
    asked: Moment,
    verb: Callable[Concatenate[Work, P], None],
    *args: P.args,
    **kwargs: P.kwargs,
) -> None:
    """Keeps that somebody who is not signed in was refused: by the verb, or, of very many in a minute, as a number."""
    if shared.strangers.heard(actor, action, shared.clock.wall()):
        await shared.database.write(verb, actor, asked, *args, **kwargs)


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
    found = await shared.database.read(_behind, EVERY_CLINIC, asked.at, fingerprint)
    match _judge(found, wall, shared.policy):
        case HoldingSignIn() as holding:
            assert found is not None
            shared.sign_ins.keep(fingerprint, found, since)
            return holding
        case Expired() as expired:
            await shared.database.write(sign_in.record_expiry, expired.actor, asked, wall)
        case None:
            if isinstance(found, FoundToken):
                actor = machines.whose(found)
                await refused_stranger(shared, "client.token-refused", actor, asked, machines.record_ended)
            elif found is not None:
                await refused_stranger(shared, "sign-in.refused", sign_in.whose(found), asked, sign_in.record_ended)
    raise NotSignedIn


async def identify(request: Request, shared: Frame, asked: Moment, wall: datetime) -> HoldingSignIn:
    """Whose sign-in or token a request carries, on which tablet. Raises `NotSignedIn`, audited where it has ended."""
    token = bearer_of(request)
    if token is None:
        raise NotSignedIn
    fingerprint = sign_in.fingerprint(token)
    # expiry is decided before anything else the request says is looked at; only what holds is believed unasked
    holding = _judge(shared.sign_ins.recall(fingerprint), wall, shared.policy)
    if not isinstance(holding, HoldingSignIn):
        holding = await _look_up(shared, fingerprint, asked, wall)
    if isinstance(holding.actor.role, Role):
        tablet_id, offset = tablet_of(request), clock_offset_of(request)
        begun_on = holding.actor.tablet_id
        if tablet_id is not None and tablet_id != begun_on:
            # a sign-in on the tablet itself ended when it was taken out of use
            enrolled = await shared.database.read(enrolment.in_use, holding.actor, asked.at, tablet_id)
            holding = replace(holding, tablet=enrolled, elsewhere=begun_on is not None)
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
    shared: Frame, owner: Actor, username: str, password_hash: str | None, password: str, place: Whence
) -> bool:
    """Whether the password is right, counted against the account and the place. Raises `TooManyAttempts`.

    `owner`: of the account, or `NO_CLINIC` where there is none of this name.
    """
    database, clock = shared.database, shared.clock

    async def admitted() -> Attempt:
        return await database.read(lockout.admit, owner, clock.now(), username, place, clock.wall())

    attempt = await admitted()

    async def counted(matched: bool) -> None:
        verb = lockout.succeeded if matched else lockout.failed
        await database.write(verb, owner, moment(clock), attempt, clock.wall())

    stranger = None if attempt.trusted else lockout.neighbourhood(place.address)
    return await shared.passwords.matches(password_hash, password, stranger=stranger, allowed=admitted, counted=counted)


async def proof_of(request: Request, tablet_id: UUID, tablet: Tablet) -> int:
    """The number of what an enrolled tablet has signed. Raises what `tablet_proofs.check` raises."""
    return tablet_proofs.check(tablet, await signed_by(request, tablet_id), request.headers.get(HEADER))


async def signed_by(request: Request, tablet_id: UUID) -> SentByTablet:
    """What of a request a tablet signs."""
    scope = request.scope
    asked = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    headers = tuple(request.headers.get(name, "") for name in SIGNED_HEADERS)
    return SentByTablet(request.method, asked.decode("latin-1"), tablet_id, await request.body(), headers)


def source(request: Request, tablet_id: UUID | None) -> Whence:
    """Where a request comes from, for counting attempts: the peer's address, and the tablet it claims to be."""
    return Whence(request.client.host if request.client else "unknown", tablet_id)
