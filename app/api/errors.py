"""Refusals as `application/problem+json` (RFC 9457): one table from error families to statuses.

No answer repeats what was sent, except the name of a field.
"""

import logging
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.api.answers import amounts_as_numbers, spell
from app.api.faults import field_errors
from app.api.outcomes import told
from app.api.strict import WrongContentType, refusal_of_body
from app.db.refusals import TooCostly, Unavailable
from app.domain.deciding import PreconditionFailed, PreconditionMissing
from app.domain.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Refusal
from app.exchange.flat import FormNotInstalled
from app.services.break_glass import TooManyOpenings
from app.services.fhir.exports import ExportFailed, TooManyExports
from app.services.fhir.refusals import NotAcceptable, Unsearchable
from app.services.identities import LogoutNotProven
from app.services.lockout import TooManyAttempts
from app.services.sign_in import NotSignedIn

log = logging.getLogger(__name__)
_ENCODER = msgspec.json.Encoder(enc_hook=spell, decimal_format="number")
"""Its own: an answer that cannot be written is answered all the same."""

STATUS: Sequence[tuple[type[Refusal], int]] = (
    # leaves first: the first class that fits decides
    (Unsearchable, 400),
    (TooCostly, 400),
    (LogoutNotProven, 400),
    (NotAcceptable, 406),
    (TooManyExports, 429),
    (TooManyOpenings, 429),
    (ExportFailed, 500),
    (FormNotInstalled, 501),
    (PreconditionMissing, 428),
    (PreconditionFailed, 412),
    (NotSignedIn, 401),
    (TooManyAttempts, 429),
    (WrongContentType, 415),
    (Unavailable, 503),
    (NotFound, 404),
    (Conflict, 409),
    (Forbidden, 403),
    (Invalid, 422),
)

MEDIA_TYPE = "application/problem+json"
_OWN = frozenset({"type", "title", "status", "detail", "code", "errors"})

_CODES = {
    404: ("not-found", "There is nothing at this address."),
    405: ("method-not-allowed", "This address does not take this method."),
    413: ("body-too-large", "The body is larger than this service takes."),
}

_MEANING = {
    400: "It cannot be done as it is asked for, or looks through too much; what is said names what to ask otherwise",
    401: "Not signed in, or the sign-in has ended",
    403: "Signed in, but this role may not do this; or the password sent again was wrong",
    404: "Nothing under this id in this clinic (another clinic's id answers alike)",
    406: "Only the JSON of FHIR R4 is spoken here; the issues name what asked for something else",
    409: "The record is not in a state that allows this; the detail says what to do next",
    412: "It has moved on since it was read: read it again",
    413: "The body is over the size limit",
    415: "The body is not `application/json` in UTF-8",
    422: "Something sent cannot be right; `errors` names the fields",
    428: "It exists with other content: a change needs If-Match with the last ETag",
    429: "Too many attempts: see Retry-After",
    500: "It could not be done; what was ordered must be ordered anew",
    501: "This format comes as an extra that is not installed here; the detail says which have the same columns",
    503: "It cannot be kept or read now, nothing was kept: see Retry-After",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with these statuses, all of them problem+json."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _MEANING[status], "content": content} for status in sorted(statuses)}


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal, by the table above."""
    return next((status for family, status in STATUS if isinstance(refusal, family)), 422)


def problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    errors: Iterable[FieldError] = (),
    extra: dict[str, object] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """One problem+json answer. Members of `extra` never replace the standard ones."""
    body: dict[str, object] = {
        "type": f"urn:infusion-vitals:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    named = [{"field": error.field, "message": error.message} for error in errors]
    if named:
        body["errors"] = named
    body |= {key: amounts_as_numbers(value) for key, value in (extra or {}).items() if key not in _OWN}
    return Response(
        _ENCODER.encode(body),
        status_code=status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )


def problem_of(refusal: Refusal) -> Response:
    """The answer to a refusal, with the headers its status asks for."""
    status = status_of(refusal)
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    wait = getattr(refusal, "retry_after", None)
    if wait is not None:
        headers["Retry-After"] = str(wait)
    # a sentence of the class, its first paragraph only: what follows is for the reader of the code
    title = (type(refusal).__doc__ or refusal.detail).strip().split("\n\n")[0]
    return problem(
        status,
        refusal.code,
        title,
        refusal.detail.split("\n\n")[0],
        errors=refusal.errors,
        extra=refusal.extra,
        headers=headers,
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return told(request.scope, problem_of(error))


async def _malformed(request: Request, error: Exception) -> Response:
    """What FastAPI found wrong, in our words, without what was typed."""
    assert isinstance(error, RequestValidationError)
    refusal = refusal_of_body(error.body)
    if refusal is None:
        refusal = Malformed(errors=field_errors(error.errors(), error.body))
    return told(request.scope, problem_of(refusal))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    code, text = _CODES.get(status, (f"http-{status}", HTTPStatus(status).phrase))
    return told(request.scope, problem(status, code, text, text, headers=dict(error.headers or {})))


def unexpected() -> Response:
    """The answer to a mistake of ours: nothing about it leaves the service."""
    text = "Something went wrong in the service. Nothing of this request was acknowledged; try again."
    return problem(500, "internal-error", "Something went wrong in the service.", text)


class Malformed(Invalid):
    """What was sent does not have the form this address takes: see the fields named."""

    code = "malformed"


def install(app: FastAPI) -> None:
    """Let every refusal of `app` leave as problem+json."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)


__all__ = ["Malformed", "install", "problem", "problem_of", "refusals", "status_of", "unexpected"]
