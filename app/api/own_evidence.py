"""The clinic's own evidence over HTTP: months of sessions in counts, shares and minutes, to read and to take along."""

import asyncio
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import Field

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.errors import refusals
from app.api.routes import router as make_router
from app.api.session_lines import LineProtocolOut
from app.api.strict import Instant, Month
from app.domain.assessment import Criterion
from app.domain.events import Route
from app.domain.own_evidence.groups import By, Portion, SessionGroup, compared, groups_of
from app.domain.own_evidence.outside import outside as may_leave
from app.domain.own_evidence.outside import tens
from app.domain.own_evidence.went import Stretch
from app.domain.people import Act
from app.exchange.flat import MEDIA_TYPES, FileFormat
from app.exchange.own_evidence import compared_document, evidence_csv, group_document
from app.services import own_evidence
from app.services.own_evidence import Collected, Months, month_text

router = make_router()

TELLS = "null: too few patients to say, fewer than 11"


class EvidenceShareOut(Out):
    """`count` of `of`, of so many patients, and its share with the interval that holds it 19 times in 20."""

    count: int | None
    of: int | None
    patients: int | None
    share: float | None = Field(description=TELLS)
    low: float | None
    high: float | None


class LastInWayOut(EvidenceShareOut):
    """Of the sessions with a flag those in which this was not met, or not known, up to it; there may be several."""

    criterion: Criterion


class PortionOut(EvidenceShareOut):
    """`sets-late`: of the sets that fell due those taken after the grace, or not at all before the phase was over.

    `values-corrected`: of the values typed. `withdrawn-after-signing`: of the sessions in which a flag was confirmed,
    those in which one was withdrawn afterwards, for more than that the newest set grew old.
    """

    portion: Portion


class MinutesOut(Out):
    """The median of so many sessions, with its interval; half of them lie from `quarter` to `three_quarters`."""

    stretch: Stretch
    sessions: int | None
    patients: int | None
    median: int | None = Field(description=TELLS)
    low: int | None
    high: int | None
    quarter: int | None
    three_quarters: int | None


class EvidenceGroupOut(Out):
    """Sessions with this in common. `unknown`: those of them that cannot be worked out, and are in nothing else."""

    by: By
    month: str | None
    route: Route | None
    protocol: LineProtocolOut | None
    sessions: int
    patients: int
    unknown: int | None
    last_in_way: list[LastInWayOut]
    minutes: list[MinutesOut]
    portions: list[PortionOut]


class ComparedOut(Out):
    """How much more one protocol has than the one of its route with most sessions: minutes, or points of a share.

    It says what was, not why: who was treated by which differs in more than the protocol. `differs`: the interval
    leaves out no difference, which of twenty that are none one does by chance.
    """

    route: Route
    protocol: LineProtocolOut
    than: LineProtocolOut
    measure: Stretch | Portion
    more: float
    low: float
    high: float
    differs: bool


class EvidenceOut(Out):
    """Sessions that are over, in which a dose began, by the month of the clinic's calendar that they stand in.

    `under_way`: sessions with a dose that are not over, counted in nothing else. `unknown`: those that cannot be worked
    out. Made for `outside`: only groups by month and protocol of 11 patients or more, every count rounded to ten and
    null where fewer than 11 share it; `under_way` and `compared` are not told then.
    """

    first_month: str
    last_month: str
    outside: bool
    demo: bool
    as_of: Instant
    under_way: int | None
    unknown: int | None
    groups: list[EvidenceGroupOut]
    compared: list[ComparedOut] | None


EvidenceFile = StrEnum("EvidenceFile", {"CSV": "evidence.csv", "JSON": "evidence.json"})
FirstMonth = Annotated[Month | None, Query(description="Inclusive; by default the sixth from the last")]
LastMonth = Annotated[Month | None, Query(description="Inclusive; by default the present one")]


def _document(call: Call, found: Collected, groups: list[SessionGroup], *, outside: bool) -> dict[str, Any]:
    unknown = sum(session.told is None for session in found.sessions)
    return {
        "first_month": month_text(found.first),
        "last_month": month_text(found.last),
        "outside": outside,
        "demo": found.demo,
        "as_of": call.now,
        "under_way": None if outside else found.under_way,
        "unknown": tens(unknown) if outside else unknown,
        "groups": [group_document(group) for group in groups],
        "compared": None if outside else [compared_document(one) for one in compared(groups)],
    }


@router.get("/v1/evidence", response_model=None, responses={200: {"model": EvidenceOut}, **refusals(400, 422)})
async def read_evidence(
    call: Annotated[Call, allow(Act.READ_EVIDENCE)], first_month: FirstMonth = None, last_month: LastMonth = None
) -> Response:
    """What the clinic's sessions of these months come to, by month, route and protocol; of no person."""
    found = await call.search(own_evidence.read, Months(first_month, last_month))
    # in a thread: working it out must not hold up those who chart
    groups = await asyncio.to_thread(groups_of, found.sessions)
    return answer(_document(call, found, groups, outside=False))


FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The groups: as one document, or a row for each number of each",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/json": {"schema": {"$ref": "#/components/schemas/EvidenceOut"}},
        },
    }
}


@router.get("/v1/evidence/{file}", response_model=None, response_class=Response, responses=FILE | refusals(400, 422))
async def export_evidence(
    file: EvidenceFile,
    call: Annotated[Call, allow(Act.EXPORT_RECORD)],
    first_month: FirstMonth = None,
    last_month: LastMonth = None,
    outside: Annotated[
        bool,
        Query(description="true: as it may leave the clinic, no group of fewer than 11 patients, nothing to subtract"),
    ] = False,
) -> Response:
    """The clinic's own evidence as a file."""
    form = file.value.rpartition(".")[2]
    asked = Months(first_month, last_month)
    found = await call.search(own_evidence.export, asked, form, outside=outside)
    groups = await asyncio.to_thread(groups_of, found.sessions)
    shown = may_leave(groups) if outside else groups
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{file.value}"'}
    if file is EvidenceFile.CSV:
        return Response(evidence_csv(shown), media_type=MEDIA_TYPES[FileFormat.CSV], headers=headers)
    made = answer(_document(call, found, shown, outside=outside))
    made.headers.update(headers)
    return made
