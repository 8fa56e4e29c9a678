"""Bulk exports: what was ordered, how far it has come, and the instant as of which it tells the record."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.documents import pair


class Level(StrEnum):
    """How wide an export is."""

    SYSTEM = "system"
    """Everything of the clinic that the asker may read."""
    PATIENT = "patient"
    """What belongs to patients: of all, or of those named."""


class ExportState(StrEnum):
    """Where an export stands. Only `waiting` and `running` are worked on, only `done` has files to fetch."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    ENDED = "ended"
    """Taken back by its asker, or expired: its files are gone."""


OPEN = frozenset({ExportState.WAITING, ExportState.RUNNING})

Key = tuple[str, ...]
"""A place in an ordered read: the walk's name, and the key of what was read last there (none at its start)."""


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for. `patients` None: of all. `since`: only what changed after that instant.

    `request` is the address that was asked, for the manifest.
    """

    level: Level
    types: tuple[str, ...]
    request: str
    since: datetime | None = None
    patients: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One NDJSON file: its first `size` bytes hold `count` resources of one type; what may follow was never counted."""

    type: str
    name: str
    count: int
    size: int
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """What is safely on the disk, and the place from which work goes on.

    `units` counts what was read so far, `turns` how often a worker took it up.
    """

    place: Key | None = None
    files: tuple[ExportFile, ...] = ()
    units: int = 0
    turns: int = 0

    def taken_over(self) -> "Progress":
        """As another worker goes on: every file is closed where it is known to end, and new ones are begun."""
        files = tuple(ExportFile(f.type, f.name, f.count, f.size, closed=True) for f in self.files)
        return Progress(self.place, files, self.units, self.turns + 1)


@dataclass(frozen=True, slots=True)
class Export:
    """One export of one clinic. `transaction_time` by the clinic's clock; `expires_at` by the wall clock.

    `owner` names who asked, for nobody else may follow or fetch it.
    """

    id: UUID
    clinic_id: UUID
    owner: str
    order: Order
    asked_at: datetime
    transaction_time: datetime
    state: ExportState
    progress: Progress
    expires_at: datetime | None = None


order_document, order_from = pair(Order)
progress_document, progress_from = pair(Progress)
