"""`/fhir`: what the service can do, one resource, its versions, and searches."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote, urlencode
from uuid import UUID

from fastapi import Request, Response

from app import __version__
from app.api.answers import NOTHING_NEW, is_named
from app.api.calls import Call, allow
from app.api.cursors import read_cursor, write_cursor
from app.api.errors import refusals
from app.api.fhir.route import (
    RESOURCE,
    FhirResponse,
    base_of,
    check_accepts,
    may_read,
    preferences,
    readable,
    resource_answer,
    version_known,
    version_tag,
)
from app.api.fhir.route import router as make_router
from app.api.routes import public
from app.api.strict import IfNoneMatch, WrongContentType
from app.db.sealing import own_key
from app.domain.errors import FieldError, Invalid, NotFound
from app.domain.numbers import whole
from app.domain.people import Act
from app.domain.scopes import Access
from app.exchange.capabilities import capabilities
from app.exchange.fhir import Resource, operation_outcome, serialise
from app.exchange.media_types import media_type, mended
from app.exchange.pluses import with_plus
from app.exchange.sealed import NotSealedHere, looks_sealed, seal, unseal
from app.exchange.searching.offers import OFFERED, Offer
from app.exchange.searching.query import MOST, PAGE, USUAL, BadSearch, Query, read_query
from app.exchange.searching.values import span_of
from app.services.fhir import asking, known, searching
from app.services.fhir.known import KnownResource
from app.services.fhir.refusals import Unsearchable
from app.services.fhir.searching import SearchPage, SearchPlace, names_somebody
from app.services.fhir.walks import WALKS
from app.services.fhir.written import Written, changed

router = make_router()
FORM = "application/x-www-form-urlencoded"
_FORM_BODY: dict[str, Any] = {
    "requestBody": {"content": {FORM: {"schema": {"type": "object", "additionalProperties": {"type": "string"}}}}}
}
Reader = Annotated[Call, allow(Act.READ_FHIR)]


class NoSuchType(NotFound):
    """Resources of this type are not told here: see /fhir/metadata for those that are."""

    code = "no-such-type"


class SendAsForm(WrongContentType):
    """Send a search as application/x-www-form-urlencoded, in UTF-8."""


def offered(kind: str) -> Offer:
    """What can be done with a type. Raises `NoSuchType`."""
    if kind not in OFFERED:
        raise NoSuchType
    return OFFERED[kind]


@router.get("/fhir/metadata", response_model=None, responses={200: RESOURCE, **refusals(406)}, openapi_extra=public())
async def read_metadata(request: Request) -> Response:
    """The CapabilityStatement, made from the tables that the other routes use."""
    check_accepts(request)
    return FhirResponse(serialise(capabilities(base_of(request), __version__)))


# --- searching -------------------------------------------------------------------------------------------------------


def unsearchable(bad: BadSearch) -> Unsearchable:
    """Every parameter at fault."""
    return Unsearchable(errors=[FieldError(name, text) for name, text in bad.faults])


_NAMES = frozenset(walk.name for walk in WALKS) | {""}


def _place(walk: str, key: str, unit: str, name: str) -> SearchPlace:
    if walk not in _NAMES:
        raise ValueError
    if key:
        UUID(key[-36:])
    return walk, key, unit, name


def _after(query: Query) -> SearchPlace | None:
    try:
        return read_cursor(query.page, _place)
    except Invalid:
        raise _no_place() from None


def _no_place() -> Unsearchable:
    return Unsearchable(errors=[FieldError(PAGE, "is no place of this search: begin again without it")])


def _sealed_page(pairs: list[tuple[str, str]]) -> str | None:
    """The one parameter of a next link after a form, None for any other search."""
    match pairs:
        case [(name, page)] if name == PAGE and looks_sealed(page):
            return page
        case _:
            return None


def _entry(base: str, one: Written, mode: str) -> bytes:
    """As it would be written with its resource by parts, which is written already."""
    name = serialise(f"{base}/{one.kind}/{one.name}")
    return b'{"fullUrl":%b,"resource":%b,"search":{"mode":"%b"}}' % (name, one.text, mode.encode())


def _bundle(base: str, query: Query, found: SearchPage, key: bytes | None) -> bytes:
    """`key`: a form, and a place that names somebody, stay out of addresses, so the next link carries them sealed."""
    sent = urlencode(query.sent, quote_via=quote, safe="|:,/")
    address = f"{base}/{query.offer.type}"
    links = [{"relation": "self", "url": f"{address}?{sent}" if sent else address}]
    if found.after is not None:
        place = write_cursor(found.after)
        if key is not None:
            more = f"{PAGE}={seal(key, [query.offer.type, [*query.sent, (PAGE, place)]])}"
        else:
            more = f"{sent}&{PAGE}={place}" if sent else f"{PAGE}={place}"
        links.append({"relation": "next", "url": f"{address}?{more}"})
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset"}
    if found.total is not None:
        bundle["total"] = found.total
    bundle["link"] = links
    entries = [_entry(base, one, "match") for one in found.matches]
    entries += [_entry(base, one, "include") for one in found.included]
    if query.ignored:
        text = f"left out, because not known: {', '.join(query.ignored)}"
        outcome = operation_outcome("warning", "not-supported", text)
        entries.append(serialise({"resource": outcome, "search": {"mode": "outcome"}}))
    written = serialise(bundle)
    return b'%b,"entry":[%b]}' % (written[:-1], b",".join(entries)) if entries else written


def _unsealed(key: bytes, kind: str, page: str) -> list[tuple[str, str]]:
    """The parameters that a form sent, and the place to go on from. Raises `Unsearchable`."""
    try:
        found, pairs = unseal(key, page)
    except NotSealedHere:
        found, pairs = None, []
    if found != kind:
        raise _no_place()
    return [tuple(pair) for pair in pairs]


async def _search(
    request: Request, call: Call, kind: str, pairs: list[tuple[str, str]], *, by_form: bool = False
) -> Response:
    check_accepts(request, pairs)
    offer = offered(kind)
    await may_read(call, kind, Access.SEARCH)
    page = _sealed_page(pairs)
    key = await call.read(own_key) if by_form or page is not None else None
    if key is not None and page is not None:
        pairs = _unsealed(key, kind, page)
    base = base_of(request, call)
    lenient = preferences(request).get("handling") == "lenient"
    try:
        query = read_query(offer, pairs, base, lenient=lenient)
    except BadSearch as bad:
        raise unsearchable(bad) from None
    for other, _ in query.reverse:
        await may_read(call, other, Access.SEARCH)
    found = await call.search(searching.search, query, _after(query), readable(call, Access.READ))
    if key is None and found.after is not None and names_somebody(found.after):
        key = await call.read(own_key)
    return FhirResponse(_bundle(base, query, found, key))


_SEARCHED = {200: RESOURCE, **refusals(400, 406)}


@router.get("/fhir/{kind}", response_model=None, responses=_SEARCHED)
async def search(kind: str, request: Request, call: Reader) -> Response:
    """Search one type. The parameters are FHIR's, see /fhir/metadata; page by following the `next` links."""
    return await _search(request, call, kind, request.query_params.multi_items())


