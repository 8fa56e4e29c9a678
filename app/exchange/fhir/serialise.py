"""Resources as JSON: decimals as they are (`2.50` stays `2.50`), keys in the order they were made."""

import msgspec

from app.exchange.fhir.systems import Resource

MEDIA_TYPE = "application/fhir+json"

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def serialise(resource: Resource | str) -> bytes:
    """One resource (or one text of it) on one line of UTF-8, as NDJSON wants it."""
    return _ENCODER.encode(resource)
