"""For whoever runs the service: is it alive, is it ready, what has it done."""

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute

from app import __version__
from app.api import deps
from app.api.answers import answer
from app.api.contract import Out
from app.api.deps import Shared, public
from app.db.work import NOBODY
from app.services.health import probe


class LiveOut(Out):
    status: str


class ReadyOut(Out):
    status: str
    version: str
    database: str
    demo: bool


async def live() -> Response:
    """The process answers."""
    return answer({"status": "live"})


async def ready(shared: Shared) -> Response:
    """The database answers too. 503 where it does not."""
    demo = await shared.database.read(probe, NOBODY, shared.clock.now())
    return answer({"status": "ready", "version": __version__, "database": shared.database.name, "demo": demo})


async def show_metrics(request: Request) -> Response:
    """Counters in Prometheus' text form. Route templates and numbers, nothing of any patient."""
    lines = "\n".join(request.app.state.counts.lines()) + "\n"
    return Response(lines, media_type="text/plain; version=0.0.4")


def routes(*, metrics: bool) -> list[APIRoute]:
    """The routes; /metrics only where it was asked for."""
    router = deps.router()
    router.add_api_route("/health/live", live, response_model=LiveOut, openapi_extra=public())
    router.add_api_route("/health/ready", ready, response_model=ReadyOut, openapi_extra=public())
    if metrics:
        router.add_api_route("/metrics", show_metrics, response_class=PlainTextResponse, openapi_extra=public())
    return [route for route in router.routes if isinstance(route, APIRoute)]
