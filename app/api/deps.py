"""What a route is handed: one `Call`, by one person or machine that is signed in and may do this.

`router()` makes routers whose every route names who may call it: one that does not cannot be registered.
"""

import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.routing import APIRoute

from app.api.errors import refusals, status_of
from app.api.following import Following
from app.api.strict import StrictRequest
from app.clock import Clock, Moment, moment
from app.db.clients import FoundToken
from app.db.engine import Database
from app.db.sign_ins import FoundSignIn
from app.db.work import NOBODY, Work
from app.domain.errors import FieldError, Forbidden, Invalid, Refusal
from app.domain.people import Act, Actor, RoleMayNot, TicketRefused, check_may, check_scope
from app.domain.scopes import Access
from app.services import machines, sign_in
from app.services.duties import Duty
from app.services.first_run import FirstRun
from app.services.key_sets import KeySets
from app.services.lockout import Lockout
from app.services.passwords import Passwords
from app.services.sign_in import HoldingSignIn, NotSignedIn, SignInPolicy

P = ParamSpec("P")
T = TypeVar("T")
ANYONE = "anyone"
"""The `x-act` of the few routes that ask nobody who they are."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What one running service shares among its requests. Lives at `app.state.frame`."""

    clock: Clock
    database: Database
    duties: tuple[Duty, ...]
    """What the service does by itself."""
    demo: bool
    """Whether nobody in this database is a patient: settled before its first service starts."""
    passwords: Passwords
    lockout: Lockout
    policy: SignInPolicy
    first_run: FirstRun
    following: Following
    public_url: str | None
    """Where others find this service, without a slash at the end; None where nobody has said."""
    key_sets: KeySets
    export_folder: Path
    """Where the files of bulk exports lie."""
    proofs: Lockout
    """Counts machines' failures to prove themselves, apart from people's passwords."""
    export_key: str | None = None
    """Secret of exports without identifiers."""


def frame(request: Request) -> Frame:
    """The shared parts of the service that this request came to."""
    found: Frame = request.app.state.frame
    return found


async def _shared(request: Request) -> Frame:
    return frame(request)


Shared = Annotated[Frame, Depends(_shared)]
"""For the few routes that ask nobody who they are."""


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


RECORDED = frozenset({401, 403, 404, 409})
"""Refusals that leave an audit event: what was tried and may not be done, is not there, or does not fit the record."""


class WrongPassword(Forbidden):
    """The password is wrong. Nothing was signed; type it again."""

    code = "wrong-password"


