"""Tablets over HTTP: enrolment, the heartbeat, the outbox's key, and a lead's release."""

import base64
import secrets
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.clock import LifeOut, life_document
from app.api.contract import Out
from app.api.cursors import MOST, After, Key, Limit, a_page, by_revision, read_cursor, read_number
from app.api.errors import refusals
from app.api.identify import signed_by
from app.api.kept import KeptOut, kept_document
from app.api.routes import router as make_router
from app.api.strict import Body, Id, IfMatch, Instant, Text, Whole
from app.db.enrolments import TabletPlace, tablet_document
from app.domain.assessment import Status
from app.domain.people import Act
from app.domain.records import Kept
from app.domain.tablets import Contact, NotEntered, Tablet, clock_is_doubtful, unsent_in_this_life
from app.exchange.tablet_proofs import HEADER, is_public_key
from app.services import enrolment, tablet_keys, tablet_proofs, tablets
from app.services.enrolment import TabletLine
from app.services.tablet_proofs import OtherTablet, check_signed
from app.services.tablets import SessionOnScreen

router = make_router()
DAY_MS = 86_400_000


class ContactIn(Body):
    """What a tablet says of itself. `clock_offset_ms`: its clock minus the service's wall clock."""

    unsent: Annotated[Whole, Field(ge=0, le=100_000)]
    open_sessions: Annotated[list[Id], Field(max_length=20)]
    drafts: list[Id] = Field(
        default_factory=list,
        max_length=20,
        description="Sessions of which an unfinished set lies on it: none of them is met meanwhile",
    )
    clock_offset_ms: Annotated[int, Field(ge=-36_500 * DAY_MS, le=36_500 * DAY_MS)]
    epoch: Id | None = Field(
        default=None,
        description="The life of the record that it knows, as it was told last. For three days after a restore one "
        "that names another, or none, counts as holding something: what was lost may lie on it",
    )


class StandingOut(Out):
    """Where a session's readiness stands. All null: it was never assessed.

    `as_of` and `digest` are the latest kept assessment's. `lapses_at`: when met, the first instant at which time alone
    ends it; each heartbeat of an enrolled tablet may have moved it on.
    """

    status: Status | None
    as_of: Instant | None
    lapses_at: Instant | None
    digest: str | None


class ContactSessionOut(Out):
    id: Id
    readiness: StandingOut


class ContactOut(LifeOut):
    """The service's clocks as `/v1/clock` shows them, whether the tablet's is in doubt, its name, its open sessions.

    `name` is null where no lead has enrolled it. `renew_key`: it is time for another key. `sessions`: those of
    `open_sessions` that the clinic knows, as they stand after this heartbeat, so that a page need not ask for what a
    heartbeat has moved.
    """

    clock_in_doubt: bool
    name: str | None
    renew_key: bool
    sessions: list[ContactSessionOut]


class KeyIn(Body):
    pass


class KeyOut(Out):
    """32 random bytes in base64."""

    key: str


def _public_key(text: str) -> str:
    if not is_public_key(text):
        raise PydanticCustomError(
            "said:public-key", "must be a point of P-256, uncompressed, as base64url without padding"
        )
    return text


PublicKey = Annotated[str, Field(max_length=87), AfterValidator(_public_key)]


class TabletIn(Body):
    """What people call it, such as the number on its back."""

    name: Annotated[str, Text()]
    in_use: bool = Field(default=True, description="False: lost or given away. No key and no PIN opens it any more")
    public_key: PublicKey | None = Field(
        default=None,
        description="Of the key that the tablet signs with; sent from the tablet itself and signed with it. Left out, "
        "it stays; an enrolled tablet without one is not heard until it has one",
    )


class PublicKeyIn(Body):
    public_key: PublicKey


class TabletOut(KeptOut):
    id: Id
    name: str
    in_use: bool
    public_key: str | None


class TabletHistoryOut(Out):
    items: list[TabletOut]
    next: str | None


