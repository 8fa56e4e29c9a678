"""Readiness as it stands, every assessment that was kept, and the replay that proves them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db import session_records
from app.db.session_records import Whose
from app.db.work import Work
from app.domain.assessment import Assessment
from app.domain.canonical import Document
from app.domain.derive import Derived, changes_at, derive_at
from app.domain.folding import LOOKED_AT, Folding
from app.domain.instants import to_text, to_text_or_none
from app.domain.readiness import NotReplayable, as_judged, assess, replay
from app.domain.records import KeptAssessment, SessionRecord
from app.services import assessing, session_work
from app.services.protocols import pinned
from app.services.session_work import NoSuchSession

catch_up = session_work.catch_up
"""A writing verb: keep every change that time has brought up to now."""


class ChangesDue(Exception):
    """Time has brought a change that is not kept yet: catch up first, then read."""


def load(work: Work, session_id: UUID) -> SessionRecord:
    """The record, for reading. Raises `NoSuchSession`, or `ChangesDue` where a change is not kept yet."""
    found = session_records.load_due(work, session_id)
    if found is None:
        raise NoSuchSession
    record, next_if_heard_at = found
    due = changes_at(record, pinned(work, record.header.value), next_if_heard_at)
    if due is not None and due <= work.now:
        raise ChangesDue
    return record


def read_record(work: Work, session_id: UUID, action: str) -> SessionRecord:
    """`load`, audited as `action`."""
    record = load(work, session_id)
    work.audit(
        action,
        subject="session",
        subject_id=session_id,
        session_id=session_id,
        patient_id=record.header.value.patient_id,
    )
    return record


def current(work: Work, session_id: UUID) -> Document:
    """The readiness of the contract."""
    record = read_record(work, session_id, "readiness.read")
    return shown(record, look(work, record))


def look(work: Work, record: SessionRecord) -> Derived:
    """What the record comes to now."""
    latest = record.assessment
    now = max(work.now, latest.as_of) if latest else work.now
    return derive_at(record, pinned(work, record.header.value), now)


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


def all_kept(work: Work, session_id: UUID) -> tuple[KeptAssessment, ...]:
    """Every assessment of the session, oldest first."""
    return read_record(work, session_id, "assessments.read").assessments


@dataclass(frozen=True, slots=True)
class Replayed:
    """One kept assessment run again. `again` is its digest now; None with the reason where it cannot be replayed."""

    kept: KeptAssessment
    again: str | None
    because: str = ""

    @property
    def agrees(self) -> bool:
        """Whether the digest came out the same."""
        return self.again == self.kept.digest


def replay_all(work: Work, session_id: UUID) -> list[Replayed]:
    """Runs every kept assessment again: on the record as it was where it looked, by the rules of its version."""
    found = session_records.whose(work, [session_id])
    if not found:
        raise NoSuchSession
    work.audit("assessments.replayed", subject="session", subject_id=session_id, session_id=session_id)
    return _replayed(work, found[0])


def _replayed(work: Work, whose: Whose) -> list[Replayed]:
    (entries,) = session_records.entries(work, [whose])
    record = Folding(whose.id, entries).record()
    protocol = pinned(work, record.header.value)
    facts = {0: Folding(whose.id).record().facts()}
    folding = Folding(whose.id)
    for entry in entries:
        folding.add(entry)
        if entry.kind in LOOKED_AT:
            facts[entry.position] = folding.record().facts()

    def again(kept: KeptAssessment) -> Replayed:
        try:
            # at a place where the journal has nothing, the facts are not those that were looked at
            known = facts.get(kept.judged, facts[0])
            return Replayed(kept, replay(kept.document, as_judged(kept.document, known), protocol).digest)
        except NotReplayable as refusal:
            return Replayed(kept, None, refusal.detail)

    return [again(kept) for kept in record.assessments]


def assess_at(work: Work, session_id: UUID, at: datetime) -> Assessment:
    """What the rules say of the facts in force at a given instant. Nothing is kept but the audit of the look."""
    record = session_records.load(work, session_id)
    if record is None:
        raise NoSuchSession
    work.audit("readiness.read", subject="session", subject_id=session_id, session_id=session_id)
    return assess(record.facts(), pinned(work, record.header.value), at)
