"""The feed over HTTP: what changed, in an order that never changes, by ids alone."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.cursors import Limit, read_cursor, write_cursor
from app.api.errors import refusals
from app.api.routes import router as make_router
from app.api.strict import Id, Instant
from app.domain.feed import item_document
from app.domain.people import Act
from app.services import feed
from app.services.feed import Place

router = make_router()


class FeedItemOut(Out):
    position: int
    id: Id
    kind: str
    at: Instant
    session_id: Id | None
    patient_id: Id | None
    subject: str
    subject_id: str
    revision: int | None


class FeedOut(Out):
    """`next` is never null: ask again with it, and what has happened meanwhile follows."""

    items: list[FeedItemOut]
    next: str


def _place(name: str, epoch: str, position: str) -> Place:
    if name != "feed" or not (position.isascii() and position.isdigit() and len(position) <= 15):
        raise ValueError
    return Place(UUID(epoch), int(position))


After = Annotated[
    str | None, Query(max_length=2000, description="The `next` of an answer before; none: from the start")
]


@router.get("/v1/feed", response_model=FeedOut, responses=refusals(409))
async def read_feed(
    call: Annotated[Call, allow(Act.READ_FEED)],
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """Every change of the record, oldest first. Nothing is ever skipped; an empty answer means up to date."""
    items, place = await call.read(feed.read_page, read_cursor(after, _place), limit)
    following = write_cursor(("feed", str(place.epoch), str(place.position)))
    return answer({"items": [item_document(item) for item in items], "next": following})
