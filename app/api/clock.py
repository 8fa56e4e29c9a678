"""The service's clocks, for tablets that must show and stamp the clinic's time."""

from fastapi import Response

from app.api.answers import answer
from app.api.contract import Out
from app.api.frame import Shared
from app.api.routes import public
from app.api.routes import router as make_router
from app.api.strict import Id, Instant
from app.db.clinics import Installation
from app.domain.tablets import CLOCKS_APART

router = make_router()


class ClockOut(Out):
    """`now`: the clinic's clock. `wall`: the wall clock. `pace`: seconds of the first in one of the second."""

    now: Instant
    wall: Instant
    pace: int


class LifeOut(ClockOut):
    """Which life of the record this is.

    `epoch` is another after each restore from a backup. Whoever knew another one sends again what was acknowledged
    since `offer_from`, by the wall clock: it may have been lost, and changes nothing where it was not.
    """

    epoch: Id
    offer_from: Instant | None


class ServiceClockOut(LifeOut):
    """`demo`: nobody here is a patient. It stands here so that a screen can say so before anybody has signed in."""

    demo: bool


def life_document(life: Installation) -> dict[str, object]:
    """What every tablet hears of this life of the record."""
    offer_from = None if life.lost_from is None else life.lost_from - CLOCKS_APART
    return {"epoch": life.epoch, "offer_from": offer_from}


@router.get("/v1/clock", response_model=ServiceClockOut, openapi_extra=public())
async def read_clock(shared: Shared) -> Response:
    """Both clocks. A tablet's `clock_offset_ms` is its own clock minus `wall`: it can be measured before signing in."""
    clock = shared.clock
    said = {"now": clock.now(), "wall": clock.wall(), "pace": clock.pace, "demo": shared.demo}
    return answer(said | life_document(shared.life))
