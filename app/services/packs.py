"""Session packs: one session's whole record, taken at one instant to be read elsewhere."""

from collections.abc import Iterable
from uuid import UUID

from app.db import assessments, audit, clinics, courses, session_sheets, sessions, staff
from app.db.work import Work
from app.domain.audit import AuditEvent, Link, session_stream
from app.domain.canonical import digest
from app.domain.people import Act, Staff, check_may
from app.domain.records import Kept, SessionRecord
from app.exchange.fhir import Around, Past
from app.exchange.pack import Taken, content_document
from app.services.protocols import pinned
from app.services.readiness import load


def take(work: Work, session_id: UUID, part: str) -> Taken:
    """Everything a pack is made of; `part` says what of it is asked for. Raises as `readiness.load` does.

    The audit keeps which record was handed out, by its digest.
    """
    check_may(work.actor, Act.PACK_SESSION)
    record = load(work, session_id)
    clinic = clinics.get(work)
    assert clinic is not None, "a session has a clinic"
    stream = session_stream(session_id)
    chain = tuple(audit.entries(work, stream))
    taken = Taken(
        record=record,
        protocol=pinned(work, record.header.value),
        clinic=clinic,
        demo=clinics.installation(work).demo,
        assessments=assessments.all_kept(work, session_id),
        chain=chain,
        seals=audit.seals_of(work, stream),
        at=work.now,
        by=work.signer,
        past=_past(work, record),
        around=Around(clinic, clinics.created_at(work), _staff(work, record, chain)),
    )
    work.audit(
        "session.packed",
        subject="session",
        subject_id=session_id,
        session_id=session_id,
        patient_id=record.header.value.patient_id,
        after={"part": part, "record_digest": digest(content_document(taken))},
    )
    return taken


def _past(work: Work, record: SessionRecord) -> Past:
    course_id = record.header.value.course_id
    return Past(
        headers=sessions.header_history(work, record.id),
        screenings=session_sheets.screenings(work, record.id),
        clearances=session_sheets.clearances(work, record.id),
        course_clearances=courses.clearances(work, course_id) if course_id else (),
        escorts=session_sheets.escorts(work, record.id),
        assessments=assessments.all_kept(work, record.id),
    )


def _staff(
    work: Work, record: SessionRecord, chain: Iterable[tuple[Link, AuditEvent | None]]
) -> dict[UUID, Kept[Staff]]:
    """Everybody who wrote something of this session, as their sheets have them now."""
    sheets = (record.patient, record.course, record.course_clearance)
    named = {event.actor_id for _, event in chain if event} | {sheet.by.staff_id for sheet in sheets if sheet}
    found = ((name, staff.find(work, name)) for name in sorted(named - {None}, key=str) if name)
    return {name: sheet for name, sheet in found if sheet is not None}
