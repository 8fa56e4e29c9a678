"""What a finding names: facts and instants. Instants, never ages, so that an unchanged verdict is an unchanged text."""

from collections.abc import Iterable
from datetime import datetime

from app.domain.assessment import RestsOn
from app.domain.canonical import Json
from app.domain.events import Event
from app.domain.instants import to_text
from app.domain.readings import Reading
from app.domain.vitals import Oxygen


def of_events(*events: Event | None) -> tuple[RestsOn, ...]:
    """The events as a finding names them."""
    return tuple(RestsOn("event", str(event.id), 1) for event in events if event is not None)


def of_readings(readings: Iterable[Reading]) -> tuple[RestsOn, ...]:
    """The readings, each in its revision, as a finding names them."""
    return tuple(RestsOn("reading", str(reading.id), reading.revision) for reading in readings)


def text(at: datetime | None) -> str | None:
    """An instant as a finding shows it; null where there is none."""
    return None if at is None else to_text(at)


def at_of(event: Event | None) -> str | None:
    """An event's instant as a finding shows it; null where there is none."""
    return None if event is None else to_text(event.at)


def texts(instants: Iterable[datetime]) -> list[Json]:
    """Instants as a finding shows them."""
    return [to_text(at) for at in instants]


def breathed(oxygen: Oxygen | None) -> Json:
    """`{kind, flow_l_min}`, the flow as its shortest text; null where it was not given."""
    if oxygen is None:
        return None
    flow = oxygen.flow_l_min
    return {"kind": oxygen.kind.value, "flow_l_min": None if flow is None else f"{flow.normalize():f}"}
