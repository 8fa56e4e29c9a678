"""Readiness as it stands, every assessment that was kept, and the replay that proves them."""

from datetime import datetime
from uuid import UUID

from app.db import session_records
from app.db.recent import came_to
from app.db.session_records import FoundSession
from app.db.work import Work
from app.domain import replaying
from app.domain.assessment import Assessment
from app.domain.canonical import Document
from app.domain.derive import Derived, changes_at, derive_at
from app.domain.folding import fold
from app.domain.instants import to_text, to_text_or_none
from app.domain.readiness import assess
from app.domain.records import KeptAssessment, SessionRecord
from app.domain.replaying import Replayed
from app.services import assessing, seen, session_work
from app.services.protocols import pinned
from app.services.seen import Tagged
from app.services.session_work import NoSuchSession

catch_up = session_work.catch_up
"""A writing verb: keep every change that time has brought up to now."""


class ChangesDue(Exception):
    """Time has brought a change that is not kept yet: catch up first, then read."""


def load(work: Work, session_id: UUID) -> SessionRecord:
    """The record, for reading. Raises `NoSuchSession`, or `ChangesDue` where a change is not kept yet."""
    return _found(work, session_id).record


def _found(work: Work, session_id: UUID) -> FoundSession:
    found = session_records.find(work, session_id)
    if found is None:
        raise NoSuchSession
    due = changes_at(found.record, pinned(work, found.record.header.value), found.next_if_heard_at)
    if due is not None and due <= work.now:
        raise ChangesDue
    return found


def read_record(work: Work, session_id: UUID, action: str) -> SessionRecord:
    """`load`, audited as `action`."""
    return _read(work, session_id, action).record


def read_and_look(work: Work, session_id: UUID, action: str) -> tuple[SessionRecord, Derived]:
    """As `read_record`, and what it comes to now."""
    found = _read(work, session_id, action)
    record, known = found.record, found.known
    now = _no_earlier(work, record)
    derived = known.still(record.tablets, now) if known else None
    if derived is None:
        derived = derive_at(record, pinned(work, record.header.value), now, known)
        came_to(work.clinic_id, found.head, derived)
    return record, derived


def _read(work: Work, session_id: UUID, action: str) -> FoundSession:
    found = _found(work, session_id)
    _audit(work, action, session_id, found.record.header.value.patient_id)
    return found


def _audit(work: Work, action: str, session_id: UUID, patient_id: UUID) -> None:
    work.audit(action, subject="session", subject_id=session_id, session_id=session_id, patient_id=patient_id)


def current(work: Work, session_id: UUID) -> tuple[Document, Tagged]:
    """The readiness of the contract, with the tag of the look."""
    record, derived = read_and_look(work, session_id, "readiness.read")
    return shown(record, derived), seen.of(work, session_id, derived)


def look(work: Work, record: SessionRecord) -> Derived:
    """What the record comes to now, gone through from its beginning."""
    return derive_at(record, pinned(work, record.header.value), _no_earlier(work, record))


def _no_earlier(work: Work, record: SessionRecord) -> datetime:
    """Now, but never before the last kept assessment."""
    latest = record.assessment
    return max(work.now, latest.as_of) if latest else work.now


def shown(record: SessionRecord, derived: Derived) -> Document:
    """The latest kept assessment as shown; the forward-looking instants as they are now.

    Where something cannot be worked out now, what was kept before is not shown as holding still.
    """
    latest = record.assessment
    if latest is None:
        raise NoSuchSession
    left = to_text_or_none(derived.had_left_at)
    if derived.closed:
        return {**latest.display, "lapses_at": None, "earliest_met_at": None, "closed": True, "had_left_at": left}
    shown_now = {**latest.display, **assessing.clocks(derived), "closed": False, "had_left_at": left}
    if derived.failed:
        now = derived.assessment
        shown_now |= {
            "status": now.status.value,
            "as_of": to_text(now.as_of),
            "digest": now.digest,
            "baseline": assessing.baseline_document(now.baseline),
            "findings": now.document["findings"],
        }
    return shown_now


def kept_after(work: Work, session_id: UUID, *, number: int, limit: int) -> list[KeptAssessment]:
    """The assessments of the session after this number, oldest first."""
    kept = read_record(work, session_id, "assessments.read").assessments
    return [one for one in kept if one.number > number][:limit]


def replay_all(work: Work, session_id: UUID) -> list[Replayed]:
    """Runs every kept assessment again: on the record as it was where it looked, by the rules of its version."""
    found = session_records.whose(work, [session_id])
    if not found:
        raise NoSuchSession
    (entries,) = session_records.entries(work, found)
    header = fold(session_id, entries).header.value
    _audit(work, "assessments.replayed", session_id, header.patient_id)
    return replaying.replay_all(session_id, entries, pinned(work, header))


def assess_at(work: Work, session_id: UUID, at: datetime) -> Assessment:
    """What the rules say of the facts in force at a given instant. Nothing is kept but the audit of the look."""
    record = session_records.load(work, session_id)
    if record is None:
        raise NoSuchSession
    _audit(work, "readiness.read", session_id, record.header.value.patient_id)
    return assess(record.facts(), pinned(work, record.header.value), at)
