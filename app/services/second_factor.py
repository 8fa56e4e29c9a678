"""What people sign with beside their password: adding it, giving it up, and whether an answer is good.

A passkey answers for its owner by itself. Six digits and recovery codes count beside the password; recovery codes sign
nothing: they let their owner add a factor again. Whoever's password somebody else has set signs with no factor until
they have shown a recovery code, or the operator has vouched for them: who set the password could have added it.

Refusals are values here: each is noted in the log, and what it used up stays used.
"""

import hashlib
import secrets
from base64 import b32encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.db import second_factors
from app.db.second_factors import Digits, Nonce, Passkey
from app.db.work import Work
from app.domain.errors import Conflict, Forbidden, NotFound, Refusal
from app.domain.signatures import Signing
from app.exchange import six_digits
from app.services import signing
from app.services.lockout import TooManyAttempts

NONCE_LASTS = timedelta(minutes=5)
CODES = 10
"""Recovery codes made at once."""
TRIES = 5
"""Wrong codes in a row; then one more each `PAUSE`."""
PAUSE = timedelta(minutes=15)
MOST_PASSKEYS = 20
SIGN, ADD_PASSKEY, ADD_DIGITS = "sign", "add-passkey", "add-digits"
"""What a nonce is given for."""


class SecondFactorNeeded(Forbidden):
    """A signature takes a passkey, or the password with the six digits. Add one under "My account"."""

    code = "second-factor-needed"


class FactorNeeded(Forbidden):
    """You have a second factor: this takes it too, or a recovery code, beside the password."""

    code = "factor-needed"


class WrongCode(Forbidden):
    """This code is not right. Nothing was signed; type the one that is shown now."""

    code = "wrong-code"


class CodeUsed(Forbidden):
    """This code was used already: each is good once. Wait for the next."""

    code = "code-used"


class NotAwaited(Forbidden):
    """This answer was not asked of you, was used already, or came too late. Nothing was signed; sign again."""

    code = "answer-not-awaited"


class ForAnother(Forbidden):
    """This answer was given for something else. Nothing was signed; sign what is shown."""

    code = "answer-for-another"


class NotYourPasskey(Forbidden):
    """This passkey is not one of yours. Nothing was signed."""

    code = "not-your-passkey"


class PasskeyRefused(Forbidden):
    """This answer does not come from that passkey, at this address, with its owner verified. Nothing was signed."""

    code = "passkey-refused"


class FactorAfterReset(Forbidden):
    """Your password was set by somebody else since: what was added after that does not sign yet.

    A recovery code from before (under "My account"), or the operator's `staff vouch`, makes it good.
    """

    code = "factor-after-reset"


class PasskeysNeedAName(Conflict):
    """Passkeys need this service to have a name (PUBLIC_URL): browsers know none for a number. Use six digits."""

    code = "passkeys-need-a-name"


class PasskeyTaken(Conflict):
    """This passkey is known already."""

    code = "passkey-taken"


class TooManyPasskeys(Conflict):
    """You have as many passkeys as one person may. Remove one first."""

    code = "too-many-passkeys"


class FactorFirst(Conflict):
    """Recovery codes go with a passkey or with six digits: add one first."""

    code = "factor-first"


class NoSuchFactor(NotFound):
    """You have nothing under this name."""

    code = "no-such-factor"


@dataclass(frozen=True, slots=True)
class Factors:
    """What one person has. `reset`: what they add does not sign yet, see `FactorAfterReset`."""

    signing: Signing
    passkeys: tuple[Passkey, ...]
    six_digits: bool
    recovery_codes: int
    reset: bool

    @property
    def has_any(self) -> bool:
        """Whether there is anything beside the password."""
        return self.six_digits or bool(self.passkeys)


def _me(work: Work) -> UUID:
    assert work.actor.staff_id is not None, "a person"
    return work.actor.staff_id


def standing(work: Work) -> Factors:
    """What the actor has."""
    mine = second_factors.digits(work, _me(work), lock=False)
    return Factors(
        signing.current(work),
        second_factors.passkeys_of(work, _me(work)),
        mine.totp is not None,
        second_factors.codes_left(work, _me(work)),
        mine.reset_at is not None,
    )


def refused(work: Work, refusal: Refusal, credential: str | None = None) -> None:
    """Notes that the actor was refused, and with what."""
    after = {"credential": credential} if credential else None
    work.audit("second-factor.refused", subject="staff", subject_id=_me(work), reason=refusal.code, after=after)


# --- nonces ----------------------------------------------------------------------------------------------------------


def new_nonce() -> str:
    """256 bits of chance, hexadecimal."""
    return secrets.token_hex(32)


