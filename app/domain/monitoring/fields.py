"""The values of a monitoring summary, and what each is drawn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.assessment import RestsOn
from app.domain.baseline import rests_on_readings
from app.domain.canonical import Json
from app.domain.dose import Timeline, timeline
from app.domain.events import Event, EventKind
from app.domain.facts import Facts
from app.domain.protocol.values import Protocol
from app.domain.readings import Reading
from app.domain.records import Confirmation, Kept


class Group(StrEnum):
    """The parts of the form."""

    PATIENT = "patient"
    MEDICATION = "concomitant-medication"
    SITE = "site"
    SESSION = "session"
    PRESSURE = "blood-pressure"
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Value:
    """An answer, in words for people where the value alone does not say it, with the facts it rests on."""

    value: Json
    words: str
    rests_on: tuple[RestsOn, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """No answer, and why, in a sentence that says what would be one. `rests_on`: what was looked at."""

    because: str
    rests_on: tuple[RestsOn, ...] = ()


class AnswerOrigin(StrEnum):
    """Where an answer comes from, or would."""

    PATIENT = "patient"
    """The patient's sheet."""
    CLINIC = "clinic"
    """The clinic's sheet, and what its lead has settled for its papers."""
    ASKED = "asked"
    """Somebody asked and typed it."""
    SESSION = "session"
    """The session's record: readings, events, signature, discharge."""


@dataclass(frozen=True, slots=True)
class AnswerSource:
    """Where an answer stands, in words with sheet, revision, person and instant where it has them."""

    origin: AnswerOrigin
    words: str


RECORD = AnswerSource(AnswerOrigin.SESSION, "the session's record")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: a permanent id, its group, its label, its answer, and where that comes from."""

    id: str
    group: Group
    label: str
    answer: Value | Missing
    source: AnswerSource = RECORD


@dataclass(frozen=True, slots=True)
class Monitored:
    """One session as it is looked at: facts in force, its protocol, when the patient left (None: still here).

    `left_by`: the kind of event by which they left where it was not a discharge. `signed`: the signature in force.
    """

    facts: Facts
    protocol: Protocol
    left_at: datetime | None
    left_by: EventKind | None = None
    signed: Kept[Confirmation] | None = None

    @property
    def dose(self) -> Timeline:
        """The dose's timeline."""
        return timeline(self.facts.events)

    @property
    def readings(self) -> list[Reading]:
        """By instant, then id."""
        return sorted(self.facts.readings, key=lambda reading: (reading.measured_at, reading.id.int))

    def while_here(self) -> list[Reading]:
        """Readings after the first device and up to leaving."""
        first = self.dose.first_device
        if first is None:
            return []
        return [
            one
            for one in self.readings
            if one.measured_at > first.at and (self.left_at is None or one.measured_at <= self.left_at)
        ]

    def clock(self) -> Event | Missing:
        """The event every minute is counted from: the first device. Its instant must be certain."""
        first = self.dose.first_device
        if first is None:
            return Missing("no device is on record: enter the nasal device that was given")
        if first.clock_doubtful:
            return Missing(
                "the instant of the first device is in doubt: its tablet's clock was off", on_events([first])
            )
        return first


def on_events(events: Sequence[Event]) -> tuple[RestsOn, ...]:
    """Events as an answer names them."""
    return tuple(sorted({RestsOn("event", str(event.id), 1) for event in events}))


def on_readings(readings: Sequence[Reading]) -> tuple[RestsOn, ...]:
    """Readings as an answer names them."""
    return rests_on_readings(readings)
