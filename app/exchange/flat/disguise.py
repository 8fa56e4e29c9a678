"""Leaving identifiers out: keyed hashes for ids, one shift of whole days for each patient, by a key kept secret.

Equal keys give equal hashes and shifts, so that a later export adds to an earlier one; another key shares nothing
with it. Without the key neither can be computed from an id, nor taken back. The method is that of HMAC (RFC 2104),
each use under its own label; the age group of 90 and above is that of HIPAA's safe harbour, 45 CFR 164.514(b)(2).
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.errors import Invalid
from app.exchange.flat.cells import OWN_WORDS, WITHHELD, Cell, Column, Data
from app.exchange.flat.wholes import WholeSession

SHORTEST_KEY = 32
LEAST_DAYS, MOST_DAYS = 366, 1826
"""How far back: more than a year, so that no true date stays near, and at most five."""


class WeakKey(Invalid):
    """An export without identifiers needs a secret key: set EXPORT_KEY to at least 32 characters of chance."""

    code = "export-key-missing"


@dataclass(frozen=True, slots=True)
class Disguise:
    """What is done to cells of one clinic. The key is never shown."""

    key: bytes = field(repr=False)
    clinic_id: UUID

    def __post_init__(self) -> None:
        if len(self.key) < SHORTEST_KEY:
            raise WeakKey

    def _hash(self, use: str, value: str) -> bytes:
        message = f"infusion-vitals\0{use}\0{self.clinic_id}\0{value}"
        return hmac.new(self.key, message.encode(), hashlib.sha256).digest()

    def alias(self, value: str) -> str:
        """32 hexadecimal digits in place of an id."""
        return self._hash("alias", value).hex()[:32]

    def order(self, session_id: UUID) -> str:
        """Where a session stands in the files: order of ids would be order of time."""
        return self._hash("order", str(session_id)).hex()

    def shift(self, patient_id: UUID) -> timedelta:
        """Whole days, the same for everything about one patient, always into the past."""
        number = int.from_bytes(self._hash("shift", str(patient_id))[:8], "big")
        return timedelta(days=-(LEAST_DAYS + number % (MOST_DAYS - LEAST_DAYS + 1)))

    def cell(self, whole: WholeSession, column: Column, value: Cell) -> Cell:
        """The cell as it may leave; columns of kinds that are left out never come here."""
        if value is None:
            return None
        match column.kind:
            case Data.INTEGER | Data.DECIMAL | Data.BOOLEAN | Data.WORD:
                return value
            case Data.CODE:
                return value if value in column.known(whole) else WITHHELD
            case Data.REASON:
                return value if value in OWN_WORDS else WITHHELD
            case Data.ID:
                return self.alias(str(value))
            case Data.INSTANT:
                assert isinstance(value, datetime)
                return value + self.shift(whole.patient_id)
            case Data.DATE | Data.TEXT:
                raise ValueError(f"{column.name} is left out")
