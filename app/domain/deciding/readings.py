"""Readings: kept as typed, in any order, as often as they are sent; corrected and voided with a reason."""

from dataclasses import replace
from uuid import UUID

from app.domain import keeping
from app.domain.deciding import SAME_AGAIN, PreconditionFailed, Standing, ToKeep
from app.domain.documents import reading_content, reading_document, void_document
from app.domain.errors import Conflict, NotFound
from app.domain.journal import Kind
from app.domain.readings import Reading
from app.domain.records import ReadingHistory, SessionRecord, Void
from app.domain.sessions import Door
from app.domain.typed import check_reading


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


def find(record: SessionRecord, reading_id: UUID) -> ReadingHistory | None:
    """Every revision of one reading of this record."""
    wanted = reading_id.int
    for held in reversed(record.readings):  # it is the newest that is asked for
        if held.revisions[0].value.id.int == wanted:
            return held
    return None


def the_one(record: SessionRecord, reading_id: UUID) -> ReadingHistory:
    """As `find`. Raises `NoSuchReading`."""
    held = find(record, reading_id)
    if held is None:
        raise NoSuchReading
    return held


def put(session: Standing, reading: Reading) -> ToKeep:
    """A new reading; the same again changes nothing."""
    held = find(session.record, reading.id)
    if held is not None:
        first = held.revisions[0].value
        if reading_content(first) == reading_content(reading):
            return SAME_AGAIN
        raise OtherReading(kept=reading_document(first), offered=reading_document(reading))
    session.check(Door.READING)
    check_reading(reading, session.asked_at)
    doubted = replace(reading, clock_doubtful=session.clock_doubtful)
    return ToKeep((keeping.reading(doubted),), "a reading")


def correct(
    session: Standing, reading_id: UUID, sent_as: UUID, reading: Reading, reason: str, expected: int | None
) -> ToKeep:
    """The whole corrected reading as a new revision. `sent_as`, the correction's own id, makes it repeatable.

    `expected` is the revision that was looked at, where the caller says so; a newer one is shown instead.
    """
    history = the_one(session.record, reading_id)
    newest = history.current
    repeat = next((one for one in history.revisions if one.sent_as == sent_as), None)
    if repeat is not None:
        if reading_content(repeat.value) == reading_content(reading) and repeat.reason == reason:
            return SAME_AGAIN
        raise OtherReading(kept=reading_document(repeat.value), offered=reading_document(reading))
    session.check(Door.CORRECTION)
    if history.void is not None:
        raise ReadingVoid
    if expected not in (None, newest.revision):
        raise PreconditionFailed(kept=reading_document(newest.value), offered=reading_document(reading))
    doubt = session.clock_doubtful
    corrected = replace(reading, id=reading_id, revision=newest.revision + 1, clock_doubtful=doubt)
    same = reading_content(corrected) == reading_content(newest.value)
    if same and (doubt or not newest.value.clock_doubtful):  # else it settles a doubt: the time was right
        raise CorrectionChangesNothing(kept=reading_document(newest.value))
    check_reading(corrected, session.asked_at)
    return ToKeep((keeping.reading(corrected, reason, sent_as),), "a correction of a reading")


def void(session: Standing, reading_id: UUID, reason: str) -> ToKeep:
    """Marks a reading as entered in error. The same reason again changes nothing."""
    history = the_one(session.record, reading_id)
    if history.void is not None:
        if history.void.value.reason == reason:
            return SAME_AGAIN
        raise ReadingVoid(
            f"this reading was voided already: {history.void.value.reason}",
            kept=void_document(history.void.value),
            offered=void_document(Void(reading_id, reason)),
        )
    session.check(Door.VOID)
    return ToKeep((keeping.void(Kind.READING_VOID, Void(reading_id, reason)),), "a void of a reading")
