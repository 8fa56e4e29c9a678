"""Assessments as kept: numbered in their session, never changed."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select

from app.db.tables import assessments
from app.db.work import Work
from app.domain.records import FlagChange, KeptAssessment

_OF = (assessments.c.clinic_id == bindparam("clinic"), assessments.c.session_id == bindparam("session"))
_LATEST = select(assessments).where(*_OF).order_by(assessments.c.number.desc()).limit(1)
_ALL = select(assessments).where(*_OF).order_by(assessments.c.number)
_BY_DIGEST = (
    select(assessments)
    .where(*_OF, assessments.c.digest == bindparam("digest"))
    .order_by(assessments.c.number.desc())
    .limit(1)
)


def kept(row: Row[Any]) -> KeptAssessment:
    """The assessment a row keeps."""
    return KeptAssessment(
        number=row.number,
        as_of=row.as_of,
        recorded_at=row.recorded_at,
        status=row.status,
        digest=row.digest,
        document=row.document,
        display=row.display,
        lapses_at=row.lapses_at,
        next_change_at=row.next_change_at,
        change=FlagChange(row.change) if row.change else None,
    )


def latest(work: Work, session_id: UUID) -> KeptAssessment | None:
    """The newest."""
    row = work.first(_LATEST, session=session_id)
    return None if row is None else kept(row)


def all_kept(work: Work, session_id: UUID) -> tuple[KeptAssessment, ...]:
    """Every one, oldest first."""
    return tuple(kept(row) for row in work.all(_ALL, session=session_id))


def by_digest(work: Work, session_id: UUID, digest: str) -> KeptAssessment | None:
    """The newest with this digest."""
    row = work.first(_BY_DIGEST, session=session_id, digest=digest)
    return None if row is None else kept(row)


def keep(work: Work, session_id: UUID, assessment: KeptAssessment) -> None:
    """Keeps one. A number that is taken is refused (`AlreadyKept`)."""
    values = {name: getattr(assessment, name) for name in KeptAssessment.__slots__}
    values["change"] = assessment.change.value if assessment.change else None
    work.insert(assessments, session_id=session_id, **values)
