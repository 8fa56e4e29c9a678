"""What a signature takes in a clinic: a second factor, unless a lead has said that the password is enough."""

from app.db import signing
from app.db.work import Work
from app.domain.deciding import Change, decide_sheet
from app.domain.people import Act, check_may
from app.domain.records import Kept
from app.domain.signatures import Signing, SigningPolicy


def policy(work: Work) -> Kept[SigningPolicy]:
    """The clinic's, as it was set last."""
    found = signing.find(work)
    assert found is not None, "each clinic is made with one"
    return found


def current(work: Work) -> Signing:
    """What a signature takes now. Where nobody has said, a second factor."""
    found = signing.find(work)
    return Signing.SECOND_FACTOR if found is None else found.value.signing


def check(work: Work, value: Signing, expected: int | None) -> Change:
    """What setting it would change. Raises where it was set since."""
    found = policy(work)
    # what proved the lead is no part of what they say
    return decide_sheet(Kept(found.value.signing, found.revision, found.by, found.recorded_at), value, expected)


def put(work: Work, value: SigningPolicy, expected: int | None) -> Change:
    """A lead sets it, and has signed for it. The same again changes nothing."""
    check_may(work.actor, Act.MANAGE_STAFF)
    change = check(work, value.signing, expected)
    if change.changed:
        signing.keep(work, value, change.revision)
    return change
