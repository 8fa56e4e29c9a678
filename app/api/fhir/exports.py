"""Bulk Data Access 2.0: ordering an export, following it, fetching its files, taking it back."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from datetime import datetime
from email.utils import format_datetime
from typing import Annotated, Any, NoReturn
from uuid import UUID

from fastapi import Request, Response
from starlette.responses import StreamingResponse
from uuid_utils.compat import uuid7

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.errors import refusals
from app.api.fhir.records import SendAsForm
from app.api.fhir.route import RESOURCE, TOLD, FhirResponse, base_of, check_accepts, may_read, preferences, readable
from app.api.fhir.route import router as make_router
from app.api.strict import parse_json
from app.domain.errors import FieldError
from app.domain.exports import Export, ExportState, Level, Order
from app.domain.instants import to_text
from app.domain.people import Act
from app.domain.scopes import Access
from app.exchange import media_types
from app.exchange.fhir import MEDIA_TYPE, operation_outcome, serialise
from app.exchange.media_types import FHIR_VERSION, is_spoken, media_type, mended
from app.exchange.pluses import with_plus
from app.exchange.searching.values import span_of
from app.services.fhir import exports
from app.services.fhir.exports import OF_PATIENTS, ExportFailed, NoSuchExport
from app.services.fhir.refusals import Unsearchable
from app.services.fhir.selection import uuids
from app.services.fhir.walks import TYPES

router = make_router()
NDJSON = "application/fhir+ndjson"
_AROUND = ("Organization", "Practitioner")
"""What an export of patients adds, because their resources name it."""
CHUNK = 256 * 1024
AGAIN = 2
"""Seconds after which it makes sense to ask again how an export stands."""

_ACCEPTED: dict[str, Any] = {
    **RESOURCE,
    "description": "The export is ordered: follow Content-Location",
    "headers": {"Content-Location": {"schema": {"type": "string", "format": "uri"}}},
}
_STANDING: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "It is finished: the files, to be fetched with the same access",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["transactionTime", "request", "requiresAccessToken", "output", "error"],
                    "properties": {
                        "transactionTime": {"type": "string", "format": "date-time"},
                        "request": {"type": "string"},
                        "requiresAccessToken": {"const": True},
                        "output": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "required": ["type", "url", "count"],
                                "properties": {
                                    "type": {"type": "string"},
                                    "url": {"type": "string"},
                                    "count": {"type": "integer"},
                                },
                            },
                        },
                        "error": {"type": "array"},
                        "deleted": {"type": "array"},
                    },
                }
            }
        },
    },
    202: {**RESOURCE, "description": "It is under way: X-Progress says how far, Retry-After when to ask again"},
    **refusals(500),
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "One resource a line, each of this form", "content": {NDJSON: {"schema": TOLD}}}
}
_PARAMETERS: dict[str, Any] = {
    "requestBody": {
        "required": False,
        "content": {MEDIA_TYPE: {"schema": {"type": "object", "description": "A FHIR Parameters resource"}}},
    }
}
Pairs = list[tuple[str, str]]
Exporter = Annotated[Call, allow(Act.EXPORT_FHIR)]


# --- what is asked for -----------------------------------------------------------------------------------------------


def _body_pairs(parameters: Any) -> Pairs:
    """The parameters of a Parameters resource, as if they had stood in the address."""
    if not isinstance(parameters, dict) or parameters.get("resourceType") != "Parameters":
        _refuse("the body", "must be a FHIR Parameters resource")
    listed = parameters.get("parameter", [])
    if not isinstance(listed, list):
        _refuse("parameter", "must be a list of parameters, each with a name and one value")
    found: Pairs = []
    for place, one in enumerate(listed):
        match one:
            case {"name": str(name), "valueReference": {"reference": str(value)}}:
                found.append((name, value))
            case {"name": str(name), **rest} if len(rest) == 1 and all(isinstance(one, str) for one in rest.values()):
                found.extend((name, str(text)) for text in rest.values())
            case _:
                _refuse(f"parameter.{place}", "must have a name and one value: a string, an instant or a reference")
    return found


def _refuse(name: str, text: str) -> NoReturn:
    raise Unsearchable(errors=[FieldError(name, text)])


class _Wanted:
    """What the parameters ask for. Every fault is gathered; `order` raises them all as `Unsearchable`."""

    def __init__(self, level: Level, allowed: frozenset[str], *, lenient: bool) -> None:
        self._level, self._allowed, self._lenient = level, allowed, lenient
        self._types: list[str] | None = None
        self._since: datetime | None = None
        self._patients: set[UUID] | None = None
        self._faults: list[FieldError] = []

    def take(self, pairs: Pairs) -> None:
        for name, value in pairs:
            match name:
                case "_type":
                    self._types = [*(self._types or ()), *(kind.strip() for kind in value.split(","))]
                case "_since":
                    self._take_since(value)
                case "_outputFormat":
                    if not is_spoken(media_type(mended(value)), media_types.NDJSON):
                        self._fault(name, f"must be {NDJSON}, with fhirVersion={FHIR_VERSION} or none")
                case "_format":
                    pass  # of the words about the export, and judged already
                case "patient" if self._level is Level.PATIENT:
                    named = uuids([value.rpartition("/")[2]]) or frozenset[UUID]()
                    self._patients = (self._patients or set()) | named
                case _ if not self._lenient:
                    self._fault(name, "is not known here: _type, _since, _outputFormat and (of patients) patient are")
                case _:
                    pass

    def _fault(self, name: str, text: str) -> None:
        self._faults.append(FieldError(name, text))

    def _take_since(self, value: str) -> None:
        try:
            self._since = span_of(with_plus(value)).first
        except ValueError:
            self._fault("_since", "must be an instant such as 2026-03-07T12:00:00Z")

    def order(self, request: str) -> tuple[Order, list[str]]:
        """The order, and the types that were named in it."""
        here = [kind for kind in TYPES if self._level is Level.SYSTEM or kind in OF_PATIENTS or kind in _AROUND]
        named = list(dict.fromkeys(self._types or ()))
        unknown = [kind for kind in named if kind not in here]
        if unknown and not self._lenient:
            self._fault("_type", f"this export cannot give {', '.join(unknown)[:200]}: it has {', '.join(here)}")
        if self._faults:
            raise Unsearchable(errors=self._faults)
        named = [kind for kind in named if kind in here]
        types = named if self._types is not None else [kind for kind in here if kind in self._allowed]
        patients = None if self._patients is None else tuple(sorted(self._patients))
        return Order(self._level, tuple(types), request, self._since, patients), named


async def _pairs(request: Request) -> Pairs:
    found = list(request.query_params.multi_items())
    if request.method == "POST":
        body = await request.body()
        if body:
            said = media_type(request.headers.get("content-type", ""))
            if said.name not in {MEDIA_TYPE, "application/json"} or not (said.of_our_version and said.is_utf8):
                raise SendAsForm(f"Send the parameters as {MEDIA_TYPE}, of FHIR {FHIR_VERSION} and in UTF-8.")
            found += _body_pairs(parse_json(body))
    return found


async def _order(request: Request, call: Call, level: Level, group: str | None = None) -> Response:
    check_accepts(request, spoken=media_types.JSON | media_types.NDJSON)
    said = preferences(request)
    if "respond-async" not in said:
        _refuse("Prefer", "must be respond-async: an export is made in the background")
    base = base_of(request, call)
    wanted = _Wanted(level, readable(call, Access.SEARCH), lenient=said.get("handling") == "lenient")
    wanted.take(await _pairs(request))
    order, named = wanted.order(_address(request, base))
    for kind in named:
        await may_read(call, kind, Access.SEARCH)
    if group is not None:
        await may_read(call, "Group", Access.READ)
    export = await call.write_by_page(exports.order, uuid7(), order, call.wall, group)
    place = f"{base}/$export/{export.id}"
    # said in words too, for a client that shows its user no header
    return _note(f"The export is ordered. How it stands: {place}", {"Content-Location": place})


def _note(text: str, headers: dict[str, str] | None = None) -> Response:
    """202, with a word for whoever looks at it."""
    return FhirResponse(serialise(operation_outcome("information", "informational", text)), 202, headers)


def _address(request: Request, base: str) -> str:
    path = request.url.path.partition("/fhir")[2]
    return f"{base}{path}?{request.url.query}" if request.url.query else f"{base}{path}"


_ORDERED: dict[str, Any] = {
    "response_model": None,
    "status_code": 202,
    "responses": {202: _ACCEPTED, **refusals(400, 406, 413, 415, 429)},
}


@router.get("/fhir/$export", **_ORDERED)
async def export_system(request: Request, call: Exporter) -> Response:
    """Everything of the clinic that the caller may read, as it stands now."""
    return await _order(request, call, Level.SYSTEM)


@router.post("/fhir/$export", **_ORDERED, openapi_extra=_PARAMETERS)
async def export_system_by_body(request: Request, call: Exporter) -> Response:
    """The same, with a Parameters resource."""
    return await _order(request, call, Level.SYSTEM)


@router.get("/fhir/Patient/$export", **_ORDERED)
async def export_patients(request: Request, call: Exporter) -> Response:
    """Everything that belongs to patients."""
    return await _order(request, call, Level.PATIENT)


@router.post("/fhir/Patient/$export", **_ORDERED, openapi_extra=_PARAMETERS)
async def export_patients_by_body(request: Request, call: Exporter) -> Response:
    """The same, with a Parameters resource, which can name the patients."""
    return await _order(request, call, Level.PATIENT)


@router.get("/fhir/Group/{name}/$export", **_ORDERED)
async def export_group(name: str, request: Request, call: Exporter) -> Response:
    """Everything that belongs to the patients of a Group: a course's, or all of the clinic."""
    return await _order(request, call, Level.PATIENT, name)


