"""Being signed in: an opaque token whose hash alone is kept, an idle limit, an absolute limit, both on the wall clock.

Whether a sign-in still holds is decided before anything else about a request. Only what a person does (a write that
succeeds) extends it; nothing that a page does by itself can.
"""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.db import clinics, credentials, pins, sign_ins
from app.db.credentials import Credentials
from app.db.sign_ins import FoundSignIn, Shift, SignIn
from app.db.work import Work
from app.domain.canonical import Document
from app.domain.errors import Forbidden
from app.domain.instants import to_text
from app.domain.journal import Fact, Kind
from app.domain.people import Act, Actor, Clinic, Role, Sender, Staff, TicketRefused, may
from app.domain.tablets import Tablet
from app.services import author_tickets
from app.services.author_tickets import TicketWords
from app.services.enrolment import check_in_use
from app.services.usernames import fold_username

TOUCH_EVERY = timedelta(minutes=1)
"""How exact the last use is kept: one write a minute is enough."""
TICKET_LASTS = timedelta(days=7)
"""How long after their sign-in began others may send what a person typed in it."""


class NotSignedIn(Forbidden):
    """Sign in first: there is no sign-in behind this request, or it has ended."""

    code = "not-signed-in"


class PasswordMustChange(Forbidden):
    """Somebody else chose this password. Choose your own first: until then this sign-in opens nothing else."""

    code = "password-must-change"


class SenderMayNotChart(Forbidden):
    """Whoever sends what others have typed may chart themself: it waits on the tablet for somebody who may."""

    code = "sender-may-not-chart"


class WrongCredentials(NotSignedIn):
    """Username or password is wrong."""

    code = "wrong-credentials"


@dataclass(frozen=True, slots=True)
class SignInPolicy:
    """How long a sign-in lasts: without use, and at most."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True)
class HoldingSignIn:
    """A sign-in that holds: whose it is, when they last did something (wall clock), and its author ticket's hash.

    `must_change`: all it opens is setting another password. `tablet`: that of the actor, where it is enrolled.
    `elsewhere`: the sign-in was begun on another tablet than the actor is at.
    """

    token_hash: str
    actor: Actor
    last_used_at: datetime
    ticket_hash: str | None
    must_change: bool = False
    tablet: Tablet | None = None
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Expired:
    """A sign-in that has just been found to be over: to be recorded once."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a person gets. The token is in nobody's hands but theirs; the ticket goes with what they type.

    `must_change`: the token opens nothing but setting another password.
    """

    token: str
    ticket: str
    expires_at: datetime
    staff_id: UUID
    staff: Staff
    clinic: Clinic
    must_change: bool


def new_token() -> str:
    """256 bits of chance, safe in a header."""
    return secrets.token_urlsafe(32)


def fingerprint(token: str) -> str:
    """SHA-256 of a token in hexadecimal. A random token needs no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


# --- who is it? ------------------------------------------------------------------------------------------------------


def look_up(work: Work, token_hash: str) -> FoundSignIn | None:
    """The sign-in behind a token, whatever its state, with its person as they are now."""
    return sign_ins.find(work, token_hash)


def judge(found: FoundSignIn | None, wall: datetime, policy: SignInPolicy) -> HoldingSignIn | Expired | None:
    """Whether a sign-in holds at `wall`: whose it is, `Expired` when it ends just now, None else."""
    if found is None or found.sign_in.ended_at is not None or not found.staff.active:
        return None
    kept = found.sign_in
    actor = whose(found)
    if wall >= kept.expires_at or wall >= kept.last_used_at + policy.idle:
        return Expired(actor)
    return HoldingSignIn(kept.token_hash, actor, kept.last_used_at, kept.ticket_hash, found.must_change, found.tablet)


def whose(found: FoundSignIn) -> Actor:
    """The person behind a sign-in, whatever its state."""
    kept = found.sign_in
    return Actor(
        clinic_id=kept.clinic_id,
        staff_id=kept.staff_id,
        name=found.staff.name,
        role=found.staff.role,
        tablet_id=kept.tablet_id,
        sign_in_id=kept.id,
    )