@dataclass(frozen=True, slots=True)
class Call:
    """One request by one signed-in person or machine, at one instant of the clinic's clock.

    `actor` is who wrote it: who is signed in, or whose author ticket it carries.
    """

    actor: Actor
    asked: Moment
    wall: datetime
    last_used_at: datetime
    shared: Frame
    source: tuple[str, UUID | None]
    route: str

    @property
    def now(self) -> datetime:
        """The instant of the request, by the clinic's clock."""
        return self.asked.at

    @property
    def database(self) -> Database:
        """The one way to the record."""
        return self.shared.database

    async def read(self, verb: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a reading verb; what it audits is kept before this returns. Never extends the sign-in."""
        try:
            return await self.database.read(verb, self.actor, self.now, *args, **kwargs)
        except Refusal as refusal:
            await self._record(refusal)
            raise

    async def write(self, verb: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a writing verb; returns after its commit. Only this extends the idle time, in the same transaction."""

        def with_touch(work: Work) -> T:
            result = verb(work, *args, **kwargs)
            sign_in.name_sender(work)
            sign_in.touch(work, self.last_used_at, self.wall)
            return result

        try:
            return await self.database.write(with_touch, self.actor, self.asked)
        except Refusal as refusal:
            await self._record(refusal)
            raise

    async def write_by_page(self, verb: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a writing verb that a page does by itself, such as a heartbeat: it never extends the sign-in."""
        try:
            return await self.database.write(verb, self.actor, self.asked, *args, **kwargs)
        except Refusal as refusal:
            await self._record(refusal)
            raise

    async def within_scope(self, resource_type: str, access: Access) -> None:
        """Raises `ScopeMayNot`, audited, where a machine's token does not cover it; people have no scopes."""
        try:
            check_scope(self.actor, resource_type, access)
        except Refusal as refusal:
            await self._record(refusal)
            raise

    async def _record(self, refusal: Refusal) -> None:
        """What was refused left nothing behind; that it was asked for is kept, in a work of its own."""
        if status_of(refusal) in RECORDED:
            await self.database.write(sign_in.record_refusal, self.actor, self.asked, refusal.code, self.route)

    async def reauthenticate(self, password: str) -> None:
        """Make sure that whoever holds the tablet is who signed in. Raises `WrongPassword`, counted and audited."""
        assert self.actor.staff_id is not None
        credentials = await self.database.read(sign_in.own_credentials, self.actor, self.now)
        if await prove(self.shared, credentials.staff.username, credentials.password_hash, password, self.source):
            return
        await self.database.write(sign_in.password_failed, self.actor, self.asked)
        raise WrongPassword


_BEARER = re.compile(r"Bearer ([A-Za-z0-9_-]{20,128})\Z", re.IGNORECASE | re.ASCII)
_TABLET = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z", re.ASCII)


def tablet_of(request: Request) -> UUID | None:
    """The tablet named in X-Tablet-Id. Raises `Invalid` for anything but a UUID."""
    named = request.headers.get("x-tablet-id")
    if named is None:
        return None
    if not _TABLET.match(named):
        raise Invalid(errors=[FieldError("X-Tablet-Id", "must be a UUID")])
    return UUID(named)


_OFFSET = re.compile(r"[+-]?[0-9]{1,13}\Z", re.ASCII)


def clock_offset_of(request: Request) -> int | None:
    """The X-Tablet-Clock-Offset-Ms of what was typed on a tablet. Raises `Invalid` for anything but a whole number."""
    said = request.headers.get("x-tablet-clock-offset-ms")
    if said is None:
        return None
    if not _OFFSET.match(said):
        raise Invalid(errors=[FieldError("X-Tablet-Clock-Offset-Ms", "must be a whole number of milliseconds")])
    return int(said)


_TICKET = re.compile(r"[A-Za-z0-9_-]{20,128}\Z", re.ASCII)


async def _author(request: Request, shared: Frame, standing: HoldingSignIn, asked: Moment, wall: datetime) -> Actor:
    """Who wrote what this request carries, by its X-Author-Ticket; the signed-in person without one."""
    ticket = request.headers.get("x-author-ticket")
    if ticket is None:
        return standing.actor
    if not _TICKET.match(ticket):
        raise TicketRefused
    return await shared.database.read(sign_in.author, standing.actor, asked.at, standing, ticket, wall)


def _behind(work: Work, fingerprint: str) -> FoundSignIn | FoundToken | None:
    return sign_in.look_up(work, fingerprint) or machines.find_token(work, fingerprint)


async def _machine(shared: Frame, found: FoundToken, asked: Moment, wall: datetime) -> HoldingSignIn:
    actor = machines.whose(found)
    if not machines.holds(found, wall):
        await shared.database.write(machines.record_ended, actor, asked)
        raise NotSignedIn
    return HoldingSignIn(actor, wall, None)


async def _identify(request: Request, shared: Frame, asked: Moment, wall: datetime) -> HoldingSignIn:
    header = _BEARER.match(request.headers.get("authorization", ""))
    if header is None:
        raise NotSignedIn
    fingerprint = sign_in.fingerprint(header[1])
    found = await shared.database.read(_behind, NOBODY, asked.at, fingerprint)
    if isinstance(found, FoundToken):
        return await _machine(shared, found, asked, wall)
    # expiry is decided before anything else the request says is looked at
    match sign_in.judge(found, wall, shared.policy):
        case sign_in.Expired() as expired:
            await shared.database.write(sign_in.record_expiry, expired.actor, asked, wall)
            raise NotSignedIn
        case None:
            if found is not None:
                await shared.database.write(sign_in.record_ended, sign_in.whose(found), asked)
            raise NotSignedIn
        case sign_in.HoldingSignIn() as standing:
            tablet_id, offset = tablet_of(request), clock_offset_of(request)
            return replace(standing, actor=sign_in.on_tablet(standing.actor, tablet_id, offset))


async def still_signed_in(request: Request, shared: Frame) -> bool:
    """Whether the sign-in behind a request that is still being answered holds now."""
    try:
        await _identify(request, shared, moment(shared.clock), shared.clock.wall())
    except NotSignedIn:
        return False
    return True


def allow(act: Act) -> Any:
    """A dependency that hands in the `Call` of somebody who may do `act`: else 401, or 403 with an audited denial."""

    async def authorise(request: Request) -> Call:
        shared = frame(request)
        asked, wall = moment(shared.clock), shared.clock.wall()
        standing = await _identify(request, shared, asked, wall)
        actor = standing.actor
        route = request.scope["route"].path
        try:
            actor = await _author(request, shared, standing, asked, wall)
            check_may(actor, act)
        except RoleMayNot:
            await shared.database.write(sign_in.record_denial, actor, asked, act, route)
            raise
        except TicketRefused as refusal:
            # whoever sends it misuses the ticket: its owner has done nothing
            await shared.database.write(sign_in.record_refusal, standing.actor, asked, refusal.code, route)
            raise
        return Call(actor, asked, wall, standing.last_used_at, shared, source(request, actor.tablet_id), route)

    authorise.act = act  # type: ignore[attr-defined]  # read by StrictRoute, to put it into the OpenAPI
    return Depends(authorise)


_ETAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,8})"\Z', re.ASCII)


async def _if_match(if_match: Annotated[str | None, Header()] = None) -> int | None:
    if if_match is None:
        return None
    found = _ETAG.match(if_match.strip())
    if found is None:
        raise Invalid(errors=[FieldError("If-Match", 'must be one ETag as it was given, such as "3"')])
    return int(found[1])


IfMatch = Annotated[int | None, Depends(_if_match)]
"""The revision named in If-Match (`"3"` or `W/"3"`), None without the header."""


def _acts_of(route: APIRoute) -> list[Act]:
    found = (getattr(dependency.call, "act", None) for dependency in route.dependant.dependencies)
    return [act for act in found if act is not None]


class StrictRoute(APIRoute):
    """A route that reads its body strictly and says in the OpenAPI who may call it (`x-act`)."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        acts = _acts_of(self)
        extra = dict(self.openapi_extra or {})
        if len(acts) == 1:
            extra["x-act"] = acts[0].value
            extra["security"] = [{"bearer": []}]
        elif acts or extra.get("x-act") != ANYONE:
            raise TypeError(f"{path}: a route names exactly one act, or says that anyone may call it")
        self.openapi_extra = extra
        usual = {422, 503}
        if acts:
            usual |= {401, 403}
        if "{" in path:
            usual |= {404}
        if self.body_field is not None:
            usual |= {413, 415}
        self.responses = dict(sorted({**refusals(*usual), **self.responses}.items(), key=lambda item: str(item[0])))

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strictly


def router() -> APIRouter:
    """A router of such routes."""
    return APIRouter(route_class=StrictRoute)


def public() -> dict[str, Any]:
    """`openapi_extra` of a route that anyone may call."""
    return {"x-act": ANYONE}
