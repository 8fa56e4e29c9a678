"""After a restore: what has come back from tablets, and which of them have not been heard of since."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.db import clinics, journal, tablets
from app.db.clinics import Installation
from app.db.enrolments import page
from app.db.tablets import Heartbeat
from app.db.work import Work

MOST = 500
"""Tablets looked through."""


@dataclass(frozen=True, slots=True)
class TabletSince:
    """A tablet, and the last it said: before or since the restore. `name` None: nobody enrolled it."""

    id: UUID
    name: str | None
    said: Heartbeat | None


@dataclass(frozen=True, slots=True)
class Aftermath:
    """How far a clinic has come since a restore. `came_back`: facts of the lost time that arrived since, by kind.

    `back`: tablets heard of since that said they hold nothing unsent; `not_back`: the others, which may hold something.
    """

    life: Installation
    came_back: Mapping[str, int]
    back: tuple[TabletSince, ...]
    not_back: tuple[TabletSince, ...]


def read(work: Work) -> Aftermath:
    """Of this clinic; audited as read. What no tablet held cannot be known: nothing else says that it was there."""
    work.audit("restored.read", subject="clinic", subject_id=work.clinic_id)
    life = clinics.installation(work)
    if life.restored_at is None or life.lost_from is None:
        return Aftermath(life, {}, (), ())
    # what a tablet types is of a whole second: what was typed just after the backup was begun is of that one
    since = life.lost_from.replace(microsecond=0)
    came_back = journal.arrived_late(work, since, life.restored_at)
    named = page(work, None, MOST)
    these = [*named, *tablets.nameless(work, None, MOST - len(named))]
    heard = tablets.said(work, these)
    back: list[TabletSince] = []
    not_back: list[TabletSince] = []
    for this in these:
        _, tablet = named.get(this, (0, None))
        said = heard.get(this)
        if tablet is not None and not tablet.in_use:
            continue
        is_back = said is not None and said.heard_at > life.restored_at and not said.unsent
        (back if is_back else not_back).append(TabletSince(this, tablet.name if tablet else None, said))
    return Aftermath(life, came_back, tuple(back), tuple(not_back))
