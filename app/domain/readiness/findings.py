"""How a finding is written. Sentences carry instants, never ages, so that an unchanged verdict is an unchanged text."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from app.domain.assessment import Criterion, Finding, Outcome, RestsOn
from app.domain.canonical import Json
from app.domain.events import Event
from app.domain.instants import to_text
from app.domain.readings import Reading


def of_events(*events: Event | None) -> tuple[RestsOn, ...]:
    """The events as a finding names them."""
    return tuple(RestsOn("event", str(event.id), 1) for event in events if event is not None)


def of_readings(readings: Iterable[Reading]) -> tuple[RestsOn, ...]:
    """The readings, each in its revision, as a finding names them."""
    return tuple(RestsOn("reading", str(reading.id), reading.revision) for reading in readings)


def texts(instants: Iterable[datetime]) -> list[Json]:
    """Instants as a finding shows them."""
    return [to_text(at) for at in instants]


def finding(
    criterion: Criterion,
    outcome: Outcome,
    because: str,
    *,
    rests_on: Iterable[RestsOn] = (),
    values: Mapping[str, Json] | None = None,
    limits: Mapping[str, Json] | None = None,
) -> Finding:
    """One finding: its sentence finished, what it rests on sorted and named once."""
    sentence = because[0].upper() + because[1:] + ("" if because.endswith(".") else ".")
    return Finding(criterion, outcome, sentence, tuple(sorted(set(rests_on))), values or {}, limits or {})
