"""Which tablets are called by push, each for one person's shift on it. Housekeeping, not record."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, delete, exists, or_, select

from app.db import sealing
from app.db.tables import pins, push_subscriptions, sign_ins
from app.db.work import Work


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where a tablet's browser hears push messages, and with what they are encrypted for it (RFC 8291).

    `p256dh`, `auth`: base64url without padding, as browsers give them. `shift_id`: the sign-in by password that it
    belongs to; `expires_at`: that one's end if nobody signs out (wall clock).
    """

    tablet_id: UUID
    shift_id: UUID
    expires_at: datetime
    endpoint: str
    p256dh: str
    auth: str


_U, _I, _P = push_subscriptions.c, sign_ins.c, pins.c
_OURS = _U.clinic_id == bindparam("clinic")
_ONE = (_OURS, _U.tablet_id == bindparam("tablet"))
_SIGNED_IN = exists().where(
    _I.clinic_id == _U.clinic_id,
    or_(_I.id == _U.shift_id, _I.shift_id == _U.shift_id),
    _I.ended_at.is_(None),
    _I.last_used_at > bindparam("idle_since"),
)
# whoever locked the tablet comes back by PIN: the shift goes on
_BY_PIN = exists().where(
    _P.clinic_id == _U.clinic_id,
    _P.tablet_id == _U.tablet_id,
    _P.shift_id == _U.shift_id,
    _P.expires_at > bindparam("wall"),
)
_LIVE = and_(_U.expires_at > bindparam("wall"), or_(_SIGNED_IN, _BY_PIN))
_ALL = select(push_subscriptions, _LIVE.label("live")).where(_OURS).order_by(_U.tablet_id)
_FIND = select(push_subscriptions, _LIVE.label("live")).where(*_ONE)
_CLINICS = select(_U.clinic_id).distinct().order_by(_U.clinic_id)
_FORGET = delete(push_subscriptions).where(*_ONE)
_GONE = delete(push_subscriptions).where(*_ONE, _U.endpoint == bindparam("there"))


def clinics(work: Work) -> list[UUID]:
    """Every clinic of which a tablet is to be called."""
    return [row.clinic_id for row in work.all(_CLINICS)]


def add(work: Work, subscription: Subscription) -> None:
    """The tablet is called there from now on, and nowhere else."""
    forget(work, subscription.tablet_id)
    values = {name: getattr(subscription, name) for name in Subscription.__slots__}
    auth = sealing.seal(work, push_subscriptions.c.auth, subscription.auth, tablet_id=subscription.tablet_id)
    work.insert(push_subscriptions, **{**values, "auth": auth})


def find(work: Work, tablet_id: UUID, wall: datetime, idle: timedelta) -> Subscription | None:
    """Where a tablet is called now; None where its shift is over."""
    row = work.first(_FIND, tablet=tablet_id, wall=wall, idle_since=wall - idle)
    return _subscription(work, row) if row is not None and row.live else None


def of_clinic(work: Work, wall: datetime, idle: timedelta) -> tuple[list[Subscription], list[Subscription]]:
    """Where tablets are called now; and what is left of shifts that are over, or does not open."""
    rows = work.all(_ALL, wall=wall, idle_since=wall - idle)
    called = {row.tablet_id: _subscription(work, row) for row in rows if row.live}
    lost = [_plainly(row, auth="") for row in rows if called.get(row.tablet_id) is None]
    return [one for one in called.values() if one is not None], lost


def forget(work: Work, tablet_id: UUID) -> None:
    """The tablet is called no more."""
    work.change(_FORGET, {"clinic": work.clinic_id, "tablet": tablet_id})


def is_gone(work: Work, subscription: Subscription) -> None:
    """Nobody hears there any more; where the tablet has another place by now, that one stays."""
    work.change(_GONE, {"clinic": work.clinic_id, "tablet": subscription.tablet_id, "there": subscription.endpoint})


def _subscription(work: Work, row: Row[Any]) -> Subscription | None:
    try:
        auth = sealing.unseal(work, push_subscriptions.c.auth, row.auth, tablet_id=row.tablet_id)
    except sealing.DoesNotOpen:
        return None
    return _plainly(row, auth)


def _plainly(row: Row[Any], auth: str) -> Subscription:
    return Subscription(**{**{name: getattr(row, name) for name in Subscription.__slots__}, "auth": auth})