@router.post(
    "/fhir/{kind}/_search", response_model=None, responses={**_SEARCHED, **refusals(413, 415)}, openapi_extra=_FORM_BODY
)
async def search_by_form(kind: str, request: Request, call: Reader) -> Response:
    """The same search with its parameters in a form, which keeps names out of addresses."""
    if media_type(request.headers.get("content-type", "")).name != FORM:
        raise SendAsForm
    try:
        body = (await request.body()).decode("utf-8")
        pairs = parse_qsl(body, keep_blank_values=True, strict_parsing=bool(body), max_num_fields=100)
    except ValueError:
        raise SendAsForm from None
    return await _search(request, call, kind, [*request.query_params.multi_items(), *pairs], by_form=True)


# --- one resource ----------------------------------------------------------------------------------------------------


_SHOWN = {200: RESOURCE, 304: NOTHING_NEW, **refusals(406)}


@router.get("/fhir/{kind}/{name}", response_model=None, responses=_SHOWN)
async def read_one(kind: str, name: str, request: Request, call: Reader, named: IfNoneMatch) -> Response:
    """The newest version of one resource."""
    check_accepts(request)
    offered(kind)
    await may_read(call, kind, Access.READ)
    if not named:
        return resource_answer(await call.read(asking.read, kind, name), named, base_of(request, call))
    held = call.shared.known.recall(call.actor, kind, name)
    if held is not None and is_named(version_tag(held.version), named) and await _nothing_was_added(call, held):
        return version_known(held.version, held.changed)
    resource, one = await call.read(known.read, kind, name)
    if one is not None:
        call.shared.known.keep(call.actor, kind, name, one)
    return resource_answer(resource, named, base_of(request, call))


