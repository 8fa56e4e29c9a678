"""The key that opens what lies on a tablet: only a sign-in releases it."""

from datetime import timedelta
from uuid import UUID

from app.db import tablet_keys
from app.db.work import Work
from app.domain.errors import Conflict
from app.domain.tablets import MOST_NEW_A_DAY, MOST_NEW_OF_ONE
from app.services.enrolment import check_in_use

A_DAY = timedelta(days=1)


class TooManyNew(Conflict):
    """As many new tablets and browsers as are let in within a day were signed in on: use one of those, or wait."""

    code = "too-many-new-tablets"


def release_key(work: Work, tablet_id: UUID, fresh: str) -> str:
    """The key of the tablet's outbox in this clinic, in base64; `fresh` from now on where there was none.

    Raises `TabletNotInUse`, and `TooManyNew` for one that was never signed in on, where there were so many today.
    """
    check_in_use(work, tablet_id)
    key = tablet_keys.find(work, tablet_id)
    if key is None:
        in_all, for_this_person = tablet_keys.made_lately(work, A_DAY)
        if in_all >= MOST_NEW_A_DAY or for_this_person >= MOST_NEW_OF_ONE:
            raise TooManyNew
        tablet_keys.keep(work, tablet_id, fresh)
        return fresh
    work.audit("tablet.key-released", subject="tablet", subject_id=tablet_id)
    return key
