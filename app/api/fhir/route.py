"""Routes that speak FHIR: answers as bytes, refusals as OperationOutcomes, addresses in full, types by scope."""

from collections.abc import Callable, Iterable
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response

from app.api.answers import is_named, still_so
from app.api.calls import Call
from app.api.routes import StrictRoute
from app.domain.addresses import is_loopback
from app.domain.errors import FieldError
from app.domain.people import Act, Machine, Role, check_may, may
from app.domain.scopes import Access, covers
from app.exchange.fhir import MEDIA_TYPE, Resource, serialise
from app.exchange.media_types import FHIR_VERSION, JSON, accepted, is_spoken, media_type, mended
from app.exchange.searching.offers import OFFERS
from app.services import sign_in
from app.services.fhir.refusals import NotAcceptable
from app.services.fhir.written import changed

TOLD: dict[str, Any] = {
    "type": "object",
    "required": ["resourceType"],
    "properties": {"resourceType": {"type": "string"}},
}
RESOURCE: dict[str, Any] = {"description": "A resource of FHIR R4", "content": {MEDIA_TYPE: {"schema": TOLD}}}
_OUTCOME: dict[str, Any] = {
    MEDIA_TYPE: {
        "schema": {
            "type": "object",
            "required": ["resourceType", "issue"],
            "properties": {
                "resourceType": {"const": "OperationOutcome"},
                "issue": {
                    "type": "array",
                    "minItems": 1,
                    "items": {"type": "object", "required": ["severity", "code"]},
                },
            },
        }
    }
}


class FhirResponse(Response):
    """Bytes that are FHIR already."""

    media_type = MEDIA_TYPE


class FhirRoute(StrictRoute):
    """A route whose refusals are OperationOutcomes."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self.responses = {
            status: {**said, "content": _OUTCOME} if str(status) >= "400" else said
            for status, said in self.responses.items()
        }


def router() -> APIRouter:
    """A router whose routes speak FHIR."""
    return APIRouter(route_class=FhirRoute, default_response_class=FhirResponse)


def base_of(request: Request, call: Call | None = None) -> str:
    """The address of `/fhir`: the operator's word (PUBLIC_URL); without it, as whoever asks has called it.

    Nothing is kept of the latter, and no answer is ever given to another: it misleads nobody but its asker.
    """
    named: str | None = (call.shared if call else request.app.state.frame).public_url
    host = (urlsplit(named).hostname or "") if named else ""
    asked = str(request.base_url).rstrip("/")
    # a service of this machine alone is called by this machine's names: any other is a stranger's
    if named is None or (is_loopback(host) and is_loopback(request.base_url.hostname or "")):
        named = asked
    return f"{named}/fhir"


def check_accepts(
    request: Request, sent: Iterable[tuple[str, str]] | None = None, spoken: frozenset[str] = JSON
) -> None:
    """Raises `NotAcceptable` where whoever asks wants nothing that we speak: `_format` decides, else Accept.

    `sent`: the parameters where they are not all in the address.
    """
    pairs = request.query_params.multi_items() if sent is None else sent
    formats = [value for name, value in pairs if name == "_format"]
    if formats:
        field, wanted = "_format", all(is_spoken(media_type(mended(one)), JSON) for one in formats)
    else:
        field, wanted = "Accept", accepted(",".join(request.headers.getlist("accept")), spoken)
    if not wanted:
        text = f"must be json, or {MEDIA_TYPE} with fhirVersion={FHIR_VERSION} or none"
        raise NotAcceptable(errors=[FieldError(field, text)])


def preferences(request: Request) -> dict[str, str]:
    """What the Prefer headers say, by name."""
    said = (part.strip() for line in request.headers.getlist("prefer") for part in line.replace(";", ",").split(","))
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in (one.partition("=") for one in said)}


# --- who may read which type -----------------------------------------------------------------------------------------


def _covered(call: Call, kind: str, access: Access) -> bool:
    match call.actor.role:
        case Machine() as machine:
            return covers(machine.scopes, kind, access)
        case Role() as role:
            # what /v1/audit does not show somebody, /fhir does not either
            return kind != "AuditEvent" or may(role, Act.READ_AUDIT)
        case _:
            return True


async def may_read(call: Call, kind: str, access: Access) -> None:
    """Raises, audited, where this caller may not read this type in this way."""
    await call.within_scope(kind, access)
    if not _covered(call, kind, access):
        await call.database.write(sign_in.record_denial, call.actor, call.asked, Act.READ_AUDIT, call.route)
        check_may(call.actor, Act.READ_AUDIT)


def readable(call: Call, access: Access) -> frozenset[str]:
    """Every type of the record that this caller may read in this way."""
    kinds = (offer.type for offer in OFFERS if not offer.local)
    return frozenset(kind for kind in kinds if _covered(call, kind, access))


# --- answers ---------------------------------------------------------------------------------------------------------


def _modified(at: datetime | None) -> dict[str, str]:
    return {} if at is None else {"Last-Modified": format_datetime(at.replace(microsecond=0), usegmt=True)}


def version_tag(version: str) -> str:
    """The ETag of a version."""
    return f'W/"{version}"'


def version_known(version: str, at: datetime | None) -> Response:
    """304: whoever asks has this version."""
    return still_so(version_tag(version), **_modified(at))


def resource_answer(resource: Resource, named: frozenset[str], base: str) -> Response:
    """One version of one resource: its ETag, when it came to be, and where it is; 304 where that is known already."""
    version, at = resource.get("meta", {}).get("versionId", "1"), changed(resource)
    if "*" in named or is_named(version_tag(version), named):
        return version_known(version, at)
    place = f"{base}/{resource['resourceType']}/{resource['id']}/_history/{version}"
    headers = {"ETag": version_tag(version), **_modified(at), "Content-Location": place}
    return FhirResponse(serialise(resource), headers=headers)
