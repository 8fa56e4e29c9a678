"""Who somebody of the clinic is at its provider, one identity an account; and ways to a provider and back.

An identity is kept in the journal. A way is housekeeping: of its state, its ticket and its browser there are hashes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, insert, select, update

from app.db.refusals import MovedOn
from app.db.staff import staff_of
from app.db.tables import identities, journeys, staff
from app.db.work import Work
from app.domain.canonical import Document
from app.domain.journal import Fact, Kind
from app.domain.people import Staff
from app.domain.providers import Identity

KIND = Kind.IDENTITY
_I, _J = identities.c, journeys.c
_ONE = (_I.clinic_id == bindparam("clinic"), _I.staff_id == bindparam("whose"))
_OF = select(identities).where(*_ONE)
_OWNER = (
    select(staff)
    .join(identities, (_I.clinic_id == staff.c.clinic_id) & (_I.staff_id == staff.c.id))
    .where(
        _I.clinic_id == bindparam("clinic"),
        _I.issuer == bindparam("of_issuer"),
        _I.subject == bindparam("of_subject"),
    )
)
_ADD = insert(identities)
_SET = (
    update(identities)
    .where(*_ONE, _I.revision == bindparam("before"))
    .values(revision=bindparam("after"), issuer=bindparam("as_issuer"), subject=bindparam("as_subject"))
)
_JOURNEY = select(journeys).where(_J.key_hash == bindparam("key"))
_FROM_PLACE = (
    select(_J.expires_at)
    .where(
        _J.clinic_id == bindparam("clinic"),
        _J.place == bindparam("from_place"),
        _J.expires_at > bindparam("wall"),
    )
    .order_by(_J.expires_at)
)
_DROP = delete(journeys).where(_J.clinic_id == bindparam("clinic"), _J.key_hash == bindparam("key"))
_DROP_OF = delete(journeys).where(_J.clinic_id == bindparam("clinic"), _J.staff_id == bindparam("whose"))


@dataclass(frozen=True, slots=True)
class Begun:
    """A way to a provider that was begun, or (without `browser_hash`) the ticket that lets its owner begin one.

    `staff_id`: whose account gets the identity that is found there; None: whoever's it is signs in.
    `credentials_revision`: how often that account's password had been set when its owner began this.
    `invitation_hash`: of the invitation that this uses.
    """

    clinic_id: UUID
    key_hash: str
    expires_at: datetime
    browser_hash: str | None = None
    provider_revision: int | None = None
    place: str | None = None
    staff_id: UUID | None = None
    credentials_revision: int | None = None
    invitation_hash: str | None = None


# --- identities ------------------------------------------------------------------------------------------------------


def find(work: Work, staff_id: UUID) -> Identity | None:
    """The identity of an account of this clinic."""
    row = work.first(_OF, whose=staff_id)
    return None if row is None or row.subject is None else Identity(row.issuer, row.subject)


def owner(work: Work, identity: Identity) -> tuple[UUID, Staff] | None:
    """Whose identity this is in this clinic, as they are now; somebody who may not sign in too."""
    row = work.first(_OWNER, of_issuer=identity.issuer, of_subject=identity.subject)
    return None if row is None else (row.id, staff_of(row))


def _said(identity: Identity | None) -> Document:
    return {} if identity is None else {"issuer": identity.issuer, "subject": identity.subject}


def put(work: Work, staff_id: UUID, identity: Identity | None) -> None:
    """An account has this identity from now on, or none."""
    row: Row[Any] | None = work.first(_OF, whose=staff_id)
    revision = 1 if row is None else row.revision + 1
    as_it_is = {"issuer": identity and identity.issuer, "subject": identity and identity.subject}
    if row is None:
        work.change(_ADD, {"clinic_id": work.clinic_id, "staff_id": staff_id, "revision": 1, **as_it_is})
    else:
        values = {"clinic": work.clinic_id, "whose": staff_id, "before": row.revision, "after": revision}
        if work.change(_SET, values | {f"as_{name}": value for name, value in as_it_is.items()}) != 1:
            raise MovedOn
    action = "identity.unlinked" if identity is None else "identity.linked"
    work.keep(Fact(KIND, str(staff_id), _said(identity), revision, action=action))


# --- ways to a provider and back -------------------------------------------------------------------------------------


def begin(work: Work, value: Begun) -> None:
    """One more is under way in this clinic."""
    work.insert(journeys, **{name: getattr(value, name) for name in Begun.__slots__ if name != "clinic_id"})


def ends_from(work: Work, place: str, wall: datetime) -> tuple[datetime, ...]:
    """When whatever is under way from one place in this clinic is over, the first of it first."""
    return tuple(row.expires_at for row in work.all(_FROM_PLACE, from_place=place, wall=wall))


def use_logout(work: Work, token_hash: str, until: datetime) -> None:
    """Keeps that a logout token was used, as long as it proves anything. One that was is refused (`AlreadyKept`).

    It leads nowhere: no hash of a state or a ticket is like its key.
    """
    work.insert(journeys, key_hash=f"logout {token_hash}", expires_at=until)


def look(work: Work, key_hash: str) -> Begun | None:
    """What was begun under this key, in whichever clinic."""
    row = work.first(_JOURNEY, key=key_hash)
    return None if row is None else Begun(**{name: getattr(row, name) for name in Begun.__slots__})


def take(work: Work, key_hash: str) -> Begun | None:
    """The same, now used up; None where there is none (any more)."""
    found = look(work, key_hash)
    # whoever deletes it has it: of two at once only one
    if found is None or work.change(_DROP, {"clinic": found.clinic_id, "key": key_hash}) != 1:
        return None
    return found


def drop_journeys(work: Work, staff_id: UUID) -> None:
    """Whatever was begun for an account leads nowhere any more."""
    work.change(_DROP_OF, {"clinic": work.clinic_id, "whose": staff_id})
