"""Chairs that are taken twice: said, never refused, for only who stands there knows which of the two will move."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.db import sessions as kept_sessions
from app.db.sessions import Listing
from app.db.work import Work
from app.domain.instants import from_text_or_none
from app.domain.names import folded
from app.domain.records import SessionHeader
from app.exchange.intake import CountedIn

SHORTEST_STAY = timedelta(hours=1)
"""No session is over sooner: an infusion of forty minutes, and sets until the patient has recovered."""
AT_ONCE = 200
NOT_OVER: tuple[Listing, ...] = ("planned", "active")


@dataclass(frozen=True, slots=True)
class _Seat:
    session_id: UUID
    row: int | None
    at: datetime


def taken_twice(
    work: Work, offered: Sequence[tuple[int, UUID, SessionHeader]], unit: CountedIn
) -> dict[int, tuple[str, ...]]:
    """By row, what else is planned in its chair within the hour: in the file, and of what is kept here."""
    seats: dict[str, list[_Seat]] = defaultdict(list)
    for row, session_id, header in offered:
        _sit(seats, session_id, row, header.chair, header.planned_at)
    if not seats:
        return {}
    ours = {session_id for _, session_id, _ in offered}
    for listing in NOT_OVER:
        after: UUID | None = None
        while True:
            kept, after = kept_sessions.board(work, listing, after, AT_ONCE)
            for one in kept:
                if one.id not in ours:
                    shown = one.line.board or {}
                    _sit(seats, one.id, None, shown.get("chair"), from_text_or_none(shown.get("planned_at")))
            if after is None:
                break
    found: dict[int, tuple[str, ...]] = {}
    for near in seats.values():
        for seat in near:
            others = [other for other in near if other is not seat and abs(other.at - seat.at) < SHORTEST_STAY]
            if seat.row is not None and others:
                found[seat.row] = tuple(_said(other, unit) for other in others)
    return found


def _sit(
    seats: dict[str, list[_Seat]], session_id: UUID, row: int | None, chair: str | None, planned_at: datetime | None
) -> None:
    if chair is not None and planned_at is not None:
        seats[folded(chair)].append(_Seat(session_id, row, planned_at))


def _said(other: _Seat, unit: CountedIn) -> str:
    whose = f"{unit} {other.row} of this file" if other.row is not None else f"session {other.session_id} here"
    return f"the chair is taken twice within an hour: also by {whose}"
