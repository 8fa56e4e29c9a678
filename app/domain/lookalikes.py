"""Patients who could be taken for each other: the same or nearly the same names, birth dates, record numbers.

Two identifiers that are both near are a warning; one alone is not, because record numbers are often consecutive and
many people share a birthday or a family name.
"""

from dataclasses import dataclass
from datetime import date

from app.domain.names import folded
from app.domain.records import Patient

SHORTEST = 3
"""Shorter words are near only where they are equal: "Al" and "Ed" are two letters apart, and everything is near "A"."""
LONGEST_KEY = 24
"""Two words one slip apart begin alike but for that slip, so their first letters are enough to find them by."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What of a patient is compared: names and record number folded, and the birth date."""

    family: str
    given: str
    number: str
    born: date

    @property
    def initials(self) -> tuple[str, str]:
        """The first letter of each name; empty where there is none."""
        return self.family[:1], self.given[:1]


def likeness(patient: Patient) -> Likeness:
    """What of this patient is compared."""
    return Likeness(
        folded(patient.family_name), folded(patient.given_name), folded(patient.record_number), patient.birth_date
    )


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


def _near_names(one: str, other: str) -> bool:
    """As `_near`; that neither has such a name is nothing they share."""
    return bool(one or other) and _near(one, other)


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


def _names(a: Likeness, b: Likeness) -> str | None:
    if (a.family, a.given) == (b.family, b.given):
        return "the same names"
    if (a.family, a.given) == (b.given, b.family):
        return "family and given name swapped"
    if _near(a.family, b.family) and _near(a.given, b.given):
        return "names one letter apart"
    return None


def reasons(a: Likeness, b: Likeness) -> tuple[str, ...]:
    """Why the two could be taken for each other, each reason in words without values; empty where they could not."""
    found: list[str] = []
    names, dates = _names(a, b), _dates(a.born, b.born)
    if names is not None:
        found.append(names)
    elif dates is not None:
        if _near_names(a.family, b.family):
            found.append(f"almost the same family name, and {dates}")
        elif _near_names(a.given, b.given) and a.born == b.born:
            found.append(f"almost the same given name, and {dates}")
        elif a.initials == b.initials:
            found.append(f"the same initials, and {dates}")
    if a.number == b.number:
        found.append("the same record number")
    elif _near(a.number, b.number) and (dates is not None or a.initials == b.initials):
        found.append("record numbers one digit apart")
    return tuple(found)


def alike_because(a: Patient, b: Patient) -> tuple[str, ...]:
    """Why the two could be taken for each other; empty where they could not."""
    return reasons(likeness(a), likeness(b))


def look_alike(a: Patient, b: Patient) -> bool:
    """Whether the two could be taken for each other."""
    return bool(alike_because(a, b))


# --- finding them among many -----------------------------------------------------------------------------------------


def slip_keys(word: str) -> frozenset[str]:
    """The word, and the word less each of its letters: two words one slip apart share at least one of these.

    A letter added or left out makes the one a part of the other; a letter mistyped, or two that changed places, leave
    the same rest on both sides once it is taken out.
    """
    head = word[:LONGEST_KEY]
    return frozenset({head, *(head[:place] + head[place + 1 :] for place in range(len(head)))})


def _date_keys(born: date) -> frozenset[str]:
    """Two birth dates that are near share one of these: the same but for one part, or but for the order of two."""
    year, month, day = born.year, born.month, born.day
    low, high = sorted((month, day))
    return frozenset({f"{year}-{month}-*", f"{year}-*-{day}", f"*-{month}-{day}", f"{year}:{low}:{high}"})


def keys(of: Likeness) -> frozenset[str]:
    """What a patient is found by: whenever there are `reasons` for two, they share at least one key.

    Each reason needs the same or swapped names, near family names, near record numbers, the same birth date, or near
    birth dates with the same initials; each of these has its keys here. Sharing a key says nothing yet.
    """
    pair = "|".join(sorted((of.family, of.given)))
    first, second = of.initials
    return frozenset(
        {
            f"p {pair}",
            f"d {of.born.isoformat()}",
            *(f"f {key}" for key in slip_keys(of.family)),
            *(f"n {key}" for key in slip_keys(of.number)),
            *(f"i {first}{second} {key}" for key in _date_keys(of.born)),
        }
    )
