"""Sessions: planning one, and reading its whole record."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from app.db import clinics, courses, enrolments, patients, sessions
from app.db.work import Work
from app.domain import keeping
from app.domain.canonical import Document
from app.domain.deciding import decide_sheet
from app.domain.deciding.sheets import check_had_left, check_header, revise
from app.domain.derive import Derived
from app.domain.errors import Conflict, FieldError, NotFound
from app.domain.people import Act, check_may
from app.domain.protocol.values import Protocol
from app.domain.records import Kept, SessionHeader, SessionRecord
from app.services import protocols, seen
from app.services.board import look_version
from app.services.courses import CourseSession, in_order
from app.services.patients import NoSuchPatient
from app.services.readiness import read_and_look, shown
from app.services.session_work import carry_out, plan


class NoSuchCourseOfPatient(NotFound):
    """There is no course under this id for this patient."""

    code = "no-such-course"


class OtherRoute(Conflict):
    """This protocol is for another route."""

    code = "protocol-for-other-route"


def put(work: Work, session_id: UUID, header: SessionHeader, expected: int | None) -> tuple[Kept[SessionHeader], bool]:
    """Plans a session, or revises its header. Returns the sheet as kept, and whether it is new."""
    check_may(work.actor, Act.CHART)
    return keep(work, session_id, header, expected)


def keep(
    work: Work, session_id: UUID, header: SessionHeader, expected: int | None, reason: str | None = None
) -> tuple[Kept[SessionHeader], bool]:
    """As `put`, for whoever has said who may. `reason` is kept with the revision."""
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
    tag: str | None
    """By which this look is known again; see `seen`."""
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


def read(work: Work, session_id: UUID) -> SessionRead:
    """The whole record, audited as read."""
    record, derived = read_and_look(work, session_id, "session.read")
    header = record.header.value
    given = seen.of(work, session_id, derived)
    return SessionRead(
        look_version(given.stands.version, record.patient.revision),
        given.tag,
        given.stands.state,
        record,
        protocols.pinned(work, header),
        derived,
        shown(record, derived),
        in_order(courses.sessions_of(work, header.course_id)) if header.course_id else (),
        enrolments.names(work),
        clinics.installation(work).demo,
    )
