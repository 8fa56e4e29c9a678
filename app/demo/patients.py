"""Invented patients. The names are made up so that nobody can take them for real people."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID

from app.demo.chance import seeded_id

RECORD_NUMBER_PREFIX = "DEMO-"
"""Every simulated patient carries it: whoever charts by hand in the demo does not."""

_FAMILY = (
    "Applewick", "Bramblecott", "Cloverdale-Mott", "Dapplethorn", "Elderwhistle", "Fernsby-Quill", "Gooseberrie",
    "Hollowbrook", "Inkpenny", "Juniperly", "Kettlewink", "Larkspurren", "Mossgather", "Nettlefold-Rue", "Oatenshaw",
    "Pebblewright", "Quincelow", "Rushmallow", "Saffronby", "Thistledowne", "Umbertwist", "Violetmere", "Willowick",
    "Yarrowmoor", "Zephyrine-Holt",
)  # fmt: skip
_GIVEN = (
    "Aldous", "Briony", "Corvin", "Delphine", "Eskil", "Fenella", "Gideon", "Hesper", "Isolde", "Jory", "Kerensa",
    "Lucan", "Merrin", "Niamh", "Orrin", "Petra", "Quenby", "Rafe", "Sunniva", "Tamsin", "Ulric", "Vesper", "Wilder",
    "Xanthe", "Yorick", "Zelda",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """One invented patient, as the sheet wants it."""

    id: UUID
    family_name: str
    given_name: str
    birth_date: date
    record_number: str
    sex: str

    def age(self, on: date) -> int:
        """Whole years."""
        return on.year - self.birth_date.year - ((on.month, on.day) < (self.birth_date.month, self.birth_date.day))

    def sheet(self) -> dict[str, object]:
        """The body of PUT /v1/patients/{id}."""
        return {
            "family_name": self.family_name,
            "given_name": self.given_name,
            "birth_date": self.birth_date.isoformat(),
            "record_number": self.record_number,
            "sex": self.sex,
        }


def invent(chance: Random, number: int) -> Person:
    """The clinic's `number`-th patient: 18 to 78 years old in 2026."""
    return Person(
        id=seeded_id(chance),
        family_name=chance.choice(_FAMILY),
        given_name=chance.choice(_GIVEN),
        birth_date=date(1948, 1, 1) + timedelta(days=chance.randrange(60 * 365)),
        record_number=f"{RECORD_NUMBER_PREFIX}{number:05d}",
        sex=chance.choice(("female", "male")),
    )


def look_alike(person: Person, chance: Random, number: int) -> Person:
    """Somebody else of nearly the same name, born on the same day of another year."""
    return Person(
        id=seeded_id(chance),
        family_name=person.family_name,
        given_name=f"{person.given_name}a" if not person.given_name.endswith("a") else person.given_name[:-1],
        birth_date=person.birth_date + timedelta(days=9),
        record_number=f"{RECORD_NUMBER_PREFIX}{number:05d}",
        sex=person.sex,
    )
