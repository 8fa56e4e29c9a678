"""The escort: who takes the patient home, and when they were seen here."""

from dataclasses import replace
from uuid import UUID

from app.db import session_sheets
from app.db.work import Work
from app.domain.documents import escort_document
from app.domain.facts import Escort
from app.domain.people import Act, check_may
from app.domain.records import Kept
from app.domain.sessions import Door
from app.domain.typed import check_not_future
from app.services import sheets
from app.services.session_work import kept_now, open_session, settle


def put(work: Work, session_id: UUID, offered: Escort, expected: int | None) -> tuple[Kept[Escort], bool]:
    """Keeps who the escort is. Present without a time means present now.

    A repeat that leaves the time out changes nothing; with If-Match it is a new sighting, and means now.
    """
    check_may(work.actor, Act.CHART)
    session = open_session(work, session_id)
    current = session.record.escort
    escort = _settled(work, offered, current, expected)
    change = sheets.decide(current, escort, expected)
    if not change.changed and current is not None:
        return current, False
    session.check(Door.ESCORT)
    if escort.present_at is not None:
        check_not_future("present_at", escort.present_at, work.now)
    escort = replace(escort, revision=change.revision)
    session_sheets.keep_escort(work, session_id, escort, change.revision)
    work.audit(
        "escort.kept",
        subject="escort",
        subject_id=session_id,
        session_id=session_id,
        before=escort_document(current.value) if current else None,
        after=escort_document(escort),
        revision=change.revision,
    )
    kept = kept_now(work, escort, revision=change.revision)
    settle(work, session, replace(session.record, escort=kept), arrived="a change of the escort")
    return kept, change.created


def _settled(work: Work, offered: Escort, current: Kept[Escort] | None, expected: int | None) -> Escort:
    revision = current.value.revision if current else 1
    if not offered.present:
        return replace(offered, present_at=None, revision=revision)
    if offered.present_at is not None:
        return replace(offered, revision=revision)
    if current is not None and expected is None:
        again = replace(offered, present_at=current.value.present_at, revision=revision)
        if again == current.value:
            return again
    return replace(offered, present_at=work.now, revision=revision)
