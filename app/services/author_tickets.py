"""Author tickets that say themselves whose they are: they outlive the database that gave them out.

A ticket is good where its hash is kept beside a sign-in. After the database was brought back from a backup that row may
be gone, and what was typed under it is still on a tablet: then the ticket's own words count, which only this service
could have written.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.db import clinics, credentials, sealing, staff
from app.db.sign_ins import Ticket
from app.db.work import Work
from app.domain.tablets import CLOCKS_APART
from app.exchange.base64url import decoded, encoded

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CHANCE, _WORDS, _PROOF = 16, 16 + 16 + 8 + 16, 32


@dataclass(frozen=True, slots=True)
class TicketWords:
    """Whose sign-in an author ticket is of, and when that began by the wall clock."""

    staff_id: UUID
    sign_in_id: UUID
    began: datetime


def write(work: Work, words: TicketWords, chance: str) -> str:
    """A new ticket, of this clinic alone; like no other by its `chance`."""
    began = (words.began - _EPOCH) // _MICROSECOND
    like_no_other = hashlib.sha256(chance.encode()).digest()[:_CHANCE]
    said = words.staff_id.bytes + words.sign_in_id.bytes + began.to_bytes(8) + like_no_other
    return encoded(said + _proof(work, said))


def read(work: Work, ticket: str) -> TicketWords | None:
    """What a ticket of this clinic says; None of any that this service did not write."""
    try:
        raw = decoded(ticket)
    except ValueError:
        return None
    said, proof = raw[:_WORDS], raw[_WORDS:]
    if len(proof) != _PROOF or not hmac.compare_digest(proof, _proof(work, said)):
        return None
    began = _EPOCH + int.from_bytes(said[32:40]) * _MICROSECOND
    return TicketWords(UUID(bytes=said[:16]), UUID(bytes=said[16:32]), began)


def lost(work: Work, ticket: str) -> Ticket | None:
    """Whose a ticket is that was given out after the backup was begun that this database was brought back from.

    None of any other, where this clinic does not know the person, and where their account or password was changed since
    the restore: that takes tickets away.
    """
    stood, words = clinics.installation(work), read(work, ticket)
    if words is None or stood.lost_from is None or stood.restored_at is None:
        return None
    if words.began < stood.lost_from - CLOCKS_APART:
        return None
    person, password = staff.find(work, words.staff_id), credentials.last_set(work, words.staff_id)
    if person is None or password is None or max(person.recorded_at, password) > stood.restored_at:
        return None
    return Ticket(words.sign_in_id, words.staff_id, person.value, words.began, revoked=False)


def _proof(work: Work, said: bytes) -> bytes:
    key = hmac.digest(sealing.own_key(work), b"author tickets", hashlib.sha256)
    return hmac.digest(key, work.clinic_id.bytes + said, hashlib.sha256)
