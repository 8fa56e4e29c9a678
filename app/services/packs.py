"""Session packs: one session's whole record, taken at one instant to be read elsewhere."""

from uuid import UUID

from app.db import assessments, audit, clinics
from app.db.work import Work
from app.domain.audit import session_stream
from app.domain.canonical import digest
from app.domain.people import Act, check_may
from app.exchange.pack import Taken, content_document
from app.services.protocols import pinned
from app.services.readiness import load


def take(work: Work, session_id: UUID, part: str) -> Taken:
    """Everything a pack is made of; `part` says what of it is asked for. Raises as `readiness.load` does.

    The audit keeps which record was handed out, by its digest.
    """
    check_may(work.actor, Act.EXPORT_RECORD)
    record = load(work, session_id)
    clinic = clinics.get(work)
    assert clinic is not None, "a session has a clinic"
    stream = session_stream(session_id)
    taken = Taken(
        record=record,
        protocol=pinned(work, record.header.value),
        clinic=clinic,
        demo=clinics.installation(work).demo,
        assessments=assessments.all_kept(work, session_id),
        chain=tuple(audit.entries(work, stream)),
        seals=audit.seals_of(work, stream),
        at=work.now,
        by=work.signer,
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
