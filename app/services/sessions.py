"""Sessions: planning one, reading its whole record, and the board."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from app.db import clinics, courses, enrolments, patients, sessions, tablets
from app.db.sessions import BoardRow, Listing
from app.db.work import Work
from app.domain import keeping
from app.domain.assessment import Status
from app.domain.canonical import Document
from app.domain.deciding import decide_sheet
from app.domain.deciding.sheets import check_had_left, check_header, revise
from app.domain.derive import Derived
from app.domain.errors import Conflict, FieldError, NotFound
from app.domain.instants import to_text
from app.domain.people import Act, check_may
from app.domain.protocol.values import Protocol
from app.domain.records import Kept, Patient, SessionHeader, SessionRecord
from app.services import protocols
from app.services.courses import CourseSession, in_order
from app.services.patients import NoSuchPatient
from app.services.readiness import look, read_record, shown
from app.services.session_work import carry_out, plan

AT_ONCE = 200
"""Sessions in one look at the board."""


class NoSuchCourseOfPatient(NotFound):
    """There is no course under this id for this patient."""

    code = "no-such-course"


class OtherRoute(Conflict):
    """This protocol is for another route."""

    code = "protocol-for-other-route"


def put(
    work: Work, session_id: UUID, header: SessionHeader, expected: int | None, reason: str | None = None
) -> tuple[Kept[SessionHeader], bool]:
    """Plans a session, or revises its header. Returns the sheet as kept, and whether it is new."""
    check_may(work.actor, Act.CHART)
    check_header(header)
    current = sessions.find_header(work, session_id)
    if current is not None:
        if current.value != header:
            _check_references(work, header)
        done = carry_out(work, session_id, partial(revise, header=header, expected=expected, reason=reason))
        return done.record.header, False
    change = decide_sheet(current, header, expected)
    check_had_left(header, work.now)
    _check_references(work, header)
    protocol = protocols.usable(work, header.protocol_id, header.protocol_version)
    if protocol.route is not header.route:
        raise OtherRoute(errors=[FieldError("protocol", f"this protocol is for {protocol.route.value}")])
    sessions.add(work, session_id, header)
    plan(work, session_id, keeping.header(session_id, header, change.revision, reason))
    return Kept(header, change.revision, work.signer, work.now, work.actor.tablet_id, reason), True


def _check_references(work: Work, header: SessionHeader) -> None:
    if patients.find(work, header.patient_id) is None:
        raise NoSuchPatient(errors=[FieldError("patient_id", "no such patient")])
    if header.course_id is not None:
        course = courses.find(work, header.course_id)
        if course is None or course.value.patient_id != header.patient_id:
            raise NoSuchCourseOfPatient(errors=[FieldError("course_id", "no such course for this patient")])


@dataclass(frozen=True, slots=True)
class SessionRead:
    """One session as read: its version, record and protocol, the readiness shown, its course, and the demo mark."""

    version: int
    state: str
    """As the session's line says: what is shown where it cannot be worked out now."""
    record: SessionRecord
    protocol: Protocol
    derived: Derived
    readiness: Document
    course: tuple[CourseSession, ...]
    tablets: Mapping[UUID, str]
    """What enrolled tablets are called, to be shown beside their ids."""
    demo: bool


def look_version(kept: int, patient: Kept[Patient]) -> int:
    """The version of a look at a session: a later look never has a smaller one, and any change makes it greater.

    Both parts only grow, and a look is read from one snapshot: `kept` counts what was kept under the session's row
    lock, and the patient, who is pinned, has a sheet of their own. Not counted is what belongs to others and decides
    nothing here: the course's plan, clearance and other sessions, the names of tablets, and the two instants that are
    told as of the look.
    """
    return kept + patient.revision


def read(work: Work, session_id: UUID) -> SessionRead:
    """The whole record, audited as read."""
    record = read_record(work, session_id, "session.read")
    header = record.header.value
    derived = look(work, record)
    version, state = sessions.version(work, session_id)
    return SessionRead(
        look_version(version, record.patient),
        state,
        record,
        protocols.pinned(work, header),
        derived,
        shown(record, derived),
        in_order(courses.sessions_of(work, header.course_id)) if header.course_id else (),
        enrolments.names(work),
        clinics.installation(work).demo,
    )


def board(
    work: Work, status: Listing, after: UUID | None, limit: int
) -> tuple[list[dict[str, object]], UUID | None, bool]:
    """Sessions of one status, audited as read; the next cursor; and whether this is a demo's."""
    rows, following = sessions.board(work, status, after, limit)
    work.audit("board.read", subject="board", subject_id=status, after={"sessions": [str(row.id) for row in rows]})
    silent = fallen_silent(work)
    items = [_board_item(row, work.now, silent.get(row.id)) for row in rows]
    return items, following, clinics.installation(work).demo


def follow(work: Work) -> None:
    """Audits that somebody follows the board from now on: every change of it is shown to them."""
    work.audit("board.followed", subject="board", subject_id="active")


def watch(work: Work) -> dict[UUID, dict[str, object]]:
    """Every active session of the clinic, for those who follow the board (audited where each of them began)."""
    items: dict[UUID, dict[str, object]] = {}
    after: UUID | None = None
    silent = fallen_silent(work)
    while True:
        rows, after = sessions.board(work, "active", after, AT_ONCE)
        items |= {row.id: _board_item(row, work.now, silent.get(row.id)) for row in rows}
        if after is None:
            return items


def fallen_silent(work: Work) -> dict[UUID, datetime]:
    """The sessions in which a tablet counts as silent by now, and since when, where that is not kept yet."""
    found: dict[UUID, datetime] = {}
    for tablet in tablets.silent_here(work):
        for session_id, at in tablet.since().items():
            if at <= work.now:
                found[session_id] = min(at, found.get(session_id, at))
    return found


def _board_item(row: BoardRow, now: datetime, silent_at: datetime | None) -> dict[str, object]:
    patient, header, line = row.patient.value, row.header, row.line
    # where all is met, whatever time changes next ends it
    lapses_at = line.next_change_at if line.status == Status.MET else None
    # what time or silence has ended is not met, whether or not anybody has come to keep that
    ended = [at for at in (lapses_at, silent_at) if at is not None and at <= now and line.status == Status.MET]
    lapsed_at = min(ended, default=None)
    because = (
        f"this session has not been worked out since its flag lapsed at {to_text(lapsed_at)}" if lapsed_at else None
    )
    return {
        "id": row.id,
        "version": look_version(row.version, row.patient),
        "patient": {
            "id": row.patient_id,
            "family_name": patient.family_name,
            "given_name": patient.given_name,
            "given_names": list(patient.given_names),
            "birth_date": patient.birth_date,
            "record_number": patient.record_number,
        },
        "route": header.route.value,
        "chair": header.chair,
        "planned_at": header.planned_at,
        "state": line.state,
        "had_left_at": header.had_left_at,
        "due_at": line.due_at,
        "overdue_at": line.overdue_at,
        "overdue": line.overdue_at is not None and line.overdue_at < now,
        "status": Status.CANNOT_TELL if lapsed_at else line.status,
        "status_since": lapsed_at or line.status_since,
        "status_because": because,
        "lapses_at": lapses_at,
        "digest": line.digest,
        **(line.board or {}),
    }
