"""Whoever sits at the screen of the live demo: a chair they have open is left to them, to examine and to sign."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.demo.api_client import Account, ApiClient

TO_OPEN = timedelta(minutes=1)
"""Of real time, from the flag: before that no simulated clinician comes."""
TO_SIGN = timedelta(minutes=4)
"""Of real time, from the flag: so long a chair that somebody has open is left to them."""
TO_LEAVE = timedelta(minutes=1)
"""Of real time, from a signature by hand: then the simulated nurse sees the patient to the door."""
LOOK_AGAIN = timedelta(seconds=10)
HEARD_LATELY = timedelta(seconds=40)
"""Of real time: a browser says every 15 seconds what it has open; one not heard for longer is gone."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """`pace`: clinic seconds in one real second; 0 where a run is played to nobody."""

    pace: int = 0

    def looks_at(self, session_id: UUID, now: datetime, api: ApiClient, lead: Account) -> bool:
        """Whether somebody has this session open, as the lead's list of tablets and browsers says."""
        return any(
            str(session_id) in one["open_sessions"]
            and one["heard_at"] is not None
            and now - datetime.fromisoformat(one["heard_at"]) <= self.real(HEARD_LATELY)
            for one in (api.every(lead, "/v1/tablets") if self.pace else ())
        )

    def real(self, time: timedelta) -> timedelta:
        """So much real time by the clinic's clock; none where nobody looks on."""
        return time * self.pace
