"""Session packs: one session's whole record, taken at one instant to be read elsewhere."""

from collections.abc import Iterable
from uuid import UUID

from app.db import chains, clinics, session_records, staff
from app.db.session_records import Whose
from app.db.work import Work
from app.domain.canonical import digest
from app.domain.journal import Entry
from app.domain.people import Act, Staff, check_may
from app.domain.records import Kept
from app.exchange.fhir import Around
from app.exchange.pack import PackContent, content_document
from app.services.protocols import pinned
from app.services.readiness import load


def take(work: Work, session_id: UUID, part: str) -> PackContent:
    """Everything a pack is made of; `part` says what of it is asked for. Raises as `readiness.load` does.

    The audit keeps which record was handed out, by its digest.
    """
    check_may(work.actor, Act.PACK_SESSION)
    record = load(work, session_id)
    clinic = clinics.get(work)
    assert clinic is not None, "a session has a clinic"
    whose = Whose(session_id, record.header.value.patient_id, record.header.value.course_id)
    (entries,) = session_records.entries(work, [whose])
    streams = dict.fromkeys(entry.stream for entry in entries)
    taken = PackContent(
        record=record,
        protocol=pinned(work, record.header.value),
        clinic=clinic,
        demo=clinics.installation(work).demo,
        entries=tuple(entries),
        seals=tuple(link for stream in streams for link in chains.seals_of(work, stream)),
        at=work.now,
        by=work.signer,
        around=Around(clinic, clinics.created_at(work), _staff(work, entries)),
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


def _staff(work: Work, entries: Iterable[Entry]) -> dict[UUID, Kept[Staff]]:
    """Everybody who wrote something of this session, its patient or its course, as their sheets have them now."""
    named = {entry.by.staff_id for entry in entries}
    found = ((name, staff.find(work, name)) for name in sorted(named - {None}, key=str) if name)
    return {name: sheet for name, sheet in found if sheet is not None}
