"""Rows as patients."""

import re
from datetime import date
from enum import StrEnum

from app.domain.patients import patient_faults
from app.domain.records import Patient
from app.exchange.intake.rows import Columns, Fault, Row

PATIENT_COLUMNS = Columns(
    required=frozenset({"family_name", "given_name", "birth_date", "record_number"}), optional=frozenset({"sex"})
)
SEXES = ("female", "male", "other", "unknown")


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
    found = _PARTS[written].match(text)
    if found is None:
        return None
    try:
        return date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        return None


def patient_of(row: Row, written: BirthDates) -> Patient | list[Fault]:
    """The patient of a row, or everything wrong with it."""
    faults = list(row.faults)
    known = {fault.column for fault in faults}
    born = birth_date(row.cells.get("birth_date", ""), written)
    if born is None and "birth_date" not in known:
        faults.append(Fault(row.number, "birth_date", f"is not a date written {written.value}"))
    sex = row.cells.get("sex")
    if sex is not None and sex.lower() not in SEXES:
        faults.append(Fault(row.number, "sex", f"is none of {', '.join(SEXES)}"))
    given = row.given_names or tuple(row.cells[name] for name in ("given_name",) if name in row.cells)
    number = row.cells.get("record_number", "")
    # the birth date has been judged above
    found = Patient(row.cells.get("family_name", ""), given, born or date.min, number, sex.lower() if sex else None)
    faults += [Fault(row.number, one.field, one.message) for one in patient_faults(found) if one.field not in known]
    return faults or found
