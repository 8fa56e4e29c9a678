"""Sheets that a lead settles for the whole clinic: every revision in the journal, in the clinic's own stream."""

from typing import Generic, TypeVar

from app.db import journal
from app.db.refusals import MovedOn
from app.db.work import Work
from app.domain.alerting import ClinicSettings
from app.domain.documents import pair
from app.domain.journal import Fact, Kind
from app.domain.papers import ClinicPapers
from app.domain.records import Kept

T = TypeVar("T")


class SettledSheet(Generic[T]):
    """One such sheet. `unsettled`: as it is where no lead has settled it; `document`: a value as it is kept."""

    def __init__(self, kind: Kind, unsettled: T) -> None:
        self.unsettled = unsettled
        self.document, self._from_document = pair(type(unsettled))
        self._kind = kind

    def find(self, work: Work) -> Kept[T] | None:
        """The newest revision; None where the lead has settled nothing yet."""
        return journal.newest(work, self._kind, work.clinic_id, self._from_document)

    def keep(self, work: Work, value: T, revision: int) -> None:
        """The next revision."""
        work.if_taken(MovedOn)
        work.keep(Fact(self._kind, str(work.clinic_id), self.document(value), revision))


SETTINGS = SettledSheet(Kind.CLINIC_SETTINGS, ClinicSettings())
PAPERS = SettledSheet(Kind.CLINIC_PAPERS, ClinicPapers())
