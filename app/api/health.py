"""For whoever runs the service: is it alive, is it ready, what has it done."""

from dataclasses import asdict

from fastapi import Response
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute

from app import __version__
from app.api.answers import answer
from app.api.contract import Out
from app.api.frame import Shared
from app.api.metrics import show_metrics
from app.api.routes import public
from app.api.routes import router as make_router
from app.db.work import NO_CLINIC
from app.services.clinics import probe


class LiveOut(Out):
    status: str


class DutyOut(Out):
    """Something the service does by itself.

    `apart`: how many sessions, clinics, targets or exports it failed at and tries again; `oldest_seconds`: since when
    the longest of them waits; `quiet_seconds`: since it last finished a round.
    """

    name: str
    late: bool
    apart: int
    oldest_seconds: int | None
    quiet_seconds: int


class ReadyOut(Out):
    """`late`: the duties that are. A session whose lapse is late says so on the board; it is never shown as met."""

    status: str
    version: str
    database: str
    demo: bool
    late: list[str]
    duties: list[DutyOut]


async def live() -> Response:
    """The process answers."""
    return answer({"status": "live"})


async def ready(shared: Shared) -> Response:
    """The database answers too. 503 where it does not.

    What the service does by itself and is late with is told, and ends nothing: one that answers nurses is not to be
    taken away for it.
    """
    demo = await shared.database.read(probe, NO_CLINIC, shared.clock.now())
    reports = [duty.report() for duty in shared.duties]
    return answer(
        {
            "status": "ready",
            "version": __version__,
            "database": shared.database.name,
            "demo": demo,
            "late": [report.name for report in reports if report.late],
            "duties": [{**asdict(report), "late": report.late} for report in reports],
        }
    )


def routes(*, metrics: bool) -> list[APIRoute]:
    """The routes; /metrics only where it was asked for."""
    router = make_router()
    router.add_api_route("/health/live", live, response_model=LiveOut, openapi_extra=public())
    router.add_api_route("/health/ready", ready, response_model=ReadyOut, openapi_extra=public())
    if metrics:
        router.add_api_route("/metrics", show_metrics, response_class=PlainTextResponse, openapi_extra=public())
    return [route for route in router.routes if isinstance(route, APIRoute)]
