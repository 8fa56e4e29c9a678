"""A session charted afterwards: when the patient had left, and what of the record says that they had not.

The session says so itself (`SessionHeader.had_left_at`), and it holds only while nothing in force lies after it. A
reading, an event, an escort or a signed examination later than that means that the patient was still here: then the
session is one like any other, assessed as of now and on the board.
"""

from collections.abc import Iterator
from datetime import datetime

from app.domain.events import EventKind
from app.domain.instants import to_text
from app.domain.records import SessionRecord


def had_left_at(record: SessionRecord) -> datetime | None:
    """When the patient had left, where the session says so and nothing shows that they were still here."""
    left = record.header.value.had_left_at
    return left if left is None or next(still_here(record, left), None) is None else None


def looked_at(record: SessionRecord, now: datetime) -> datetime:
    """The instant this session is assessed as of: the leaving, where the patient had left; else now."""
    return had_left_at(record) or now


def still_here(record: SessionRecord, left: datetime) -> Iterator[str]:
    """What shows that the patient was still here after `left`, in words. An addendum shows nothing."""
    for reading in record.readings_in_force():
        if is_after(reading.measured_at, left):
            yield f"a set was measured at {to_text(reading.measured_at)}"
    for event in record.events_in_force():
        if event.kind is not EventKind.ADDENDUM and is_after(event.at, left):
            yield f"the event {event.kind.value} is of {to_text(event.at)}"
    seen = record.escort.value.present_at if record.escort else None
    if seen is not None and is_after(seen, left):
        yield f"the escort was seen here at {to_text(seen)}"
    for held in record.confirmations:
        # whoever signs an ordinary decision signs that they have examined the patient
        if held.value.had_left_at is None and is_after(held.value.signed_at, left):
            yield f"{held.by.name} examined the patient, and signed that at {to_text(held.value.signed_at)}"


def is_after(at: datetime, left: datetime) -> bool:
    """Whether an instant lies after a leaving time: tablets type whole minutes, and its minute is not after it."""
    return at.replace(second=0, microsecond=0) > left
