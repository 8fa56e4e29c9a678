"""Notices to a signer, and who acknowledged them."""

from uuid import UUID

from sqlalchemy import bindparam, select

from app.db import sheets
from app.db.tables import notice_acknowledgements as acknowledgements
from app.db.tables import notices
from app.db.work import Work
from app.domain.documents import notice_document, notice_from
from app.domain.records import Kept, Notice, NoticeHistory

_OF = (notices.c.clinic_id == bindparam("clinic"), notices.c.session_id == bindparam("session"))
_FIND = select(notices).where(notices.c.clinic_id == bindparam("clinic"), notices.c.id == bindparam("this"))
_ACKNOWLEDGED = select(acknowledgements).where(
    acknowledgements.c.clinic_id == bindparam("clinic"),
    acknowledgements.c.session_id == bindparam("session"),
    acknowledgements.c.notice_id == bindparam("this"),
)
_OPEN = (
    select(notices)
    .outerjoin(
        acknowledgements,
        (acknowledgements.c.clinic_id == notices.c.clinic_id)
        & (acknowledgements.c.session_id == notices.c.session_id)
        & (acknowledgements.c.notice_id == notices.c.id),
    )
    .where(*_OF, acknowledgements.c.notice_id.is_(None))
    .order_by(notices.c.id)
)


def find(work: Work, notice_id: UUID) -> tuple[UUID, NoticeHistory] | None:
    """(session id, notice) by its id, anywhere in the clinic: whether the session fits is for the caller."""
    row = work.first(_FIND, this=notice_id)
    if row is None:
        return None
    answer = work.first(_ACKNOWLEDGED, session=row.session_id, this=notice_id)
    acknowledged: Kept[str | None] | None = None if answer is None else sheets.kept(answer, answer.document["note"])
    return row.session_id, NoticeHistory(notice=notice_from(row.document), acknowledged=acknowledged)


def open_notices(work: Work, session_id: UUID) -> tuple[Notice, ...]:
    """Those nobody acknowledged yet."""
    return tuple(notice_from(row.document) for row in work.all(_OPEN, session=session_id))


def keep(work: Work, session_id: UUID, notice: Notice) -> None:
    """Raises a notice."""
    work.insert(notices, session_id=session_id, id=notice.id, **work.stamp(notice_document(notice)))


def acknowledge(work: Work, session_id: UUID, notice_id: UUID, note: str | None) -> None:
    """Acknowledges it, once; a second time is refused (`AlreadyKept`)."""
    work.insert(acknowledgements, session_id=session_id, notice_id=notice_id, **work.stamp({"note": note}, note))
