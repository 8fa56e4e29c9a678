"""A downtime sheet as values: what is printed of a session so that it can be charted on by hand."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.derive import Derived
from app.domain.people import Clinic
from app.domain.protocol.values import Protocol
from app.domain.records import SessionRecord, Signer


@dataclass(frozen=True, slots=True)
class Charted:
    """What the record holds of a session, its protocol, and what the two come to now."""

    record: SessionRecord
    protocol: Protocol
    derived: Derived


@dataclass(frozen=True, slots=True)
class PrintedPatient:
    """Who the patient is, as the board shows them: what is printed where the record cannot be read."""

    family_name: str
    given_name: str
    birth_date: str | None
    record_number: str


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A session under way; `charted` None: its record cannot be read."""

    id: UUID
    patient: PrintedPatient
    chair: str | None
    charted: Charted | None


@dataclass(frozen=True, slots=True)
class DowntimeSheets:
    """The sessions to be charted by hand, by chair; the protocols of the blank sheets; and who asked for them when."""

    clinic: Clinic
    under_way: tuple[UnderWay, ...]
    protocols: tuple[Protocol, ...]
    demo: bool
    at: datetime
    by: Signer