def give_nonce(work: Work, nonce: str, purpose: str, wall: datetime, waits: str | None = None) -> datetime:
    """Remembers a nonce for the actor; until when."""
    until = wall + NONCE_LASTS
    second_factors.give(work, Nonce(nonce, _me(work), purpose, waits, until), wall)
    return until


def take_nonce(work: Work, nonce: str, purpose: str, wall: datetime) -> Refusal | None:
    """Uses a nonce of the actor's up; why not, where it cannot be."""
    if second_factors.take(work, _me(work), nonce, purpose, wall) is not None:
        return None
    refusal = NotAwaited()
    refused(work, refusal)
    return refusal


# --- passkeys --------------------------------------------------------------------------------------------------------


def take_answer(work: Work, nonce: str, passkey_id: str, wall: datetime) -> Passkey | Refusal:
    """Uses the nonce up; the actor's passkey that is said to have answered, or why it cannot have."""
    taken = second_factors.take(work, _me(work), nonce, SIGN, wall)
    found = second_factors.passkey(work, passkey_id)
    refusal: Refusal
    if taken is None:
        refusal = NotAwaited()
    elif found is None or found.staff_id != _me(work):
        refusal = NotYourPasskey()
    else:
        return found
    refused(work, refusal, passkey_id)
    return refusal


def answered(work: Work, passkey_id: str, sign_count: int, *, signs: bool) -> Refusal | None:
    """The passkey's answer held; why it counts for nothing all the same. `signs`: it is a signature's."""
    refusal: Refusal
    if signs and second_factors.digits(work, _me(work)).reset_at is not None:
        refusal = FactorAfterReset()
    elif not second_factors.count(work, _me(work), passkey_id, sign_count):
        refusal = PasskeyRefused()
    else:
        return None
    refused(work, refusal, passkey_id)
    return refusal


def begin_passkey(work: Work, nonce: str, wall: datetime) -> datetime:
    """The actor is about to show a new passkey; until when."""
    work.audit("second-factor.begun", subject="staff", subject_id=_me(work), after={"kind": "passkey"})
    return give_nonce(work, nonce, ADD_PASSKEY, wall)


def add_passkey(work: Work, value: Passkey) -> None:
    """Keeps the actor's new passkey. Raises `PasskeyTaken`, `TooManyPasskeys`."""
    if second_factors.passkey(work, value.id) is not None:
        raise PasskeyTaken
    if len(second_factors.passkeys_of(work, _me(work))) >= MOST_PASSKEYS:
        raise TooManyPasskeys
    second_factors.add_passkey(work, value)
    key = hashlib.sha256(value.public_key.encode()).hexdigest()
    after = {"kind": "passkey", "credential": value.id, "key": key, "name": value.name}
    work.audit("second-factor.added", subject="staff", subject_id=_me(work), after=after)


# --- six digits ------------------------------------------------------------------------------------------------------


def begin_digits(work: Work, nonce: str, secret: str, wall: datetime) -> datetime:
    """The actor is about to show that their app has this secret; until when."""
    work.audit("second-factor.begun", subject="staff", subject_id=_me(work), after={"kind": "six-digits"})
    return give_nonce(work, nonce, ADD_DIGITS, wall, secret)


def add_digits(work: Work, nonce: str, code: str, wall: datetime) -> None:
    """The actor's app shows the right code: from now on it counts. Raises `NotAwaited`, `WrongCode`.

    A wrong code uses nothing up: whoever types it has been told the secret.
    """
    taken = second_factors.take(work, _me(work), nonce, ADD_DIGITS, wall)
    if taken is None or taken.waits is None:
        raise NotAwaited
    step = six_digits.step_of(taken.waits, code, wall)
    if step is None:
        raise WrongCode
    mine = second_factors.digits(work, _me(work))
    kept = second_factors.sealed_totp(work, _me(work), taken.waits)
    second_factors.set_digits(work, _me(work), replace(mine, totp=kept, totp_step=step, wrong=0, wrong_at=None))
    work.audit("second-factor.added", subject="staff", subject_id=_me(work), after={"kind": "six-digits"})


def check_code(work: Work, code: str, wall: datetime, *, signs: bool) -> Refusal | None:
    """Uses the code up; why it counts for nothing, where it does. `signs`: it is a signature's."""
    mine = second_factors.digits(work, _me(work))
    refusal, after = _judge_code(work, mine, code, wall, signs=signs)
    if after != mine:
        second_factors.set_digits(work, _me(work), after)
    if refusal is not None:
        refused(work, refusal)
    return refusal


