"""What may be typed: what every reading and event passes, whatever interface it came by.

Two of the three layers of limits live here. *Impossible* is refused and says why. *Unlikely* is refused once, with
how to confirm, and kept with that confirmation: a true, frightening value is never kept out. (*Concerning* is the
protocol's, and keeps nothing out.) All faults are reported at once.
"""

from app.domain.typed.events import EventInvalid, KindDoesNotFit, check_event
from app.domain.typed.instants import CLOCK_DIFFERENCE, FutureInstant, check_not_future
from app.domain.typed.readings import ReadingInvalid, Unlikely, check_reading, unlikely_vitals, with_total

__all__ = [
    "CLOCK_DIFFERENCE",
    "EventInvalid",
    "FutureInstant",
    "KindDoesNotFit",
    "ReadingInvalid",
    "Unlikely",
    "check_event",
    "check_not_future",
    "check_reading",
    "unlikely_vitals",
    "with_total",
]
