"""What the monitoring form asks: of a patient, in the patient's stream; and which nasal sessions may still owe one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, tuple_

from app.db import histories, journal
from app.db.refusals import MovedOn
from app.db.tables import sessions
from app.db.work import Work
from app.domain.documents import form_answers_from, programme_document, programme_from
from app.domain.events import Route
from app.domain.forms import FormAnswers, Programme
from app.domain.journal import Fact, Kind
from app.domain.records import Kept

_S = sessions.c
_DOSED = select(_S.id, _S.at, _S.board).where(
    _S.clinic_id == bindparam("clinic"), _S.at >= bindparam("since"), _S.dose_started_at.is_not(None)
)
_IN_ORDER = (_S.at, _S.id)
_BEHIND = tuple_(*_IN_ORDER) > tuple_(bindparam("at", type_=_S.at.type), bindparam("this", type_=_S.id.type))
_FIRST = _DOSED.order_by(*_IN_ORDER).limit(bindparam("most"))
_NEXT = _DOSED.where(_BEHIND).order_by(*_IN_ORDER).limit(bindparam("most"))


@dataclass(frozen=True, slots=True)
class DosedSession:
    """A session in which a dose began, and by which instant it stands among others."""

    id: UUID
    at: datetime
    nasal: bool


def programme(work: Work, patient_id: UUID) -> Kept[Programme] | None:
    """Whether this patient is enrolled, as it was last said."""
    return journal.newest(work, Kind.PROGRAMME, patient_id, programme_from)


def programmes(work: Work, patient_id: UUID, after: int | None, limit: int) -> tuple[Kept[Programme], ...]:
    """The next revisions of it, oldest first."""
    return histories.page(work, Kind.PROGRAMME, patient_id, programme_from, after, limit)


def keep_programme(work: Work, patient_id: UUID, value: Programme, revision: int) -> None:
    """The next revision."""
    work.if_taken(MovedOn)
    document = programme_document(value)
    work.keep(Fact(Kind.PROGRAMME, str(patient_id), document, revision, patient_id=patient_id))


def answers_of(work: Work, these: Collection[UUID]) -> dict[UUID, Kept[FormAnswers]]:
    """What was last answered for each of these sessions, where anything was."""
    found = journal.FactRevisions(work, these, [Kind.FORM_ANSWERS])
    held = {this: found.of(this, Kind.FORM_ANSWERS, form_answers_from) for this in these}
    return {this: revisions[-1] for this, revisions in held.items() if revisions}


def dosed_since(work: Work, since: datetime, after: DosedSession | None, most: int) -> list[DosedSession]:
    """Sessions in which a dose began, from this instant on, the oldest first; behind `after`."""
    if after is None:
        rows = work.all(_FIRST, since=since, most=most)
    else:
        rows = work.all(_NEXT, since=since, most=most, at=after.at, this=after.id)
    # a line that does not say its route is not taken for another's: whoever loads the session sees
    return [DosedSession(row.id, row.at, (row.board or {}).get("route") in (None, Route.INTRANASAL)) for row in rows]
