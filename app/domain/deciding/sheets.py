"""The sheets of one session: header, screening with its overrides, clearance, escort."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from app.domain import keeping
from app.domain.deciding import SAME_AGAIN, Standing, ToKeep, decide_sheet
from app.domain.errors import Conflict, FieldError, Invalid
from app.domain.facts import Escort, EscortCall
from app.domain.forms import FormAnswers, check_answers
from app.domain.instants import to_text
from app.domain.leaving import is_after, still_here
from app.domain.monitoring import check_intranasal
from app.domain.places import shown
from app.domain.protocol.values import IfWrong, Protocol
from app.domain.records import Clearance, Kept, Screening, ScreeningOverride, SessionHeader, SessionRecord
from app.domain.screening import SameDayAnswer, present
from app.domain.sessions import Door
from app.domain.typed import check_not_future

LIGHTEST_KG, HEAVIEST_KG = 20, 400
"""Kilograms: what a scale can show of a person who walks in; beyond it a point was missed."""
FEWEST_DIGITS = 3
"""Of a phone number: one within a house may be as short."""
PINNED = ("patient_id", "route", "protocol_id", "protocol_version")


class BadSession(Invalid):
    """Something about the session cannot be right."""

    code = "bad-session"


class Pinned(Conflict):
    """Patient, route and protocol are pinned when the session is put: cancel it and plan another."""

    code = "session-pinned"


class NothingToClear(Invalid):
    """Only items of the same-day check that ask for a clinician now can be cleared."""

    code = "nothing-to-clear"


class NothingToOverride(Invalid):
    """Only exclusions that the screening found present, and items answered wrongly, can be overridden."""

    code = "nothing-to-override"


def check_header(header: SessionHeader) -> None:
    """Raises `BadSession`. The weight's bounds are the hard ones of the clinical reference."""
    if header.weight_kg is not None and not LIGHTEST_KG <= header.weight_kg <= HEAVIEST_KG:
        said = f"{header.weight_kg} is impossible (possible: {LIGHTEST_KG} to {HEAVIEST_KG}): type it again"
        raise BadSession(errors=[FieldError("weight_kg", said)])


def check_had_left(header: SessionHeader, now: datetime) -> None:
    """Raises where the leaving that the session says lies ahead."""
    if header.had_left_at is not None:
        check_not_future("had_left_at", header.had_left_at, now)


def _check_gone(session: Standing, left: datetime) -> None:
    here = next(still_here(session.record, left), None)
    if here is not None:
        said = f"the patient was still here: {here}. Correct that first, or this time"
        raise BadSession(errors=[FieldError("had_left_at", said)])


def revise(session: Standing, header: SessionHeader, expected: int | None, reason: str | None) -> ToKeep:
    """The next revision of what is planned; what is pinned stays."""
    current = session.record.header
    change = decide_sheet(current, header, expected)
    if not change.changed:
        return SAME_AGAIN
    session.check(Door.HEADER)
    moved = [name for name in PINNED if getattr(current.value, name) != getattr(header, name)]
    if moved:
        raise Pinned(errors=[FieldError(name, "pinned when the session was put") for name in moved])
    check_had_left(header, session.asked_at)
    if header.had_left_at is not None and header.had_left_at != current.value.had_left_at:
        _check_gone(session, header.had_left_at)
    return ToKeep((keeping.header(session.id, header, change.revision, reason),))


def screen(session: Standing, screening: Screening, expected: int | None) -> ToKeep:
    """The eight answers, and those of the same-day check with when it was asked."""
    change = decide_sheet(session.record.screening, screening, expected)
    if not change.changed:
        return SAME_AGAIN
    session.check(Door.SCREENING)
    if faults := list(_same_day_faults(session.protocol, screening)):
        raise BadSession(errors=faults)
    if screening.asked_at is not None:
        check_not_future("asked_at", screening.asked_at, session.asked_at)
    return ToKeep((keeping.screening(session.id, screening, change.revision),))


def _same_day_faults(protocol: Protocol, screening: Screening) -> Iterator[FieldError]:
    items = protocol.same_day.items if protocol.same_day else {}
    known = ", ".join(items) or "none, it has no same-day check"
    for name in screening.same_day:
        if name not in items:
            yield FieldError(f"same_day.{shown(name)}", f"is not asked by this session's protocol; known: {known}")
    if screening.same_day and screening.asked_at is None:
        yield FieldError("asked_at", "is missing: say when the same-day check was asked")
    if not screening.same_day and screening.asked_at is not None:
        yield FieldError("asked_at", "says when nothing was asked: give the answers in same_day, or leave it out")


def _wrong(record: SessionRecord, protocol: Protocol, *these: IfWrong) -> set[str]:
    """The items of the same-day check that were answered wrongly, and whose wrong answer does one of these."""
    answers = record.screening.value.same_day if record.screening else {}
    items = protocol.same_day.items if protocol.same_day else {}
    return {name for name, item in items.items() if item.if_wrong in these and answers.get(name) is SameDayAnswer.WRONG}


