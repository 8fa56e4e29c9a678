"""Refusals as the audit keeps them: the first few of a kind in a minute one by one, the others as a number.

Whoever is not signed in may knock as often as they like; what they leave behind is bounded. What they make up is no
part of the kind: only what is refused, and whose account, sign-in or machine it was said to be, where there is one.
Of whoever is signed in the kind is who, at which operation, and why: there are only so many of these, and all are told
apart. Counted by each process for itself: one that is killed loses the numbers of its last minute, and none of the
first few.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.db.work import NO_CLINIC, Work
from app.domain.canonical import Document
from app.domain.instants import to_text
from app.domain.people import Actor

MINUTE = timedelta(minutes=1)
FEW = 5
"""Of one kind in a minute, kept one by one."""
KINDS = 50
"""Kinds told apart in a minute: those of all others are one more, and nobody's."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many more refusals of one kind, within some minute of the wall clock."""

    actor: Actor
    action: str
    times: int
    first: datetime
    last: datetime
    route: str | None = None
    reason: str | None = None


@dataclass(slots=True)
class _Kind:
    crowd: Crowd
    kept: int = 0


class Strangers:
    """What one process counts. For one event loop. `kinds`: so many are told apart in a minute, None for all."""

    def __init__(self, kinds: int | None = KINDS) -> None:
        self._most = kinds
        self._kinds: dict[tuple[object, ...], _Kind] = {}
        self._began: datetime | None = None
        self._over: list[Crowd] = []

    def heard(
        self, actor: Actor, action: str, wall: datetime, route: str | None = None, reason: str | None = None
    ) -> bool:
        """Whether this refusal is to be kept by itself; if not, it is counted."""
        if self._began is None or not self._began <= wall < self._began + MINUTE:
            self._turn(wall)
        key: tuple[object, ...] = (actor.clinic_id, actor.id, action, route, reason)
        if self._most is not None and key not in self._kinds and len(self._kinds) >= self._most:
            key, actor = (action,), NO_CLINIC
        kind = self._kinds.setdefault(key, _Kind(Crowd(actor, action, 0, wall, wall, route, reason)))
        if kind.kept < FEW:
            kind.kept += 1
            return True
        first = kind.crowd.first if kind.crowd.times else wall
        kind.crowd = replace(kind.crowd, times=kind.crowd.times + 1, first=first, last=wall)
        return False

    def crowds(self, wall: datetime, *, ending: bool = False) -> list[Crowd]:
        """What was only counted and whose minute is over (or whose process ends): each is told once."""
        if ending or (self._began is not None and wall >= self._began + MINUTE):
            self._turn(wall)
        told, self._over = self._over, []
        return told

    def _turn(self, wall: datetime) -> None:
        self._over += [kind.crowd for kind in self._kinds.values() if kind.crowd.times]
        self._kinds.clear()
        self._began = wall


def record(work: Work, crowd: Crowd) -> None:
    """So many more like those that were kept one by one."""
    told: Document = {"times": crowd.times, "first": to_text(crowd.first), "last": to_text(crowd.last)}
    if crowd.route is None:
        work.audit(crowd.action, subject="strangers", subject_id="more like it", after=told)
    else:
        work.audit(crowd.action, subject="route", subject_id=crowd.route, after=told, reason=crowd.reason)
