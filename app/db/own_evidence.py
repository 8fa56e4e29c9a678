"""What sessions tell of how the clinic works: their briefs, oldest first, so many rows at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, tuple_

from app.db.tables import sessions
from app.db.work import Work

AT_ONCE = 400

_S = sessions.c
_BRIEFS = (
    select(_S.at, _S.id, _S.patient_id, _S.listing, _S.dose_started_at, _S.brief)
    .where(_S.clinic_id == bindparam("clinic"), _S.at < bindparam("until", type_=_S.at.type))
    .order_by(_S.at, _S.id)
    .limit(bindparam("most"))
)
_FROM = _BRIEFS.where(_S.at >= bindparam("since", type_=_S.at.type))
_BEHIND = _BRIEFS.where(
    tuple_(_S.at, _S.id) > tuple_(bindparam("at", type_=_S.at.type), bindparam("this", type_=_S.id.type))
)


@dataclass(frozen=True, slots=True)
class BriefRow:
    """A session's brief, and where it stands. `brief` None: it could not be told, or cannot be read."""

    at: datetime
    patient_id: UUID
    closed: bool
    dosed: bool
    brief: Mapping[str, Any] | None


def briefs(work: Work, since: datetime, until: datetime) -> Iterator[BriefRow]:
    """Sessions that stand in this span and are more than planned. Only so many are held at once."""
    rows = work.all(_FROM, since=since, until=until, most=AT_ONCE)
    while rows:
        for row in rows:
            if row.listing != "planned":
                closed, dosed = row.listing == "closed", row.dose_started_at is not None
                yield BriefRow(row.at, row.patient_id, closed, dosed, row.brief)
        last = rows[-1]
        rows = work.all(_BEHIND, at=last.at, this=last.id, until=until, most=AT_ONCE) if len(rows) == AT_ONCE else ()