def _judge_code(work: Work, mine: Digits, code: str, wall: datetime, *, signs: bool) -> tuple[Refusal | None, Digits]:
    if mine.totp is None:
        return SecondFactorNeeded(), mine
    if mine.wrong >= TRIES and mine.wrong_at is not None and wall < mine.wrong_at + PAUSE:
        return TooManyAttempts(retry_after=int((mine.wrong_at + PAUSE - wall).total_seconds()) + 1), mine
    secret = second_factors.totp_of(work, _me(work), mine.totp)
    step = six_digits.step_of(secret, code, wall)
    if step is None:
        return WrongCode(), replace(mine, wrong=mine.wrong + 1, wrong_at=wall)
    if step <= mine.totp_step:
        return CodeUsed(), mine
    after = replace(mine, totp_step=step, wrong=0, wrong_at=None)
    return (FactorAfterReset() if signs and mine.reset_at is not None else None), after


# --- recovery codes --------------------------------------------------------------------------------------------------


def new_codes() -> tuple[str, ...]:
    """Ten codes of 120 bits each, in groups to type. With so many a plain hash is enough (ASVS 6.5.2)."""
    plain = (b32encode(secrets.token_bytes(15)).decode() for _ in range(CODES))
    return tuple("-".join(each[at : at + 4] for at in range(0, 24, 4)) for each in plain)


def _hash(work: Work, code: str) -> str:
    plain = "".join(code.upper().split()).replace("-", "")
    return hashlib.sha256(f"{work.clinic_id}/{_me(work)}/{plain}".encode()).hexdigest()


def keep_codes(work: Work, codes: tuple[str, ...]) -> None:
    """These are the actor's recovery codes from now on. Raises `FactorFirst`, `FactorAfterReset`."""
    mine = standing(work)
    if mine.reset:
        raise FactorAfterReset
    if not mine.has_any:
        raise FactorFirst
    second_factors.set_codes(work, _me(work), (_hash(work, code) for code in codes))
    work.audit("recovery-codes.made", subject="staff", subject_id=_me(work), after={"codes": len(codes)})


def use_code(work: Work, code: str) -> Refusal | None:
    """Uses a recovery code up; it also shows that who set the password is not who adds a factor now."""
    if not second_factors.use_code(work, _me(work), _hash(work, code)):
        refusal = WrongCode()
        refused(work, refusal)
        return refusal
    left = second_factors.codes_left(work, _me(work))
    work.audit("recovery-code.used", subject="staff", subject_id=_me(work), after={"left": left})
    mine = second_factors.digits(work, _me(work))
    if mine.reset_at is not None:
        # whatever was added before this code was shown may be another's
        _end(work, _me(work), replace(mine, totp=None, reset_at=None))
    return None


# --- giving up, and what others may end ------------------------------------------------------------------------------


def remove_passkey(work: Work, passkey_id: str) -> None:
    """The actor gives one up. Raises `NoSuchFactor`."""
    if not second_factors.drop_passkey(work, _me(work), passkey_id):
        raise NoSuchFactor
    after = {"kind": "passkey", "credential": passkey_id}
    work.audit("second-factor.removed", subject="staff", subject_id=_me(work), after=after)


def remove_digits(work: Work) -> None:
    """The actor gives the six digits up. Raises `NoSuchFactor`."""
    mine = second_factors.digits(work, _me(work))
    if mine.totp is None:
        raise NoSuchFactor
    second_factors.set_digits(work, _me(work), replace(mine, totp=None))
    work.audit("second-factor.removed", subject="staff", subject_id=_me(work), after={"kind": "six-digits"})


def _end(work: Work, staff_id: UUID, after: Digits) -> None:
    gone = second_factors.drop_passkeys(work, staff_id)
    second_factors.drop_nonces(work, staff_id)
    second_factors.set_digits(work, staff_id, after)
    work.audit("second-factor.ended", subject="staff", subject_id=staff_id, after={"passkeys": gone})


def end_all(work: Work, staff_id: UUID) -> None:
    """Somebody else sets this person's password: every factor ends, and none that is added now signs.

    Recovery codes stay, so that the person can show who they are: who set the password does not have them.
    """
    mine = second_factors.digits(work, staff_id)
    _end(work, staff_id, replace(mine, totp=None, reset_at=work.now))


def vouch(work: Work, staff_id: UUID) -> None:
    """The operator says that whoever signs in to this account now is its owner, who then adds a factor.

    What was added since the reset ends: it may be another's.
    """
    mine = second_factors.digits(work, staff_id)
    if mine.reset_at is not None:
        _end(work, staff_id, replace(mine, totp=None, reset_at=None))
    work.audit("second-factor.vouched", subject="staff", subject_id=staff_id)
