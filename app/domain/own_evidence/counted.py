"""A session as it is counted: when, for which patient, by which protocol and route, and what it tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.assessment import Criterion
from app.domain.events import Route
from app.domain.own_evidence.intervals import Seen
from app.domain.own_evidence.went import Stretch


@dataclass(frozen=True, slots=True, order=True)
class ProtocolNamed:
    """A version of a protocol, by name."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class Telling:
    """What one session tells; None where it does not."""

    route: Route
    protocol: ProtocolNamed
    minutes: Mapping[Stretch, int]
    last_in_way: frozenset[Criterion] | None
    sets: Seen
    values: Seen
    withdrawn: bool | None


@dataclass(frozen=True, slots=True)
class CountedSession:
    """A session that is over. `month`: of the clinic's calendar, as 2026-03; `told` None: it cannot be worked out."""

    month: str
    patient_id: UUID
    told: Telling | None


def told_in(brief: Mapping[str, Any] | None) -> Telling | None:
    """What a kept brief tells. None where it tells nothing, or cannot be read: never a part of it."""
    try:
        return _told(brief["went"], brief["protocol"]) if brief else None
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _told(went: Mapping[str, Any], protocol: Mapping[str, Any]) -> Telling:
    last = went["last_in_way"]
    return Telling(
        route=Route(went["route"]),
        protocol=ProtocolNamed(_text(protocol["id"]), _number(protocol["version"])),
        minutes={Stretch(name): _number(value) for name, value in went["minutes"].items() if value is not None},
        last_in_way=None if last is None else frozenset(map(Criterion, last)),
        sets=_part(went["sets"]["late"], went["sets"]["due"]),
        values=_part(went["values"]["corrected"], went["values"]["typed"]),
        withdrawn=None if went["withdrawn_after_signing"] is None else _flag(went["withdrawn_after_signing"]),
    )


def _part(hits: object, of: object) -> Seen:
    found = Seen(_number(hits), _number(of))
    if found.hits > found.of:
        raise ValueError(found)
    return found


def _number(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(value)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value
