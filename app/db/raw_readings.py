"""Readings as they lie there, for whoever has a great many to tell and need not look into most of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, bindparam, select, type_coerce

from app.db import voids
from app.db.session_histories import VOIDS
from app.db.tables import readings
from app.db.work import Work
from app.domain.documents import reading_from
from app.domain.readings import Reading
from app.domain.records import Kept, ReadingHistory, Signer, Void


@dataclass(frozen=True, slots=True)
class RawRevision:
    """One revision of a reading as it lies there: nothing of its document has been read."""

    id: UUID
    revision: int
    document: str
    recorded_at: datetime
    by: Signer
    tablet_id: UUID | None
    reason: str | None

    def parsed(self) -> Kept[Reading]:
        """As everybody else reads it."""
        reading = reading_from(json.loads(self.document))
        return Kept(reading, self.revision, self.by, self.recorded_at, self.tablet_id, self.reason)


_R = readings.c
_RAW = (
    select(
        _R.session_id,
        _R.id,
        _R.revision,
        type_coerce(_R.document, Text),
        _R.recorded_at,
        _R.by_id,
        _R.by_name,
        _R.by_role,
        _R.tablet_id,
        _R.reason,
    )
    .where(_R.clinic_id == bindparam("clinic"), _R.session_id.in_(bindparam("these", expanding=True)))
    .order_by(_R.session_id, _R.id, _R.revision)
)


@dataclass(frozen=True, slots=True)
class RawReading:
    """Every revision of one reading as it lies there, oldest first, and its void."""

    revisions: tuple[RawRevision, ...]
    void: Kept[Void] | None

    def parsed(self) -> ReadingHistory:
        """As everybody else reads it."""
        return ReadingHistory(tuple(one.parsed() for one in self.revisions), self.void)

    def as_of(self, instant: datetime) -> "RawReading | None":
        """As it stood then; None where it had not arrived."""
        void = self.void if self.void is None or self.void.recorded_at <= instant else None
        revisions = self.revisions
        if revisions[-1].recorded_at > instant:
            revisions = tuple(one for one in revisions if one.recorded_at <= instant)
        if not revisions:
            return None
        return self if void is self.void and revisions is self.revisions else RawReading(revisions, void)


def raw_readings(work: Work, these: Sequence[UUID]) -> dict[UUID, list[RawReading]]:
    """The readings of these sessions, for whoever has many to tell and need not look into most of them."""
    void = {row.fact_id: voids.kept_void(row) for row in work.all(VOIDS, these=list(these)) if row.kind == "reading"}
    signers: dict[tuple[UUID | None, str, str], Signer] = {}
    found: dict[UUID, dict[UUID, list[RawRevision]]] = {}
    for row in work.all(_RAW, these=list(these)):
        session_id, this, revision, document, at, by_id, by_name, by_role, tablet_id, reason = tuple(row)
        by = signers.get((by_id, by_name, by_role))
        if by is None:
            by = signers[by_id, by_name, by_role] = Signer(by_id, by_name, by_role)
        raw = RawRevision(this, revision, document, at, by, tablet_id, reason)
        found.setdefault(session_id, {}).setdefault(this, []).append(raw)
    return {
        session_id: [RawReading(tuple(revisions), void.get(this)) for this, revisions in of_session.items()]
        for session_id, of_session in found.items()
    }
