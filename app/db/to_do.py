"""What the service has to do by itself, for every duty and clinic at once: one statement, asked again and again.

Each part is the first row of an index that holds only what waits, so that it costs the same however much is kept. The
duties ask for what waits themselves; this only says which of them need to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from app.db import purging, webhooks
from app.db.endings import ENDINGS
from app.db.tables import exports, log_pending, push_subscriptions, sessions, streams, tablets
from app.db.work import Work
from app.domain.exports import OPEN, ExportState

_S, _T, _P, _E, _X, _U = sessions.c, streams.c, log_pending.c, exports.c, tablets.c, push_subscriptions.c


def _any(column: ColumnElement[Any], where: ColumnElement[bool] | None, *order: ColumnElement[Any]) -> Any:
    """Whether there is a row. In an order, so that no planner walks the whole table for a first one."""
    statement = select(column).order_by(*order).limit(1)
    return (statement if where is None else statement.where(where)).scalar_subquery().is_not(None)


_ENDED_LATER = _E.state.in_([ExportState.DONE.value, ExportState.FAILED.value])
_PARTS: Mapping[str, ColumnElement[bool]] = {
    "seals": or_(
        _any(_P.event_id, None, _P.clinic_id, _P.event_id),
        _any(_S.id, _S.position > _S.sealed, _S.clinic_id, _S.id),
        _any(_T.stream, _T.position > _T.sealed, _T.clinic_id, _T.stream),
    ),
    "lapses": or_(
        _any(_S.id, and_(_S.next_change_at.is_not(None), _S.next_change_at <= bindparam("now")), _S.next_change_at),
        _any(_X.id, and_(_X.silent_at.is_not(None), _X.silent_at <= bindparam("now")), _X.silent_at),
    ),
    "feed": or_(
        _any(_S.id, _S.position > _S.numbered, _S.clinic_id, _S.id),
        _any(_T.stream, _T.position > _T.numbered, _T.clinic_id, _T.stream),
    ),
    "alerts": _any(_U.tablet_id, None, _U.clinic_id, _U.tablet_id),
    "webhooks": webhooks.DUE.with_only_columns(webhooks.ID).limit(1).scalar_subquery().is_not(None),
    "exports": _any(
        _E.id,
        or_(_E.state.in_(sorted(OPEN)), and_(_ENDED_LATER, _E.expires_at < bindparam("wall"))),
        _E.state,
        _E.clinic_id,
    ),
    "purge": purging.DUE,
}
_LOOK = select(ENDINGS, *(part.label(name) for name, part in _PARTS.items()))


@dataclass(frozen=True, slots=True)
class ToDo:
    """`endings`: how often anything of who may sign in was ended. `duties`: the names of those with something to do."""

    endings: int
    duties: frozenset[str]


def look(work: Work, wall: datetime) -> ToDo:
    """As it is now."""
    row = work.first(_LOOK, now=work.now, wall=wall, **purging.since(wall))
    assert row is not None, "an installation has its row"
    return ToDo(row.endings, frozenset(name for name in _PARTS if getattr(row, name)))
