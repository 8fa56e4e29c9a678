"""What a signature takes in a clinic: the newest revision in the journal."""

from app.db import journal
from app.db.work import Work
from app.domain.documents import pair
from app.domain.journal import Fact, Kind
from app.domain.records import Kept
from app.domain.signatures import SigningPolicy

policy_document, _policy_from = pair(SigningPolicy)


def find(work: Work) -> Kept[SigningPolicy] | None:
    """The newest revision."""
    return journal.newest(work, Kind.SIGNING, work.clinic_id, _policy_from)


def keep(work: Work, value: SigningPolicy, revision: int) -> None:
    """The next revision."""
    work.keep(Fact(Kind.SIGNING, str(work.clinic_id), policy_document(value), revision))
