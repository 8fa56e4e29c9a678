"""Sessions as their streams hold them: their entries, and the records these come to. One session is a batch of one."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, select

from app.db import tablets
from app.db.journal import entry_of
from app.db.prepared import Prepared
from app.db.recent import recall, remember
from app.db.tables import journal, sessions, streams
from app.db.work import Work
from app.domain.audit import Head
from app.domain.derive import Derived
from app.domain.facts import START
from app.domain.folding import Folding, fold
from app.domain.journal import Entry, Kind, course_stream, patient_stream, session_stream
from app.domain.records import SessionRecord


@dataclass(frozen=True, slots=True)
class Which:
    """Which sessions: all conditions given must hold.

    `changed`: something of it arrived in this span (from, to; each inclusive, None open). `measured`: a reading, an
    event (in force or not) or an arrival lies in this span; with `or_open`, or the session is not closed.
    """

    ids: Collection[UUID] | None = None
    patients: Collection[UUID] | None = None
    changed: tuple[datetime | None, datetime | None] | None = None
    measured: tuple[datetime | None, datetime | None] | None = None
    or_open: bool = False


_S, _J = sessions.c, journal.c


def within(column: ColumnElement[Any], span: tuple[datetime | None, datetime | None]) -> list[ColumnElement[bool]]:
    """The column lies in the span: from, to, each inclusive, None open."""
    first, last = span
    found: list[ColumnElement[bool]] = []
    if first is not None:
        found.append(column >= first)
    if last is not None:
        found.append(column <= last)
    return found


def _conditions(work: Work, which: Which) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_S.clinic_id == work.clinic_id]
    if which.ids is not None:
        found.append(_S.id.in_(list(which.ids)))
    if which.patients is not None:
        found.append(_S.patient_id.in_(list(which.patients)))
    if which.changed is not None:
        arrived = (_J.clinic_id == work.clinic_id, _J.session_id.is_not(None), *within(_J.recorded_at, which.changed))
        found.append(_S.id.in_(select(_J.session_id).where(*arrived)))
    return found


def page(work: Work, which: Which, after: UUID | None, limit: int) -> list[UUID]:
    """The ids of the next `limit` sessions after this one, in order; `measured` is for `search` to look at."""
    where = _conditions(work, which)
    if after is not None:
        where.append(_S.id > after)
    return [row.id for row in work.all(select(_S.id).where(*where).order_by(_S.id).limit(limit))]


_TREATED_SINCE = (
    select(_J.session_id)
    .join(sessions, (_S.clinic_id == _J.clinic_id) & (_S.id == _J.session_id))
    .where(
        _J.clinic_id == bindparam("clinic"),
        _J.kind == Kind.EVENT.value,
        _J.at >= bindparam("since"),
        _S.listing == "closed",
    )
    .group_by(_J.session_id)
    .order_by(func.max(_J.at).desc(), _J.session_id)
)


def treated_since(work: Work, since: datetime) -> list[UUID]:
    """Every closed session of which an event lies at or after `since`, newest first."""
    return [row.session_id for row in work.all(_TREATED_SINCE, since=since)]


_SESSION_OF = select(_J.session_id).where(
    _J.clinic_id == bindparam("clinic"),
    _J.kind == bindparam("of_kind"),
    _J.fact_id == bindparam("fact"),
    _J.revision == 1,
)


def session_of_fact(work: Work, kind: Kind, fact_id: UUID) -> UUID | None:
    """The session that a reading, an event, a confirmation or a notice is of."""
    row = work.first(_SESSION_OF, of_kind=kind.value, fact=str(fact_id))
    return None if row is None else row.session_id


@dataclass(frozen=True, slots=True)
class Whose:
    """A session, whose patient and of which course."""

    id: UUID
    patient_id: UUID
    course_id: UUID | None

    @property
    def streams(self) -> Iterator[str]:
        """Where what its record holds is kept."""
        yield session_stream(self.id)
        yield from self.around

    @property
    def around(self) -> Iterator[str]:
        """Where what its record holds of the patient and the course is kept."""
        yield patient_stream(self.patient_id)
        if self.course_id is not None:
            yield course_stream(self.course_id)


_WHOSE = (
    select(_S.id, _S.patient_id, _S.course_id)
    .where(_S.clinic_id == bindparam("clinic"), _S.id.in_(bindparam("these", expanding=True)))
    .order_by(_S.id)
)
_ONE = select(_S.id, _S.patient_id, _S.course_id, _S.next_change_at, _S.position, _S.hash).where(
    _S.clinic_id == bindparam("clinic"), _S.id == bindparam("this")
)
_ENTRIES = (
    select(journal)
    .where(_J.clinic_id == bindparam("clinic"), _J.stream.in_(bindparam("streams", expanding=True)))
    .order_by(_J.stream, _J.position)
)
_HEADS = Prepared(
    select(streams.c.stream, streams.c.position, streams.c.hash).where(
        streams.c.clinic_id == bindparam("clinic"), streams.c.stream.in_([bindparam("one"), bindparam("other")])
    )
)


def entries(work: Work, whose: Sequence[Whose]) -> list[list[Entry]]:
    """The entries of each of these sessions, its patient's and its course's before its own."""
    these = sorted({stream for one in whose for stream in one.streams})
    found: dict[str, list[Entry]] = {stream: [] for stream in these}
    for row in work.all(_ENTRIES, streams=these) if these else ():
        found[row.stream].append(entry_of(row))
    return [[entry for stream in sorted(one.streams) for entry in found[stream]] for one in whose]


def whose(work: Work, these: Iterable[UUID]) -> list[Whose]:
    """These sessions in the order of their ids; one that the clinic does not have is left out."""
    return [Whose(row.id, row.patient_id, row.course_id) for row in work.all(_WHOSE, these=list(these))]


def load_many(work: Work, these: Sequence[UUID]) -> list[SessionRecord]:
    """The records of these sessions in the order of their ids, without their tablets."""
    found = whose(work, these)
    return [fold(one.id, held) for one, held in zip(found, entries(work, found), strict=True)]


def load(work: Work, session_id: UUID) -> SessionRecord | None:
    """The whole session; None where the clinic has none of this id."""
    found = find(work, session_id)
    return found.record if found else None


def folding(work: Work, one: Whose, head: Head) -> tuple[Folding, Derived | None]:
    """What this session's stream holds up to its head, with what there is of its patient and course.

    Beside it what the stream came to when somebody last looked, where that is remembered.
    """
    own, derived = _of_stream(work, one.id, head)
    found = own.copy()
    for around in _heads(work, one):
        found.join(_of_stream(work, one.id, around)[0])
    return found, derived


def _of_stream(work: Work, session_id: UUID, head: Head) -> tuple[Folding, Derived | None]:
    remembered = recall(work.clinic_id, head)
    if remembered is None:
        held = [entry_of(row) for row in work.all(_ENTRIES, streams=[head.stream])]
        remembered = Folding(session_id, held), None
        if held:
            # by its last entry: others may have kept one more since the head was read
            remember(work.clinic_id, held[-1].head, remembered[0])
    return remembered


def _heads(work: Work, one: Whose) -> Iterator[Head]:
    """Of the patient's stream and the course's, as this work may have moved them itself."""
    around = list(one.around)
    written = {
        row.stream: Head(row.stream, row.position, row.hash)
        for row in work.all(_HEADS, one=around[0], other=around[-1])
    }
    for stream in around:
        yield work.held(stream) or written.get(stream) or Head(stream, 0, START)


@dataclass(frozen=True, slots=True)
class FoundSession:
    """The whole session up to its head.

    `next_if_heard_at`: when time alone next changes something, by its line: were no tablet to fall silent.
    `known`: what it came to when somebody last looked, where that is remembered.
    """

    head: Head
    record: SessionRecord
    next_if_heard_at: datetime | None
    known: Derived | None


def find(work: Work, session_id: UUID) -> FoundSession | None:
    """The session; None where the clinic has none of this id."""
    row = work.first(_ONE, this=session_id)
    if row is None:
        return None
    whose = Whose(row.id, row.patient_id, row.course_id)
    head = Head(session_stream(row.id), row.position, row.hash)
    found, known = folding(work, whose, head)
    return FoundSession(head, found.record(tablets.of_session(work, row.id)), row.next_change_at, known)
