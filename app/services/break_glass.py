"""Break-glass: a clinician or lead opens one patient of another clinic of their organisation, with a reason, to read.

For an hour, and on record in both clinics. What was opened waits on that clinic's list until one of its leads has
looked at it. Whatever belongs to another organisation is unknown here, as everywhere.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from app.db import break_glass, patients, session_records
from app.db import sessions as kept_sessions
from app.db.break_glass import Opened
from app.db.clinics import get
from app.db.organisations import sisters
from app.db.work import Work
from app.domain.break_glass import Opening
from app.domain.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Refusal
from app.domain.people import Actor, Clinic
from app.domain.records import Kept, Patient, SessionHeader
from app.domain.texts import NOTE, text_faults
from app.services import sessions
from app.services.patients import NoSuchPatient
from app.services.session_work import NoSuchSession
from app.services.sessions import SessionRead

LASTS = timedelta(minutes=60)
MOST_A_DAY = 20
"""Openings by one person in one clinic within 24 hours."""


class NoSuchClinic(NotFound):
    """Your organisation has no other clinic of this id."""

    code = "no-such-clinic"


class NoSuchOpening(NotFound):
    """There is no opening by break-glass under this id."""

    code = "no-such-opening"


class OpeningIsOver(Forbidden):
    """This is shut: its hour is up, or you have closed it. Who still needs it opens it again, with a reason."""

    code = "opening-is-over"


class OpeningTaken(Conflict):
    """Something else was opened under this id. Open this under another."""

    code = "opening-taken"


class ReviewedAlready(Conflict):
    """Another lead has looked at this already, and what they wrote stays."""

    code = "reviewed-already"


class TooManyOpenings(Refusal):
    """You have opened as many as one person may within a day. Ask that clinic."""

    code = "too-many-openings"
    retry_after = 3600


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Whom somebody wants to see: both identifiers have to be right."""

    record_number: str
    birth_date: date


@dataclass(frozen=True, slots=True)
class OwnOpening:
    """What somebody has opened: from their clinic, in another of its organisation."""

    home: Clinic
    other: Clinic
    opened: Opened


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session of the patient, to be chosen from. `at`: by which instant it stands among the others, if by any."""

    id: UUID
    state: str
    at: datetime | None
    header: SessionHeader


# --- at home ---------------------------------------------------------------------------------------------------------


def sister(work: Work, clinic_id: UUID) -> tuple[Clinic, Clinic]:
    """The actor's clinic, and the other one of its organisation. Raises `NoSuchClinic`."""
    home, (_, others) = get(work), sisters(work)
    for other in others:
        if other.id == clinic_id and home is not None:
            return home, other
    raise NoSuchClinic


def visiting(actor: Actor, home: Clinic, clinic_id: UUID) -> Actor:
    """The actor as that clinic's record calls them. Only reading verbs of this module are theirs there."""
    return Actor(clinic_id, actor.staff_id, f"{actor.name} ({home.name})", actor.role)


def ask(work: Work, opening_id: UUID, clinic_id: UUID, reason: str) -> None:
    """Says at home that the actor is about to open something elsewhere, and why. Raises `Invalid`."""
    _check("reason", reason)
    after = {"clinic": str(clinic_id)}
    work.audit("break-glass.asked", subject="break-glass", subject_id=opening_id, after=after, reason=reason)


def mine(work: Work, opening_id: UUID) -> OwnOpening:
    """What the actor has opened, over or not. Raises `NoSuchOpening`.

    It is looked for in clinics that are of the organisation now: who leaves it shuts everything at once.
    """
    home, (_, others) = get(work), sisters(work)
    there = {other.id: other for other in others}
    openings = break_glass.among(work, opening_id, list(there))
    found = next((one for one in openings if _is_mine(work, one.opening)), None)
    if found is None or home is None:
        raise NoSuchOpening
    return OwnOpening(home, there[found.clinic_id], found)


def opened(work: Work, opening_id: UUID, wall: datetime) -> OwnOpening:
    """What the actor has opened and may read now. Raises `NoSuchOpening`, `OpeningIsOver`."""
    found = mine(work, opening_id)
    if _is_over(found.opened, wall):
        raise OpeningIsOver
    return found


def leave(work: Work, opening_id: UUID, clinic_id: UUID) -> None:
    """Says at home that the actor is done with what they had opened elsewhere."""
    work.audit("break-glass.left", subject="break-glass", subject_id=opening_id, after={"clinic": str(clinic_id)})


def _is_over(found: Opened, wall: datetime) -> bool:
    until = found.opening.until
    return found.ended_at is not None or until is None or wall >= until


def _is_mine(work: Work, opening: Opening) -> bool:
    return (opening.by_clinic_id, opening.by_staff_id) == (work.clinic_id, work.actor.staff_id)


# --- in the other clinic ---------------------------------------------------------------------------------------------


