"""Which sessions and patients a search may mean, found by reading a bounded number of rows, however large the record.

Where a condition names few, an index tells them at once. Where it names many, so many are looked at in turn, in the
order of their ids, that a page is soon full; and where it is not, the read says how far it came.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Text, and_, cast, literal, or_, select

from app.db.in_order import rows_after
from app.db.name_search import FoundByName, named_after
from app.db.patients import begins, holds
from app.db.session_records import Which, within
from app.db.sheet_histories import Named, Wanted
from app.db.tables import journal, patient_keys, patients, sessions
from app.db.work import NIL, Work
from app.domain.journal import Kind, patient_stream
from app.domain.names import folded

NARROW = 2000
"""Rows of an index up to which a condition is taken to name few."""
IN_TURN = 200
"""Sessions or patients that one read looks at in turn."""
TIMED = (Kind.READING, Kind.EVENT)
"""What carries an instant of its own."""

Span = tuple[datetime | None, datetime | None]
_OF_A_PATIENT = patient_stream(NIL).removesuffix(str(NIL))
_S, _J, _P, _K = sessions.c, journal.c, patients.c, patient_keys.c


@dataclass(frozen=True, slots=True)
class Sieved:
    """What one read let through, in order of id; `reached`: how far it came where that is not the end of all.

    `hashes`: of sessions, where the read came by them: the hash that covers all that each one's stream holds.
    """

    ids: list[UUID]
    reached: UUID | None = None
    hashes: dict[UUID, str] | None = None


def _next(work: Work, table: Table, where: Iterable[ColumnElement[bool]], after: UUID | None, limit: int) -> list[UUID]:
    more = [table.c.id > after] if after is not None else []
    statement = select(table.c.id).where(table.c.clinic_id == work.clinic_id, *where, *more)
    return [row.id for row in work.all(statement.order_by(table.c.id).limit(limit))]


def _few(work: Work, column: Any, order: Any, *where: ColumnElement[bool]) -> set[Any] | None:
    """What a span of an index names; None where that is too much to be told at once."""
    statement = select(column.label("found")).where(*where).order_by(order).limit(NARROW + 1)
    rows = work.all(statement)
    return None if len(rows) > NARROW else {row.found for row in rows if row.found is not None}


def _in_turn(work: Work, table: Table, where: Iterable[ColumnElement[bool]], after: UUID | None, limit: int) -> Sieved:
    these = _next(work, table, (), after, IN_TURN)
    found = _next(work, table, (table.c.id.in_(these), *where), None, limit) if these else []
    if len(found) == limit:
        return Sieved(found)
    return Sieved(found, these[-1] if len(these) == IN_TURN else None)


# --- sessions --------------------------------------------------------------------------------------------------------


def sessions_after(work: Work, which: Which, after: UUID | None, limit: int) -> Sieved:
    """The next sessions of which something may be meant."""
    if which.changed is None and which.measured is None:
        among = {"id": which.ids, "patient_id": which.patients}
        rows = rows_after(work, sessions, ("id", "hash"), among, after, limit)
        return Sieved([row.id for row in rows], None, {row.id: row.hash for row in rows})
    if which.ids is not None or which.patients is not None:
        named = [] if which.ids is None else [_S.id.in_(list(which.ids))]
        named += [] if which.patients is None else [_S.patient_id.in_(list(which.patients))]
        return Sieved(_next(work, sessions, (*named, *_touched(which)), after, limit))
    near = _near(work, which)
    if near is None:
        return _in_turn(work, sessions, _touched(which), after, limit)
    found = {this for this in near if after is None or this > after}
    if which.or_open:
        for listing in ("planned", "active", "afterwards"):
            found.update(_next(work, sessions, (_S.listing == listing,), after, limit))
    return Sieved(sorted(found)[:limit])


def _near(work: Work, which: Which) -> set[UUID] | None:
    """The sessions in which something lies in a span that is narrow; None where none is."""
    found: list[set[UUID]] = []
    if which.changed is not None and (changed := _arrived(work, which.changed)) is not None:
        found.append(changed)
    if which.measured is not None and (measured := _measured(work, which.measured)) is not None:
        found.append(measured)
    return set.intersection(*found) if found else None


def _arrived(work: Work, span: Span) -> set[UUID] | None:
    clinic = _J.clinic_id == work.clinic_id
    return _few(work, _J.session_id, _J.recorded_at, clinic, *within(_J.recorded_at, span))


def _measured(work: Work, span: Span) -> set[UUID] | None:
    found = _arrived(work, span)
    for kind in TIMED:
        if found is None:
            return None
        where = (_J.clinic_id == work.clinic_id, _J.kind == kind.value, *within(_J.at, span))
        more = _few(work, _J.session_id, _J.at, *where)
        found = None if more is None else found | more
    return found


def _touched(which: Which) -> list[ColumnElement[bool]]:
    """Looks into the one session of the row: a subquery of its own, so that no planner reads all the others'."""
    found: list[ColumnElement[bool]] = []
    if which.changed is not None:
        found.append(_any_entry(*within(_J.recorded_at, which.changed)))
    if which.measured is not None:
        timed = and_(_J.kind.in_([kind.value for kind in TIMED]), *within(_J.at, which.measured))
        near = _any_entry(or_(timed, and_(*within(_J.recorded_at, which.measured))))
        found.append(or_(_S.listing != "closed", near) if which.or_open else near)
    return found


