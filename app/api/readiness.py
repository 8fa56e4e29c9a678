"""Readiness over HTTP: as it stands, and every assessment that was kept."""

from functools import partial
from typing import Annotated, Any

from fastapi import Response

from app.api.answers import NOTHING_NEW, answer, etag_of, is_named, still_so
from app.api.calls import Call, allow
from app.api.cursors import After, Limit, a_page, read_number
from app.api.routes import router as make_router
from app.api.session_models import AssessmentsOut, ReadinessOut
from app.api.session_view import assessment_view, readiness_view
from app.api.strict import Id, IfNoneMatch
from app.db.work import service_actor
from app.domain.people import Act
from app.services import readiness, seen

router = make_router()


async def up_to_date(call: Call, verb: Any, session_id: Id) -> Any:
    """Reads a session; has the service keep what time has brought first, where that is due."""
    try:
        return await call.read(verb, session_id)
    except readiness.ChangesDue:
        service = service_actor(call.actor.clinic_id)
        await call.database.write(readiness.catch_up, service, call.asked, session_id)
        return await call.read(verb, session_id)


async def already_known(call: Call, session_id: Id, named: frozenset[str]) -> Response | None:
    """304 where the caller holds a look at the session and nothing has moved since; nothing is loaded for it."""
    if not named:
        return None
    stands = await call.shared.stands.of(call.actor.clinic_id, session_id)
    look = None if stands is None else seen.still(stands, call.actor, session_id, call.now)
    if look is None:
        return None
    etag = etag_of(look.stands.revision, look.tag)
    return still_so(etag) if is_named(etag, named) else None


@router.get(
    "/v1/sessions/{session_id}/readiness",
    response_model=None,
    responses={200: {"model": ReadinessOut}, 304: NOTHING_NEW},
)
async def read_readiness(
    session_id: Id, call: Annotated[Call, allow(Act.READ_PATIENTS)], named: IfNoneMatch
) -> Response:
    """The latest kept assessment, after whatever time has brought has been kept."""
    if (same := await already_known(call, session_id, named)) is not None:
        return same
    shown, look = await up_to_date(call, readiness.current, session_id)
    return answer(readiness_view(shown), revision=look.stands.revision, look=look.tag)


@router.get("/v1/sessions/{session_id}/assessments", response_model=None, responses={200: {"model": AssessmentsOut}})
async def read_assessments(
    session_id: Id, call: Annotated[Call, allow(Act.READ_PATIENTS)], after: After = None, limit: Limit = 50
) -> Response:
    """Every assessment that was kept, oldest first, with the flags it raised and withdrew."""
    behind = partial(readiness.kept_after, number=read_number(after) or 0, limit=limit + 1)
    kept = await up_to_date(call, behind, session_id)
    return answer(a_page(kept, limit, assessment_view, lambda held: (str(held.number),)))
