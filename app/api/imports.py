"""Import over HTTP: a file is reported row by row first, and then kept exactly as it was reported, or not at all.

The file is the whole body. One that is too large is refused while it comes in, and only a few are read at a time.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.errors import refusals
from app.api.frame import Frame
from app.api.import_reports import ImportReportOut, Imports, report_view
from app.api.routes import router as make_router
from app.api.strict import Day, Text, WrongContentType
from app.db.refusals import Unavailable
from app.domain.events import Route
from app.domain.people import Act
from app.exchange.intake import (
    DAY_COLUMNS,
    PATIENT_COLUMNS,
    BirthDates,
    Incoming,
    csv_rows,
    day_rows,
    patient_rows,
)
from app.exchange.intake.days import DayOptions
from app.exchange.media_types import FHIR_VERSION, JSON, is_spoken, media_type
from app.services import clinics
from app.services.intake import ImportRefused, Report, SeenReport, import_days, import_patients

router = make_router()
UNDER = "/v1/imports/"
"""Where bodies are files."""
CSV, BUNDLE = "text/csv", "application/fhir+json"
AT_ONCE = 2
"""Files that are read at a time."""
PATIENCE = 10.0
"""Seconds that a file waits for its turn."""


class SendAsFile(WrongContentType):
    """Send the file as text/csv, or a FHIR R4 Bundle as application/fhir+json, in UTF-8."""


class OthersAreRead(Unavailable):
    """Other files are being read. Nothing of this one was kept; send it again in a moment."""

    code = "busy"
    retry_after = 5


# --- what is asked ---------------------------------------------------------------------------------------------------

BirthDatesAsked = Annotated[BirthDates, Query(description="How birth dates are written in the CSV")]
Ignored = Annotated[
    list[Annotated[str, Text(80)]] | None,
    Query(max_length=100, description="A column to pass over; repeatable"),
]
System = Annotated[
    Annotated[str, Text(500)] | None,
    Query(description="Which FHIR identifier is the record number; else MR"),
]
Plan = Annotated[str, Query(pattern=r"^[0-9a-f]{64}$", description="The plan of the report that is to be kept")]
Importer = Annotated[Call, allow(Act.IMPORT)]


@dataclass(frozen=True, slots=True)
class PatientsAsked:
    """How a file of patients is to be read."""

    written: BirthDates
    ignored: Sequence[str]
    system: str | None
    deceased_seen: bool

    def rows(self, content: bytes, today: date, *, bundle: bool) -> Incoming:
        """Raises `UnreadableFile`."""
        if bundle:
            return patient_rows(content, self.system, today)
        return csv_rows(content, PATIENT_COLUMNS.passing_over(self.ignored))


async def _patients_asked(
    birth_dates: BirthDatesAsked = BirthDates.ISO,
    ignore: Ignored = None,
    identifier_system: System = None,
    deceased_seen: Annotated[
        bool, Query(description="Somebody has looked at each of those who are deceased in the source: take them")
    ] = False,
) -> PatientsAsked:
    return PatientsAsked(birth_dates, ignore or (), identifier_system, deceased_seen)


@dataclass(frozen=True, slots=True)
class DaysAsked:
    """How a day list is to be read."""

    written: BirthDates
    ignored: Sequence[str]
    system: str | None
    day: date | None
    route: Route | None
    protocol: str | None

    def rows(self, content: bytes, today: date, *, bundle: bool) -> Incoming:
        """Raises `UnreadableFile`."""
        if bundle:
            return day_rows(content, self.system, today)
        return csv_rows(content, DAY_COLUMNS.passing_over(self.ignored))


async def _days_asked(
    birth_dates: BirthDatesAsked = BirthDates.ISO,
    ignore: Ignored = None,
    identifier_system: System = None,
    day: Annotated[Day | None, Query(alias="date", description="Of times of day, in the clinic's zone")] = None,
    route: Annotated[Route | None, Query(description="Where a row names none")] = None,
    protocol: Annotated[
        Annotated[str, Text(80)] | None, Query(description="ID or ID/VERSION, where a row names none")
    ] = None,
) -> DaysAsked:
    return DaysAsked(birth_dates, ignore or (), identifier_system, day, route, protocol)


AskedOfPatients = Annotated[PatientsAsked, Depends(_patients_asked)]
AskedOfDays = Annotated[DaysAsked, Depends(_days_asked)]


def _is_bundle(request: Request) -> bool:
    said = media_type(request.headers.get("content-type", ""))
    if said.is_utf8 and said.name == CSV:
        return False
    if said.is_utf8 and is_spoken(said, JSON):
        return True
    raise SendAsFile


@asynccontextmanager
async def _turn(shared: Frame) -> AsyncIterator[None]:
    """So many files at a time: each may need a few times its size of memory while it is read."""
    try:
        async with asyncio.timeout(PATIENCE):
            await shared.files.acquire()
    except TimeoutError:
        raise OthersAreRead from None
    try:
        yield
    finally:
        shared.files.release()


def _read(content: bytes, rows: Callable[[bytes], Incoming]) -> tuple[str, Incoming]:
    return hashlib.sha256(content).hexdigest(), rows(content)


async def _taken_in(request: Request, call: Call, asked: PatientsAsked | DaysAsked) -> tuple[str, Incoming]:
    """The digest of the file and its rows. Raises `SendAsFile`, `OthersAreRead` or `UnreadableFile`."""
    rows = partial(asked.rows, today=call.now.date(), bundle=_is_bundle(request))
    async with _turn(call.shared):
        # not `request.body`, which would hold it until the answer has left
        content = b"".join([part async for part in request.stream()])
        # in a thread: nobody who charts waits for it
        return await asyncio.to_thread(_read, content, rows)


def _written(request: Request, asked: PatientsAsked | DaysAsked) -> BirthDates:
    return BirthDates.ISO if _is_bundle(request) else asked.written


async def _options(request: Request, call: Call, asked: DaysAsked) -> DayOptions:
    zone = await call.read(clinics.zone_of)
    return DayOptions(zone, asked.day, asked.route, asked.protocol, _written(request, asked))


# --- the routes ------------------------------------------------------------------------------------------------------

_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            CSV: {"schema": {"type": "string", "description": "UTF-8; the first line names the columns"}},
            BUNDLE: {"schema": {"type": "object", "description": f"A Bundle of FHIR {FHIR_VERSION}"}},
        },
    }
}
_LOOK: dict[str, Any] = {
    "response_model": ImportReportOut,
    "responses": refusals(413, 415),
    "openapi_extra": _FILE,
}
_KEEP: dict[str, Any] = {**_LOOK, "responses": refusals(409, 413, 415)}


@router.post("/v1/imports/patients/report", **_LOOK)
async def report_patients(request: Request, call: Importer, asked: AskedOfPatients) -> Response:
    """What importing this file of patients would do, row by row. Nothing is kept."""
    source, incoming = await _taken_in(request, call, asked)
    written = _written(request, asked)
    report = await call.read(
        import_patients, incoming, written, commit=False, deceased_seen=asked.deceased_seen, seen=SeenReport(source)
    )
    return answer(report_view(Imports.PATIENTS, report))


@router.post("/v1/imports/patients", **_KEEP)
async def keep_patients(
    request: Request,
    call: Importer,
    asked: AskedOfPatients,
    plan: Plan,
    look_alikes_seen: Annotated[
        bool, Query(description="Somebody has looked at every look-alike that was named: they are others")
    ] = False,
) -> Response:
    """Keep these patients as they were reported: all of them, or none. A refusal carries the `report` as it is now.

    The same again keeps nothing twice: where nothing is left to do, the answer is the report that says so.
    """
    source, incoming = await _taken_in(request, call, asked)
    verb = partial(
        import_patients,
        incoming=incoming,
        written=_written(request, asked),
        commit=True,
        look_alikes_seen=look_alikes_seen,
        deceased_seen=asked.deceased_seen,
        seen=SeenReport(source, plan),
    )
    return await _kept(call, Imports.PATIENTS, verb)


@router.post("/v1/imports/days/report", **_LOOK)
async def report_days(request: Request, call: Importer, asked: AskedOfDays) -> Response:
    """What importing this day list would do, row by row. Nothing is kept."""
    source, incoming = await _taken_in(request, call, asked)
    options = await _options(request, call, asked)
    report = await call.read(import_days, incoming, options, commit=False, seen=SeenReport(source))
    return answer(report_view(Imports.DAYS, report))


@router.post("/v1/imports/days", **_KEEP)
async def keep_days(request: Request, call: Importer, asked: AskedOfDays, plan: Plan) -> Response:
    """Plan the sessions of a day list as they were reported: all of them, or none; as with patients."""
    source, incoming = await _taken_in(request, call, asked)
    options = await _options(request, call, asked)
    verb = partial(import_days, incoming=incoming, options=options, commit=True, seen=SeenReport(source, plan))
    return await _kept(call, Imports.DAYS, verb)


async def _kept(call: Call, of: Imports, verb: Callable[..., Report]) -> Response:
    try:
        report = await call.write(verb)
    except ImportRefused as refusal:
        refusal.extra["report"] = report_view(of, refusal.report)
        raise
    return answer(report_view(of, report))
