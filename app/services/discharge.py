"""The patient leaves. It rests on a signature that still holds, and on an escort who is here."""

from datetime import datetime
from functools import partial
from uuid import UUID

from app.db.work import Work
from app.domain.deciding import signing as deciding
from app.domain.people import Act, check_may
from app.domain.records import Discharge, Kept
from app.services.session_work import carry_out


def discharge(
    work: Work, session_id: UUID, left_at: datetime, *, instructions_given: bool, note: str | None
) -> tuple[Kept[Discharge], bool]:
    """Keeps the discharge and closes the session. Returns it, and whether it is new."""
    check_may(work.actor, Act.CHART)
    decide = partial(deciding.leave, left_at=left_at, instructions_given=instructions_given, note=note)
    done = carry_out(work, session_id, decide)
    assert done.record.discharge is not None, "it has just been kept"
    return done.record.discharge, done.new
