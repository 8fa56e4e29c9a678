"""How the clinics' work stands, for whoever runs the service: numbers of all clinics together, of nobody by name."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select

from app.db.tables import installation, log_events, log_pending, sessions, streams, tablets, webhook_deliveries
from app.db.work import Work

_S, _T, _X, _D = sessions.c, streams.c, tablets.c, webhook_deliveries.c


def _count(column: ColumnElement[Any], *where: ColumnElement[bool]) -> Select[Any]:
    return select(func.count(column)).where(*where)


_SUMS: dict[str, Select[Any]] = {
    "patients_here": _count(_S.id, _S.listing == "active"),
    "tablets_unsent": _count(_X.id, _X.unsent > 0),
    "items_unsent": select(func.coalesce(func.sum(_X.unsent), 0)),
    "seals_waiting": select(func.count()).select_from(log_pending),
    "sessions_unsealed": _count(_S.id, _S.position > _S.sealed),
    "streams_unsealed": _count(_T.stream, _T.position > _T.sealed),
    "sessions_unnumbered": _count(_S.id, _S.position > _S.numbered),
    "streams_unnumbered": _count(_T.stream, _T.position > _T.numbered),
    "deliveries_waiting": _count(_D.position, ~_D.dead),
    "deliveries_dead": _count(_D.position, _D.dead),
}
_OLDEST_PENDING = select(func.min(log_events.c.wall_at)).join(
    log_pending, (log_pending.c.clinic_id == log_events.c.clinic_id) & (log_pending.c.event_id == log_events.c.id)
)
_OLDEST_DELIVERY = select(func.min(_D.waiting_since)).where(~_D.dead)
_BACKED_UP = select(installation.c.backed_up_at)


@dataclass(frozen=True, slots=True)
class Pulse:
    """Numbers of all clinics together; ages in seconds, 0 where nothing waits.

    `backup_age`: of the last backup that was proven, None where there was none.
    """

    patients_here: int
    sets_overdue: int
    tablets_unsent: int
    items_unsent: int
    lapse_age: float
    seals_waiting: int
    seal_age: float
    feed_waiting: int
    deliveries_waiting: int
    deliveries_dead: int
    delivery_age: float
    backup_age: float | None


def take(work: Work, wall: datetime) -> Pulse:
    """As it is now."""
    overdue = _count(_S.id, _S.listing == "active", _S.overdue_at <= literal(work.now, _S.overdue_at.type))
    lapse = select(func.min(_S.next_change_at)).where(_S.next_change_at <= literal(work.now, _S.next_change_at.type))
    parts = {**_SUMS, "overdue": overdue, "lapse": lapse}
    ages = {"pending": _OLDEST_PENDING, "delivery": _OLDEST_DELIVERY, "backed_up": _BACKED_UP}
    row = work.first(select(*(part.scalar_subquery().label(name) for name, part in {**parts, **ages}.items())))
    assert row is not None, "a row without a table is always there"
    return Pulse(
        patients_here=row.patients_here,
        sets_overdue=row.overdue,
        tablets_unsent=row.tablets_unsent,
        items_unsent=int(row.items_unsent),
        lapse_age=_age(row.lapse, work.now),
        seals_waiting=row.seals_waiting + row.sessions_unsealed + row.streams_unsealed,
        seal_age=_age(row.pending, wall),
        feed_waiting=row.sessions_unnumbered + row.streams_unnumbered,
        deliveries_waiting=row.deliveries_waiting,
        deliveries_dead=row.deliveries_dead,
        delivery_age=_age(row.delivery, wall),
        backup_age=None if row.backed_up is None else _age(row.backed_up, wall),
    )


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
