"""The patient leaves. It rests on a signature that still holds, and on an escort who is here."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.db import assessments, discharges
from app.db.work import Work
from app.domain.confirmations import check_leaving, signature_in_force
from app.domain.documents import discharge_document
from app.domain.dose import timeline
from app.domain.errors import Conflict
from app.domain.people import Act, check_may
from app.domain.readiness import assess
from app.domain.records import Discharge, FlagChange, Kept
from app.domain.sessions import Door
from app.domain.typed import check_not_future
from app.services.session_work import kept_now, open_session, settle


class AlreadyDischarged(Conflict):
    """This patient has been discharged already; add what is missing as an addendum."""

    code = "already-discharged"


def discharge(
    work: Work, session_id: UUID, left_at: datetime, *, instructions_given: bool, note: str | None
) -> tuple[Kept[Discharge], bool]:
    """Keeps the discharge and closes the session. Returns it, and whether it is new."""
    check_may(work.actor, Act.CHART)
    session = open_session(work, session_id)
    record = session.record
    if (held := record.discharge) is not None:
        if (held.value.left_at, held.value.instructions_given, held.value.note) == (left_at, instructions_given, note):
            return held, False
        raise AlreadyDischarged(kept=discharge_document(held.value))
    session.check(Door.DISCHARGE)
    check_not_future("left_at", left_at, work.now)
    now = assess(record.facts(), session.protocol, session.now)
    ended = timeline(record.events_in_force()).ended
    check_leaving(
        signed=signature_in_force(record.confirmations),
        outcomes={finding.criterion.value: finding.outcome.value for finding in now.findings},
        notices=record.notices,
        escort_present=record.escort is not None and record.escort.value.present,
        left_at=left_at,
        now=session.now,
        signature_minutes=session.protocol.signature_minutes,
        dose_ended_at=ended.at if ended else None,
    )
    raised = [held.as_of for held in assessments.all_kept(work, session_id) if held.change is FlagChange.RAISED]
    value = Discharge(left_at, instructions_given, note, ready_at=raised[-1] if raised else None)
    discharges.keep(work, session_id, value)
    kept = kept_now(work, value)
    work.audit(
        "discharge.recorded",
        subject="session",
        subject_id=session_id,
        session_id=session_id,
        after=discharge_document(value),
    )
    settle(work, session, replace(record, discharge=kept), arrived=None)
    return kept, True
