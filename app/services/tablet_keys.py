"""The key that opens what lies on a tablet: only a sign-in releases it."""

from uuid import UUID

from app.db import tablet_keys
from app.db.work import Work
from app.services.enrolment import check_in_use


def release_key(work: Work, tablet_id: UUID, fresh: str) -> str:
    """The key of the tablet's outbox in this clinic, in base64; `fresh` from now on where there was none.

    Raises `TabletNotInUse`.
    """
    check_in_use(work, tablet_id)
    key = tablet_keys.find(work, tablet_id)
    if key is None:
        tablet_keys.keep(work, tablet_id, fresh)
        return fresh
    work.audit("tablet.key-released", subject="tablet", subject_id=tablet_id)
    return key
