"""Screening, its signed override, and a clinician's clearance of one session."""

from dataclasses import replace
from uuid import UUID

from app.db import session_sheets
from app.db.work import Work
from app.domain.documents import clearance_document, override_document, screening_document
from app.domain.errors import FieldError, Invalid
from app.domain.people import Act, check_may
from app.domain.records import Clearance, Kept, Screening, ScreeningOverride
from app.domain.screening import present
from app.domain.sessions import Door
from app.services import sheets
from app.services.session_work import kept_now, open_session, settle


class NothingToOverride(Invalid):
    """Only exclusions that the screening found present can be overridden."""

    code = "nothing-to-override"


def put(work: Work, session_id: UUID, screening: Screening, expected: int | None) -> tuple[Kept[Screening], bool]:
    """Keeps the eight answers. Returns the sheet, and whether it is new."""
    check_may(work.actor, Act.CHART)
    session = open_session(work, session_id)
    current = session.record.screening
    change = sheets.decide(current, screening, expected)
    if not change.changed and current is not None:
        return current, False
    session.check(Door.SCREENING)
    session_sheets.keep_screening(work, session_id, screening, change.revision)
    work.audit(
        "screening.kept",
        subject="screening",
        subject_id=session_id,
        session_id=session_id,
        before=screening_document(current.value) if current else None,
        after=screening_document(screening),
        revision=change.revision,
    )
    kept = kept_now(work, screening, revision=change.revision)
    settle(work, session, replace(session.record, screening=kept), arrived=None)
    return kept, change.created


def override(work: Work, session_id: UUID, value: ScreeningOverride) -> tuple[Kept[ScreeningOverride], bool]:
    """Keeps a clinician's signed override. The caller has checked the password. A repeat changes nothing."""
    check_may(work.actor, Act.SIGN)
    session = open_session(work, session_id)
    for held in session.record.overrides:
        if held.value == value and held.by.staff_id == work.actor.staff_id:
            return held, False
    session.check(Door.OVERRIDE)
    found = present(session.record.screening.value.answers) if session.record.screening else []
    if absent := [exclusion for exclusion in value.exclusions if exclusion not in found]:
        raise NothingToOverride(
            errors=[FieldError("exclusions", f"{exclusion.value} was not answered as present") for exclusion in absent]
        )
    session_sheets.keep_override(work, session_id, value, len(session.record.overrides) + 1)
    work.audit(
        "screening.overridden",
        subject="screening",
        subject_id=session_id,
        session_id=session_id,
        after=override_document(value),
        reason=value.reason,
    )
    kept = kept_now(work, value, reason=value.reason)
    record = replace(session.record, overrides=(*session.record.overrides, kept))
    settle(work, session, record, arrived=None)
    return kept, True


def clear(work: Work, session_id: UUID, note: str | None, expected: int | None) -> tuple[Kept[Clearance], bool]:
    """A clinician clears this one session."""
    check_may(work.actor, Act.CLEAR)
    session = open_session(work, session_id)
    current = session.record.clearance
    clearance = Clearance(until=None, note=note)
    change = sheets.decide(current, clearance, expected)
    if not change.changed and current is not None:
        return current, False
    session.check(Door.CLEARANCE)
    session_sheets.keep_clearance(work, session_id, clearance, change.revision)
    work.audit(
        "session.cleared",
        subject="clearance",
        subject_id=session_id,
        session_id=session_id,
        after=clearance_document(clearance),
        revision=change.revision,
    )
    kept = kept_now(work, clearance, revision=change.revision)
    settle(work, session, replace(session.record, clearance=kept), arrived=None)
    return kept, change.created
