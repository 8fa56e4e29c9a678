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

router = make_router()


class CameBackOut(Out):
    """Facts of one kind whose own instant lies in the lost time, and which arrived since."""

    kind: str
    count: int


class NotBackOut(Out):
    """A tablet that has not been heard of since, or says that it still holds something. Null: never heard of."""

    id: Id
    name: str | None
    heard_at: Instant | None
    unsent: int | None


class RestoredOut(Out):
    """`restored_at` null: this record was never brought back from a backup.

    `lost_from`: what had been kept since then was gone, until a tablet sent it again. What no tablet held, nobody can
    name: compare with paper from then on.
    """

    epoch: Id
    offer_from: Instant | None
    restored_at: Instant | None
    lost_from: Instant | None
    came_back: list[CameBackOut]
    not_back: list[NotBackOut]


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
            "not_back": [
                {
                    "id": one.id,
                    "name": one.name,
                    "heard_at": one.said.heard_at if one.said else None,
                    "unsent": one.said.unsent if one.said else None,
                }
                for one in found.not_back
            ],
        }
    )
