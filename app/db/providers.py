"""The provider that vouches for a clinic's people: the row with its sealed secret, every revision in the journal."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from app.db import journal, sealing
from app.db.refusals import MovedOn
from app.db.tables import clinics, providers
from app.db.work import Work
from app.domain.documents import pair
from app.domain.journal import Fact, Kind
from app.domain.providers import Provider
from app.domain.records import Kept

KIND = Kind.PROVIDER
_ALSO = "secret_changed"
"""Beside the provider the journal says whether a revision set another secret, and never which."""
provider_document, _provider_from = pair(Provider)
_P = providers.c
_OF = select(providers).where(_P.clinic_id == bindparam("of"))
_ADD = insert(providers)
_REVISE = (
    update(providers)
    .where(_P.clinic_id == bindparam("clinic"), _P.revision == bindparam("before"))
    .values(
        revision=bindparam("after"),
        **{name: bindparam(f"as_{name}") for name in (*Provider.__slots__, "client_secret")},
    )
)
_TWO_CLINICS = select(clinics.c.id).limit(2)


@dataclass(frozen=True, slots=True)
class FoundProvider:
    """A clinic's provider as it is now, with our secret there, sealed."""

    clinic_id: UUID
    revision: int
    provider: Provider
    sealed: str


def find(work: Work, clinic_id: UUID) -> FoundProvider | None:
    """The provider of whichever clinic; one that is not in use too: what that means is for the caller."""
    row = work.first(_OF, of=clinic_id)
    if row is None:
        return None
    provider = Provider(**{name: getattr(row, name) for name in Provider.__slots__})
    return FoundProvider(row.clinic_id, row.revision, provider, row.client_secret)


def seal(work: Work, secret: str) -> str:
    """Our secret at this clinic's provider, as it is to be kept."""
    return sealing.seal(work, _P.client_secret, secret)


def secret_of(work: Work, found: FoundProvider) -> str:
    """What we show this provider. Raises `DoesNotOpen`, `KeyMissing`."""
    return sealing.unseal(work, _P.client_secret, found.sealed, clinic_id=found.clinic_id)


def newest(work: Work) -> Kept[Provider] | None:
    """The newest revision in this clinic, with who settled it."""
    return journal.newest(
        work,
        KIND,
        work.clinic_id,
        lambda said: _provider_from({name: value for name, value in said.items() if name != _ALSO}),
    )


def keep(work: Work, value: Provider, revision: int, sealed: str, *, new_secret: bool) -> None:
    """The first revision, or the next."""
    row = {**provider_document(value), "client_secret": sealed}
    if revision == 1:
        work.change(_ADD, {"clinic_id": work.clinic_id, "revision": 1, **row})
    else:
        values = {"clinic": work.clinic_id, "before": revision - 1, "after": revision}
        if work.change(_REVISE, values | {f"as_{name}": row[name] for name in row}) != 1:
            raise MovedOn
    work.keep(Fact(KIND, str(work.clinic_id), {**provider_document(value), _ALSO: new_secret}, revision))


def only_clinic(work: Work) -> UUID | None:
    """The one clinic of this installation; None where there are several, or none."""
    rows = work.all(_TWO_CLINICS)
    return rows[0].id if len(rows) == 1 else None
