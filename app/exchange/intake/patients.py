"""Rows as patients."""

import re
from datetime import date
from enum import StrEnum

from app.domain.patients import patient_faults
from app.domain.records import Patient
from app.exchange.intake.damage import damaged_key, is_serial
from app.exchange.intake.rows import Columns, Fault, Row

PATIENT_COLUMNS = Columns(
    required=frozenset({"family_name", "given_name", "birth_date", "record_number"}), optional=frozenset({"sex"})
)
SEXES = {
    "female": "female",
    "male": "male",
    "other": "other",
    "unknown": "unknown",
    "f": "female",
    "m": "male",
    "o": "other",
    "u": "unknown",
}
_MIDNIGHT = re.compile(r"[ T]00:00(?::00(?:\.0+)?)?\Z", re.ASCII)
"""What some programs write behind a date."""


class BirthDates(StrEnum):
    """How birth dates are written, said beforehand: 03/04/1980 is never guessed."""

    ISO = "YYYY-MM-DD"
    DOTTED = "DD.MM.YYYY"
    DAY_FIRST = "DD/MM/YYYY"
    MONTH_FIRST = "MM/DD/YYYY"


_PARTS = {
    BirthDates.ISO: re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})\Z", re.ASCII),
    BirthDates.DOTTED: re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})\Z", re.ASCII),
    BirthDates.DAY_FIRST: re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})\Z", re.ASCII),
    BirthDates.MONTH_FIRST: re.compile(r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})\Z", re.ASCII),
}


def birth_date(text: str, written: BirthDates) -> date | None:
    """The date, None where it is not written so or does not exist."""
    found = _PARTS[written].match(_MIDNIGHT.sub("", text))
    if found is None:
        return None
    try:
        return date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        return None


def birth_date_fault(text: str, written: BirthDates) -> str:
    """What is wrong with a birth date that is none."""
    if is_serial(text):
        return (
            "looks like a date that a spreadsheet turned into a number: "
            f"format the column as dates written {written.value}, and save again"
        )
    return f"is not a date written {written.value}"


def patient_of(row: Row, written: BirthDates) -> Patient | list[Fault]:
    """The patient of a row, or everything wrong with it."""
    faults = list(row.faults)
    known = {fault.column for fault in faults}
    damaged = damaged_key(row.cells.get("record_number", ""))
    if damaged is not None:
        faults.append(Fault(row.number, "record_number", damaged))
    born = birth_date(row.cells.get("birth_date", ""), written)
    if born is None and "birth_date" not in known:
        faults.append(Fault(row.number, "birth_date", birth_date_fault(row.cells.get("birth_date", ""), written)))
    sex = row.cells.get("sex")
    if sex is not None and sex.lower() not in SEXES and "sex" not in known:
        faults.append(Fault(row.number, "sex", f"is none of {', '.join(SEXES)}"))
    given = row.given_names or tuple(row.cells[name] for name in ("given_name",) if name in row.cells)
    number = row.cells.get("record_number", "")
    # the birth date and the sex have been judged above
    known_sex = SEXES.get(sex.lower()) if sex else None
    found = Patient(row.cells.get("family_name", ""), given, born or date.min, number, known_sex)
    faults += [Fault(row.number, one.field, one.message) for one in patient_faults(found) if one.field not in known]
    return faults or found
