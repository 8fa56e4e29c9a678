"""Patients: a look-up row with names folded for searching, the keys to find it by, every revision in the journal."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, bindparam, delete, insert, or_, select, true, tuple_, update

from app.db import histories, journal
from app.db.refusals import MovedOn
from app.db.tables import patient_keys, patients
from app.db.work import Work
from app.domain.documents import patient_document, patient_from
from app.domain.journal import Fact, Kind
from app.domain.lookalikes import Likeness, keys, likeness
from app.domain.names import beginnings, folded, is_word, number_key
from app.domain.records import Kept, Patient

KIND = Kind.PATIENT
AT_ONCE = 5000
"""Keys of one statement: both engines take more."""

Name = Literal["family", "given"]
_WORD: dict[Name, str] = {"family": "F ", "given": "G "}
"""What the keys of a name's beginnings begin with; those of look-alikes begin with small letters."""
_KEY = patient_keys.c.key
_LAST = "\U0010ffff"
Span = tuple[str, str]
"""Keys from the first on, up to the second without it."""
_APART = re.compile(r"[\s,;/]+")


@dataclass(frozen=True, slots=True)
class PatientCursor:
    """Where a page of a search ended."""

    family: str
    given: str
    id: UUID


_Found = tuple[UUID, Kept[Patient], PatientCursor]


_ONE = (patients.c.clinic_id == bindparam("clinic"), patients.c.id == bindparam("this"))
_ADD = insert(patients)
_REVISE = (
    update(patients)
    .where(*_ONE, patients.c.revision == bindparam("before"))
    .values(
        revision=bindparam("after"),
        family=bindparam("as_family"),
        given=bindparam("as_given"),
        record_number=bindparam("as_record_number"),
        birth_date=bindparam("as_birth_date"),
    )
)

_SEVERAL = select(patients.c.id, patients.c.revision).where(
    patients.c.clinic_id == bindparam("clinic"), patients.c.id.in_(bindparam("these", expanding=True))
)


