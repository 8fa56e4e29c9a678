"""Making anew what is derived from the journal, and finding where what stands is not what comes out of it."""

from dataclasses import replace
from uuid import UUID

from app.db import bookkeeping, projections, session_records, sessions, tablets
from app.db.session_records import Whose
from app.db.work import Work
from app.domain.folding import fold
from app.services.board import line_of
from app.services.readiness import look


def session_ids(work: Work) -> list[UUID]:
    """Every session of the clinic."""
    return sessions.all_ids(work)


def rest(work: Work, *, mend: bool) -> list[str]:
    """What of look-up rows, heads and the feed differs from the journal; `mend`: what can be is made anew."""
    found = projections.differences(work, mend=mend)
    if not mend:
        found += bookkeeping.differences(work)
    work.audit(
        "record.rebuilt", subject="clinic", subject_id=work.clinic_id, after={"mend": mend, "differing": len(found)}
    )
    return found


def line(work: Work, session_id: UUID, *, mend: bool) -> bool:
    """Whether a session's line is what its journal comes to now; `mend`: it is made anew where it is not.

    To be mended the session is to be caught up with first: what time has brought is kept by that, and not here. Only
    looked at, it may say that something is due by now: that is worked out whenever somebody comes by.
    """
    locked = sessions.lock(work, session_id)
    assert locked is not None, "its id has just been read"
    # whose it is, by its own journal: the row is what is being looked at
    header = sessions.find_header(work, session_id)
    if header is None:
        return False
    whose = Whose(session_id, header.value.patient_id, header.value.course_id)
    (entries,) = session_records.entries(work, [whose])
    record = fold(session_id, entries, tablets.of_session(work, session_id))
    derived = look(work, record)
    made = line_of(record, derived, derived.next_if_heard_at, locked.line)
    stands = locked.line
    if not mend and stands.next_change_at is not None and stands.next_change_at <= work.now:
        stands = replace(stands, next_change_at=made.next_change_at)
    if made == stands and sessions.listing_of(made) == locked.listing:
        return True
    if mend:
        sessions.write_line(work, session_id, locked.version, made)
    return False
