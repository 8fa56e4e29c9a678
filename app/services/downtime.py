"""Downtime sheets: what a ward charts on by hand while the service is away, one for each session under way."""

import logging
import re
from typing import Any
from uuid import UUID

from app.db import clinics, session_records, sessions
from app.db.sessions import BoardRow
from app.db.work import Work
from app.domain.downtime import Charted, DowntimeSheets, PrintedPatient, UnderWay
from app.domain.protocol.values import Protocol
from app.services import protocols, readiness
from app.services.boards import AT_ONCE, patient_of

log = logging.getLogger(__name__)
WRONG = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What comes of a record that is not as it should be; a database that fails is another matter, and nobody's sheet."""


def blank(work: Work) -> DowntimeSheets:
    """A sheet for each protocol in use, with nothing on it of any patient."""
    clinic = clinics.get(work)
    assert clinic is not None, "work of a clinic"
    return DowntimeSheets(clinic, (), _in_use(work), clinics.installation(work).demo, work.now, work.signer)


def read(work: Work) -> DowntimeSheets:
    """Every session under way, each audited as read, and blank sheets behind them.

    A session whose record cannot be read has a sheet all the same: it keeps nobody else's from being printed.
    """
    found = blank(work)
    under_way: list[UnderWay] = []
    after: UUID | None = None
    while True:
        rows, after = sessions.board(work, "active", after, AT_ONCE)
        under_way += [_read(work, row) for row in rows]
        if after is None:
            break
    under_way.sort(key=lambda one: (_place(one.chair), one.patient.family_name, one.id))
    return DowntimeSheets(found.clinic, tuple(under_way), found.protocols, found.demo, found.at, found.by)


def _place(chair: str | None) -> str:
    """By which chairs are in order: 2 before 10, and who has none behind all."""
    return "\uffff" if chair is None else re.sub(r"[0-9]+", lambda found: found[0].zfill(8), chair.casefold())


def _read(work: Work, row: BoardRow) -> UnderWay:
    subject: dict[str, Any] = {"subject": "session", "subject_id": row.id}
    work.audit("downtime-sheet.read", **subject, session_id=row.id, patient_id=row.patient_id)
    shown = patient_of(work, row)
    patient = PrintedPatient(shown["family_name"], shown["given_name"], shown["birth_date"], shown["record_number"])
    return UnderWay(row.id, patient, (row.line.board or {}).get("chair"), _charted(work, row.id))


def _charted(work: Work, session_id: UUID) -> Charted | None:
    try:
        found = session_records.find(work, session_id)
        assert found is not None, "it is on the board"
        record = found.record
        return Charted(record, protocols.pinned(work, record.header.value), readiness.look(work, record))
    except WRONG as error:
        log.error("downtime-sheet-unreadable", extra={"kind": type(error).__name__, "session": str(session_id)})
        return None


def _in_use(work: Work) -> tuple[Protocol, ...]:
    """The newest approved version of each protocol."""
    newest = {row.protocol_id: row for row in protocols.all_versions(work) if row.approvals}
    return tuple(protocols.parsed(row) for row in newest.values())
