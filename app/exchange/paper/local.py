"""Instants as the clinic's clock shows them, with the offset said wherever it could be in doubt."""

import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from app.domain.instants import from_text

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z", re.ASCII)


class LocalTimes:
    """Times of one session in one zone.

    `instants`: those that will be shown. Where they fall on more than one day, the day is shown with each time that is
    not of the first day; where the zone's offset changes among them, the offset is shown with every time.
    """

    def __init__(self, timezone: str, instants: Iterable[str]) -> None:
        self.zone = timezone
        self._zone = ZoneInfo(timezone)
        local = sorted(self._local(text) for text in instants)
        self._offsets = {one.utcoffset() for one in local}
        self._first = local[0] if local else None

    def _local(self, text: str) -> datetime:
        return from_text(text).astimezone(self._zone)

    @property
    def said(self) -> str:
        """Which zone, and at which offset, in words."""
        if self._first is None:
            return self.zone
        if len(self._offsets) > 1:
            return f"{self.zone}; the clocks changed during this session, so each time carries its offset"
        return f"{self.zone} (UTC{self._offset(self._first)})"

    def day(self, text: str) -> str:
        """`7 March 2026`."""
        local = self._local(text)
        return f"{local.day} {MONTHS[local.month - 1]} {local.year}"

    def time(self, text: str) -> str:
        """`14:32`; seconds where there are any."""
        local = self._local(text)
        shown = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
        if self._first is not None and local.date() != self._first.date():
            shown = f"{local.day} {MONTHS[local.month - 1][:3]} {local.year} {shown}"
        return f"{shown} {self._offset(local)}" if len(self._offsets) > 1 else shown

    def in_words(self, text: str) -> str:
        """A sentence of ours with its instants, which are in UTC, as the clinic's clock shows them."""
        return _INSTANT.sub(lambda found: self.time(found[0]), text)

    def clock(self, text: str) -> str:
        """`14:32`, and nothing more: for the axis of a picture."""
        return f"{self._local(text):%H:%M}"

    def full(self, text: str) -> str:
        """`7 March 2026, 14:32 (+01:00)`."""
        local = self._local(text)
        shown = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
        return f"{self.day(text)}, {shown} ({self._offset(local)})"

    @staticmethod
    def _offset(local: datetime) -> str:
        offset = f"{local:%z}"
        return f"{offset[:3]}:{offset[3:5]}"
