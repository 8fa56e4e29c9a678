"""The very first sign-in: an empty service prints a token on its console; whoever holds it names the first lead.

The token's hash lies in the database, so that every process of the service knows the one token, and the one use of it.
"""

import hmac
from uuid import UUID

from app.db import clinics as kept_clinics
from app.db.work import Work
from app.domain.errors import Conflict, Forbidden
from app.domain.people import Clinic, Role, Staff
from app.domain.signatures import Signing
from app.services import clinics, staff
from app.services.sign_in import fingerprint


class AlreadySetUp(Conflict):
    """This service has its first clinic already. Sign in, or ask its lead for an account."""

    code = "already-set-up"


class WrongFirstRunToken(Forbidden):
    """This is not the first-run token of this start. It stands on the console, a new one after each start."""

    code = "wrong-first-run-token"


def is_empty(work: Work) -> bool:
    """Whether there is no clinic yet."""
    return not kept_clinics.all_clinics(work)


def issue(work: Work, token: str) -> bool:
    """Where there is no clinic yet, this token opens the first run, and the one before, if any, no longer."""
    if not is_empty(work):
        return False
    kept_clinics.issue_first_run(work, fingerprint(token))
    return True


def check(work: Work, token: str) -> None:
    """Raises `AlreadySetUp` where there is nothing to set up, `WrongFirstRunToken` for any other text."""
    if not is_empty(work):
        raise AlreadySetUp
    issued = kept_clinics.first_run_hash(work)
    if issued is None or not hmac.compare_digest(issued, fingerprint(token)):
        raise WrongFirstRunToken


def set_up(
    work: Work,
    token: str,
    clinic: Clinic,
    staff_id: UUID,
    lead: Staff,
    password_hash: str,
    signing: Signing = Signing.SECOND_FACTOR,
) -> None:
    """Keep the first clinic and its lead, who then invites everybody else. Raises as `check`."""
    # first of all: whoever else uses it at this moment waits here, and then finds it used
    used = kept_clinics.take_first_run(work, fingerprint(token))
    if not is_empty(work):
        raise AlreadySetUp
    if not used:
        raise WrongFirstRunToken
    clinics.create(work, clinic, signing)
    assert lead.role is Role.LEAD
    staff.add(work, staff_id, lead, password_hash)
