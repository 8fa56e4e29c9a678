"""Session packs: one session's whole record, taken at one instant to be read elsewhere."""

from uuid import UUID

from app.db import chains, journal
from app.db.work import Work
from app.domain.canonical import digest
from app.domain.people import Act, check_may
from app.exchange.pack import PackContent, content_document, pack_content, streams_of
from app.services.readiness import load


def take(work: Work, session_id: UUID, part: str) -> PackContent:
    """Everything a pack is made of; `part` says what of it is asked for. Raises as `readiness.load` does.

    The audit keeps which record was handed out, by its digest.
    """
    check_may(work.actor, Act.PACK_SESSION)
    header = load(work, session_id).header.value
    streams = streams_of(work.clinic_id, session_id, header)
    taken = pack_content(
        session_id,
        [entry for stream in streams for entry in journal.of_stream(work, stream)],
        [link for stream in streams for link in chains.seals_of(work, stream)],
        work.now,
        work.signer,
    )
    work.audit(
        "session.packed",
        subject="session",
        subject_id=session_id,
        session_id=session_id,
        patient_id=header.patient_id,
        after={"part": part, "record_digest": digest(content_document(taken))},
    )
    return taken
