"""Look-up rows as the journal would have them, to be held against those that stand: rows are compared column by column.

Of a stream's row only its head is made from the journal: how far it is numbered and sealed is bookkeeping of its own
(`app.db.bookkeeping`). What no entry tells (a password's or a link's hash, a tablet's key) is not looked at, and never
made.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, func, insert, select, update

from app.db import clients, enrolments, staff
from app.db import journal as entries
from app.db.patients import keys_of, row_of
from app.db.tables import clients as client_rows
from app.db.tables import (
    clinics,
    courses,
    identities,
    journal,
    patient_keys,
    patients,
    protocol_approvals,
    protocol_versions,
    providers,
    sessions,
    streams,
    usernames,
)
from app.db.tables import enrolments as enrolment_rows
from app.db.tables import staff as staff_rows
from app.db.tables import walls as wall_rows
from app.db.work import Work
from app.domain.canonical import digest
from app.domain.documents import Misfit, course_from, header_from, patient_from
from app.domain.journal import Entry, Kind, session_stream

UNREADABLE = (KeyError, ValueError, TypeError, AttributeError, Misfit)
"""What reading an entry's document raises where it is not what was kept."""
Row = dict[str, Any]
Key = tuple[Any, ...]
_NEWEST = (
    select(journal.c.fact_id, func.max(journal.c.revision).label("revision"))
    .where(journal.c.clinic_id == bindparam("clinic"), journal.c.kind == bindparam("of_kind"))
    .group_by(journal.c.fact_id)
    .subquery()
)
_NEWEST_ENTRIES = (
    select(journal)
    .join(_NEWEST, (journal.c.fact_id == _NEWEST.c.fact_id) & (journal.c.revision == _NEWEST.c.revision))
    .where(journal.c.clinic_id == bindparam("clinic"), journal.c.kind == bindparam("of_kind"))
    .order_by(journal.c.fact_id)
)
_OF_KIND = (
    select(journal)
    .where(journal.c.clinic_id == bindparam("clinic"), journal.c.kind == bindparam("of_kind"))
    .order_by(journal.c.fact_id, journal.c.revision)
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


@dataclass(frozen=True, slots=True)
class _Projection:
    """A table of which each row follows from entries: its key, and what its row says."""

    table: Table
    key: tuple[str, ...]
    kind: Kind
    row: Callable[[Entry], tuple[Key, Row]]
    all_revisions: bool = False

    @property
    def mended(self) -> bool:
        """Whether its rows are made anew. Accounts, clinics and protocols are changed by people alone."""
        return not self.table.info["record"]

    def wanted(self, work: Work) -> dict[Key, Row]:
        """The rows that the journal comes to."""
        statement = _OF_KIND if self.all_revisions else _NEWEST_ENTRIES
        return dict(self.row(entries.entry_of(row)) for row in work.all(statement, of_kind=self.kind.value))


def _sheet(read: Callable[[Mapping[str, Any]], Any], row: Callable[[Any], Row]) -> Callable[[Entry], tuple[Key, Row]]:
    """Of a sheet: its id, its revision, and columns of its value."""
    return lambda entry: ((UUID(entry.fact_id),), {"revision": entry.revision, **row(read(entry.document))})


def _clinic(entry: Entry) -> tuple[Key, Row]:
    said = entry.document
    row = {"name": said["name"], "timezone": said["timezone"], "created_at": entry.recorded_at}
    return (entry.clinic_id,), row


def _protocol_key(entry: Entry) -> Key:
    name, _, version = entry.fact_id.rpartition("/")
    return name, int(version)


def _protocol(entry: Entry) -> tuple[Key, Row]:
    said = entry.document
    row = {"revision": entry.revision, "hash": digest(said), "example": said.get("example", False), "document": said}
    return _protocol_key(entry), row


def _approval(entry: Entry) -> tuple[Key, Row]:
    by = entry.by
    row = {"name": by.name, "role": by.role, "approved_at": entry.recorded_at}
    return (*_protocol_key(entry), by.staff_id), row


def _provider(entry: Entry) -> tuple[Key, Row]:
    said = entry.document
    names = ("name", "issuer", "client_id", "private", "in_use")
    return (entry.clinic_id,), {"revision": entry.revision, **{name: said[name] for name in names}}


def _identity(said: Mapping[str, Any]) -> Row:
    return {"issuer": said.get("issuer"), "subject": said.get("subject")}


def _header(value: Any) -> Row:
    return {"patient_id": value.patient_id}


PROJECTIONS = (
    _Projection(clinics, ("id",), Kind.CLINIC, _clinic),
    _Projection(staff_rows, ("id",), Kind.STAFF, _sheet(staff.revision_from, staff.staff_document)),
    _Projection(providers, ("clinic_id",), Kind.PROVIDER, _provider),
    _Projection(identities, ("staff_id",), Kind.IDENTITY, _sheet(dict, _identity)),
    _Projection(wall_rows, ("id",), Kind.WALL, _sheet(dict, dict)),
    _Projection(enrolment_rows, ("id",), Kind.TABLET, _sheet(dict, dict)),
    _Projection(client_rows, ("id",), Kind.CLIENT, _sheet(dict, dict)),
    _Projection(protocol_versions, ("protocol_id", "version"), Kind.PROTOCOL, _protocol),
    _Projection(
        protocol_approvals, ("protocol_id", "version", "staff_id"), Kind.PROTOCOL_APPROVAL, _approval,
        all_revisions=True,
    ),
    _Projection(patients, ("id",), Kind.PATIENT, _sheet(patient_from, row_of)),
    _Projection(courses, ("id",), Kind.COURSE, _sheet(course_from, lambda value: {"patient_id": value.patient_id})),
    _Projection(sessions, ("id",), Kind.SESSION, _sheet(header_from, _header)),
)  # fmt: skip
"""A session's `revision` stands in its line too, where it is made anew with the rest."""
assert enrolments.KIND is Kind.TABLET
assert clients.KIND is Kind.CLIENT


def _of(table: Table) -> Any:
    own = table.c.id if table is clinics else table.c.clinic_id
    return select(table).where(own == bindparam("clinic"))


def _rows(work: Work, one: _Projection, *, mend: bool) -> Iterator[str]:
    try:
        wanted = one.wanted(work)
    except UNREADABLE:
        yield f"{one.table.name} : an entry of the kind {one.kind} cannot be read"
        return
    columns = tuple(next(iter(wanted.values()), {}))
    standing = {
        tuple(getattr(row, name) for name in one.key): {name: getattr(row, name) for name in columns}
        for row in work.all(_of(one.table))
    }
    for key in sorted(wanted.keys() | standing.keys(), key=str):
        made, there = wanted.get(key), standing.get(key)
        if made == there:
            continue
        named = "/".join(map(str, key))
        yield f"{one.table.name} {named}: {_differing(made, there)}"
        if mend and made is not None and (there is not None or one.table is not sessions):
            _mend(work, one, key, made, there=there is not None)


def _differing(made: Row | None, there: Row | None) -> str:
    """In which way a row is not what the journal comes to."""
    if there is None:
        return "it is missing"
    if made is None:
        return "it was added"
    return ", ".join(name for name in made if made[name] != there[name])


def _mend(work: Work, one: _Projection, key: Key, made: Row, *, there: bool) -> None:
    ours = {} if one.table is clinics else {"clinic_id": work.clinic_id}
    place = ours | dict(zip(one.key, key, strict=True))
    if there:
        where = [one.table.c[name] == value for name, value in place.items()]
        work.change(update(one.table).where(*where).values(made), {})
    else:
        work.change(insert(one.table), {**place, **made})


def _usernames(work: Work) -> Iterator[str]:
    wanted = {row.id: staff.folded(row.username) for row in work.all(_of(staff_rows))}
    standing: dict[UUID, list[str]] = {}
    for row in work.all(_of(usernames)):
        standing.setdefault(row.staff_id, []).append(row.username)
    for this in sorted(wanted.keys() | standing.keys()):
        if standing.get(this) != [wanted.get(this)]:
            yield f"usernames {this}: username"


def _keys(work: Work, *, mend: bool) -> Iterator[str]:
    try:
        wanted = {
            UUID(row.fact_id): sorted(set(keys_of(patient_from(Entry.read(row.document)))))
            for row in work.all(_NEWEST_ENTRIES, of_kind=Kind.PATIENT.value)
        }
    except UNREADABLE:
        return  # said of the patients already
    standing: dict[UUID, list[str]] = {}
    for row in work.all(_of(patient_keys)):
        standing.setdefault(row.patient_id, []).append(row.key)
    for this in sorted(wanted.keys() | standing.keys()):
        keys = wanted.get(this, [])
        if sorted(standing.get(this, [])) == keys:
            continue
        yield f"patient_keys {this}: key"
        if mend:
            one = (patient_keys.c.clinic_id == work.clinic_id, patient_keys.c.patient_id == this)
            work.change(delete(patient_keys).where(*one), {})
            if made := [{"clinic_id": work.clinic_id, "key": key, "patient_id": this} for key in keys]:
                work.change(insert(patient_keys), made)


def _heads(work: Work, *, mend: bool) -> Iterator[str]:
    standing = {row.stream: (row.position, row.hash) for row in work.all(_of(streams))}
    ids = {session_stream(row.id): row.id for row in work.all(_of(sessions))}
    standing |= {session_stream(row.id): (row.position, row.hash) for row in work.all(_of(sessions))}
    empty = set(standing)
    for head in work.all(_HEADS):
        empty.discard(head.stream)
        row = work.first(_HASH, of_stream=head.stream, at_position=head.position)
        assert row is not None, "it has just been read"
        if standing.get(head.stream) == (head.position, row.hash):
            continue
        yield f"head of {head.stream}: {'position, hash' if head.stream in standing else 'it is missing'}"
        if mend and head.stream in ids:
            one = (sessions.c.clinic_id == work.clinic_id, sessions.c.id == ids[head.stream])
            work.change(update(sessions).where(*one).values(position=head.position, hash=row.hash), {})
        elif mend:
            one = (streams.c.clinic_id == work.clinic_id, streams.c.stream == head.stream)
            work.change(update(streams).where(*one).values(position=head.position, hash=row.hash), {})
    for stream in sorted(empty):
        yield f"head of {stream}: it was added"


def differences(work: Work, *, mend: bool) -> list[str]:
    """What of the look-up rows and heads is not what the journal says; `mend`: made anew, of what is ever made anew."""
    looked_at = [one for one in PROJECTIONS if one.mended or not mend]
    return [
        *(found for one in looked_at for found in _rows(work, one, mend=mend)),
        *(() if mend else _usernames(work)),
        *_keys(work, mend=mend),
        *_heads(work, mend=mend),
    ]