def check_password_stays(holding: HoldingSignIn, act: Act) -> None:
    """Raises `PasswordMustChange` for all but changing the password, as long as somebody else knows it."""
    if holding.must_change and act is not Act.OWN_PASSWORD:
        raise PasswordMustChange


def on_tablet(actor: Actor, tablet_id: UUID | None, clock_offset_ms: int | None) -> Actor:
    """The same person, at the tablet this request names, and how far it says its clock was off."""
    return actor if tablet_id is None else replace(actor, tablet_id=tablet_id, clock_offset_ms=clock_offset_ms)


def author(work: Work, holding: HoldingSignIn, ticket: str, wall: datetime) -> Actor:
    """Who wrote what the signed-in person sends with an author ticket; the person themself where it is their own.

    Raises `TicketRefused` for a ticket this clinic does not know, one that a reset or another role took away, an
    account that is no longer active, and seven days after the ticket's sign-in began; `SenderMayNotChart`.
    """
    sender = holding.actor
    hashed = fingerprint(ticket)
    if hashed == holding.ticket_hash:
        return sender
    found = sign_ins.by_ticket(work, hashed) or author_tickets.lost(work, ticket)
    if found is None or sender.staff_id is None or not isinstance(sender.role, Role):
        raise TicketRefused
    if found.staff_id == sender.staff_id:
        return sender
    if found.revoked or not found.staff.active or wall >= found.created_at + TICKET_LASTS:
        raise TicketRefused
    if not may(sender.role, Act.CHART):
        raise SenderMayNotChart
    return replace(
        sender,
        staff_id=found.staff_id,
        name=found.staff.name,
        role=found.staff.role,
        sign_in_id=found.sign_in_id,
        sent_by=Sender(sender.staff_id, sender.name, sender.role),
    )


def name_sender(work: Work) -> None:
    """Says who sent what this work keeps or notes, where that is not who wrote it: beside it, in the same stream."""
    sender = work.actor.sent_by
    if sender is None:
        return
    if work.kept:
        about = work.kept[-1]
        who: Document = {"staff_id": str(sender.staff_id), "name": sender.name, "role": sender.role.value}
        work.keep(Fact(Kind.SENDER, str(about.id), who, patient_id=about.patient_id), about.session_id)
    elif work.noted:
        noted = work.noted[-1]
        work.audit(
            "sent-for",
            subject="staff",
            subject_id=sender.staff_id,
            session_id=noted.session_id,
            patient_id=noted.patient_id,
            after={"name": sender.name, "role": sender.role.value},
        )


def record_expiry(work: Work, wall: datetime) -> None:
    """End the actor's sign-in because its time was over."""
    assert work.actor.sign_in_id is not None
    sign_ins.end(work, work.actor.sign_in_id, wall)
    work.audit("sign-in.expired", subject="sign-in", subject_id=work.actor.sign_in_id)


def record_denial(work: Work, act: Act, path: str) -> None:
    """Somebody signed in tried what their role may not do. `path` is the route's template, without ids."""
    work.audit("act.denied", subject="route", subject_id=path, reason=act.value)
    name_sender(work)


def record_refusal(work: Work, code: str, path: str) -> None:
    """A request of somebody signed in was refused, with this code; `path` is the route's template."""
    work.audit("act.refused", subject="route", subject_id=path, reason=code)
    name_sender(work)


def record_ended(work: Work) -> None:
    """A token was used whose sign-in has ended, or whose person may no longer sign in."""
    work.audit("sign-in.refused", subject="sign-in", subject_id=work.actor.sign_in_id or "")


def touch(work: Work, last_used_at: datetime, wall: datetime) -> bool:
    """The actor has just done something: their idle time begins anew. Sending what others typed is a page's doing.

    Whether that was kept: where the last time was a moment ago, it need not be.
    """
    if work.actor.sent_by is not None or work.actor.sign_in_id is None or wall - last_used_at < TOUCH_EVERY:
        return False
    sign_ins.touch(work, work.actor.sign_in_id, wall)
    return True