async def _nothing_was_added(call: Call, held: KnownResource) -> bool:
    return await call.shared.heads.of(call.actor.clinic_id, held.stream) == held.hash


@router.get(
    "/fhir/{kind}/{name}/_history/{version}",
    response_model=None,
    responses=_SHOWN,
)
async def read_version(
    kind: str, name: str, version: str, request: Request, call: Reader, named: IfNoneMatch
) -> Response:
    """One version of one resource."""
    check_accepts(request)
    offered(kind)
    await may_read(call, kind, Access.READ)
    found = await call.search(asking.read_version, kind, name, version)
    return resource_answer(found, named, base_of(request, call))


@router.get("/fhir/{kind}/{name}/_history", response_model=None, responses=_SEARCHED)
async def read_history(kind: str, name: str, request: Request, call: Reader) -> Response:
    """Every version of one resource, newest first; `_since`, `_count` and `next` links as in a search."""
    check_accepts(request)
    offered(kind)
    await may_read(call, kind, Access.READ)
    asked = _HistoryAsked(request)
    found = await call.search(asking.versions, kind, name)
    base = base_of(request, call)
    address = f"{base}/{kind}/{name}/_history"
    versions = [one for one in found if asked.means(one)]
    shown = versions[: asked.count]
    links = [{"relation": "self", "url": f"{address}?{urlencode(asked.sent)}" if asked.sent else address}]
    if len(versions) > len(shown) and shown:
        more = urlencode([*asked.sent, (PAGE, shown[-1]["meta"]["versionId"])])
        links.append({"relation": "next", "url": f"{address}?{more}"})
    bundle: Resource = {"resourceType": "Bundle", "type": "history", "total": len(found), "link": links}
    if shown:
        bundle["entry"] = [_told(base, one) for one in shown]
    return FhirResponse(serialise(bundle))


def _told(base: str, version: Resource) -> Resource:
    """A version as an entry of a history. Nothing is written here, so each is told as what made it so."""
    number = version.get("meta", {}).get("versionId", "1")
    reference = f"{version['resourceType']}/{version['id']}"
    first = number == "1"
    response: Resource = {"status": "201" if first else "200", "etag": f'W/"{number}"'}
    if "lastUpdated" in version.get("meta", {}):
        response["lastModified"] = version["meta"]["lastUpdated"]
    return {
        "fullUrl": f"{base}/{reference}",
        "resource": version,
        "request": {"method": "PUT", "url": reference},
        "response": response,
    }


class _HistoryAsked:
    """What a history is asked with. Raises `Unsearchable`."""

    def __init__(self, request: Request) -> None:
        self.count = USUAL
        self._since: datetime | None = None
        self._before: int | None = None
        self.sent: list[tuple[str, str]] = []
        faults: list[FieldError] = []
        lenient = preferences(request).get("handling") == "lenient"
        for name, value in request.query_params.multi_items():
            try:
                self._take(name, value)
            except ValueError:
                faults.append(FieldError(name, "cannot be read: a count, an instant, or a place as it was given"))
            except KeyError:
                if not lenient:
                    faults.append(FieldError(name, "is not known here: _since, _count and _format are"))
        if faults:
            raise Unsearchable(errors=faults)

    def _take(self, name: str, value: str) -> None:
        match name:
            case "_count":
                self.count = min(whole(value), MOST)
                if self.count < 1:
                    raise ValueError(value)
            case "_since":
                value = with_plus(value)
                self._since = span_of(value).first
            case "_format":
                value = mended(value)
            case _ if name == PAGE:
                self._before = whole(value)
                return
            case _:
                raise KeyError(name)
        self.sent.append((name, value))

    def means(self, version: Resource) -> bool:
        """Whether this version is asked for."""
        at = changed(version)
        if self._since is not None and at is not None and at < self._since:
            return False
        return self._before is None or int(version.get("meta", {}).get("versionId", "1")) < self._before
