"""The service's clocks, for tablets that must show and stamp the clinic's time."""

from fastapi import Response

from app.api.answers import answer
from app.api.contract import Out
from app.api.frame import Shared
from app.api.routes import public
from app.api.routes import router as make_router
from app.api.strict import Instant

router = make_router()


class ClockOut(Out):
    """`now`: the clinic's clock. `wall`: the wall clock. `pace`: seconds of the first in one of the second."""

    now: Instant
    wall: Instant
    pace: int


class ServiceClockOut(ClockOut):
    """`demo`: nobody here is a patient. It stands here so that a screen can say so before anybody has signed in."""

    demo: bool


@router.get("/v1/clock", response_model=ServiceClockOut, openapi_extra=public())
async def read_clock(shared: Shared) -> Response:
    """Both clocks. A tablet's `clock_offset_ms` is its own clock minus `wall`: it can be measured before signing in."""
    clock = shared.clock
    return answer({"now": clock.now(), "wall": clock.wall(), "pace": clock.pace, "demo": shared.demo})
