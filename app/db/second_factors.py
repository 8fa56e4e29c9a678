"""What people sign with beside their password: passkeys, six digits, recovery codes, and nonces that were given out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, bindparam, delete, func, insert, select, update

from app.db.sealing import seal, unseal
from app.db.tables import nonces, passkeys, recovery_codes, second_factors
from app.db.work import Work

MOST_NONCES = 20
"""Given to one person and neither used nor over; the oldest of more are forgotten."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """`id` and `public_key` (COSE) as base64url; `sign_count`: as its device last said."""

    id: str
    staff_id: UUID
    public_key: str
    sign_count: int
    name: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Digits:
    """How one person's codes stand.

    `totp`: the secret as it is kept, sealed (`totp_of` opens it); `totp_step`: the last step that was good.
    `wrong`: wrong codes in a row, the last at `wrong_at`. `reset_at`: since when a password that somebody else set has
    not been vouched for.
    """

    totp: str | None = None
    totp_step: int = 0
    wrong: int = 0
    wrong_at: datetime | None = None
    reset_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Nonce:
    """Given to one person for one `purpose`. `waits`: a secret that waits with it to be confirmed; kept sealed."""

    nonce: str
    staff_id: UUID
    purpose: str
    waits: str | None
    expires_at: datetime


def _mine(table: Table) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.c.clinic_id == bindparam("clinic"), table.c.staff_id == bindparam("whose")


_F, _P, _N, _R = second_factors.c, passkeys.c, nonces.c, recovery_codes.c
_DIGITS = select(second_factors).where(*_mine(second_factors))
_DIGITS_LOCKED = _DIGITS.with_for_update(key_share=True)
_ADD_DIGITS = insert(second_factors)
_SET_DIGITS = update(second_factors).where(*_mine(second_factors))
_PASSKEYS = select(passkeys).where(*_mine(passkeys)).order_by(_P.added_at, _P.id)
_PASSKEY = select(passkeys).where(_P.clinic_id == bindparam("clinic"), _P.id == bindparam("this"))
_COUNTED = update(passkeys).where(
    *_mine(passkeys),
    _P.id == bindparam("this"),
    (_P.sign_count < bindparam("to")) | ((_P.sign_count == 0) & (bindparam("to") == 0)),
)
_DROP_PASSKEY = delete(passkeys).where(*_mine(passkeys), _P.id == bindparam("this"))
_DROP_PASSKEYS = delete(passkeys).where(*_mine(passkeys))
_CODES = select(func.count()).select_from(recovery_codes).where(*_mine(recovery_codes))
_DROP_CODE = delete(recovery_codes).where(*_mine(recovery_codes), _R.code_hash == bindparam("code"))
_DROP_CODES = delete(recovery_codes).where(*_mine(recovery_codes))
_NONCES = select(nonces).where(*_mine(nonces)).order_by(_N.expires_at.desc(), _N.nonce)
_NONCE = select(nonces).where(*_mine(nonces), _N.nonce == bindparam("this"))
_DROP_NONCE = delete(nonces).where(*_mine(nonces), _N.nonce == bindparam("this"))
_DROP_NONCES = delete(nonces).where(*_mine(nonces))


def _key(work: Work, staff_id: UUID, **other: Any) -> dict[str, Any]:
    return {"clinic": work.clinic_id, "whose": staff_id, **other}


# --- six digits, and how a person stands -----------------------------------------------------------------------------


def digits(work: Work, staff_id: UUID, *, lock: bool = True) -> Digits:
    """How a person stands; `lock`: nobody else changes it until this work ends."""
    row = work.first(_DIGITS_LOCKED if lock else _DIGITS, whose=staff_id)
    return Digits() if row is None else Digits(row.totp, row.totp_step, row.wrong, row.wrong_at, row.reset_at)


def set_digits(work: Work, staff_id: UUID, value: Digits) -> None:
    """How a person stands from now on."""
    values = {name: getattr(value, name) for name in Digits.__slots__}
    if work.change(_SET_DIGITS.values(**values), _key(work, staff_id)) == 0:
        work.change(_ADD_DIGITS, {"clinic_id": work.clinic_id, "staff_id": staff_id, **values})


def sealed_totp(work: Work, staff_id: UUID, secret: str) -> str:
    """A person's secret as it is to be kept."""
    return seal(work, _F.totp, secret, staff_id=staff_id)


