"""Routes that read their bodies strictly and name who may call them: one that does not cannot be registered."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from app.api.errors import refusals
from app.api.plain import plain_handler
from app.api.strict import StrictRequest
from app.domain.people import Act

ANYONE = "anyone"
"""The `x-act` of the few routes that ask nobody who they are."""


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
            response = await handle(StrictRequest(request.scope, request.receive))
            receipt = request.scope.get("receipt")
            if receipt is not None:
                response.headers.update(receipt.headers())
            return response

        return plain_handler(self.dependant, strictly) or strictly


def router() -> APIRouter:
    """A router of such routes."""
    return APIRouter(route_class=StrictRoute)


def public() -> dict[str, Any]:
    """`openapi_extra` of a route that anyone may call."""
    return {"x-act": ANYONE}
