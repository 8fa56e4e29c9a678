"""The provider that vouches for a clinic's people: a lead or the operator settles it.

Whoever settles another provider changes nobody's account: what is linked is an identity at exactly one issuer.
"""

import hmac
from dataclasses import dataclass, replace
from uuid import UUID

from app.db import providers
from app.db.providers import FoundProvider
from app.db.sealing import DoesNotOpen
from app.db.work import Work
from app.domain.deciding import Change, PreconditionFailed, PreconditionMissing, decide_sheet
from app.domain.errors import FieldError, Invalid
from app.domain.providers import Provider
from app.domain.records import Kept
from app.domain.texts import LINE, text_faults
from app.exchange.registered import BadAddress, check_issuer

LONGEST = 500
"""Characters of a client id or a secret."""


class BadProvider(Invalid):
    """A provider needs a name, the address of its issuer, our client id there, and our secret."""

    code = "bad-provider"


@dataclass(frozen=True, slots=True)
class Offered:
    """A provider that people of a clinic can sign in with, as anybody may know it."""

    clinic_id: UUID
    name: str


# --- settling it -----------------------------------------------------------------------------------------------------


def _check_ascii(field: str, text: str) -> list[FieldError]:
    if not 0 < len(text) <= LONGEST or not text.isascii() or not text.isprintable():
        return [FieldError(field, f"must be 1 to {LONGEST} plain characters, as the provider shows it")]
    return []


def check_provider(value: Provider, secret: str | None) -> None:
    """Raises `BadProvider`, naming the fields."""
    faults = text_faults("name", value.name, longest=LINE)
    try:
        check_issuer(value.issuer)
    except BadAddress as problem:
        faults.append(FieldError("issuer", str(problem)))
    faults += _check_ascii("client_id", value.client_id)
    if secret is not None:
        faults += _check_ascii("client_secret", secret)
    if faults:
        raise BadProvider(errors=faults)


def put(work: Work, value: Provider, secret: str | None, expected: int | None) -> tuple[Change, Kept[Provider]]:
    """Settle it. `secret` None: it stays, which it may at the same issuer and client id alone."""
    check_provider(value, secret)
    found, current = providers.find(work, work.clinic_id), providers.newest(work)
    stays = found is not None and (found.provider.issuer, found.provider.client_id) == (value.issuer, value.client_id)
    if secret is None and not stays:
        # else whoever names another issuer would be shown our secret at this one
        said = "is needed with another issuer or client id, even if it is the same"
        raise BadProvider(errors=[FieldError("client_secret", said)])
    change = decide_sheet(current, value, expected)
    another = secret is not None and (found is None or not _is_ours(work, found, secret))
    if another and not change.changed:
        assert current is not None, "what is unchanged was there"
        change = _secret_change(current, expected)
    if change.changed:
        sealed = providers.seal(work, secret) if secret is not None and another else None
        assert sealed is not None or found is not None, "a secret was given, or stays"
        kept = sealed or (found.sealed if found else "")
        providers.keep(work, value, change.revision, kept, new_secret=another)
    kept_now = providers.newest(work)
    assert kept_now is not None, "it has just been kept, or was before"
    return change, kept_now


def _is_ours(work: Work, found: FoundProvider, secret: str) -> bool:
    try:
        return hmac.compare_digest(secret.encode(), providers.secret_of(work, found).encode())
    except DoesNotOpen:
        # what cannot be opened any more is mended by settling it anew
        return False


def _secret_change(current: Kept[Provider], expected: int | None) -> Change:
    """Another secret alone is a change like any other: it needs the revision it was made from."""
    if expected is None:
        raise PreconditionMissing(current_revision=current.revision)
    if expected != current.revision:
        raise PreconditionFailed(current_revision=current.revision, expected_revision=expected)
    return Change(revision=current.revision + 1, created=False, changed=True)


def put_by_lead(
    work: Work, name: str, issuer: str, client_id: str, secret: str | None, expected: int | None, *, in_use: bool
) -> tuple[Change, Kept[Provider]]:
    """A lead's: whether it may be on our own network stays as the operator has said of this issuer, and is no else."""
    found = providers.find(work, work.clinic_id)
    private = found is not None and found.provider.private and found.provider.issuer == issuer
    return put(work, Provider(name, issuer, client_id, private, in_use), secret, expected)


def put_at_any_revision(work: Work, value: Provider, secret: str | None) -> None:
    """The operator's word, whatever was settled before."""
    current = providers.newest(work)
    put(work, value, secret, current.revision if current else None)


def end(work: Work) -> bool:
    """Nobody of the clinic signs in with its provider from now on; False where nobody could before."""
    current = providers.newest(work)
    if current is None or not current.value.in_use:
        return False
    put(work, replace(current.value, in_use=False), None, current.revision)
    return True


def settled(work: Work) -> Kept[Provider] | None:
    """The clinic's own, in use or not; audited as read."""
    work.audit("provider.read", subject="clinic", subject_id=work.clinic_id)
    return providers.newest(work)


# --- who may be vouched for ------------------------------------------------------------------------------------------


def in_use(work: Work, clinic_id: UUID) -> FoundProvider | None:
    """The provider that people of whichever clinic can sign in with."""
    found = providers.find(work, clinic_id)
    return found if found is not None and found.provider.in_use else None


def offered(work: Work, clinic_id: UUID | None) -> Offered | None:
    """What a sign-in screen offers: of the clinic it names, or else of the only clinic there is."""
    chosen = clinic_id if clinic_id is not None else providers.only_clinic(work)
    found = None if chosen is None else in_use(work, chosen)
    return None if found is None else Offered(found.clinic_id, found.provider.name)
