"""Making anew what is derived from the journal, and finding where what stands is not what comes out of it."""

from uuid import UUID

from app.db import journal, projections, session_records, sessions, tablets
from app.db.session_records import Whose
from app.db.work import Work
from app.domain.folding import fold
from app.domain.journal import session_stream
from app.services.board import line_of
from app.services.readiness import look


def session_ids(work: Work) -> list[UUID]:
    """Every session of the clinic."""
    return sessions.all_ids(work)


def rest(work: Work, *, mend: bool) -> list[str]:
    """What of patients, courses and the heads of streams differs from the journal; `mend`: it is made anew."""
    found = projections.differences(work, mend=mend)
    work.audit(
        "record.rebuilt", subject="clinic", subject_id=work.clinic_id, after={"mend": mend, "differing": len(found)}
    )
    return found


def line(work: Work, session_id: UUID, *, mend: bool) -> bool:
    """Whether a session's line is what its journal comes to now; `mend`: it is made anew where it is not.

    The session is to be caught up with first: what time has brought is kept by that, and not here.
    """
    locked = sessions.lock(work, session_id)
    assert locked is not None, "its id has just been read"
    # whose it is, by its own journal: the row is what is being looked at
    header = fold(session_id, journal.of_stream(work, session_stream(session_id))).header.value
    (entries,) = session_records.entries(work, [Whose(session_id, header.patient_id, header.course_id)])
    record = fold(session_id, entries, tablets.of_session(work, session_id))
    derived = look(work, record)
    made = line_of(record, derived, derived.next_if_heard_at, locked.line)
    if made == locked.line:
        return True
    if mend:
        sessions.write_line(work, session_id, locked.version, made)
    return False
