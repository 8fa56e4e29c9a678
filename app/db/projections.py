"""Look-up rows as the journal would have them, to be held against those that stand: rows are compared column by column.

Of a stream's row only its head is made from the journal: how far it is numbered and sealed is bookkeeping of its own.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, func, insert, select, update

from app.db import journal as entries
from app.db.patients import keys_of, row_of
from app.db.tables import courses, journal, patient_keys, patients, sessions, streams
from app.db.work import Work
from app.domain.documents import course_from, patient_from
from app.domain.journal import Kind, session_stream

Row = dict[str, Any]
_NEWEST = (
    select(journal.c.fact_id, func.max(journal.c.revision).label("revision"))
    .where(journal.c.clinic_id == bindparam("clinic"), journal.c.kind == bindparam("of_kind"))
    .group_by(journal.c.fact_id)
)
_HEADS = (
    select(journal.c.stream, func.max(journal.c.position).label("position"))
    .where(journal.c.clinic_id == bindparam("clinic"))
    .group_by(journal.c.stream)
)
_HASH = select(journal.c.hash).where(
    journal.c.clinic_id == bindparam("clinic"),
    journal.c.stream == bindparam("of_stream"),
    journal.c.position == bindparam("at_position"),
)


def _newest(work: Work, kind: Kind, read: entries.From[Any], row: Callable[[Any], Row]) -> dict[UUID, Row]:
    wanted = {UUID(found.fact_id): found.revision for found in work.all(_NEWEST, of_kind=kind.value)}
    held = entries.newest_of(work, kind, wanted, read)
    return {this: {"revision": kept.revision, **row(kept.value)} for this, kept in held.items()}


def _standing(work: Work, table: Table, columns: tuple[str, ...]) -> dict[UUID, Row]:
    rows = work.all(select(table).where(table.c.clinic_id == bindparam("clinic")))
    return {row.id: {name: getattr(row, name) for name in columns} for row in rows}


def _rows(work: Work, table: Table, wanted: Mapping[UUID, Row], *, mend: bool) -> Iterator[str]:
    columns = tuple(next(iter(wanted.values()), {}))
    standing = _standing(work, table, columns)
    for this in sorted(wanted.keys() | standing.keys()):
        if wanted.get(this) == standing.get(this):
            continue
        yield f"{table.name} {this}"
        if mend and this in wanted and this in standing:
            one = (table.c.clinic_id == work.clinic_id, table.c.id == this)
            work.change(update(table).where(*one).values(wanted[this]), {})
        elif mend and this in wanted:
            work.change(insert(table), {"clinic_id": work.clinic_id, "id": this, **wanted[this]})


def _keys(work: Work, *, mend: bool) -> Iterator[str]:
    newest = _newest(work, Kind.PATIENT, patient_from, lambda value: {"keys": sorted(set(keys_of(value)))})
    wanted: dict[UUID, list[str]] = {this: row["keys"] for this, row in newest.items()}
    standing: dict[UUID, list[str]] = {}
    for row in work.all(select(patient_keys).where(patient_keys.c.clinic_id == bindparam("clinic"))):
        standing.setdefault(row.patient_id, []).append(row.key)
    for this, keys in sorted(wanted.items()):
        if sorted(standing.get(this, [])) == keys:
            continue
        yield f"patient_keys {this}"
        if mend:
            one = (patient_keys.c.clinic_id == work.clinic_id, patient_keys.c.patient_id == this)
            work.change(delete(patient_keys).where(*one), {})
            made = [{"clinic_id": work.clinic_id, "key": key, "patient_id": this} for key in keys]
            work.change(insert(patient_keys), made)


def _heads(work: Work, *, mend: bool) -> Iterator[str]:
    standing = {row.stream: (row.position, row.hash) for row in work.all(_of(streams))}
    standing |= {session_stream(row.id): (row.position, row.hash) for row in work.all(_of(sessions))}
    ids = {session_stream(row.id): row.id for row in work.all(_of(sessions))}
    for head in work.all(_HEADS):
        row = work.first(_HASH, of_stream=head.stream, at_position=head.position)
        assert row is not None, "it has just been read"
        if standing.get(head.stream) == (head.position, row.hash):
            continue
        yield f"head of {head.stream}"
        if mend and head.stream in ids:
            one = (sessions.c.clinic_id == work.clinic_id, sessions.c.id == ids[head.stream])
            work.change(update(sessions).where(*one).values(position=head.position, hash=row.hash), {})
        elif mend:
            one = (streams.c.clinic_id == work.clinic_id, streams.c.stream == head.stream)
            work.change(update(streams).where(*one).values(position=head.position, hash=row.hash), {})


def _of(table: Table) -> Any:
    return select(table).where(table.c.clinic_id == bindparam("clinic"))


def differences(work: Work, *, mend: bool) -> list[str]:
    """What of patients, their keys, courses and heads is not what the journal says; `mend`: made anew from it."""
    return [
        *_rows(work, patients, _newest(work, Kind.PATIENT, patient_from, row_of), mend=mend),
        *_keys(work, mend=mend),
        *_rows(
            work,
            courses,
            _newest(work, Kind.COURSE, course_from, lambda value: {"patient_id": value.patient_id}),
            mend=mend,
        ),
        *_heads(work, mend=mend),
    ]