@router.post("/fhir/Group/{name}/$export", **_ORDERED, openapi_extra=_PARAMETERS)
async def export_group_by_body(name: str, request: Request, call: Exporter) -> Response:
    """The same, with a Parameters resource, which can name some of the patients."""
    return await _order(request, call, Level.PATIENT, name)


# --- following and fetching ------------------------------------------------------------------------------------------


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NoSuchExport from None


def _manifest(export: Export, base: str) -> dict[str, object]:
    where = f"{base}/$export/{export.id}"
    return {
        "transactionTime": to_text(export.transaction_time),
        "request": export.order.request,
        "requiresAccessToken": True,
        "output": [
            {"type": file.type, "url": f"{where}/{file.name}", "count": file.count}
            for file in sorted(export.progress.files, key=lambda file: file.type)
        ],
        # nothing is ever deleted here: what was entered in error is told as such
        "deleted": [],
        "error": [],
    }


@router.get("/fhir/$export/{export_id}", response_model=None, response_class=Response, responses=_STANDING)
async def follow_export(export_id: str, request: Request, call: Exporter) -> Response:
    """How an export stands, for whoever ordered it."""
    export = await call.read(exports.follow, _id(export_id), call.wall)
    match export.state:
        case ExportState.DONE:
            headers = {"Expires": format_datetime(export.expires_at, usegmt=True)} if export.expires_at else None
            answered = answer(_manifest(export, base_of(request, call)))
            answered.headers.update(headers or {})
            return answered
        case ExportState.FAILED:
            raise ExportFailed
        case ExportState.WAITING | ExportState.RUNNING | ExportState.ENDED:
            count = sum(file.count for file in export.progress.files)
            headers = {"X-Progress": f"{count} resources so far", "Retry-After": str(AGAIN)}
            return _note("The export is under way.", headers)


