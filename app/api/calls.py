"""What a route is handed: one `Call`, by one person or machine that is signed in and may do this."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from fastapi import Depends, Request

from app.api.errors import status_of
from app.api.frame import Frame, frame
from app.api.identify import Receipt, author_of, identify, item_of, proof_of, prove, source
from app.clock import Moment, moment
from app.db.engine import Database
from app.db.work import Work
from app.domain.errors import Forbidden, Refusal
from app.domain.people import Act, Actor, RoleMayNot, TicketRefused, check_may, check_scope
from app.domain.scopes import Access
from app.services import sign_in
from app.services.lockout import Whence
from app.services.sign_in import HoldingSignIn, PasswordMustChange, SenderMayNotChart, check_password_stays
from app.services.tablet_proofs import UNPROVEN, OtherTablet

P = ParamSpec("P")
T = TypeVar("T")
RECORDED = frozenset({401, 403, 404, 409})
"""Refusals that leave an audit event: what was tried and may not be done, is not there, or does not fit the record."""


PROVEN = frozenset({Act.CHART, Act.CLEAR, Act.SIGN, Act.ACKNOWLEDGE})
"""What an enrolled tablet signs: whatever enters the record of a patient, and its heartbeat."""


class NoPassword(Forbidden):
    """You have no password here, and sign nothing. To sign, choose one with a new invitation from your lead."""

    code = "no-password"


class WrongPassword(Forbidden):
    """The password is wrong. Nothing was signed; type it again."""

    code = "wrong-password"


@dataclass(frozen=True, slots=True)
class Call:
    """One request by one signed-in person or machine, at one instant of the clinic's clock.

    `actor` is who wrote it: who is signed in, or whose author ticket it carries. `proof`: the number of what an
    enrolled tablet has signed; None where it comes from no such tablet, or need not be signed.
    """

    actor: Actor
    asked: Moment
    wall: datetime
    holding: HoldingSignIn
    shared: Frame
    source: Whence
    route: str
    receipt: Receipt
    proof: int | None

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

    async def search(self, verb: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `read`, for what may look through much: see `Database.search`. Raises `TooCostly`."""
        try:
            return await self.database.search(verb, self.actor, self.now, *args, **kwargs)
        except Refusal as refusal:
            await self._record(refusal)
            raise

    async def write(self, verb: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a writing verb; returns after its commit.

        Only this extends the idle time, in the same transaction, and only where it kept anything: a page that sends
        the same again and again does nothing.
        """

        def with_touch(work: Work) -> tuple[T, int | None, bool]:
            result = verb(work, *args, **kwargs)
            did = bool(work.kept or work.noted)
            sign_in.name_sender(work)
            version = work.session_version
            return result, version, did and sign_in.touch(work, self.holding.last_used_at, self.wall)

        try:
            result, version, touched = await self.database.write(with_touch, self.actor, self.asked)
        except Refusal as refusal:
            await self._record(refusal)
            raise
        # after the commit: only what is kept is acknowledged
        self.receipt.kept, self.receipt.version = True, version
        if touched:
            self.shared.sign_ins.used(self.holding.token_hash, self.wall)
        return result

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
            await _record_refusal(self.shared, self.actor, self.asked, refusal.code, self.route)

    async def reauthenticate(self, password: str) -> None:
        """Make sure that whoever holds the tablet is who signed in. Raises `WrongPassword`, counted and audited.

        Raises `NoPassword` where there is none to be right.
        """
        assert self.actor.staff_id is not None
        mine = await self.database.read(sign_in.own_credentials, self.actor, self.now)
        if mine.password_hash is None:
            await self._record(NoPassword())
            raise NoPassword
        # counted by the sign-in: whoever guesses at this account elsewhere keeps nobody from signing
        place = replace(self.source, sign_in_id=self.holding.actor.sign_in_id)
        if await prove(self.shared, self.actor, mine.staff.username, mine.password_hash, password, place):
            return
        await self.database.write(sign_in.password_failed, self.actor, self.asked)
        raise WrongPassword


async def _record_refusal(shared: Frame, actor: Actor, asked: Moment, code: str, route: str) -> None:
    """On record; of somebody who asks the same again and again, as a number."""
    if shared.refused.heard(actor, "act.refused", shared.clock.wall(), route, code):
        await shared.database.write(sign_in.record_refusal, actor, asked, code, route)


async def _check_tablet(request: Request, holding: HoldingSignIn, act: Act) -> int | None:
    """The number that an enrolled tablet has signed; None where nothing need be signed. Raises one of `UNPROVEN`.

    What enters the record, or is said of a tablet, comes from the one that the sign-in was begun on.
    """
    if act not in PROVEN or request.method == "GET" or holding.actor.tablet_id is None:
        return None
    if holding.elsewhere:
        raise OtherTablet
    if holding.tablet is None:
        return None
    return await proof_of(request, holding.actor.tablet_id, holding.tablet)


def allow(act: Act) -> Any:
    """A dependency that hands in the `Call` of somebody who may do `act`: else 401, or 403 with an audited denial."""

    async def authorise(request: Request) -> Call:
        shared = frame(request)
        asked, wall = moment(shared.clock), shared.clock.wall()
        holding = await identify(request, shared, asked, wall)
        actor = holding.actor
        route = request.scope["route"].path
        try:
            check_password_stays(holding, act)
            actor = await author_of(request, shared, holding, asked, wall)
            check_may(actor, act)
            proof = await _check_tablet(request, holding, act)
        except RoleMayNot:
            if shared.refused.heard(actor, "act.denied", wall, route, act.value):
                await shared.database.write(sign_in.record_denial, actor, asked, act, route)
            raise
        except (PasswordMustChange, TicketRefused, SenderMayNotChart, *UNPROVEN) as refusal:
            # whoever sends a ticket misuses it: its owner has done nothing
            await _record_refusal(shared, holding.actor, asked, refusal.code, route)
            raise
        receipt = request.scope["receipt"] = Receipt(item_of(request))
        return Call(actor, asked, wall, holding, shared, source(request, actor.tablet_id), route, receipt, proof)

    authorise.act = act  # type: ignore[attr-defined]  # read by StrictRoute, to put it into the OpenAPI
    return Depends(authorise)
