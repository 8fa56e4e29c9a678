"""What looks at sessions rest on, told by heads and revisions alone: nothing is loaded, nothing worked out.

Every part only grows or never comes back: the session's line and the hash of its stream, the patient's revision, the
course's stream and the versions of its sessions, and all revisions of the clinic's enrolments together.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, bindparam, cast, func, literal, select

from app.db.tables import enrolments, patients, sessions, streams, tablet_sessions, tablets
from app.db.work import NIL, Work
from app.domain.assessment import Status
from app.domain.canonical import Json
from app.domain.instants import to_text_or_none
from app.domain.journal import course_stream, session_of, session_stream


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
    .where(tablet_sessions.c.clinic_id == bindparam("clinic"), tablet_sessions.c.session_id == _S.id)
    .correlate(sessions)
    .scalar_subquery()
)
_STANDS = (
    select(
        _S.id,
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
    .where(_S.clinic_id == bindparam("clinic"), _S.id.in_(bindparam("these", expanding=True)))
)
_COURSE = streams.alias("course_streams")
_OF_A_COURSE = course_stream(NIL).removesuffix(str(NIL))
_OF_COURSES = (
    select(_S.id, _S.course_id, _S.version, _COURSE.c.hash.label("head"))
    .join(
        _COURSE,
        (_COURSE.c.clinic_id == _S.clinic_id)
        & (_COURSE.c.stream == literal(_OF_A_COURSE, Text) + cast(_S.course_id, Text)),
        isouter=True,
    )
    .where(_S.clinic_id == bindparam("clinic"), _S.course_id.in_(bindparam("courses", expanding=True)))
    .order_by(_S.course_id, _S.id)
)
_HEADS = select(streams.c.stream, streams.c.hash).where(
    streams.c.clinic_id == bindparam("clinic"), streams.c.stream.in_(bindparam("these", expanding=True))
)
_SESSION_HEADS = select(_S.id, _S.hash).where(
    _S.clinic_id == bindparam("clinic"), _S.id.in_(bindparam("these", expanding=True))
)


def stands(work: Work, session_id: UUID) -> SessionStands | None:
    """How a session stands; None where the clinic has none of this id."""
    return stands_of(work, [session_id]).get(session_id)


def stands_of(work: Work, session_ids: Sequence[UUID]) -> dict[UUID, SessionStands]:
    """How each of these sessions stands: one statement for all, and one more where any is of a course."""
    rows = work.all(_STANDS, these=session_ids)
    of_course: dict[UUID | None, list[Json]] = defaultdict(list)
    if courses := sorted({row.course_id for row in rows if row.course_id is not None}):
        for one in work.all(_OF_COURSES, courses=courses):
            of_course[one.course_id].append((str(one.id), one.version, one.head))
    return {row.id: _stands(row, tuple(of_course.get(row.course_id, ()))) for row in rows}


def _stands(row: Row[Any], course: tuple[Json, ...]) -> SessionStands:
    named = None if row.named is None else int(row.named)
    # of a session whose criteria are met a look says when that lapses, which each word of a tablet moves
    lapses = to_text_or_none(row.silent_at) if row.status == Status.MET else None
    rests_on = (row.version, row.hash, row.patient, named, course, lapses)
    next_change_at = min((at for at in (row.next_change_at, row.silent_at) if at is not None), default=None)
    return SessionStands(row.revision, row.version, row.state, next_change_at, rests_on)


def heads_of(work: Work, names: Sequence[str]) -> dict[str, str]:
    """Of each of these streams the hash that covers all that it holds; those that hold nothing are left out."""
    sessions_named = [this for this in map(session_of, names) if this is not None]
    others = [name for name in names if session_of(name) is None]
    found: dict[str, str] = {}
    if sessions_named:
        found |= {session_stream(row.id): row.hash for row in work.all(_SESSION_HEADS, these=sessions_named)}
    if others:
        found |= {row.stream: row.hash for row in work.all(_HEADS, these=others)}
    return found
