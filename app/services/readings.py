"""Readings: kept as typed, in any order, as often as they are sent; corrected and voided with a reason."""

from functools import partial
from uuid import UUID

from app.db import histories, journal, session_records
from app.db.work import Work
from app.domain.deciding import readings as deciding
from app.domain.deciding.readings import NoSuchReading
from app.domain.documents import reading_from, void_from
from app.domain.journal import Kind
from app.domain.people import Act, check_may
from app.domain.readings import Reading
from app.domain.records import Kept, Void
from app.services.session_work import Done, carry_out


def put(work: Work, session_id: UUID, reading: Reading) -> Done:
    """Keeps a reading; the same again changes nothing."""
    check_may(work.actor, Act.CHART)
    return carry_out(work, session_id, partial(deciding.put, reading=reading), NoSuchReading)


def correct(
    work: Work,
    session_id: UUID,
    reading_id: UUID,
    sent_as: UUID,
    reading: Reading,
    reason: str,
    *,
    expected: int | None = None,
) -> Done:
    """Keeps the whole corrected reading as a new revision. `sent_as` makes the request repeatable."""
    check_may(work.actor, Act.CHART)
    decide = partial(
        deciding.correct, reading_id=reading_id, sent_as=sent_as, reading=reading, reason=reason, expected=expected
    )
    return carry_out(work, session_id, decide)


def void(work: Work, session_id: UUID, reading_id: UUID, reason: str) -> Done:
    """Marks a reading as entered in error. The same reason again changes nothing."""
    check_may(work.actor, Act.CHART)
    return carry_out(work, session_id, partial(deciding.void, reading_id=reading_id, reason=reason))


def read_history(
    work: Work, session_id: UUID, reading_id: UUID, after: int | None, limit: int
) -> tuple[tuple[Kept[Reading], ...], Kept[Void] | None]:
    """The next revisions of one reading, oldest first, and its void, if it was voided; audited as read."""
    if session_records.session_of_fact(work, Kind.READING, reading_id) != session_id:
        raise NoSuchReading
    [whose] = session_records.whose(work, [session_id])
    work.audit(
        "reading.history-read",
        subject="reading",
        subject_id=reading_id,
        session_id=session_id,
        patient_id=whose.patient_id,
    )
    revisions = histories.page(work, Kind.READING, reading_id, reading_from, after, limit)
    return revisions, journal.newest(work, Kind.READING_VOID, reading_id, void_from)
