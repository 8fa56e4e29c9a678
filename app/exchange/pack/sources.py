"""What a pack is made from: entries of the journal, and nothing beside them but who takes it and when.

Whoever takes a pack and whoever checks one come through here: so a pack says what its entries come to, and no more.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from app.domain.audit import Link
from app.domain.folding import fold
from app.domain.journal import (
    Entry,
    Kind,
    clinic_sheet_stream,
    course_stream,
    patient_stream,
    protocol_stream,
    session_stream,
)
from app.domain.people import Clinic
from app.domain.protocol.decode import decode
from app.domain.records import Kept, SessionHeader, Signer
from app.exchange.fhir import Around
from app.exchange.pack.content import PackContent

_BESIDE = frozenset({Kind.CLINIC, Kind.PROTOCOL, Kind.PROTOCOL_APPROVAL})
"""Kinds that are not of the session's record."""


def streams_of(clinic_id: UUID, session_id: UUID, header: SessionHeader) -> list[str]:
    """The streams that a pack of this session carries, whole, in the order in which it carries them."""
    found = [
        clinic_sheet_stream(clinic_id),
        patient_stream(header.patient_id),
        protocol_stream(header.protocol_id, header.protocol_version),
        session_stream(session_id),
    ]
    if header.course_id is not None:
        found.append(course_stream(header.course_id))
    return sorted(found)


def of_record(entries: Iterable[Entry]) -> list[Entry]:
    """Those that a session's record is folded of."""
    return [entry for entry in entries if entry.kind not in _BESIDE]


def pack_content(
    session_id: UUID, entries: Sequence[Entry], seals: Iterable[Link], at: datetime, by: Signer
) -> PackContent:
    """What these entries come to, as `by` takes it at `at`; they are of the streams that `streams_of` names."""
    [sheet] = [entry for entry in entries if entry.kind == Kind.CLINIC]
    drafts = [entry for entry in entries if entry.kind == Kind.PROTOCOL]
    said = sheet.document
    clinic = Clinic(sheet.clinic_id, said["name"], said["timezone"])
    return PackContent(
        record=fold(session_id, of_record(entries)),
        protocol=decode(drafts[-1].document),
        clinic=clinic,
        demo=said["demo"],
        entries=tuple(entries),
        seals=tuple(seals),
        at=at,
        by=by,
        around=Around(clinic, sheet.recorded_at, _staff(entries)),
    )


def _staff(entries: Iterable[Entry]) -> dict[UUID, Kept[Signer]]:
    """Everybody who wrote one of these entries, as the newest of theirs names them."""
    newest: dict[UUID, Kept[Signer]] = {}
    for entry in sorted(entries, key=lambda one: (one.recorded_at, one.id)):
        if entry.by.staff_id is not None:
            newest[entry.by.staff_id] = Kept(entry.by, entry.revision, entry.by, entry.recorded_at)
    return newest
