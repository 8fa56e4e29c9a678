"""Answers as bytes: a plain document is spelt once, without a detour through models.

The models named on the routes describe the same documents for the OpenAPI; tests hold the two together.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from app.domain.numbers import decimal


def spell(value: object) -> object:
    """How a value that the encoder does not know is written."""
    match value:
        case Mapping():
            return dict(value)
        case _:
            raise TypeError(f"no spelling for {type(value).__name__}")


_ENCODER = msgspec.json.Encoder(enc_hook=spell, decimal_format="number")


def written(document: object) -> bytes:
    """JSON without a line break in it: ids and dates as text, instants in UTC, decimals as the numbers they are."""
    return _ENCODER.encode(document)


AMOUNTS = frozenset({"dose", "dose_mg", "flow_l_min", "rate_ml_h", "weight_kg"})


def amounts_as_numbers(document: object) -> object:
    """A kept document as the contract spells it: amounts, which are kept as text, are numbers."""
    match document:
        case Mapping():
            return {
                key: decimal(value) if key in AMOUNTS and isinstance(value, str) else amounts_as_numbers(value)
                for key, value in document.items()
            }
        case list() | tuple():
            return [amounts_as_numbers(item) for item in document]
        case _:
            return document


NOTHING_NEW: dict[str, Any] = {"description": "It is still as in the answer whose ETag If-None-Match names"}
"""Of every 304 in the OpenAPI."""


def etag_of(revision: int, look: str | None = None) -> str:
    """The ETag of a sheet's revision; of a whole look, which holds more than the sheet, with the look's tag."""
    return f'"{revision}"' if look is None else f'W/"{revision}.{look}"'


def is_named(etag: str, named: frozenset[str]) -> bool:
    """Whether If-None-Match names this ETag; a weak one is as good as any here."""
    return etag.removeprefix("W/") in named


def still_so(etag: str, **headers: str) -> Response:
    """304: the caller has it already."""
    return Response(status_code=304, headers={"ETag": etag, **headers})


def answer(document: object, *, status: int = 200, revision: int | None = None, look: str | None = None) -> Response:
    """`document` as JSON. `revision`, with the tag of a `look`, becomes the ETag."""
    headers = {"ETag": etag_of(revision, look)} if revision is not None else None
    return Response(
        written(document),
        status_code=status,
        headers=headers,
        media_type="application/json",
    )
