"""Patients by the beginning of a name, in the order of the index of names: a page reads what it tells, and no more.

A place is the key somebody was found by and who they are, as one text whose order is that of the index. Whoever can be
found by several of the keys asked for is told at the first of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, tuple_

from app.db.patients import Span, named_keys, spans
from app.db.sheet_histories import Named
from app.db.tables import patient_keys
from app.db.work import NIL, Work
from app.domain.records import Patient

_K = patient_keys.c
_APART = " "
"""Comes before whatever can follow in a name's key, so that places are in the order of their keys."""
_OURS = _K.clinic_id == bindparam("clinic")
_NEXT = select(_K.key, _K.patient_id).order_by(_K.key, _K.patient_id).limit(bindparam("many"))
_IN = _NEXT.where(_OURS, _K.key >= bindparam("first"), _K.key < bindparam("end"))
_BEHIND = _NEXT.where(
    _OURS,
    tuple_(_K.key, _K.patient_id)
    > tuple_(bindparam("from_key", type_=_K.key.type), bindparam("from_id", type_=_K.patient_id.type)),
    _K.key < bindparam("end"),
)


@dataclass(frozen=True, slots=True)
class FoundByName:
    """Somebody, and the key by which they were found."""

    key: str
    id: UUID

    @property
    def place(self) -> str:
        """Where a page goes on behind them."""
        return f"{self.key}{_APART}{self.id}"


def found_at(place: str) -> FoundByName:
    """The place behind which a page goes on. Raises `ValueError` for what does not end in an id."""
    return FoundByName(place[: -len(f"{_APART}{NIL}")], UUID(place[-len(str(NIL)) :]))


def named_after(work: Work, one: Named, after: str | None, limit: int) -> list[FoundByName]:
    """The next so many entries of the index under which the name begins as asked."""
    behind = None if after is None else found_at(after)
    found: list[FoundByName] = []
    for first, end in spans(one.columns, one.texts):
        values: dict[str, Any] = {"end": end, "many": limit - len(found)}
        if behind is not None and behind.key >= end:
            continue
        if behind is not None and behind.key >= first:
            rows = work.all(_BEHIND, **values, from_key=behind.key, from_id=behind.id)
        else:
            rows = work.all(_IN, **values, first=first)
        found += [FoundByName(row.key, row.patient_id) for row in rows]
        if len(found) == limit:
            break
    return found


def first_places(work: Work, one: Named, found: Sequence[FoundByName], sheets: Mapping[UUID, Patient]) -> set[str]:
    """The places of these at which nobody is told a second time: their sheets say who may be found by more keys."""
    within = spans(one.columns, one.texts)
    earlier: dict[FoundByName, list[str]] = {}
    for entry in found:
        keys = named_keys(sheets[entry.id], one.columns)
        if before := [key for key in keys if key < entry.key and _lies_in(key, within)]:
            earlier[entry] = before
    there = _there(work, earlier)
    return {entry.place for entry in found if not any((key, entry.id) in there for key in earlier.get(entry, ()))}


def _lies_in(key: str, within: Sequence[Span]) -> bool:
    return any(first <= key < end for first, end in within)


def _there(work: Work, asked: Mapping[FoundByName, Sequence[str]]) -> set[tuple[str, UUID]]:
    each: list[ColumnElement[bool]] = [
        and_(_K.key.in_(keys), _K.patient_id == entry.id) for entry, keys in asked.items()
    ]
    if not each:
        return set()
    return {(row.key, row.patient_id) for row in work.all(select(_K.key, _K.patient_id).where(_OURS, or_(*each)))}
