"""Signing in with an identity at the clinic's provider; linking it to an account, by its owner or by who is invited.

What a provider says of somebody opens an account that is linked already, and never makes one, nor gives it a role. It
signs nothing: a signature is proved by what the clinic itself holds (decision 0059).
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.db import credentials, enrolments, identities
from app.db.identities import Begun
from app.db.refusals import Unavailable
from app.db.work import Work
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.people import Actor, Itself
from app.domain.providers import Identity
from app.services import invitations, providers, sign_in
from app.services.invitations import InvitationOver
from app.services.lockout import TooManyAttempts, neighbourhood
from app.services.sign_in import SignedIn, SignInPolicy, fingerprint

LASTS = timedelta(minutes=10)
"""How long somebody may take at the provider."""
MOST = 64
"""Under way at once from one address, or from an enrolled tablet there."""
SOMEBODY = "somebody at the sign-in"


class NoSuchProvider(NotFound):
    """This clinic has no provider to sign in with. Sign in with your password, or ask your lead."""

    code = "no-such-provider"


class NotBegunHere(NotFound):
    """This sign-in was not begun in this browser, was used already, or took too long. Begin it again."""

    code = "sign-in-not-begun-here"


class NotProvenByProvider(Forbidden):
    """What came back from the provider does not hold. Nobody was signed in. Begin again, or use your password."""

    code = "provider-answer-refused"


class LogoutNotProven(Invalid):
    """What was posted does not prove that somebody has signed out at this clinic's provider. Nobody was signed out."""

    code = "logout-not-proven"


class UnknownIdentity(Forbidden):
    """Nobody here is linked to this identity. Link it under "My account", or ask your lead for an invitation."""

    code = "identity-not-linked"


class IdentityTaken(Conflict):
    """This identity is linked to another account of this clinic. Nothing was linked."""

    code = "identity-taken"


class TooManyUnderWay(TooManyAttempts):
    """Too many sign-ins were begun from here and not finished. Wait, or use your password."""

    code = "too-many-under-way"


class ProviderNotReached(Unavailable):
    """The provider cannot be reached, or answers with what cannot be worked with. Use your password, or try again."""

    code = "provider-not-reached"
    retry_after = 10


class AddressNotSaid(Conflict):
    """A provider sends people back to this service's own address, and nobody has said it: set PUBLIC_URL."""

    code = "address-not-said"


@dataclass(frozen=True, slots=True)
class Found:
    """Who came back, by what began this way, and as whom: the account that was named, or the identity's own."""

    begun: Begun
    identity: Identity
    actor: Actor


def nobody_yet(clinic_id: UUID, tablet_id: UUID | None) -> Actor:
    """Somebody who is about to say who they are, in this clinic."""
    return Actor(clinic_id, None, SOMEBODY, Itself.SERVICE, tablet_id)


# --- setting out -----------------------------------------------------------------------------------------------------


def give_ticket(work: Work, ticket: str, wall: datetime) -> datetime:
    """The actor has shown that the account is theirs: with this ticket, once, they link an identity; until when."""
    assert work.actor.staff_id is not None
    until, own = wall + LASTS, work.actor.staff_id
    revision = credentials.lock(work, own)
    ticket_row = Begun(work.clinic_id, fingerprint(ticket), until, staff_id=own, credentials_revision=revision)
    identities.begin(work, ticket_row)
    work.audit("identity.begun", subject="staff", subject_id=work.actor.staff_id)
    return until


def by_ticket(work: Work, ticket: str, wall: datetime) -> Begun:
    """What a ticket begins; looking uses nothing up. Raises `NotBegunHere`."""
    found = identities.look(work, fingerprint(ticket))
    if found is None or found.browser_hash is not None or wall >= found.expires_at:
        raise NotBegunHere
    return found


def by_invitation(work: Work, token: str, wall: datetime) -> Begun:
    """What an invitation begins; looking uses nothing up. Raises `InvitationOver`."""
    found = invitations.find(work, token, wall)
    hashed = fingerprint(token)
    return Begun(found.clinic.id, hashed, found.until, staff_id=found.staff_id, invitation_hash=hashed)


