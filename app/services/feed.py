"""The feed of one clinic: every change of the record, in an order that never changes, from any place on."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.db import clinics, feed
from app.db.work import Work
from app.domain.errors import Conflict
from app.domain.feed import FeedItem
from app.domain.people import check_scope
from app.domain.scopes import OFFERED, Access

waiting = feed.waiting
"""A reading verb: the clinics in which something waits for its number."""
number = feed.number
"""A writing verb: number what waits in the clinic, a batch at most; how many."""
BATCH = feed.BATCH


class FeedBeginsAnew(Conflict):
    """The database was restored since this cursor was given: read the feed from its start again."""

    code = "feed-begins-anew"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the feed of one life of the database: after this position."""

    epoch: UUID
    position: int


def read_page(work: Work, after: Place | None, limit: int) -> tuple[Sequence[FeedItem], Place]:
    """What follows `after` (None: from the start), and the place to go on from. Raises `FeedBeginsAnew`.

    The feed tells of everything: a machine needs a token that searches every type (`system/*.s`), or `ScopeMayNot`.
    """
    for resource_type in sorted(OFFERED):
        check_scope(work.actor, resource_type, Access.SEARCH)
    epoch = clinics.installation(work).epoch
    if after is not None and after.epoch != epoch:
        raise FeedBeginsAnew
    start = after.position if after else 0
    items = feed.page(work, start, limit)
    end = items[-1].position if items else start
    work.audit("feed.read", subject="clinic", subject_id=work.clinic_id, after={"after": start, "to": end})
    return items, Place(epoch, end)