_ADD_KEYS = insert(patient_keys)
_DROP_KEYS = delete(patient_keys).where(
    patient_keys.c.clinic_id == bindparam("clinic"), patient_keys.c.patient_id == bindparam("this")
)
_COMPARED = (patients.c.id, patients.c.revision, patients.c.family, patients.c.given, patients.c.record_number)
_SHARING = (
    select(patient_keys.c.key, *_COMPARED, patients.c.birth_date)
    .join(
        patients,
        and_(patients.c.clinic_id == patient_keys.c.clinic_id, patients.c.id == patient_keys.c.patient_id),
    )
    .where(patient_keys.c.clinic_id == bindparam("clinic"), patient_keys.c.key.in_(bindparam("these", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A patient who shares a key with somebody, in the newest revision: what of them is compared."""

    id: UUID
    revision: int
    likeness: Likeness


def row_of(patient: Patient) -> dict[str, Any]:
    """What a patient is searched by, folded."""
    of = likeness(patient)
    return {"family": of.family, "given": of.given, "record_number": of.number, "birth_date": of.born}


def keys_of(patient: Patient) -> Iterable[str]:
    """What a patient is found by: the beginnings of the names, and what look-alikes share."""
    yield from keys(likeness(patient))
    yield from named_keys(patient, ("family", "given"))


def named_keys(patient: Patient, columns: Collection[Name]) -> Iterable[str]:
    """The keys of the beginnings of these names."""
    named: dict[Name, tuple[str, ...]] = {
        "family": (patient.family_name,),
        "given": (*patient.given_names, patient.given_name),
    }
    for column in columns:
        for text in named[column]:
            yield from (_WORD[column] + beginning for beginning in beginnings(text))


def find(work: Work, patient_id: UUID) -> Kept[Patient] | None:
    """The newest revision."""
    return journal.newest(work, KIND, patient_id, patient_from)


def several(work: Work, patient_ids: Collection[UUID]) -> dict[UUID, Kept[Patient]]:
    """The newest revision of each of several patients."""
    rows = work.all(_SEVERAL, these=list(patient_ids))
    return journal.newest_of(work, KIND, {row.id: row.revision for row in rows}, patient_from)


def history_page(work: Work, patient_id: UUID, after: int | None, limit: int) -> tuple[Kept[Patient], ...]:
    """The next revisions, oldest first."""
    return histories.page(work, KIND, patient_id, patient_from, after, limit)


def history(work: Work, patient_id: UUID) -> tuple[Kept[Patient], ...]:
    """Every revision, oldest first."""
    return journal.revisions(work, KIND, patient_id, patient_from)


def keep(work: Work, patient_id: UUID, patient: Patient, revision: int, reason: str | None = None) -> None:
    """A new patient (revision 1) or the next revision."""
    row = row_of(patient)
    if revision == 1:
        work.change(_ADD, {"clinic_id": work.clinic_id, "id": patient_id, "revision": 1, **row})
    else:
        values = {"clinic": work.clinic_id, "this": patient_id, "before": revision - 1, "after": revision}
        if work.change(_REVISE, {**values, **{f"as_{key}": row[key] for key in row}}) != 1:
            raise MovedOn
        work.change(_DROP_KEYS, {"clinic": work.clinic_id, "this": patient_id})
    found_by = sorted(set(keys_of(patient)))
    work.change(_ADD_KEYS, [{"clinic_id": work.clinic_id, "key": key, "patient_id": patient_id} for key in found_by])
    document = patient_document(patient)
    work.keep(Fact(KIND, str(patient_id), document, revision, reason=reason, patient_id=patient_id))


def search(
    work: Work, text: str | None, birth_date: date | None, after: PatientCursor | None, limit: int
) -> tuple[list[tuple[UUID, Kept[Patient]]], PatientCursor | None]:
    """Patients whose names or record number hold every word of `text`, ordered by name; and where to go on.

    A text of signs alone names nobody.
    """
    conditions: list[ColumnElement[bool]] = [patients.c.clinic_id == work.clinic_id]
    if text is not None:
        words = [folded(word) for word in _APART.split(text) if is_word(word)]
        if not words:
            return [], None
        for word in words:
            columns = (patients.c.family, patients.c.given, patients.c.record_number)
            conditions.append(or_(*(column.contains(word, autoescape=True) for column in columns)))
    if birth_date is not None:
        conditions.append(patients.c.birth_date == birth_date)
    if after is not None:
        place = tuple_(patients.c.family, patients.c.given, patients.c.id)
        conditions.append(place > tuple_(*_bound(after)))
    rows = _page(work, and_(*conditions), limit + 1)
    found = [(patient_id, kept) for patient_id, kept, _ in rows[:limit]]
    return found, rows[limit - 1][2] if len(rows) > limit else None


def _bound(after: PatientCursor) -> tuple[Any, Any, Any]:
    family = bindparam(None, after.family, type_=patients.c.family.type)
    given = bindparam(None, after.given, type_=patients.c.given.type)
    return family, given, bindparam(None, after.id, type_=patients.c.id.type)


def candidates(work: Work, of: Collection[Likeness]) -> dict[Likeness, tuple[Candidate, ...]]:
    """For each of these, every patient of the clinic who shares a key with them, in the order of their ids.

    Nobody is left out: whoever the rule of look-alikes would name is here (`app.domain.lookalikes.keys`).
    """
    asked = {one: keys(one) for one in of}
    wanted = sorted({key for found in asked.values() for key in found})
    sharing: dict[str, list[Row[Any]]] = defaultdict(list)
    for start in range(0, len(wanted), AT_ONCE):
        for row in work.all(_SHARING, these=wanted[start : start + AT_ONCE]):
            sharing[row.key].append(row)
    return {one: _candidates(row for key in found for row in sharing.get(key, ())) for one, found in asked.items()}


def _candidates(rows: Iterable[Row[Any]]) -> tuple[Candidate, ...]:
    each = {row.id: row for row in rows}
    return tuple(
        Candidate(row.id, row.revision, Likeness(row.family, row.given, row.record_number, row.birth_date))
        for _, row in sorted(each.items())
    )


def revisions(work: Work, these: Mapping[UUID, int]) -> dict[UUID, Kept[Patient]]:
    """The named revision of each of several patients."""
    return journal.newest_of(work, KIND, these, patient_from) if these else {}


def holds(columns: Sequence[Name], texts: Collection[str]) -> ColumnElement[bool]:
    """Patients in whom one of these names holds one of the texts."""
    if not all(is_word(text) for text in texts):
        return true()  # of signs alone the folded columns say nothing
    return or_(*(patients.c[column].contains(folded(text), autoescape=True) for column in columns for text in texts))


def begins(columns: Sequence[Name], texts: Collection[str]) -> ColumnElement[bool]:
    """Keys of patients in whom one of these names, from one of its words on, begins with one of the texts."""
    # ranges, not LIKE: they use the index on both engines
    return or_(*(and_(first <= _KEY, end > _KEY) for first, end in spans(columns, texts)))


def numbered(work: Work, record_number: str) -> list[tuple[UUID, Kept[Patient]]]:
    """Patients of exactly this record number, without regard to case and spacing."""
    like = and_(patients.c.clinic_id == work.clinic_id, patients.c.record_number == folded(record_number))
    wanted = number_key(record_number)
    found = _page(work, like, None)
    return [(this, kept) for this, kept, _ in found if number_key(kept.value.record_number) == wanted]


def spans(columns: Sequence[Name], texts: Collection[str]) -> list[Span]:
    """The spans of keys in which one of these names begins with one of the texts, in order and apart."""
    found: list[Span] = []
    for start in sorted({_WORD[column] + folded(text) for column in columns for text in texts}):
        if not found or not start.startswith(found[-1][0]):
            found.append((start, start + _LAST))
    return found


def _page(work: Work, where: ColumnElement[bool], limit: int | None) -> list[_Found]:
    columns = (patients.c.id, patients.c.revision, patients.c.family, patients.c.given)
    order = (patients.c.family, patients.c.given, patients.c.id)
    rows = work.all(select(*columns).where(where).order_by(*order).limit(limit))
    if not rows:
        return []
    newest = journal.newest_of(work, KIND, {row.id: row.revision for row in rows}, patient_from)
    return [(row.id, newest[row.id], PatientCursor(row.family, row.given, row.id)) for row in rows]