def open_one(
    work: Work, opening_id: UUID, home: Clinic, wanted: Identifiers, reason: str, wall: datetime
) -> tuple[Opened, bool]:
    """Opens a patient for the visitor, and says whether that is new: the same again lasts no longer.

    Raises `NoSuchPatient`, `OpeningTaken`, `TooManyOpenings`.
    """
    staff_id = work.actor.staff_id
    assert staff_id is not None, "a person"
    patient_id = _patient(work, wanted)
    there = break_glass.find(work, opening_id)
    if there is not None:
        same = (there.opening.by_clinic_id, there.opening.by_staff_id, there.opening.patient_id, there.reason)
        if same != (home.id, staff_id, patient_id, reason):
            raise OpeningTaken
        return there, False
    if break_glass.opened_since(work, staff_id, wall - timedelta(days=1)) >= MOST_A_DAY:
        raise TooManyOpenings
    value = Opening(patient_id, None, home.id, home.name, staff_id, wall + LASTS)
    break_glass.keep(work, opening_id, value, reason)
    return _kept(work, opening_id), True


def _patient(work: Work, wanted: Identifiers) -> UUID:
    numbered = patients.numbered(work, wanted.record_number)
    found = [this for this, kept in numbered if kept.value.birth_date == wanted.birth_date]
    if len(found) != 1:
        raise NoSuchPatient("There is no one patient of this record number and birth date in that clinic.")
    return found[0]


def look(work: Work, found: Opened) -> tuple[Kept[Patient], list[SessionLine]]:
    """The patient who was opened, and their sessions; audited as read. Nobody who looks alike is named."""
    patient_id = found.opening.patient_id
    kept = patients.find(work, patient_id)
    if kept is None:
        raise NoSuchPatient
    work.audit("patient.read", subject="patient", subject_id=patient_id, patient_id=patient_id, reason=found.reason)
    headers = kept_sessions.headers_of(work, patient_id)
    lines = {row.id: row.line for row in kept_sessions.these(work, list(headers))}
    return kept, [
        SessionLine(this, lines[this].state, lines[this].at, held[-1].value) for this, held in headers.items()
    ]


def end(work: Work, opening_id: UUID, wall: datetime) -> None:
    """Shuts what the visitor had opened, before its time; what is over stays as it is. Raises `NoSuchOpening`."""
    found = _kept(work, opening_id)
    if _is_over(found, wall):
        return
    work.if_taken(OpeningIsOver)
    break_glass.end(work, opening_id, found.opening.patient_id)
    if _kept(work, opening_id).ended_at is None:
        raise NoSuchOpening


def read_session(work: Work, session_id: UUID, found: Opened) -> SessionRead:
    """One session of the patient who was opened; audited as read. Raises `NoSuchSession` for anybody else's."""
    whose = session_records.whose(work, [session_id])
    if not whose or whose[0].patient_id != found.opening.patient_id:
        raise NoSuchSession
    return sessions.read(work, session_id)


# --- of one's own clinic ---------------------------------------------------------------------------------------------


def open_at_console(work: Work, opening_id: UUID, session_id: UUID, reason: str) -> None:
    """The operator is about to look at a session, and says why. Raises `NoSuchSession`."""
    whose = session_records.whose(work, [session_id])
    if not whose:
        raise NoSuchSession
    value = Opening(whose[0].patient_id, session_id, None, None, None, None)
    break_glass.keep(work, opening_id, value, reason)
    work.audit(
        "break-glass.used",
        subject="session",
        subject_id=session_id,
        session_id=session_id,
        patient_id=whose[0].patient_id,
        reason=reason,
    )


def read_page(work: Work, *, reviewed: bool, after: int | None, limit: int) -> list[Opened]:
    """The clinic's next openings, oldest first; audited as read."""
    work.audit("break-glass.listed", subject="clinic", subject_id=work.clinic_id)
    return break_glass.page(work, reviewed=reviewed, after=after, limit=limit)


def review(work: Work, opening_id: UUID, note: str) -> Opened:
    """A lead has looked at an opening, and says what they think of it. Raises `NoSuchOpening`, `ReviewedAlready`."""
    _check("note", note)
    found = break_glass.find(work, opening_id)
    if found is None:
        raise NoSuchOpening
    if found.review is not None:
        if (found.review.staff_id, found.review.note) != (work.actor.staff_id, note):
            raise ReviewedAlready
        return found
    work.if_taken(ReviewedAlready)
    break_glass.review(work, opening_id, replace(found.opening, note=note))
    kept = _kept(work, opening_id)
    if kept.review is None:
        raise NoSuchOpening
    return kept


def _kept(work: Work, opening_id: UUID) -> Opened:
    found = break_glass.find(work, opening_id)
    if found is None:
        raise NoSuchOpening
    return found


def _check(field: str, text: str) -> None:
    faults: list[FieldError] = text_faults(field, text, longest=NOTE, lines=True)
    if faults:
        raise Invalid(errors=faults)
