"""The very first sign-in: an empty service prints a token on its console; whoever holds it names the first lead."""

import asyncio
import hmac
from uuid import UUID

from app.db import clinics as kept_clinics
from app.db.work import Work
from app.domain.errors import Conflict, Forbidden
from app.domain.people import Clinic, Role, Staff
from app.services import clinics, staff
from app.services.sign_in import fingerprint, new_token


class AlreadySetUp(Conflict):
    """This service has its first clinic already. Sign in, or ask its lead for an account."""

    code = "already-set-up"


class WrongFirstRunToken(Forbidden):
    """This is not the first-run token of this start. It stands on the console, a new one after each start."""

    code = "wrong-first-run-token"


class FirstRun:
    """The one-time token: made at the start of an empty service, kept as a hash, in memory, until it is used."""

    def __init__(self) -> None:
        self._hash: str | None = None
        self.turn = asyncio.Lock()
        """One attempt at a time: two at once could both find the service empty."""

    def issue(self) -> str:
        """A new token; the one before, if any, is worth nothing now."""
        token = new_token()
        self._hash = fingerprint(token)
        return token

    @property
    def open(self) -> bool:
        """Whether a token is waiting to be used."""
        return self._hash is not None

    def check(self, token: str) -> None:
        """Raises `AlreadySetUp` where there is nothing to set up, `WrongFirstRunToken` for any other text."""
        if self._hash is None:
            raise AlreadySetUp
        if not hmac.compare_digest(self._hash, fingerprint(token)):
            raise WrongFirstRunToken

    def close(self) -> None:
        """The token has been used."""
        self._hash = None


def is_empty(work: Work) -> bool:
    """Whether there is no clinic yet."""
    return not kept_clinics.all_clinics(work)


def set_up(work: Work, clinic: Clinic, staff_id: UUID, lead: Staff, password_hash: str) -> None:
    """Keep the first clinic and its lead, who then invites everybody else. Raises `AlreadySetUp`."""
    if not is_empty(work):
        raise AlreadySetUp
    clinics.create(work, clinic)
    assert lead.role is Role.LEAD
    staff.add(work, staff_id, lead, password_hash)