def override(session: Standing, value: ScreeningOverride) -> ToKeep:
    """A clinician's signed override; one that this clinician gave already changes nothing."""
    record = session.record
    if any(held.value.says_as(value) and held.by.staff_id == session.by.staff_id for held in record.overrides):
        return SAME_AGAIN
    session.check(Door.OVERRIDE)
    found = present(record.screening.value.answers) if record.screening else []
    wrong = _wrong(record, session.protocol, IfWrong.ASK_CLINICIAN, IfWrong.STOP)
    faults = [
        FieldError("exclusions", f"{exclusion.value} was not answered as present")
        for exclusion in value.exclusions
        if exclusion not in found
    ]
    faults += [
        FieldError("same_day", f"{shown(name)} stops nothing now") for name in value.same_day if name not in wrong
    ]
    if faults:
        raise NothingToOverride(errors=faults)
    return ToKeep((keeping.override(session.id, value, len(record.overrides) + 1),))


def clear(session: Standing, note: str | None, same_day: tuple[str, ...], expected: int | None) -> ToKeep:
    """A clinician clears this one session, and with it these items of its same-day check."""
    clearance = Clearance(until=None, note=note, same_day=same_day)
    change = decide_sheet(session.record.clearance, clearance, expected)
    if not change.changed:
        return SAME_AGAIN
    session.check(Door.CLEARANCE)
    asks = _wrong(session.record, session.protocol, IfWrong.ASK_CLINICIAN)
    if strange := [name for name in same_day if name not in asks]:
        said = "asks for no clinician now: it was not answered wrongly, or its wrong answer does something else"
        raise NothingToClear(errors=[FieldError("same_day", f"{shown(name)} {said}") for name in strange])
    return ToKeep((keeping.clearance(session.id, clearance, change.revision),))


def escort(session: Standing, offered: Escort, expected: int | None) -> ToKeep:
    """Who takes the patient home. Present without a time means present now.

    A repeat that leaves the time out changes nothing; with If-Match it is a new sighting, and means now.
    """
    current = session.record.escort
    _check_seen_before_leaving(session, offered, current, expected)
    seen = _seen(session, offered, current, expected)
    change = decide_sheet(current, seen, expected)
    if not change.changed:
        return SAME_AGAIN
    session.check(Door.ESCORT)
    _check_call(session, seen.phone)
    if seen.present_at is not None:
        check_not_future("present_at", seen.present_at, session.asked_at)
    kept = replace(seen, revision=change.revision)
    return ToKeep((keeping.escort(session.id, kept),), "a change of the escort")


def _check_call(session: Standing, call: EscortCall | None) -> None:
    if call is None:
        return
    if not session.protocol.escort_by_phone:
        raise BadSession(errors=[FieldError("phone", "this session's protocol does not allow an escort by phone")])
    if sum(map(str.isdecimal, call.number)) < FEWEST_DIGITS:
        raise BadSession(errors=[FieldError("phone.number", "is no phone number: give its digits")])
    check_not_future("phone.reached_at", call.reached_at, session.asked_at)
    if call.arrives_at is not None and call.arrives_at < call.reached_at:
        raise BadSession(errors=[FieldError("phone.arrives_at", "is before the call: give a time after reached_at")])


def answer_form(session: Standing, answers: FormAnswers, expected: int | None) -> ToKeep:
    """What was asked for the monitoring form. It touches no verdict, no signature and no leaving."""
    given = session.record.form_answers
    change = decide_sheet(given[-1] if given else None, answers, expected)
    if not change.changed:
        return SAME_AGAIN
    session.check(Door.FORM)
    check_intranasal(session.record)
    check_answers(answers)
    if answers.sent_at is not None:
        check_not_future("sent_at", answers.sent_at, session.asked_at)
    return ToKeep((keeping.form_answers(session.id, answers, change.revision),))


def _check_seen_before_leaving(
    session: Standing, offered: Escort, current: Kept[Escort] | None, expected: int | None
) -> None:
    """Where the patient had left, an escort was not seen here after that: the time is asked for, never taken as now."""
    left = session.had_left_at
    if left is None or not offered.present:
        return
    at = offered.present_at
    if at is None and current is not None and expected is None:
        at = current.value.present_at
    if at is None or is_after(at, left):
        said = f"say when the escort was seen here: the patient had left at {to_text(left)}"
        raise BadSession(errors=[FieldError("present_at", said)])


def _seen(session: Standing, offered: Escort, current: Kept[Escort] | None, expected: int | None) -> Escort:
    revision = current.value.revision if current else 1
    if not offered.present:
        return replace(offered, present_at=None, revision=revision)
    if offered.present_at is not None:
        return replace(offered, revision=revision)
    if current is not None and expected is None:
        again = replace(offered, present_at=current.value.present_at, revision=revision)
        if again == current.value:
            return again
    return replace(offered, present_at=session.asked_at, revision=revision)
