"""Wall boards: big screens that anybody who comes by may see, and what of a session may stand there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class WallBoard:
    """A screen as the lead named it. `initials`: whether it shows those of patients; no name ever.

    `in_use` False: its link has ended.
    """

    name: str
    initials: bool = False
    in_use: bool = True


PLAIN = (
    "id",
    "version",
    "chair",
    "state",
    "phase",
    "phase_since",
    "planned_minutes",
    "due_at",
    "overdue_at",
    "status",
    "status_since",
    "lapses_at",
)
"""What of a line of the board stands on a wall as it is. Whatever else there is stays away until it is named here."""


def on_wall(line: Mapping[str, Any], *, initials: bool) -> dict[str, Any]:
    """A line of the board as a wall shows it: no name, no number of a patient, no value that was measured."""
    severe = any(concern["acknowledge"] for concern in line["concerns"])
    return {
        **{name: line[name] for name in PLAIN},
        "initials": _initials(line["patient"]) if initials else None,
        "concern": "severe" if severe else "yes" if line["concerns"] else "no",
        "failed": bool(line["failed"]),
    }


def _initials(patient: Mapping[str, Any]) -> str:
    return "".join(str(patient[name])[:1].upper() for name in ("given_name", "family_name"))
