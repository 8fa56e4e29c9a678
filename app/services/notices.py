"""Acknowledging a notice: the signer, or another clinician who says why."""

from uuid import UUID

from app.db import notices as kept_notices
from app.db.work import Work
from app.domain.errors import Conflict, FieldError, Invalid, NotFound
from app.domain.people import Act, check_may
from app.domain.records import Kept, NoticeHistory
from app.domain.sessions import Door
from app.services.session_work import keep_as_is, open_session


class NoSuchNotice(NotFound):
    """There is no notice under this id in this session."""

    code = "no-such-notice"


class AlreadyAcknowledged(Conflict):
    """This notice has been acknowledged."""

    code = "already-acknowledged"


class NoteNeeded(Invalid):
    """You are not the one who signed: say in `note` why you acknowledge this in their place."""

    code = "note-needed"


def acknowledge(work: Work, session_id: UUID, notice_id: UUID, note: str | None) -> NoticeHistory:
    """Marks a notice as seen. The same person repeating the same note changes nothing."""
    check_may(work.actor, Act.ACKNOWLEDGE)
    session = open_session(work, session_id)
    history = next((held for held in session.record.notices if held.notice.id == notice_id), None)
    if history is None:
        raise NoSuchNotice
    if history.acknowledged is not None:
        if history.acknowledged.by.staff_id == work.actor.staff_id and history.acknowledged.value == note:
            return history
        raise AlreadyAcknowledged(f"{history.acknowledged.by.name} has acknowledged this notice already")
    session.check(Door.ACKNOWLEDGEMENT)
    if history.notice.signer_id not in (None, work.actor.staff_id) and not note:
        raise NoteNeeded(errors=[FieldError("note", "say why you acknowledge it in the signer's place")])
    kept_notices.acknowledge(work, session_id, notice_id, note)
    work.audit("notice.acknowledged", subject="notice", subject_id=notice_id, session_id=session_id, reason=note)
    seen = NoticeHistory(history.notice, Kept(note, 1, work.signer, work.now, work.actor.tablet_id))
    notices = tuple(seen if held is history else held for held in session.record.notices)
    keep_as_is(work, session, notices=notices)
    return seen
