"""What the clinic's papers say, over HTTP."""

from typing import Annotated

from fastapi import Response
from pydantic import Field

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.errors import refusals
from app.api.kept import SignerOut, settled_document
from app.api.routes import router as make_router
from app.api.strict import Body, Identifier, IfMatch, Instant, Text, Whole
from app.db.settled import PAPERS
from app.domain.forms import SHORT
from app.domain.papers import ADDRESS, FEWEST_DAYS, FORM_DAYS, INSTRUCTIONS, MOST_DAYS, ClinicPapers
from app.domain.people import Act
from app.services import clinic_papers

router = make_router()


class ClinicPapersIn(Body):
    """What the monitoring form and the after-visit sheet say of the clinic; left out: not settled.

    `form_days`: days from a session within which its form is due. `instructions`: plain text to a patient who goes
    home, in the clinic's own words. `values_on_sheet`: the after-visit sheet shows the last values too.
    """

    care_setting: Annotated[str, Text()] | None = None
    address: Annotated[str, Text(ADDRESS, lines=True)] | None = None
    phone: Annotated[str, Text(SHORT)] | None = None
    email: Annotated[str, Text()] | None = None
    enrolment_number: Annotated[str, Identifier(SHORT)] | None = None
    form_days: Annotated[Whole, Field(ge=FEWEST_DAYS, le=MOST_DAYS)] = FORM_DAYS
    instructions: Annotated[str, Text(INSTRUCTIONS, lines=True)] | None = None
    values_on_sheet: bool = False


class ClinicPapersOut(Out):
    """`revision` 0, and nobody who kept them: no lead has settled them."""

    care_setting: str | None
    address: str | None
    phone: str | None
    email: str | None
    enrolment_number: str | None
    form_days: int
    instructions: str | None
    values_on_sheet: bool
    revision: int
    recorded_at: Instant | None
    recorded_by: SignerOut | None
    tablet_id: str | None
    reason: str | None


@router.get("/v1/clinic/papers", response_model=ClinicPapersOut)
async def get_clinic_papers(call: Annotated[Call, allow(Act.READ_SETTINGS)]) -> Response:
    """What the clinic's papers say. They have an ETag from the first time that a lead has settled them."""
    kept = await call.read(clinic_papers.find)
    return answer(settled_document(kept, PAPERS), revision=kept.revision if kept else None)


@router.put(
    "/v1/clinic/papers",
    response_model=None,
    responses={200: {"model": ClinicPapersOut}, 201: {"model": ClinicPapersOut}, **refusals(412, 428)},
)
async def put_clinic_papers(
    body: ClinicPapersIn, call: Annotated[Call, allow(Act.MANAGE_SETTINGS)], if_match: IfMatch
) -> Response:
    """Settle what the clinic's papers say: the site of the monitoring form, and the after-visit sheet."""
    papers = ClinicPapers(**body.model_dump())
    change, kept = await call.write(clinic_papers.put, papers, if_match)
    return answer(settled_document(kept, PAPERS), status=201 if change.created else 200, revision=kept.revision)
