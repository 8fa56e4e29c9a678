"""Webhooks as kept: the targets an operator registered, how far each has been told, and what it has yet to be told.

Only what is not delivered has a row among the deliveries. In a lane (the events of one session) only the first that
waits has an instant for its next try; whoever removes or gives up that one lets the next come forward. Every change
of a target's deliveries happens under the lock of its place, so that none is left behind without an instant.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Row, and_, bindparam, delete, exists, func, insert, or_, select, update

from app.db.feed import item_of, items, last
from app.db.sealing import seal, unseal
from app.db.tables import feed, webhook_deliveries, webhook_places, webhooks
from app.db.work import Work
from app.domain.feed import FeedItem
from app.domain.webhooks import LAST, Claimed, Letter, Tried, Webhook, WebhookState

BATCH = 200
"""How many new events are looked at in one go."""

_W, _P, _D = webhooks.c, webhook_places.c, webhook_deliveries.c
_OURS = _W.clinic_id == bindparam("clinic")
_ONE = _OURS & (_W.id == bindparam("webhook"))
_OF_ONE = (_D.clinic_id == bindparam("clinic")) & (_D.webhook_id == bindparam("webhook"))
_PLACED = (_P.clinic_id == _W.clinic_id) & (_P.webhook_id == _W.id)
_ALL = select(webhooks).where(_OURS).order_by(_W.id)
_FIND = select(webhooks).where(_ONE)
ID = _W.id
DUE = (
    select(webhooks)
    .join(webhook_places, _PLACED)
    .where(
        _W.paused.is_(None),
        or_(
            exists().where(feed.c.clinic_id == _W.clinic_id, feed.c.position > _P.position),
            exists().where(_D.clinic_id == _W.clinic_id, _D.webhook_id == _W.id, _D.next_at <= bindparam("wall")),
        ),
    )
)
_PLACE = select(_P.position).where(_P.clinic_id == bindparam("clinic"), _P.webhook_id == bindparam("webhook"))
_LOCK = _PLACE.with_for_update()
_MOVE = (
    update(webhook_places)
    .where(_P.clinic_id == bindparam("clinic"), _P.webhook_id == bindparam("webhook"))
    .values(position=bindparam("to"))
)
_NEWS = items().where(feed.c.position > bindparam("place")).limit(BATCH)
_BUSY = select(_D.lane).where(_OF_ONE, ~_D.dead, _D.lane.in_(bindparam("lanes", expanding=True))).distinct()
_ADD = insert(webhook_deliveries)
_EARLIER = webhook_deliveries.alias("earlier")
_TAKE = (
    items()
    .join(webhook_deliveries, and_(_D.clinic_id == feed.c.clinic_id, _D.position == feed.c.position))
    .add_columns(_D.tries, _D.waiting_since)
    .where(
        _OF_ONE,
        _D.next_at <= bindparam("wall"),
        ~exists().where(
            _EARLIER.c.clinic_id == _D.clinic_id,
            _EARLIER.c.webhook_id == _D.webhook_id,
            _EARLIER.c.lane == _D.lane,
            _EARLIER.c.position < _D.position,
            ~_EARLIER.c.dead,
        ),
    )
    .limit(bindparam("most"))
)
_AT = _OF_ONE & (_D.position == bindparam("place"))
_LEASE = update(webhook_deliveries).where(_AT).values(tries=bindparam("tried"), next_at=bindparam("until"))
_SAME_TRY = _AT & (_D.tries == bindparam("tried"))
_DELIVERED = delete(webhook_deliveries).where(_SAME_TRY)
_FAILED = (
    update(webhook_deliveries)
    .where(_SAME_TRY)
    .values(next_at=bindparam("again"), outcome=bindparam("said"), dead=bindparam("given_up"))
)
_FIRST = (
    select(_D.position, _D.next_at)
    .where(_OF_ONE, ~_D.dead, _D.lane == bindparam("of_lane"))
    .order_by(_D.position)
    .limit(1)
)
_FORWARD = update(webhook_deliveries).where(_AT).values(next_at=bindparam("at"), tries=bindparam("tried"))
_COUNTS = select(_D.dead, func.count().label("many")).where(_OF_ONE).group_by(_D.dead)
_LAST_FAILURE = select(_D.outcome).where(_OF_ONE, _D.outcome.is_not(None)).order_by(_D.position.desc()).limit(1)
_FAILING_SINCE = select(func.min(_D.waiting_since).label("since")).where(_OF_ONE, ~_D.dead, _D.outcome.is_not(None))
_LETTERS = (
    items()
    .join(webhook_deliveries, and_(_D.clinic_id == feed.c.clinic_id, _D.position == feed.c.position))
    .add_columns(_D.tries, _D.waiting_since, _D.outcome)
    .where(_OF_ONE, _D.dead)
)
_LETTERS_PAGE = _LETTERS.where(_D.position > bindparam("place")).limit(bindparam("most"))
_AGAIN = (
    update(webhook_deliveries)
    .where(_AT, _D.dead)
    .values(dead=False, tries=0, waiting_since=bindparam("at"), next_at=bindparam("at"))
)
_LANE_OF = select(_D.lane).where(_AT)
_REST_STEPS_BACK = (
    update(webhook_deliveries)
    .where(_OF_ONE, _D.lane == bindparam("of_lane"), ~_D.dead, _D.position > bindparam("place"))
    .values(next_at=None)
)
_ANEW = update(webhook_deliveries).where(_OF_ONE, ~_D.dead).values(tries=0, waiting_since=bindparam("at"))
_ANEW_DUE = update(webhook_deliveries).where(_OF_ONE, _D.next_at.is_not(None)).values(next_at=bindparam("at"))


@dataclass(frozen=True, slots=True)
class TryOutcome:
    """What is kept of a try: delivered, or when to try again (`again` None: given up)."""

    tried: Tried
    again: datetime | None


def _webhook(row: Row[Any]) -> Webhook:
    """Without its secrets: whoever only looks at it, or removes it, need not be able to open them."""
    return Webhook(
        id=row.id,
        clinic_id=row.clinic_id,
        url=row.url,
        kinds=None if row.kinds is None else frozenset(row.kinds.split(",")),
        with_values=row.with_values,
        allow_private=row.allow_private,
        secret="",
        old_secret=None,
        old_until=row.old_until,
        paused=row.paused,
        added_at=row.added_at,
    )


# --- targets ---------------------------------------------------------------------------------------------------------


def add(work: Work, webhook: Webhook, *, from_start: bool) -> None:
    """A new target, told of what comes from now on, or of everything `from_start`."""
    work.insert(
        webhooks,
        id=webhook.id,
        url=webhook.url,
        kinds=None if webhook.kinds is None else ",".join(sorted(webhook.kinds)),
        with_values=webhook.with_values,
        allow_private=webhook.allow_private,
        secret=_sealed(work, _W.secret, webhook.id, webhook.secret),
        added_at=webhook.added_at,
    )
    work.insert(webhook_places, webhook_id=webhook.id, position=0 if from_start else last(work))


def find(work: Work, webhook_id: UUID) -> Webhook | None:
    """The target of this clinic without its secrets, None where there is none."""
    row = work.first(_FIND, webhook=webhook_id)
    return None if row is None else _webhook(row)


def opened(work: Work, webhook_id: UUID) -> Webhook | None:
    """The target of this clinic with its secrets, None where there is none. Raises `DoesNotOpen`."""
    row = work.first(_FIND, webhook=webhook_id)
    if row is None:
        return None
    old = None if row.old_secret is None else unseal(work, _W.old_secret, row.old_secret, id=webhook_id)
    return replace(_webhook(row), secret=unseal(work, _W.secret, row.secret, id=webhook_id), old_secret=old)


def rotate(work: Work, webhook: Webhook, secret: str, old_until: datetime) -> None:
    """Another secret; the one that the target was `opened` with counts along until then."""
    change(
        work,
        webhook.id,
        secret=_sealed(work, _W.secret, webhook.id, secret),
        old_secret=_sealed(work, _W.old_secret, webhook.id, webhook.secret),
        old_until=old_until,
    )


def _sealed(work: Work, column: Column[Any], webhook_id: UUID, text: str) -> str:
    return seal(work, column, text, id=webhook_id)


def states(work: Work, after: UUID | None, limit: int | None) -> list[WebhookState]:
    """The next targets of this clinic and how each stands, by id, which is by age; all of them without a limit."""
    found = []
    those = _ALL if after is None else _ALL.where(_W.id > after)
    for row in work.all(those.limit(limit)):
        counts = {counted.dead: counted.many for counted in work.all(_COUNTS, webhook=row.id)}
        place = work.first(_PLACE, webhook=row.id)
        failure = work.first(_LAST_FAILURE, webhook=row.id)
        failing = work.first(_FAILING_SINCE, webhook=row.id)
        found.append(
            WebhookState(
                webhook=_webhook(row),
                position=place.position if place else 0,
                waiting=counts.get(False, 0),
                dead=counts.get(True, 0),
                last_failure=failure.outcome if failure else None,
                failing_since=failing.since if failing else None,
            )
        )
    return found


def change(work: Work, webhook_id: UUID, **values: Any) -> None:
    """Other values of a target, such as why it is paused."""
    statement = update(webhooks).where(_ONE).values(values)
    work.change(statement, {"clinic": work.clinic_id, "webhook": webhook_id})


def remove(work: Work, webhook_id: UUID) -> None:
    """The target, its secret and all that waited for it."""
    for table in (webhook_deliveries, webhook_places):
        work.change(
            delete(table).where(table.c.clinic_id == bindparam("clinic"), table.c.webhook_id == bindparam("webhook")),
            {"clinic": work.clinic_id, "webhook": webhook_id},
        )
    work.change(delete(webhooks).where(_ONE), {"clinic": work.clinic_id, "webhook": webhook_id})


# --- deliveries ------------------------------------------------------------------------------------------------------


def due(work: Work, wall: datetime) -> list[Webhook]:
    """Every target, of all clinics, that has something to be told or tried again now."""
    return [_webhook(row) for row in work.all(DUE, wall=wall)]


def _lock(work: Work, webhook_id: UUID) -> int | None:
    row = work.first(_LOCK, webhook=webhook_id)
    return None if row is None else row.position


def spread(work: Work, webhook: Webhook, wall: datetime) -> int:
    """Turns what is new in the feed into deliveries, a batch at most; how many events were looked at."""
    place = _lock(work, webhook.id)
    if place is None:
        return 0
    news = [item_of(row) for row in work.all(_NEWS, place=place)]
    if not news:
        return 0
    wanted = [item for item in news if webhook.wants(item.kind)]
    busy = _busy(work, webhook.id, wanted)
    rows = []
    for item in wanted:
        rows.append(
            {
                "clinic_id": work.clinic_id,
                "webhook_id": webhook.id,
                "position": item.position,
                "lane": item.lane,
                "waiting_since": wall,
                "tries": 0,
                "next_at": None if item.lane in busy else wall,
                "outcome": None,
                "dead": False,
            }
        )
        busy.add(item.lane)
    if rows:
        work.change(_ADD, rows)
    work.change(_MOVE, {"clinic": work.clinic_id, "webhook": webhook.id, "to": news[-1].position})
    return len(news)


def _busy(work: Work, webhook_id: UUID, wanted: Sequence[FeedItem]) -> set[str]:
    lanes = sorted({item.lane for item in wanted})
    return {row.lane for row in work.all(_BUSY, webhook=webhook_id, lanes=lanes)} if lanes else set()


def claim(work: Work, webhook_id: UUID, wall: datetime, lease: timedelta, most: int) -> list[Claimed]:
    """Takes what is due, at most one event a lane. Nobody else may take it before the lease is over."""
    if _lock(work, webhook_id) is None:
        return []
    taken = [
        Claimed(item_of(row), row.tries + 1, row.waiting_since)
        for row in work.all(_TAKE, webhook=webhook_id, wall=wall, most=most)
    ]
    if taken:
        work.change(
            _LEASE,
            [
                {
                    "clinic": work.clinic_id,
                    "webhook": webhook_id,
                    "place": one.item.position,
                    "tried": one.tries,
                    "until": wall + lease,
                }
                for one in taken
            ],
        )
    return taken


def settle(work: Work, webhook_id: UUID, outcomes: Iterable[TryOutcome], wall: datetime) -> None:
    """Keeps what came of tries, unless another process has taken them over, and lets those behind come forward."""
    if _lock(work, webhook_id) is None:
        return
    lanes = {}
    for outcome in outcomes:
        claimed = outcome.tried.claimed
        key = {
            "clinic": work.clinic_id,
            "webhook": webhook_id,
            "place": claimed.item.position,
            "tried": claimed.tries,
        }
        if outcome.tried.delivered:
            work.change(_DELIVERED, key)
        else:
            again = outcome.again
            values = {"again": again, "said": outcome.tried.outcome, "given_up": again is None}
            work.change(_FAILED, {**key, **values})
        lanes[claimed.item.lane] = not outcome.tried.delivered
    for lane, failed in sorted(lanes.items()):
        _come_forward(work, webhook_id, lane, wall, LAST if failed else 0)


def _come_forward(work: Work, webhook_id: UUID, lane: str, wall: datetime, tries: int) -> None:
    """The first that waits in a lane is due where it has no instant yet, as if it had been tried so often."""
    first = work.first(_FIRST, webhook=webhook_id, of_lane=lane)
    if first is not None and first.next_at is None:
        key = {"clinic": work.clinic_id, "webhook": webhook_id, "place": first.position}
        work.change(_FORWARD, {**key, "at": wall, "tried": tries})


def letters(work: Work, webhook_id: UUID, after: int, limit: int) -> list[Letter]:
    """What was given up, in order of the feed, from the position `after` on."""
    return [
        Letter(
            position=row.place,
            id=row.id,
            kind=row.action,
            session_id=row.session_id,
            waiting_since=row.waiting_since,
            tries=row.tries,
            outcome=row.outcome,
        )
        for row in work.all(_LETTERS_PAGE, webhook=webhook_id, place=after, most=limit)
    ]


def resend(work: Work, webhook_id: UUID, position: int, wall: datetime) -> bool:
    """Lets a dead letter be tried again, at once and before what waits of its lane; whether there was one."""
    if _lock(work, webhook_id) is None:
        return False
    key = {"clinic": work.clinic_id, "webhook": webhook_id, "place": position}
    if not work.change(_AGAIN, {**key, "at": wall}):
        return False
    lane = work.first(_LANE_OF, webhook=webhook_id, place=position)
    assert lane is not None
    work.change(_REST_STEPS_BACK, {**key, "of_lane": lane.lane})
    return True


def begin_anew(work: Work, webhook_id: UUID, wall: datetime) -> None:
    """After a pause: what waits counts its tries from now, and what was next in its lane is due."""
    _lock(work, webhook_id)
    for statement in (_ANEW, _ANEW_DUE):
        work.change(statement, {"clinic": work.clinic_id, "webhook": webhook_id, "at": wall})
