"""Patients who could be taken for each other: the same or nearly the same names, birth dates, record numbers.

Two identifiers that are both near are a warning; one alone is not, because record numbers are often consecutive and
many people share a birthday or a family name.
"""

import unicodedata
from datetime import date

from app.domain.records import Patient

SHORTEST = 3
"""Shorter words are near only where they are equal: "Al" and "Ed" are two letters apart, and everything is near "A"."""


def folded(text: str) -> str:
    """Letters and digits alone, without case or accents: how a name sounds in a hurry."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in plain if character.isalnum())


def one_slip_apart(one: str, other: str) -> bool:
    """Whether at most one letter was added, left out or mistyped, or two neighbours changed places."""
    if one == other:
        return True
    if len(one) > len(other):
        one, other = other, one
    start = 0
    while start < len(one) and one[start] == other[start]:
        start += 1
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    if one[start + 1 :] == other[start + 1 :]:
        return True
    return one[start : start + 2] == other[start : start + 2][::-1] and one[start + 2 :] == other[start + 2 :]


def _near(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) >= SHORTEST and one_slip_apart(one, other))


def _swapped(one: date, other: date) -> bool:
    """Day and month changed places (the 4th of March, the 3rd of April)."""
    return one != other and one.year == other.year and (one.month, one.day) == (other.day, other.month)


def _dates(one: date, other: date) -> str | None:
    if one == other:
        return "the same birth date"
    if _swapped(one, other):
        return "birth dates with day and month swapped"
    parts = sum((one.year == other.year, one.month == other.month, one.day == other.day))
    return "birth dates that differ in one part" if parts == 2 else None


def _names(a: Patient, b: Patient) -> str | None:
    family_a, given_a = folded(a.family_name), folded(a.given_name)
    family_b, given_b = folded(b.family_name), folded(b.given_name)
    if (family_a, given_a) == (family_b, given_b):
        return "the same names"
    if (family_a, given_a) == (given_b, family_b):
        return "family and given name swapped"
    if _near(family_a, family_b) and _near(given_a, given_b):
        return "names one letter apart"
    return None


def _initials(a: Patient, b: Patient) -> bool:
    return (folded(a.family_name)[:1], folded(a.given_name)[:1]) == (
        folded(b.family_name)[:1],
        folded(b.given_name)[:1],
    )


def alike_because(a: Patient, b: Patient) -> tuple[str, ...]:
    """Why the two could be taken for each other, each reason in words without values; empty where they could not."""
    found: list[str] = []
    names, dates = _names(a, b), _dates(a.birth_date, b.birth_date)
    if names is not None:
        found.append(names)
    elif dates is not None:
        if _near(folded(a.family_name), folded(b.family_name)):
            found.append(f"almost the same family name, and {dates}")
        elif _near(folded(a.given_name), folded(b.given_name)) and a.birth_date == b.birth_date:
            found.append(f"almost the same given name, and {dates}")
        elif _initials(a, b):
            found.append(f"the same initials, and {dates}")
    number_a, number_b = folded(a.record_number), folded(b.record_number)
    if number_a == number_b:
        found.append("the same record number")
    elif _near(number_a, number_b) and (dates is not None or _initials(a, b)):
        found.append("record numbers one digit apart")
    return tuple(found)


def look_alike(a: Patient, b: Patient) -> bool:
    """Whether the two could be taken for each other."""
    return bool(alike_because(a, b))
