"""Refusals under `/fhir`: the same refusals as everywhere, told as an OperationOutcome."""

import json

from starlette.responses import Response
from starlette.types import Scope

from app.exchange.fhir import MEDIA_TYPE, operation_outcome, serialise

_CODES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "conflict",
    413: "too-long",
    415: "not-supported",
    422: "invalid",
    429: "throttled",
    503: "transient",
}
"""FHIR's issue types by status; what is not here is `exception`."""


def speaks_fhir(scope: Scope) -> bool:
    """Whether whoever asked this address expects FHIR."""
    path: str = scope["path"]
    return (path == "/fhir" or path.startswith("/fhir/")) and not path.startswith("/fhir/.well-known/")


def outcome_of(answer: Response) -> Response:
    """A problem as an OperationOutcome of the same status and headers: one issue, and one for each field named."""
    problem = json.loads(bytes(answer.body))
    status: int = problem["status"]
    code = "too-costly" if problem["code"] == "too-costly" else _CODES.get(status, "exception")
    outcome = operation_outcome("error", code, problem["detail"])
    outcome["issue"][0]["details"] = {"text": problem["code"]}
    for fault in problem.get("errors", ()):
        more = operation_outcome("error", code, f"{fault['field']}: {fault['message']}")
        outcome["issue"].extend(more["issue"])
    kept = {name: value for name, value in answer.headers.items() if name not in {"content-type", "content-length"}}
    return Response(serialise(outcome), status_code=status, headers=kept, media_type=MEDIA_TYPE)


def told(scope: Scope, answer: Response) -> Response:
    """A refusal in the words of whoever asked."""
    return outcome_of(answer) if speaks_fhir(scope) else answer