# --- signing in and out ----------------------------------------------------------------------------------------------


def credentials_of(work: Work, username: str) -> Credentials | None:
    """What is kept of an account that may sign in; None for an unknown or inactive one."""
    found = credentials.by_username(work, username)
    return found if found is not None and found.staff.active else None


def own_credentials(work: Work) -> Credentials:
    """The actor's own. Raises `NotSignedIn` where the account is gone or inactive."""
    assert work.actor.staff_id is not None
    found = credentials.find(work, work.actor.staff_id)
    if found is None or not found.staff.active:
        raise NotSignedIn
    return found


def begin(
    work: Work,
    sign_in_id: UUID,
    token: str,
    chance: str,
    wall: datetime,
    policy: SignInPolicy,
    shift: Shift | None = None,
    by: str = "password",
) -> SignedIn:
    """Keep a new sign-in of the actor, who has just proved to be it; by PIN, as a part of a `shift` that is open.

    `chance` is what makes its author ticket like no other; `by`: what proved the person, where there is no shift.

    Raises `TabletNotInUse`.
    """
    actor = work.actor
    assert actor.staff_id is not None
    if actor.tablet_id is not None:
        check_in_use(work, actor.tablet_id)
    expires_at = wall + policy.absolute
    if shift is not None:
        expires_at = min(expires_at, shift.expires_at)
    ticket = author_tickets.write(work, TicketWords(actor.staff_id, sign_in_id, wall), chance)
    sign_ins.add(
        work,
        SignIn(
            id=sign_in_id,
            clinic_id=actor.clinic_id,
            staff_id=actor.staff_id,
            token_hash=fingerprint(token),
            created_at=wall,
            last_used_at=wall,
            expires_at=expires_at,
            ended_at=None,
            tablet_id=actor.tablet_id,
            ticket_hash=fingerprint(ticket),
            shift_id=shift.id if shift else None,
        ),
    )
    how = {"expires_at": to_text(expires_at), "by": "pin" if shift else by}
    work.audit("sign-in.begun", subject="sign-in", subject_id=sign_in_id, after=how)
    clinic = clinics.get(work)
    assert clinic is not None
    own = own_credentials(work)
    return SignedIn(token, ticket, expires_at, actor.staff_id, own.staff, clinic, own.must_change)


def end(work: Work, wall: datetime) -> None:
    """Sign the actor out: the shift is over, its tokens are worth nothing from now on, and its PIN is forgotten."""
    assert work.actor.sign_in_id is not None
    shift = sign_ins.shift_of(work, work.actor.sign_in_id)
    assert shift is not None
    sign_ins.end_shift(work, shift.id, wall)
    pins.forget_shift(work, shift.id)
    work.audit("sign-in.ended", subject="sign-in", subject_id=work.actor.sign_in_id)


def lock(work: Work, wall: datetime) -> None:
    """End this sign-in of the actor alone: its token is worth nothing from now on. Shift and PIN stay."""
    assert work.actor.sign_in_id is not None
    sign_ins.end(work, work.actor.sign_in_id, wall)
    work.audit("sign-in.locked", subject="sign-in", subject_id=work.actor.sign_in_id)


def record_failure(work: Work, username: str) -> None:
    """A sign-in failed. Of an unknown name only a hash is kept: it may be a password typed into the wrong field."""
    if work.actor.staff_id is not None:
        work.audit("sign-in.failed", subject="staff", subject_id=work.actor.staff_id)
    else:
        hashed = hashlib.sha256(fold_username(username).encode()).hexdigest()
        work.audit("sign-in.failed", subject="unknown-username", subject_id=hashed)


def password_failed(work: Work) -> None:
    """Somebody signed in typed a wrong password where a signature asked for it again."""
    assert work.actor.staff_id is not None
    work.audit("password.wrong", subject="staff", subject_id=work.actor.staff_id)
