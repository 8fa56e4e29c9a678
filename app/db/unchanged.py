"""What a look at a session rests on, told by heads and revisions alone: nothing is loaded, nothing worked out.

Every part only grows or never comes back: the session's line and the hash of its stream, the patient's revision, the
course's stream and the versions of its sessions, and all revisions of the clinic's enrolments together.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select

from app.db.tables import enrolments, patients, sessions, streams, tablet_sessions, tablets
from app.db.work import Work
from app.domain.assessment import Status
from app.domain.canonical import Json
from app.domain.instants import to_text_or_none
from app.domain.journal import course_stream


@dataclass(frozen=True, slots=True)
class SessionStands:
    """A session's row without what it holds. `revision`: its header's.

    `next_change_at`: when time may change something, by the session's clocks or as a tablet that has it open falls
    silent. `rests_on`: as long as it is the same, and time has changed nothing, a look is the same.
    """

    revision: int
    version: int
    state: str
    next_change_at: datetime | None
    rests_on: tuple[Json, ...]


_S = sessions.c
_NAMED = select(func.sum(enrolments.c.revision)).where(enrolments.c.clinic_id == bindparam("clinic")).scalar_subquery()
_SILENT_AT = (
    select(func.min(tablets.c.silent_at))
    .join(
        tablet_sessions,
        (tablet_sessions.c.clinic_id == tablets.c.clinic_id) & (tablet_sessions.c.tablet_id == tablets.c.id),
    )
    .where(tablet_sessions.c.clinic_id == bindparam("clinic"), tablet_sessions.c.session_id == bindparam("this"))
    .scalar_subquery()
)
_STANDS = (
    select(
        _S.revision,
        _S.version,
        _S.state,
        _S.next_change_at,
        _SILENT_AT.label("silent_at"),
        _S.status,
        _S.hash,
        _S.course_id,
        patients.c.revision.label("patient"),
        _NAMED.label("named"),
    )
    .join(patients, (patients.c.clinic_id == _S.clinic_id) & (patients.c.id == _S.patient_id))
    .where(_S.clinic_id == bindparam("clinic"), _S.id == bindparam("this"))
)
_COURSE_HEAD = (
    select(streams.c.hash)
    .where(streams.c.clinic_id == bindparam("clinic"), streams.c.stream == bindparam("of_stream"))
    .scalar_subquery()
)
_OF_COURSE = (
    select(_S.id, _S.version, _COURSE_HEAD.label("head"))
    .where(_S.clinic_id == bindparam("clinic"), _S.course_id == bindparam("course"))
    .order_by(_S.id)
)


def stands(work: Work, session_id: UUID) -> SessionStands | None:
    """How a session stands; None where the clinic has none of this id."""
    row = work.first(_STANDS, this=session_id)
    if row is None:
        return None
    course: tuple[Json, ...] = ()
    if row.course_id is not None:
        others = work.all(_OF_COURSE, course=row.course_id, of_stream=course_stream(row.course_id))
        course = tuple((str(one.id), one.version, one.head) for one in others)
    named = None if row.named is None else int(row.named)
    # of a session whose criteria are met a look says when that lapses, which each word of a tablet moves
    lapses = to_text_or_none(row.silent_at) if row.status == Status.MET else None
    rests_on = (row.version, row.hash, row.patient, named, course, lapses)
    next_change_at = min((at for at in (row.next_change_at, row.silent_at) if at is not None), default=None)
    return SessionStands(row.revision, row.version, row.state, next_change_at, rests_on)
