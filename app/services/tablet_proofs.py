"""An enrolled tablet is known by its key: who says that they speak from it shows that by what the tablet signed.

A browser that nobody enrolled signs nothing. What may safely be sent twice (facts go by their ids) is signed and no
more; a heartbeat, and a sign-in by PIN, also take a number that is higher than any before.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.db import enrolments, tablet_numbers
from app.db.work import Work
from app.domain.errors import Conflict, Forbidden
from app.domain.tablets import RENEWED_AFTER, Contact, Tablet
from app.exchange.tablet_proofs import SentByTablet, holds, read_proof
from app.services import tablets
from app.services.enrolment import NoSuchTablet, in_use
from app.services.tablets import Heard


class TabletKeyNeeded(Forbidden):
    """This tablet is enrolled without a key. A lead signs in on it and enrols it again; nothing typed on it is lost."""

    code = "tablet-key-needed"


class ProofNeeded(Forbidden):
    """Not signed with this tablet's key. Where the key is lost, a lead signs in on the tablet and enrols it again."""

    code = "tablet-proof-needed"


class WrongProof(Forbidden):
    """This is not signed with this tablet's key, or was changed since. A lead signs in on it and enrols it again."""

    code = "wrong-tablet-proof"


class OtherTablet(Forbidden):
    """Nobody speaks for another tablet than the one they hold: sign in on that one."""

    code = "other-tablet"


UNPROVEN = (TabletKeyNeeded, ProofNeeded, WrongProof, OtherTablet)
"""Why it cannot be told that something comes from the tablet it names."""


class OldProof(Conflict):
    """This tablet has signed a later one since, with the number `last`: sign it anew with a higher number."""

    code = "old-tablet-proof"


def check(tablet: Tablet, sent: SentByTablet, header: str | None) -> int:
    """The number of what an enrolled tablet has signed. Raises `TabletKeyNeeded`, `ProofNeeded`, `WrongProof`."""
    if tablet.public_key is None:
        raise TabletKeyNeeded
    check_signed(tablet.public_key, sent, header)
    proof = read_proof(header or "")
    assert proof is not None
    return proof.number


def check_signed(public_key: str, sent: SentByTablet, header: str | None) -> None:
    """Raises `ProofNeeded` where nothing is signed, `WrongProof` where it is not this, or not with this key."""
    if header is None:
        raise ProofNeeded
    proof = read_proof(header)
    if proof is None or not holds(public_key, sent, proof):
        raise WrongProof


def take(work: Work, tablet_id: UUID, tablet: Tablet, number: int) -> datetime:
    """What was signed counts once; since when the tablet has its key. Raises `OldProof` where a later one was here."""
    assert tablet.public_key is not None
    taken = tablet_numbers.take(work, tablet_id, tablet.public_key, number)
    if taken.higher is not None:
        raise OldProof(last=taken.higher)
    return taken.since


def heard(
    work: Work, tablet_id: UUID, said: Contact, pace: int, tablet: Tablet | None, number: int | None
) -> tuple[Heard, bool]:
    """A heartbeat of the tablet that the actor holds, and whether it is time for another key.

    `tablet`, `number`: as it is enrolled, and what it signed. Raises `OtherTablet`, `ProofNeeded`, `OldProof`.
    """
    held = work.actor.tablet_id
    if held not in (None, tablet_id):
        raise OtherTablet
    if number is None or tablet is None:
        # who names no tablet speaks for none that is enrolled
        if held is None and in_use(work, tablet_id) is not None:
            raise ProofNeeded
        return tablets.contact(work, tablet_id, said, pace), False
    old = work.now - take(work, tablet_id, tablet, number) >= RENEWED_AFTER
    return tablets.contact(work, tablet_id, said, pace), old


def renew(work: Work, tablet_id: UUID, public_key: str, number: int | None) -> None:
    """The tablet hands over to another key, in what it signed with the one before. The same again changes nothing.

    Raises `NoSuchTablet`, `OtherTablet`.
    """
    current = enrolments.find(work, tablet_id)
    if current is None:
        raise NoSuchTablet
    if work.actor.tablet_id != tablet_id or number is None:
        raise OtherTablet
    if current.value.public_key == public_key:
        return
    after = replace(current.value, public_key=public_key)
    enrolments.keep(work, tablet_id, after, current.revision + 1, action="tablet.key-renewed")
    tablet_numbers.begin(work, tablet_id, public_key)
