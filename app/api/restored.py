"""After a restore, over HTTP: what has come back from tablets, and what may still lie on one."""

from typing import Annotated

from fastapi import Response

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.clock import life_document
from app.api.contract import Out
from app.api.routes import router as make_router
from app.api.strict import Id, Instant
from app.domain.people import Act
from app.services import restored
from app.services.restored import TabletSince

router = make_router()


class CameBackOut(Out):
    """Facts of one kind whose own instant lies in the lost time, and which arrived since."""

    kind: str
    count: int


class TabletSinceOut(Out):
    """A tablet, and when it was last heard of: null where it never was. `name` null: nobody enrolled it."""

    id: Id
    name: str | None
    heard_at: Instant | None
    unsent: int | None


class RestoredOut(Out):
    """`restored_at` null: this record was never brought back from a backup.

    `lost_from`: what had been kept since then was gone, until a tablet sent it again. What no tablet held, nobody can
    name: compare with paper from then on. `back`: tablets heard of since, that say they hold nothing unsent;
    `not_back`: the others. A tablet on which nobody has signed in since may not have looked yet what it holds.
    """

    epoch: Id
    offer_from: Instant | None
    restored_at: Instant | None
    lost_from: Instant | None
    came_back: list[CameBackOut]
    back: list[TabletSinceOut]
    not_back: list[TabletSinceOut]


@router.get("/v1/restored", response_model=RestoredOut)
async def read_restored(call: Annotated[Call, allow(Act.READ_AUDIT)]) -> Response:
    """How far the clinic has come since its record was brought back from a backup."""
    found = await call.read(restored.read)
    return answer(
        {
            **life_document(found.life),
            "restored_at": found.life.restored_at,
            "lost_from": found.life.lost_from,
            "came_back": [{"kind": kind, "count": count} for kind, count in sorted(found.came_back.items())],
            "back": [_since(one) for one in found.back],
            "not_back": [_since(one) for one in found.not_back],
        }
    )


def _since(one: TabletSince) -> dict[str, object]:
    said = one.said
    return {
        "id": one.id,
        "name": one.name,
        "heard_at": said.heard_at if said else None,
        "unsent": said.unsent if said else None,
    }
