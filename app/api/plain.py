"""Routes that need nothing but who asks, ids in their path and what If-None-Match names: they are called directly.

FastAPI goes through every parameter of a route at each request, which costs more than most looks. What these take is
known when the service starts. Whatever does not fit is left to FastAPI, which says what is wrong as of any other route.
"""

from collections.abc import Callable, Coroutine
from typing import Any, get_type_hints
from uuid import UUID

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant

from app.api.strict import Id, is_id

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def _takes_more(dependant: Dependant) -> bool:
    elsewhere = (
        dependant.query_params,
        dependant.header_params,
        dependant.cookie_params,
        dependant.body_params,
        dependant.response_param_name,
        dependant.background_tasks_param_name,
        dependant.security_scopes_param_name,
        dependant.http_connection_param_name,
    )
    known = all(hasattr(one.call, "act") or hasattr(one.call, "plain") for one in dependant.dependencies)
    return any(elsewhere) or not known


def _calls(dependant: Dependant, marked: str) -> list[tuple[str, Any]]:
    return [(str(one.name), one.call) for one in dependant.dependencies if hasattr(one.call, marked)]


def plain_handler(dependant: Dependant, otherwise: Handler) -> Handler | None:
    """Calls the route's own function with what it takes; None of a route that takes more than is known here.

    `otherwise`: FastAPI's way, for a request whose path does not fit.
    """
    endpoint: Callable[..., Any] | None = dependant.call
    if endpoint is None or _takes_more(dependant):
        return None
    hints = get_type_hints(endpoint, include_extras=True)
    if any(hints[param.name] not in (Id, str) for param in dependant.path_params):
        return None
    ids = [param.name for param in dependant.path_params if hints[param.name] == Id]
    texts = [param.name for param in dependant.path_params if hints[param.name] is str]
    asked = _calls(dependant, "act")
    read = [(name, call.plain) for name, call in _calls(dependant, "plain")]
    name_of_request = dependant.request_param_name

    async def handle(request: Request) -> Response:
        path = request.scope["path_params"]
        values: dict[str, Any] = {}
        for name in ids:
            if not is_id(path[name]):
                return await otherwise(request)
            values[name] = UUID(path[name])
        for name in texts:
            values[name] = path[name]
        for name, call in asked:
            values[name] = await call(request)
        for name, plain in read:
            values[name] = plain(request)
        if name_of_request is not None:
            values[name_of_request] = request
        answer: Response = await endpoint(**values)
        return answer

    return handle