def _any_entry(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    stream = literal("session:", Text) + cast(_S.id, Text)
    entries = select(literal(1)).where(_J.clinic_id == _S.clinic_id, _J.stream == stream, *where)
    return entries.limit(1).correlate(sessions).scalar_subquery().is_not(None)


# --- patients --------------------------------------------------------------------------------------------------------


def patients_after(work: Work, wanted: Wanted, after: UUID | None, limit: int) -> Sieved:
    """The next patients who may be meant, in the order of their ids."""
    plain, where = _sheets(wanted)
    where += [_is_named(one) for one in wanted.names]
    if plain or (not where and wanted.changed is None):
        return Sieved(_next(work, patients, [*plain, *where], after, limit))
    few = [found for found in _named_by_few(work, wanted) if found is not None]
    if not few:
        return _in_turn(work, patients, where, after, limit)
    found = set.intersection(*few)
    return Sieved(_next(work, patients, (_P.id.in_(sorted(found)), *where), after, limit) if found else [])


def leading_name(wanted: Wanted) -> Named | None:
    """The condition by whose index patients are gone through; None where that is not what tells them best."""
    plain, _ = _sheets(wanted)
    return None if plain else next((one for one in wanted.names if not one.within), None)


def patients_by_name(
    work: Work, wanted: Wanted, leading: Named, after: str | None, limit: int
) -> tuple[list[FoundByName], str | None]:
    """The next patients who may be meant, in the order of the index of names; and how far it came, None at its end."""
    _, where = _sheets(wanted)
    where += [_is_named(one) for one in wanted.names if one is not leading]
    if wanted.changed is not None:
        where.append(_is_changed(wanted.changed))
    many = max(limit, IN_TURN) if where else limit
    found = named_after(work, leading, after, many)
    reached = found[-1].place if len(found) == many else None
    if where and found:
        ids = {one.id for one in found}
        meant = set(_next(work, patients, (_P.id.in_(ids), *where), None, len(ids)))
        found = [one for one in found if one.id in meant]
    if len(found) > limit:
        found = found[:limit]
        reached = found[-1].place
    return found, reached


def _sheets(wanted: Wanted) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
    """What the row of a patient says: by an index that tells few, and all else but names."""
    plain: list[ColumnElement[bool]] = [] if wanted.ids is None else [_P.id.in_(list(wanted.ids))]
    if wanted.record_numbers is not None:
        plain.append(_P.record_number.in_([folded(number) for number in wanted.record_numbers]))
    return plain, [] if wanted.birth_dates is None else _dates(wanted.birth_dates)


def _is_changed(span: Span) -> ColumnElement[bool]:
    stream = literal(_OF_A_PATIENT, Text) + cast(_P.id, Text)
    where = (_J.clinic_id == _P.clinic_id, _J.stream == stream, *within(_J.recorded_at, span))
    return select(literal(1)).where(*where).limit(1).correlate(patients).scalar_subquery().is_not(None)


def _dates(span: tuple[date | None, date | None]) -> list[ColumnElement[bool]]:
    first, last = span
    found = [_P.birth_date >= first] if first is not None else []
    return [*found, *([_P.birth_date <= last] if last is not None else [])]


def _named_by_few(work: Work, wanted: Wanted) -> Iterable[set[UUID] | None]:
    """The patients that each condition names which an index can tell."""
    clinic = _K.clinic_id == work.clinic_id
    for one in wanted.names:
        if not one.within:
            yield _few(work, _K.patient_id, _K.key, clinic, begins(one.columns, one.texts))
    if wanted.birth_dates is not None:
        yield _few(work, _P.id, _P.birth_date, _P.clinic_id == work.clinic_id, *_dates(wanted.birth_dates))
    if wanted.changed is not None:
        span = within(_J.recorded_at, wanted.changed)
        yield _few(work, _J.patient_id, _J.recorded_at, _J.clinic_id == work.clinic_id, *span)


def _is_named(one: Named) -> ColumnElement[bool]:
    if one.within:
        return holds(one.columns, one.texts)
    mine = select(literal(1)).where(_K.clinic_id == _P.clinic_id, _K.patient_id == _P.id)
    any_key = mine.where(begins(one.columns, one.texts)).limit(1).correlate(patients)
    return any_key.scalar_subquery().is_not(None)