def admit(work: Work, address: str, wall: datetime) -> str:
    """The place that somebody sets out from. Raises `TooManyUnderWay`, before anything is written for them.

    A tablet that the clinic has enrolled is a place of its own, however many set out beside it.
    """
    tablet_id = work.actor.tablet_id
    enrolled = None if tablet_id is None else enrolments.find(work, tablet_id)
    own = str(tablet_id) if enrolled is not None and enrolled.value.in_use else ""
    place = hashlib.sha256(f"{neighbourhood(address)}\n{own}".encode()).hexdigest()
    ends = identities.ends_from(work, place, wall)
    if len(ends) >= MOST:
        raise TooManyUnderWay(max(1, -(-(ends[0] - wall) // timedelta(seconds=1))))
    return place


def set_out(
    work: Work, state: str, browser: str, place: str, revision: int, wall: datetime, purpose: Begun | None
) -> datetime:
    """Remembers a way to this revision of the clinic's provider; until when the browser may come back.

    A ticket is used up by it. Raises `NotBegunHere` where it was used meanwhile.
    """
    is_ticket = purpose is not None and purpose.invitation_hash is None
    if purpose is not None and is_ticket and identities.take(work, purpose.key_hash) is None:
        raise NotBegunHere
    until = wall + LASTS
    of_whom = purpose or Begun(work.clinic_id, "", until)
    begun = replace(
        of_whom,
        key_hash=fingerprint(state),
        expires_at=until,
        browser_hash=fingerprint(browser),
        provider_revision=revision,
        place=place,
    )
    identities.begin(work, begun)
    return until


# --- coming back -----------------------------------------------------------------------------------------------------


def under_way(work: Work, state: str) -> Begun | None:
    """The way that was begun with this state, whoever asks."""
    return identities.look(work, fingerprint(state))


def come_back(work: Work, state: str) -> Begun | None:
    """Uses a way up, whatever comes of it; None where somebody else just did."""
    return identities.take(work, fingerprint(state))


def is_back(begun: Begun, browser: str, wall: datetime) -> bool:
    """Whether this is the browser that set out, in time."""
    return begun.browser_hash == fingerprint(browser) and wall < begun.expires_at


def whose(work: Work, begun: Begun, identity: Identity, tablet_id: UUID | None) -> Found | None:
    """Who comes in with this identity, by what was begun; None where it is nobody's."""
    if begun.staff_id is not None:
        own = credentials.find(work, begun.staff_id)
        named = None if own is None else (begun.staff_id, own.staff)
    else:
        named = identities.owner(work, identity)
    if named is None:
        return None
    staff_id, staff = named
    return Found(begun, identity, Actor(begun.clinic_id, staff_id, staff.name, staff.role, tablet_id))


def begin_sign_in(
    work: Work, found: Found, sign_in_id: UUID, token: str, chance: str, wall: datetime, policy: SignInPolicy
) -> SignedIn:
    """Links the identity where that was begun, and signs the actor in. Raises `UnknownIdentity`, `IdentityTaken`."""
    assert work.actor.staff_id is not None
    own = credentials.find(work, work.actor.staff_id)
    if own is None or not own.staff.active:
        raise UnknownIdentity
    if found.begun.staff_id is not None:
        _link(work, found, wall)
    if providers.in_use(work, work.clinic_id) is None:
        raise NoSuchProvider
    owner = identities.owner(work, found.identity)
    # it may have been taken away while the provider was asked
    if owner is None or owner[0] != work.actor.staff_id:
        raise UnknownIdentity
    return sign_in.begin(work, sign_in_id, token, chance, wall, policy, by="provider")


def _link(work: Work, found: Found, wall: datetime) -> None:
    assert work.actor.staff_id is not None
    owner = identities.owner(work, found.identity)
    if owner is not None and owner[0] != work.actor.staff_id:
        raise IdentityTaken
    revision = credentials.lock(work, work.actor.staff_id)
    if found.begun.invitation_hash is None:
        # whoever began this knew the password of then
        if revision != found.begun.credentials_revision:
            raise NotBegunHere
    elif not credentials.accept(work, work.actor.staff_id, found.begun.invitation_hash, None, wall):
        raise InvitationOver
    if owner is None:
        identities.put(work, work.actor.staff_id, found.identity)


def record_refusal(work: Work, because: str) -> None:
    """Somebody came back from the provider and was not let in; of whom we do not know, nothing is kept."""
    subject, of = ("clinic", work.clinic_id) if work.actor.staff_id is None else ("staff", work.actor.staff_id)
    work.audit("identity.refused", subject=subject, subject_id=of, reason=because)


# --- how it stands ---------------------------------------------------------------------------------------------------


def identity_of(work: Work, staff_id: UUID) -> Identity | None:
    """The identity of an account, at the provider that the clinic has now."""
    found, provider = identities.find(work, staff_id), providers.in_use(work, work.clinic_id)
    return found if found and provider and found.issuer == provider.provider.issuer else None