class TabletLineOut(Out):
    """`revision` 0 and `name` null: not enrolled. `heard_at` (clinic's clock) and `unsent` null: never heard of.

    `public_key`: the key it is known by. Enrolled without one, or where it has another, it has to be enrolled again.
    """

    id: Id
    revision: int
    name: str | None
    in_use: bool
    public_key: str | None
    heard_at: Instant | None
    unsent: int | None
    open_sessions: list[Id]
    clock_in_doubt: bool


class TabletListOut(Out):
    items: list[TabletLineOut]
    next: str | None


class ReleaseIn(Body):
    session_id: Id
    reason: Annotated[str, Text()]


Escaped = Annotated[str, Field(min_length=1, max_length=65_536, pattern=r"^[\x20-\x7e]+$")]
"""A document as JSON in ASCII: whatever was typed, and for whatever reason it was refused, it can be told so."""


class NotEnteredIn(Body):
    """Something typed on a tablet that the service refused and a person sets aside: both versions, and why.

    `item`: by which name the tablet sent it. `typed`, `refused`: what was sent and what was answered, as JSON in ASCII.
    """

    item: Id
    session_id: Id | None = None
    about: Annotated[str, Text()]
    typed: Escaped
    refused: Escaped
    reason: Annotated[str, Text()]


def _revision(tablet_id: UUID, kept: Kept[Tablet]) -> dict[str, object]:
    return {"id": tablet_id, **kept_document(kept, tablet_document(kept.value))}


def _standing(one: SessionOnScreen) -> dict[str, object]:
    readiness = {"status": one.status, "as_of": one.as_of, "lapses_at": one.lapses_at, "digest": one.digest}
    return {"id": one.session_id, "readiness": readiness}


def _place(name: str, tablet_id: str) -> TabletPlace:
    return TabletPlace(name, UUID(tablet_id))


def _key(line: TabletLine) -> Key:
    return line.tablet.name if line.tablet else "", str(line.id)


def _line(line: TabletLine) -> dict[str, object]:
    said = line.said
    return {
        "id": line.id,
        "revision": line.revision,
        "name": line.tablet.name if line.tablet else None,
        "in_use": line.tablet.in_use if line.tablet else True,
        "public_key": line.tablet.public_key if line.tablet else None,
        "heard_at": said.heard_at if said else None,
        "unsent": said.unsent if said else None,
        "open_sessions": line.open_sessions,
        "clock_in_doubt": clock_is_doubtful(said.clock_offset_ms if said else None),
    }


@router.put(
    "/v1/tablets/{tablet_id}",
    response_model=None,
    responses={200: {"model": TabletOut}, 201: {"model": TabletOut}, **refusals(412, 428)},
)
async def put_tablet(
    tablet_id: Id,
    body: TabletIn,
    call: Annotated[Call, allow(Act.MANAGE_TABLETS)],
    if_match: IfMatch,
    request: Request,
) -> Response:
    """Enrol a tablet, on itself, by giving it a name and its key; give it another name; or take it out of use."""
    if body.public_key is not None:
        if call.actor.tablet_id != tablet_id:
            raise OtherTablet("A tablet's key is given to the service on the tablet itself: sign in there.")
        check_signed(body.public_key, await signed_by(request, tablet_id), request.headers.get(HEADER))
    tablet = Tablet(body.name, body.in_use, body.public_key)
    change, kept = await call.write(enrolment.put, tablet_id, tablet, if_match, call.wall)
    return answer(_revision(tablet_id, kept), status=201 if change.created else 200, revision=kept.revision)


@router.get("/v1/tablets", response_model=TabletListOut)
async def list_tablets(
    call: Annotated[Call, allow(Act.MANAGE_TABLETS)], after: After = None, limit: Limit = MOST
) -> Response:
    """Tablets that are enrolled, by name, then those that were only heard of."""
    found = await call.read(enrolment.read_page, read_cursor(after, _place), limit + 1)
    return answer(a_page(found, limit, _line, _key))