@router.get("/fhir/$export/{export_id}/{name}", response_model=None, response_class=Response, responses=_FILE)
async def fetch_file(export_id: str, name: str, call: Exporter) -> Response:
    """One file of a finished export, for whoever ordered it."""
    export = await call.read(exports.follow, _id(export_id), call.wall)
    file = next((one for one in export.progress.files if one.name == name), None)
    if file is not None:
        await may_read(call, file.type, Access.SEARCH)
    file = await call.read(exports.open_file, export.id, name, call.wall)
    path = call.shared.export_folder / str(export.id) / file.name
    try:
        handle = await asyncio.to_thread(path.open, "rb")
    except FileNotFoundError:
        raise NoSuchExport from None
    headers = {"Content-Length": str(file.size)}
    return StreamingResponse(_bytes_of(handle.fileno(), handle.close, file.size), media_type=NDJSON, headers=headers)


async def _bytes_of(descriptor: int, close: Any, size: int) -> AsyncIterator[bytes]:
    """Exactly the bytes that were counted: what a lost worker may have written after them is not the export's."""
    try:
        at = 0
        while at < size:
            part = await asyncio.to_thread(os.pread, descriptor, min(CHUNK, size - at), at)
            if not part:
                # the connection breaks before its announced end: nothing half passes as whole
                raise EOFError("the file is shorter than it was")
            at += len(part)
            yield part
    finally:
        close()


@router.delete(
    "/fhir/$export/{export_id}",
    response_model=None,
    status_code=202,
    responses={202: {**RESOURCE, "description": "It is gone"}},
)
async def delete_export(export_id: str, call: Exporter) -> Response:
    """Ends an export, whether it waits, runs or is finished; its files go."""
    this = _id(export_id)
    await call.write_by_page(exports.take_back, this, call.wall)
    await asyncio.to_thread(shutil.rmtree, call.shared.export_folder / str(this), ignore_errors=True)
    return _note("The export has ended; its files are gone.")
