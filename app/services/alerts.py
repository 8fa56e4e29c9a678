"""What calls until somebody has seen it, and whom it calls: tablets that are not looked at, once nobody has for long.

*Seen* is no acknowledgement: the record knows nothing of it.
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from app.db import alerts, push, sealing, sign_ins
from app.db import sessions as kept_sessions
from app.db.alerts import Thing
from app.db.push import Subscription
from app.db.work import Work
from app.domain.alerting import Called, calling_ids
from app.domain.errors import FieldError, Invalid
from app.exchange.web_push import AUTH_BYTES, BadKey, PushSender, decoded, point_of
from app.exchange.webhooks import BadTarget, target_of
from app.services import clinic_settings
from app.services.enrolment import check_in_use
from app.services.session_work import NoSuchSession

clinics_called = push.clinics
"""A reading verb: every clinic of which a tablet is to be called."""
log = logging.getLogger(__name__)


class BadSubscription(Invalid):
    """This tablet cannot be called there."""

    code = "bad-push-subscription"


# --- what was seen ---------------------------------------------------------------------------------------------------


def see(work: Work, session_id: UUID, names: Collection[str], wall: datetime) -> None:
    """Somebody has seen these of a session. What does not call (any more) is passed over. Raises `NoSuchSession`."""
    if kept_sessions.find_header(work, session_id) is None:
        raise NoSuchSession
    alerts.lock(work)
    calling, known = _calling(work), alerts.known(work)
    alerts.forget(work, known.keys() - calling.keys())
    seen = [(session_id, name) for name in names if (session_id, name) in calling]
    alerts.notice(work, [thing for thing in seen if thing not in known], wall)
    for thing in seen:
        alerts.see(work, thing, wall)
    work.audit(
        "alert.seen", subject="session", subject_id=session_id, session_id=session_id, after={"alerts": sorted(names)}
    )


def seen(work: Work) -> list[tuple[UUID, str, datetime]]:
    """What somebody has seen of all that is known to call: session, name, and when by the wall clock."""
    return [(*thing, called.seen_at) for thing, called in alerts.known(work).items() if called.seen_at is not None]


def _calling(work: Work) -> Mapping[Thing, str | None]:
    """What calls now, and the chair it calls to. A line that cannot be read calls nobody: it is shown as unknown."""
    found: dict[Thing, str | None] = {}
    for row in alerts.calling(work):
        try:
            board = row.line.board or {}
            names = calling_ids(row.id, board["concerns"], row.line.due_at, row.line.overdue_at, work.now)
            found |= {(row.id, name): board["chair"] for name in names}
        except (KeyError, TypeError) as error:
            log.error("line-unreadable", extra={"kind": type(error).__name__, "session": str(row.id)})
    return found


# --- who is called ---------------------------------------------------------------------------------------------------


def sender(work: Work, address: str | None = None) -> PushSender:
    """The installation, as push services know it. `address`: its own."""
    return PushSender.of(sealing.push_key(work), address)


@dataclass(frozen=True, slots=True)
class PushState:
    """What a tablet needs to know to be called: the installation's public key; and whether it is called now."""

    key: str
    called: bool


def push_state(work: Work, tablet_id: UUID, wall: datetime, idle: timedelta) -> PushState:
    """Whether a tablet is called now, and what it needs to be."""
    return PushState(sender(work).public, push.find(work, tablet_id, wall, idle) is not None)


def subscribe(
    work: Work, tablet_id: UUID, endpoint: str, p256dh: str, auth: str, *, allow_private: bool = False
) -> None:
    """The tablet is called there while the actor's shift on it lasts. Raises `BadSubscription`, `TabletNotInUse`."""
    assert work.actor.sign_in_id is not None
    check_in_use(work, tablet_id)
    _check(endpoint, p256dh, auth, allow_private=allow_private)
    shift = sign_ins.shift_of(work, work.actor.sign_in_id)
    assert shift is not None, "the actor is signed in"
    push.add(work, Subscription(tablet_id, shift.id, shift.expires_at, endpoint, p256dh, auth))
    work.audit("push.subscribed", subject="tablet", subject_id=tablet_id)


def unsubscribe(work: Work, tablet_id: UUID) -> None:
    """The tablet is called no more."""
    push.forget(work, tablet_id)
    work.audit("push.unsubscribed", subject="tablet", subject_id=tablet_id)


def _check(endpoint: str, p256dh: str, auth: str, *, allow_private: bool) -> None:
    faults = []
    try:
        target_of(endpoint, allow_private=allow_private)
    except BadTarget as fault:
        faults.append(FieldError("endpoint", str(fault)))
    try:
        point_of(p256dh)
    except BadKey:
        faults.append(FieldError("p256dh", "must be a public key of the curve P-256, uncompressed, in base64url"))
    try:
        decoded(auth, AUTH_BYTES)
    except BadKey:
        faults.append(FieldError("auth", f"must be {AUTH_BYTES} bytes in base64url"))
    if faults:
        raise BadSubscription(errors=faults)


# --- calling ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Round:
    """What a look at a clinic comes to. `due`: what is to call now, and the chair it calls to."""

    subscriptions: Collection[Subscription] = ()
    over: Collection[Subscription] = ()
    begun: Collection[Thing] = ()
    ended: Collection[Thing] = ()
    due: Mapping[Thing, str | None] = field(default_factory=dict)

    @property
    def moves(self) -> bool:
        """Whether anything is to be kept or sent."""
        return bool(self.over or self.begun or self.ended or self.due)


def look(work: Work, wall: datetime, idle: timedelta) -> Round:
    """What is to be done for the clinic now; nothing is kept."""
    live, over = push.of_clinic(work, wall, idle)
    if not live:
        return Round(over=over)
    settings, calling, known = clinic_settings.in_force(work), _calling(work), alerts.known(work)

    def is_due(called: Called | None) -> bool:
        return called is not None and called.is_due(settings, wall)

    return Round(
        subscriptions=live,
        over=over,
        begun=[thing for thing in calling if thing not in known],
        ended=[thing for thing in known if thing not in calling],
        due={thing: chair for thing, chair in calling.items() if is_due(known.get(thing))},
    )


def take(work: Work, wall: datetime, idle: timedelta) -> Round:
    """The same, kept: what is to call now is counted, so that nobody else calls for it too."""
    alerts.lock(work)
    found = look(work, wall, idle)
    for subscription in found.over:
        push.is_gone(work, subscription)
    alerts.notice(work, found.begun, wall)
    alerts.forget(work, found.ended)
    for thing in found.due:
        alerts.count_call(work, thing)
    return found


gone = push.is_gone
"""A writing verb: the push service says that nobody hears there any more."""
