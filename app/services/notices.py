"""Acknowledging a notice: the signer, or another clinician who says why."""

from functools import partial
from uuid import UUID

from app.db.work import Work
from app.domain.deciding import signing as deciding
from app.domain.people import Act, check_may
from app.domain.records import NoticeHistory
from app.services.session_work import carry_out


def acknowledge(work: Work, session_id: UUID, notice_id: UUID, note: str | None) -> NoticeHistory:
    """Marks a notice as seen. The same person repeating the same note changes nothing."""
    check_may(work.actor, Act.ACKNOWLEDGE)
    done = carry_out(work, session_id, partial(deciding.acknowledge, notice_id=notice_id, note=note))
    return next(held for held in done.record.notices if held.notice.id == notice_id)
