"""Readings: kept as typed, in any order, as often as they are sent; corrected and voided with a reason."""

from dataclasses import replace
from uuid import UUID

from app.db import readings, voids
from app.db.work import Work
from app.domain.documents import reading_content, reading_document, void_document
from app.domain.errors import Conflict, NotFound
from app.domain.people import Act, check_may
from app.domain.readings import Reading
from app.domain.records import ReadingHistory, SessionRecord, Void
from app.domain.sessions import Door
from app.domain.typed import check_reading
from app.services.session_work import OpenSession, clock_in_doubt, kept_now, open_session, settle
from app.services.sheets import PreconditionFailed


class NoSuchReading(NotFound):
    """There is no reading under this id in this session."""

    code = "no-such-reading"


class OtherReading(Conflict):
    """This id holds another reading already; a change is a correction, a further reading needs its own id."""

    code = "same-id-other-content"


class ReadingVoid(Conflict):
    """This reading was voided: enter it anew under its own id."""

    code = "reading-void"


class CorrectionChangesNothing(Conflict):
    """The correction says what the reading says already."""

    code = "correction-changes-nothing"


def put(work: Work, session_id: UUID, reading: Reading) -> tuple[OpenSession, ReadingHistory, bool]:
    """Keeps a reading; the same again changes nothing. Returns the session, the reading, and whether it is new."""
    check_may(work.actor, Act.CHART)
    session = open_session(work, session_id)
    held = _held_anywhere(work, session, reading.id)
    if held is not None:
        first = held.revisions[0].value
        if reading_content(first) == reading_content(reading):
            return session, held, False
        raise OtherReading(kept=reading_document(first), offered=reading_document(reading))
    session.check(Door.READING)
    check_reading(reading, work.now)
    reading = replace(reading, clock_doubtful=clock_in_doubt(work))
    readings.keep(work, session_id, reading, None)
    history = ReadingHistory((kept_now(work, reading),))
    _audit(work, "reading.recorded", session_id, reading)
    record = replace(session.record, readings=(*session.record.readings, history))
    return settle(work, session, record, arrived="a reading"), history, True


def correct(
    work: Work,
    session_id: UUID,
    reading_id: UUID,
    correction_id: UUID,
    reading: Reading,
    reason: str,
    *,
    expected: int | None = None,
) -> tuple[OpenSession, ReadingHistory, bool]:
    """Keeps the whole corrected reading as a new revision. `correction_id` makes the request repeatable.

    `expected` is the revision that was looked at, where the caller says so; a newer one is shown instead.
    """
    check_may(work.actor, Act.CHART)
    session = open_session(work, session_id)
    history = _held(session, reading_id)
    newest = history.current
    if (repeat := readings.correction(work, session_id, reading_id, correction_id)) is not None:
        if reading_content(repeat.value) == reading_content(reading) and repeat.reason == reason:
            return session, history, False
        raise OtherReading(kept=reading_document(repeat.value), offered=reading_document(reading))
    session.check(Door.CORRECTION)
    if history.void is not None:
        raise ReadingVoid
    if expected not in (None, newest.revision):
        raise PreconditionFailed(kept=reading_document(newest.value), offered=reading_document(reading))
    doubt = clock_in_doubt(work)
    corrected = replace(reading, id=reading_id, revision=newest.revision + 1, clock_doubtful=doubt)
    same = reading_content(corrected) == reading_content(newest.value)
    if same and (doubt or not newest.value.clock_doubtful):  # else it settles a doubt: the time was right
        raise CorrectionChangesNothing(kept=reading_document(newest.value))
    check_reading(corrected, work.now)
    readings.keep(work, session_id, corrected, reason, correction_id=correction_id)
    _audit(work, "reading.corrected", session_id, corrected, before=newest.value, reason=reason)
    grown = ReadingHistory((*history.revisions, kept_now(work, corrected, revision=corrected.revision, reason=reason)))
    record = _with(session.record, history, grown)
    return settle(work, session, record, arrived="a correction of a reading"), grown, True


def void(work: Work, session_id: UUID, reading_id: UUID, reason: str) -> tuple[OpenSession, ReadingHistory, bool]:
    """Marks a reading as entered in error. The same reason again changes nothing."""
    check_may(work.actor, Act.CHART)
    session = open_session(work, session_id)
    history = _held(session, reading_id)
    if history.void is not None:
        if history.void.value.reason == reason:
            return session, history, False
        raise ReadingVoid(
            f"this reading was voided already: {history.void.value.reason}",
            kept=void_document(history.void.value),
            offered=void_document(Void(reading_id, reason)),
        )
    session.check(Door.VOID)
    value = Void(reading_id, reason)
    voids.keep(work, session_id, "reading", value)
    _audit(work, "reading.voided", session_id, None, before=history.current.value, reason=reason)
    voided = replace(history, void=kept_now(work, value, reason=reason))
    record = _with(session.record, history, voided)
    return settle(work, session, record, arrived="a void of a reading"), voided, True


def read_history(work: Work, session_id: UUID, reading_id: UUID) -> ReadingHistory:
    """Every revision of one reading, audited as read."""
    found = readings.find(work, reading_id)
    if found is None or found[0] != session_id:
        raise NoSuchReading
    work.audit("reading.history-read", subject="reading", subject_id=reading_id, session_id=session_id)
    return found[1]


def history_of(record: SessionRecord, reading_id: UUID) -> ReadingHistory:
    """Every revision of one reading of this record. Raises `NoSuchReading`."""
    for history in record.readings:
        if history.current.value.id == reading_id:
            return history
    raise NoSuchReading


def _held(session: OpenSession, reading_id: UUID) -> ReadingHistory:
    return history_of(session.record, reading_id)


def _held_anywhere(work: Work, session: OpenSession, reading_id: UUID) -> ReadingHistory | None:
    """The reading under this id; an id that lives in another session is treated as unknown there and refused here."""
    found = readings.find(work, reading_id)
    if found is None:
        return None
    where, history = found
    if where != session.id:
        raise NoSuchReading
    return history


def _with(record: SessionRecord, old: ReadingHistory, new: ReadingHistory) -> SessionRecord:
    return replace(record, readings=tuple(new if held is old else held for held in record.readings))


def _audit(
    work: Work,
    action: str,
    session_id: UUID,
    after: Reading | None,
    *,
    before: Reading | None = None,
    reason: str | None = None,
) -> None:
    either = after or before
    work.audit(
        action,
        subject="reading",
        subject_id=either.id if either else "",
        session_id=session_id,
        before=reading_document(before) if before else None,
        after=reading_document(after) if after else None,
        reason=reason,
        revision=either.revision if either else None,
    )