def totp_of(work: Work, staff_id: UUID, sealed: str) -> str:
    """A person's secret. Raises `DoesNotOpen`, for anybody else's too."""
    return unseal(work, _F.totp, sealed, staff_id=staff_id)


# --- passkeys --------------------------------------------------------------------------------------------------------


def passkeys_of(work: Work, staff_id: UUID) -> tuple[Passkey, ...]:
    """A person's, the oldest first."""
    return tuple(
        Passkey(**{name: getattr(row, name) for name in Passkey.__slots__})
        for row in work.all(_PASSKEYS, whose=staff_id)
    )


def passkey(work: Work, passkey_id: str) -> Passkey | None:
    """Whosever it is, in this clinic."""
    row = work.first(_PASSKEY, this=passkey_id)
    return None if row is None else Passkey(**{name: getattr(row, name) for name in Passkey.__slots__})


def add_passkey(work: Work, value: Passkey) -> None:
    """One more."""
    work.insert(passkeys, **{name: getattr(value, name) for name in Passkey.__slots__})


def count(work: Work, staff_id: UUID, passkey_id: str, sign_count: int) -> bool:
    """Its device has counted on; False where it is gone or another answer counted as far meanwhile."""
    values = _key(work, staff_id, this=passkey_id, to=sign_count)
    return work.change(_COUNTED.values(sign_count=bindparam("to")), values) == 1


def drop_passkey(work: Work, staff_id: UUID, passkey_id: str) -> bool:
    """Whether it was there."""
    return work.change(_DROP_PASSKEY, _key(work, staff_id, this=passkey_id)) == 1


def drop_passkeys(work: Work, staff_id: UUID) -> int:
    """All of a person's; how many there were."""
    return work.change(_DROP_PASSKEYS, _key(work, staff_id))


# --- recovery codes --------------------------------------------------------------------------------------------------


def codes_left(work: Work, staff_id: UUID) -> int:
    """How many a person has."""
    row = work.first(_CODES, whose=staff_id)
    assert row is not None, "a count"
    return int(row[0])


def set_codes(work: Work, staff_id: UUID, hashes: Iterable[str]) -> None:
    """These, instead of any before."""
    work.change(_DROP_CODES, _key(work, staff_id))
    for each in hashes:
        work.insert(recovery_codes, staff_id=staff_id, code_hash=each)


def use_code(work: Work, staff_id: UUID, code_hash: str) -> bool:
    """Whether it was there; it is no more."""
    return work.change(_DROP_CODE, _key(work, staff_id, code=code_hash)) == 1


# --- nonces ----------------------------------------------------------------------------------------------------------


def give(work: Work, value: Nonce, wall: datetime) -> None:
    """One more, until it is used or over; those that are over go."""
    given = work.all(_NONCES, whose=value.staff_id)
    for place, row in enumerate(given):
        if row.expires_at <= wall or place + 1 >= MOST_NONCES:
            work.change(_DROP_NONCE, _key(work, value.staff_id, this=row.nonce))
    sealed = None if value.waits is None else seal(work, _N.sealed, value.waits, nonce=value.nonce)
    kept = {name: getattr(value, name) for name in ("nonce", "staff_id", "purpose", "expires_at")}
    work.insert(nonces, **kept, sealed=sealed)


def take(work: Work, staff_id: UUID, nonce: str, purpose: str, wall: datetime) -> Nonce | None:
    """What was given to this person for this, now used; None where it was not, was used before, or is over."""
    row = work.first(_NONCE, whose=staff_id, this=nonce)
    # whoever deletes it has it: of two at once only one
    if row is None or work.change(_DROP_NONCE, _key(work, staff_id, this=nonce)) != 1:
        return None
    if row.purpose != purpose or row.expires_at <= wall:
        return None
    waits = None if row.sealed is None else unseal(work, _N.sealed, row.sealed, nonce=nonce)
    return Nonce(row.nonce, row.staff_id, row.purpose, waits, row.expires_at)


def drop_nonces(work: Work, staff_id: UUID) -> None:
    """All of a person's."""
    work.change(_DROP_NONCES, _key(work, staff_id))
