"""Rows as planned sessions of a day."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from app.domain.errors import Invalid
from app.domain.events import Route
from app.domain.instants import from_text, utc
from app.domain.texts import LINE, identifier_faults, text_faults
from app.exchange.intake.damage import damaged_key, is_serial
from app.exchange.intake.patients import BirthDates, birth_date, birth_date_fault
from app.exchange.intake.rows import Columns, Fault, Row

DAY_COLUMNS = Columns(
    required=frozenset({"record_number", "time"}),
    optional=frozenset({"chair", "route", "protocol", "family_name", "birth_date", "appointment"}),
)
LONGEST_CHAIR = 40
"""As at the tablet."""
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?(?:\s?([aApP])\.?[mM]\.?)?\Z", re.ASCII)
_PROTOCOL = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)(?:/([1-9]\d{0,5}))?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Planned:
    """What a row asks for. `day` is the clinic's own; the version is None where the newest approved one is meant."""

    row: int
    record_number: str
    at: datetime
    day: date
    chair: str | None
    route: Route
    protocol_id: str | None
    protocol_version: int | None
    family_name: str | None
    birth_date: date | None
    appointments: tuple[str, ...] = ()
    """What the source calls this appointment, the surest name first; none where it does not say."""


@dataclass(frozen=True, slots=True)
class DayOptions:
    """What is said beforehand: the clinic's zone, the day times of day belong to, what holds where a row is silent."""

    zone: ZoneInfo
    day: date | None = None
    route: Route | None = None
    protocol: str | None = None
    birth_dates: BirthDates = BirthDates.ISO


def instant_of(text: str, options: DayOptions) -> datetime | str:
    """The instant of a time of day or an RFC 3339 text; else what would be right."""
    clock = _CLOCK.match(text)
    if clock is None:
        try:
            return from_text(text)
        except (ValueError, Invalid):
            if is_serial(text):
                return "looks like a time that a spreadsheet turned into a number: format the column as 09:30"
            return "is neither a time of day such as 09:30 nor an instant with an offset such as 2026-03-08T09:30:00Z"
    if options.day is None:
        return "is a time of day: say which date the list is for"
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if clock[4]:
        hour = hour % 12 + (12 if clock[4] in "pP" else 0) if 1 <= hour <= 12 else 24
    if hour > 23 or minute > 59 or second > 59:
        return "is not a time of day such as 09:30"
    local = datetime.combine(options.day, time(hour, minute, second), options.zone)
    if utc(local).astimezone(options.zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        return "does not exist on that day: the clocks go forward"
    if local.replace(fold=1).utcoffset() != local.utcoffset():
        return "comes twice on that day, for the clocks go back: give an instant with an offset"
    return utc(local)


def planned_of(row: Row, options: DayOptions) -> Planned | list[Fault]:
    """The planned session of a row, or everything wrong with it."""
    faults = list(row.faults)
    known = {fault.column for fault in faults}
    cells = row.cells

    def wrong(column: str, message: str) -> None:
        if column not in known:
            faults.append(Fault(row.number, column, message))

    for column, longest in {"record_number": LINE, "chair": LONGEST_CHAIR, "appointment": LINE}.items():
        if column == "record_number" or column in cells:
            for fault in identifier_faults(column, cells.get(column, ""), longest=longest):
                wrong(column, fault.message)
    for fault in text_faults("family_name", cells["family_name"]) if "family_name" in cells else ():
        wrong("family_name", fault.message)
    for column in ("record_number", "appointment"):
        damaged = damaged_key(cells.get(column, ""))
        if damaged is not None:
            wrong(column, damaged)
    at = instant_of(cells.get("time", ""), options)
    if isinstance(at, str):
        wrong("time", at)
    route = _route(cells.get("route"), options)
    if route is None:
        wrong("route", f"must be one of {', '.join(Route)}, in the row or for the whole list")
    named = cells.get("protocol", options.protocol)
    protocol = _PROTOCOL.match(named) if named is not None else None
    if named is not None and protocol is None:
        wrong("protocol", "must be an id, or an id and a version such as iv-infusion-example/1")
    born = birth_date(cells["birth_date"], options.birth_dates) if "birth_date" in cells else None
    if born is None and "birth_date" in cells:
        wrong("birth_date", birth_date_fault(cells["birth_date"], options.birth_dates))
    if faults or isinstance(at, str) or route is None:
        return faults
    return Planned(
        row=row.number,
        record_number=cells["record_number"],
        at=at,
        day=at.astimezone(options.zone).date(),
        chair=cells.get("chair"),
        route=route,
        protocol_id=protocol[1] if protocol else None,
        protocol_version=int(protocol[2]) if protocol and protocol[2] else None,
        family_name=cells.get("family_name"),
        birth_date=born,
        appointments=row.appointments or ((keyed(cells["appointment"]),) if "appointment" in cells else ()),
    )


def keyed(value: str, system: str | None = None) -> str:
    """What an appointment is known by: the number the source gives it, behind its system where it names one."""
    return value if system is None else f"{system}|{value}"


def _route(text: str | None, options: DayOptions) -> Route | None:
    if text is None:
        return options.route
    return next((route for route in Route if route.value == text.lower()), None)
