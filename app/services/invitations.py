"""Invitations: a link, good once and for a day, by which the owner of an account sets its password.

Whoever invites learns nothing of that password. Inviting anew is how a forgotten one is reset: the old password and all
that hangs on it are over at once.
"""

from datetime import datetime, timedelta
from uuid import UUID

from app.db import credentials
from app.db.credentials import Invitation
from app.db.work import Work
from app.domain.errors import Conflict, Forbidden, NotFound
from app.domain.people import Actor
from app.services import staff
from app.services.sign_in import fingerprint

LASTS = timedelta(hours=24)
MARK = "/#invitation="
"""Between the service's address and the token: behind a `#` it never leaves the browser that opens it."""


class InvitationOver(NotFound):
    """This invitation is not good any more: it was used, a newer one was made, or its day is over.

    If you have set your password with it, sign in with that. Else ask your lead for a new one.
    """

    code = "invitation-over"


class OwnInvitation(Forbidden):
    """Nobody invites themselves: change your own password under "My account", or ask another lead."""

    code = "own-invitation"


class AccountInactive(Conflict):
    """This account is inactive. Make it active first."""

    code = "account-inactive"


def invite(work: Work, staff_id: UUID, token: str, wall: datetime) -> datetime:
    """Make an invitation for an account, new or not; until when it is good (wall clock).

    The password it had, older invitations, sign-ins, author tickets, PINs and its second factor are over at once.
    """
    if staff_id == work.actor.staff_id:
        raise OwnInvitation
    if not staff.find(work, staff_id).value.active:
        raise AccountInactive
    until = wall + LASTS
    staff.end_factors(work, staff_id)
    credentials.invite(work, staff_id, fingerprint(token), until)
    staff.end_all(work, staff_id, wall)
    return until


def find(work: Work, token: str, wall: datetime) -> Invitation:
    """Whom the invitation with this token is for, in whichever clinic. Raises `InvitationOver`."""
    found = credentials.by_invitation(work, fingerprint(token))
    if found is None or wall >= found.until or not found.staff.active:
        raise InvitationOver
    return found


def invited(found: Invitation, tablet_id: UUID | None) -> Actor:
    """The person an invitation is for, who proves to be it by having it."""
    return Actor(found.clinic.id, found.staff_id, found.staff.name, found.staff.role, tablet_id)


def accept(work: Work, token: str, password_hash: str, wall: datetime) -> None:
    """The actor, who is invited, has chosen a password. Raises `InvitationOver` where the invitation is, by now."""
    assert work.actor.staff_id is not None
    if not credentials.accept(work, work.actor.staff_id, fingerprint(token), password_hash, wall):
        raise InvitationOver
