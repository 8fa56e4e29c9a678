"""Openings by break-glass as kept: entries of the clinic that was looked into. The second revision is its review.

That it was ended before its time is a fact of its own under the same id: it comes before the review, or after it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, func, select

from app.db.journal import entry_of
from app.db.tables import journal
from app.db.work import Work
from app.domain.break_glass import Opening, opening_document, opening_from
from app.domain.canonical import Document
from app.domain.journal import Entry, Fact, Kind

_J = journal.c
_KIND = _J.kind == Kind.BREAK_GLASS.value
_ONE = (
    select(journal)
    .where(_J.kind.in_([Kind.BREAK_GLASS.value, Kind.BREAK_GLASS_END.value]))
    .where(_J.clinic_id.in_(bindparam("clinics", expanding=True)), _J.fact_id == bindparam("fact"))
    .order_by(_J.clinic_id, _J.revision)
)
_REVIEW = journal.alias("review")
_END = journal.alias("ending")
_PAGE = (
    select(journal, _REVIEW.c.document.label("review"), _REVIEW.c.by_id.label("reviewer"))
    .add_columns(_REVIEW.c.by_name.label("reviewer_name"), _REVIEW.c.recorded_at.label("reviewed_at"))
    .outerjoin(
        _REVIEW,
        and_(
            _REVIEW.c.clinic_id == _J.clinic_id,
            _REVIEW.c.kind == _J.kind,
            _REVIEW.c.fact_id == _J.fact_id,
            _REVIEW.c.revision == 2,
        ),
    )
    .add_columns(_END.c.recorded_at.label("ended_at"))
    .outerjoin(
        _END,
        and_(
            _END.c.clinic_id == _J.clinic_id,
            _END.c.kind == Kind.BREAK_GLASS_END.value,
            _END.c.fact_id == _J.fact_id,
            _END.c.revision == 1,
        ),
    )
    .where(_KIND, _J.clinic_id == bindparam("clinic"), _J.revision == 1, _J.position > bindparam("place"))
    .order_by(_J.position)
    .limit(bindparam("most"))
)
_WAITING = _PAGE.where(_REVIEW.c.id.is_(None))
_REVIEWED = _PAGE.where(_REVIEW.c.id.is_not(None))
_SINCE = (
    select(func.count())
    .select_from(journal)
    .where(
        _KIND,
        _J.clinic_id == bindparam("clinic"),
        _J.revision == 1,
        _J.by_id == bindparam("who"),
        _J.wall_at > bindparam("since"),
    )
)


@dataclass(frozen=True, slots=True)
class Review:
    """Which lead has looked at it, when by the clinic's clock, and what they wrote."""

    staff_id: UUID | None
    name: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Opened:
    """An opening in the clinic it is of: who opened it, as they were called, when, and why; and its review.

    `ended_at`: when they said that they were done with it, by the clinic's clock; None where they have not.
    """

    id: UUID
    clinic_id: UUID
    opening: Opening
    place: int
    name: str
    role: str
    at: datetime
    reason: str
    ended_at: datetime | None
    review: Review | None


def _opened(entry: Entry, ended_at: datetime | None, review: Review | None) -> Opened:
    return Opened(
        id=UUID(entry.fact_id),
        clinic_id=entry.clinic_id,
        opening=opening_from(entry.document),
        place=entry.position,
        name=entry.by.name,
        role=entry.by.role,
        at=entry.recorded_at,
        reason=entry.reason or "",
        ended_at=ended_at,
        review=review,
    )


def _listed(row: Row[Any]) -> Opened:
    review = None
    if row.review is not None:
        said = opening_from(Entry.read(row.review))
        review = Review(row.reviewer, row.reviewer_name, row.reviewed_at, said.note or "")
    return _opened(entry_of(row), row.ended_at, review)


def find(work: Work, opening_id: UUID) -> Opened | None:
    """The opening of this id in the work's clinic."""
    return next(iter(among(work, opening_id, [work.clinic_id])), None)


def among(work: Work, opening_id: UUID, clinics: Collection[UUID]) -> list[Opened]:
    """The openings of this id in these clinics, which whoever asks may ask of."""
    if not clinics:
        return []
    found: dict[UUID, list[Entry]] = {}
    for row in work.all_of_every_clinic(_ONE, clinics=list(clinics), fact=str(opening_id)):
        found.setdefault(row.clinic_id, []).append(entry_of(row))
    return [one for held in found.values() for one in _whole(held)]


def _whole(held: Sequence[Entry]) -> Iterator[Opened]:
    """The opening among all the entries of one id in one clinic, its revisions in order."""
    said = [entry for entry in held if entry.kind == Kind.BREAK_GLASS]
    ended = next((entry.recorded_at for entry in held if entry.kind == Kind.BREAK_GLASS_END), None)
    if said:
        yield _opened(said[0], ended, next(map(_review, said[1:]), None))


def _review(entry: Entry) -> Review:
    return Review(entry.by.staff_id, entry.by.name, entry.recorded_at, opening_from(entry.document).note or "")


def page(work: Work, *, reviewed: bool, after: int | None, limit: int) -> list[Opened]:
    """The clinic's next openings, oldest first: those nobody has looked at yet, or those somebody has."""
    return [_listed(row) for row in work.all(_REVIEWED if reviewed else _WAITING, place=after or 0, most=limit)]


def opened_since(work: Work, staff_id: UUID, since: datetime) -> int:
    """How many one person has opened here since then, by the wall clock."""
    row = work.first(_SINCE, who=staff_id, since=since)
    assert row is not None, "a count"
    return int(row[0])


def keep(work: Work, opening_id: UUID, value: Opening, reason: str) -> None:
    """A new opening, in the name of the work's actor."""
    fact = Fact(Kind.BREAK_GLASS, str(opening_id), opening_document(value), reason=reason, patient_id=value.patient_id)
    work.keep(fact)


def review(work: Work, opening_id: UUID, value: Opening) -> None:
    """That the work's actor has looked at it, with their note."""
    document = opening_document(value)
    work.keep(Fact(Kind.BREAK_GLASS, str(opening_id), document, revision=2, patient_id=value.patient_id))


def end(work: Work, opening_id: UUID, patient_id: UUID) -> None:
    """That whoever opened it is done with it."""
    document: Document = {"patient_id": str(patient_id)}
    work.keep(Fact(Kind.BREAK_GLASS_END, str(opening_id), document, patient_id=patient_id))