@router.get("/v1/tablets/{tablet_id}/history", response_model=TabletHistoryOut)
async def get_tablet_history(
    tablet_id: Id, call: Annotated[Call, allow(Act.MANAGE_TABLETS)], after: After = None, limit: Limit = MOST
) -> Response:
    """Revisions of one enrolment, oldest first."""
    found = await call.read(enrolment.read_history, tablet_id, read_number(after), limit + 1)
    return answer(a_page(found, limit, lambda kept: _revision(tablet_id, kept), by_revision))


@router.put("/v1/tablets/{tablet_id}/contact", response_model=None, responses={200: {"model": ContactOut}})
async def put_contact(tablet_id: Id, body: ContactIn, call: Annotated[Call, allow(Act.CHART)]) -> Response:
    """A heartbeat, by somebody who charts, of the tablet they hold. It never extends a sign-in.

    It keeps the tablet's sessions in step. An enrolled tablet signs it, with a number higher than any before: one that
    is late is refused with `old-tablet-proof`, and says nothing that counts.
    Silence counts of enrolled tablets alone; what any tablet or browser holds unsent or unfinished blocks until it
    says that it holds it no more.
    """
    life = call.shared.life
    unsent = unsent_in_this_life(body.unsent, body.epoch, life.epoch, life.restored_at, call.now)
    said = Contact(unsent, tuple(body.open_sessions), body.clock_offset_ms, tuple(body.drafts))
    pace = call.shared.clock.pace
    tablet = call.holding.tablet
    heard, renew = await call.write_by_page(tablet_proofs.heard, tablet_id, said, pace, tablet, call.proof)
    return answer(
        {
            "now": call.now,
            "wall": call.wall,
            "pace": pace,
            "clock_in_doubt": clock_is_doubtful(body.clock_offset_ms),
            "name": heard.name,
            "renew_key": renew,
            "sessions": [_standing(one) for one in heard.sessions],
            **life_document(life),
        }
    )


@router.put("/v1/tablets/{tablet_id}/public-key", response_model=None, status_code=204)
async def put_public_key(tablet_id: Id, body: PublicKeyIn, call: Annotated[Call, allow(Act.CHART)]) -> Response:
    """The tablet hands over to another key, in what it signs with the one before: that one is good for nothing more."""
    await call.write_by_page(tablet_proofs.renew, tablet_id, body.public_key, call.proof)
    return Response(status_code=204)


@router.post("/v1/tablets/{tablet_id}/key", response_model=None, responses={200: {"model": KeyOut}, **refusals(409)})
async def release_key(tablet_id: Id, body: KeyIn, call: Annotated[Call, allow(Act.READ_PATIENTS)]) -> Response:
    """The key of this tablet's outbox, the same for everybody of the clinic who sees patients. Nothing caches it."""
    fresh = base64.b64encode(secrets.token_bytes(32)).decode()
    return answer({"key": await call.write_by_page(tablet_keys.release_key, tablet_id, fresh)})


@router.post("/v1/tablets/{tablet_id}/release", response_model=None, status_code=204)
async def release_tablet(tablet_id: Id, body: ReleaseIn, call: Annotated[Call, allow(Act.MANAGE_TABLETS)]) -> Response:
    """A lead's word that a silent tablet holds nothing of this session any more, with the reason."""
    await call.write(tablets.release, tablet_id, body.session_id, body.reason)
    return Response(status_code=204)


@router.post("/v1/tablets/{tablet_id}/not-entered", response_model=None, status_code=204)
async def keep_not_entered(tablet_id: Id, body: NotEnteredIn, call: Annotated[Call, allow(Act.CHART)]) -> Response:
    """Keep on record what was typed, was refused and is set aside: in the audit, as it is no fact of the record."""
    said = NotEntered(body.item, body.session_id, body.about, body.typed, body.refused, body.reason)
    await call.write(tablets.not_entered, tablet_id, said)
    return Response(status_code=204)
