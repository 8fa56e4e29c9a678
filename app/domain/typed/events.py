"""What an event may hold. Order is not asked here: late entry arrives shuffled, and odd sequences are kept."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import assert_never

from app.domain.errors import FieldError, Invalid
from app.domain.events import (
    DETAILS,
    Addendum,
    BaselineAccepted,
    ConcernAcknowledged,
    DeviceGiven,
    DoseStarted,
    Event,
    MedicationGiven,
    OxygenStarted,
    RateChanged,
    Route,
    SymptomResolved,
    Transferred,
)
from app.domain.sessions import FOREIGN
from app.domain.texts import LINE, identifier_faults, is_kebab, text_faults
from app.domain.typed.amounts import amount_faults
from app.domain.typed.instants import instant_faults
from app.domain.typed.readings import HIGHEST_FLOW, check_reading

HIGHEST_DOSE_MG = Decimal(1000)
"""Many times what any session gives (0.5 to 1 mg/kg, 56 or 84 mg): beyond it a point was missed."""
HIGHEST_RATE_ML_H = Decimal(2000)
"""Above what infusion pumps deliver."""
HIGHEST_AMOUNT = Decimal(1_000_000)
"""Of any medication in any unit (international units run high)."""
LONGEST_PLAN = 24 * 60
"""Minutes; a session is over within a day."""
LONGEST_CODE = 64
LONGEST_TEXT = 4000
MOST_READINGS = 50
"""More readings than any baseline has."""


class EventInvalid(Invalid):
    """This event cannot be right."""

    code = "event-invalid"


class KindDoesNotFit(Invalid):
    """This kind of event does not belong to the session's route."""

    code = "kind-does-not-fit-route"


def check_event(event: Event, route: Route, now: datetime) -> None:
    """Raises `KindDoesNotFit`, or `EventInvalid` with every fault, or what `check_reading` raises for an addendum's."""
    if event.kind in FOREIGN[route]:
        said = f"{event.kind} does not belong to a session of the route {route}"
        raise KindDoesNotFit(f"{said}.", errors=[FieldError("kind", said)])
    faults = [*instant_faults("at", event.at, now), *_detail_faults(event)]
    if faults:
        raise EventInvalid(errors=faults)
    if isinstance(event.detail, Addendum) and event.detail.reading is not None:
        _check_late_reading(event.detail, now)


def _check_late_reading(addendum: Addendum, now: datetime) -> None:
    assert addendum.reading is not None
    try:
        check_reading(addendum.reading, now)
    except Invalid as refusal:
        errors = [FieldError(f"detail.reading.{fault.field}", fault.message) for fault in refusal.errors]
        raise type(refusal)(refusal.detail, errors=errors, **refusal.extra) from refusal


def _detail_faults(event: Event) -> Iterable[FieldError]:
    expected = DETAILS[event.kind]
    if expected is None:
        if event.detail is not None:
            yield FieldError("detail", f"does not go with {event.kind}: leave it out")
        return
    if not isinstance(event.detail, expected):
        yield FieldError("detail", f"is missing, or that of another kind: give what {event.kind} needs")
        return
    detail = event.detail
    match detail:
        case DoseStarted():
            yield from amount_faults("detail.dose_mg", detail.dose_mg, HIGHEST_DOSE_MG)
            if detail.planned_minutes is not None and not 1 <= detail.planned_minutes <= LONGEST_PLAN:
                yield FieldError("detail.planned_minutes", f"must be from 1 to {LONGEST_PLAN}")
            yield from _lot(detail.lot)
        case DeviceGiven():
            yield from amount_faults("detail.dose_mg", detail.dose_mg, HIGHEST_DOSE_MG)
            yield from _lot(detail.lot)
        case RateChanged():
            # a rate of 0 is a pause: it has an event of its own
            yield from amount_faults("detail.rate_ml_h", detail.rate_ml_h, HIGHEST_RATE_ML_H)
        case MedicationGiven():
            if not is_kebab(detail.code) or len(detail.code) > LONGEST_CODE:
                yield FieldError(
                    "detail.code", "name the medication in lower-case words joined by hyphens, for example midazolam"
                )
            if detail.dose is not None:
                yield from amount_faults("detail.dose", detail.dose, HIGHEST_AMOUNT)
            yield from _line("detail.unit", detail.unit)
            yield from _line("detail.route", detail.route)
        case OxygenStarted():
            yield from amount_faults("detail.flow_l_min", detail.flow_l_min, HIGHEST_FLOW)
        case BaselineAccepted():
            yield from _acceptance_faults(detail)
        case ConcernAcknowledged():
            yield from _line("detail.concern_id", detail.concern_id)
        case Transferred():
            yield from _line("detail.to", detail.to)
        case Addendum():
            yield from text_faults("detail.text", detail.text, longest=LONGEST_TEXT, lines=True)
        case SymptomResolved() | None:
            return
        case _:
            assert_never(detail)


def _line(field: str, text: str | None) -> Iterable[FieldError]:
    return () if text is None else text_faults(field, text, longest=LINE)


def _lot(lot: str | None) -> Iterable[FieldError]:
    return () if lot is None else identifier_faults("detail.lot", lot)


def _acceptance_faults(detail: BaselineAccepted) -> Iterable[FieldError]:
    if not 1 <= len(detail.readings) <= MOST_READINGS:
        yield FieldError("detail.readings", f"name the readings you looked at, 1 to {MOST_READINGS}")
    ids = [ref.id for ref in detail.readings]
    if len(set(ids)) < len(ids):
        yield FieldError("detail.readings", "names a reading twice: name it once, with its newest revision")
    for place, ref in enumerate(detail.readings):
        if ref.revision < 1:
            yield FieldError(f"detail.readings.{place}.revision", "revisions count from 1")
