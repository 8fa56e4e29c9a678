"""A reading's ten Observations as lines of NDJSON, many times faster than by way of their parts.

Most readings differ from others in little but their ids, times and five numbers. So the first of each shape is told in
the ordinary way (`fhir.observations_at`), once with marks in place of what differs; what comes out is a template for
every other of that shape. What a template gives is what the ordinary way gives: this is checked when it is made, and of
every so many uses; and the tests hold the two together over every kind of reading.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

import msgspec

from app.domain.documents import reading_from
from app.domain.instants import from_text, to_text
from app.domain.readings import Phase, Reading
from app.domain.records import Kept, Signer
from app.exchange.fhir import Context, serialise
from app.exchange.fhir.observations import observations_at
from app.exchange.fhir.reading_versions import ReadingVersion
from app.memory import Memory

MOST = 1000
"""Templates kept at a time; where there are more shapes than that, the one not used for longest is made again."""
LOOK_AGAIN = 256
"""Of so many lines from one template, one is checked against the ordinary way."""

VITALS = ("heart_rate", "systolic", "diastolic", "respiratory_rate", "spo2")
_MARK_ID = UUID("6d61726b-0000-4000-8000-000000000001")
_MARK_MEASURED = datetime(1601, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
_MARK_RECORDED = datetime(1602, 1, 2, 3, 4, 5, 678902, tzinfo=UTC)
_MARK_VITALS = {name: 987654300 + number for number, name in enumerate(VITALS)}
_MARK_NOTE = "mark 4f1c9a note"
_MARK_SUBJECT, _MARK_ENCOUNTER, _MARK_PROCEDURE = "Mark/4f1c9a-s", "Mark/4f1c9a-e", "Mark/4f1c9a-p"


class TemplateBroken(Exception):
    """A template did not give what the ordinary way gives: a mistake in our code. Says nothing of any value."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A reading that was never corrected nor voided: its document as kept, who typed it, when, where, and why."""

    document: bytes
    recorded_at: datetime
    by: Signer
    tablet_id: UUID | None
    reason: str | None


_Slots = tuple[Any, ...]
_MARKS: tuple[str, ...] = (
    str(_MARK_ID),
    to_text(_MARK_MEASURED),
    to_text(_MARK_RECORDED),
    _MARK_SUBJECT,
    _MARK_ENCOUNTER,
    _MARK_PROCEDURE,
    _MARK_NOTE,
    *(str(_MARK_VITALS[name]) for name in VITALS),
)
_FIND = re.compile("(" + "|".join(re.escape(mark) for mark in _MARKS) + ")")
_ENCODE = msgspec.json.Encoder()


@dataclass(slots=True)
class _Template:
    text: str
    pick: Callable[[_Slots], _Slots]
    used: int = 0

    def fill(self, slots: _Slots) -> bytes:
        return (self.text % self.pick(slots)).encode()


def _change(plain: Plain, reading: Reading, phase: Phase) -> ReadingVersion:
    kept = Kept(reading, 1, plain.by, plain.recorded_at, plain.tablet_id, plain.reason)
    return ReadingVersion(1, plain.recorded_at, kept, phase)


def _lines(context: Context, change: ReadingVersion) -> bytes:
    return b"".join(serialise(resource) + b"\n" for resource in observations_at(context, change))


def _reference(to: str) -> dict[str, Any]:
    return {"reference": to}


def _marked(reading: Reading) -> Reading:
    marks: dict[str, Any] = {name: _MARK_VITALS[name] for name in VITALS if getattr(reading, name) is not None}
    note = _MARK_NOTE if reading.note else reading.note
    return replace(reading, id=_MARK_ID, measured_at=_MARK_MEASURED, note=note, **marks)


def _compile(context: Context, plain: Plain, reading: Reading, phase: Phase) -> _Template:
    marked_context = replace(
        context,
        subject=_reference(_MARK_SUBJECT),
        encounter=_reference(_MARK_ENCOUNTER),
        procedure=_reference(_MARK_PROCEDURE),
    )
    marked = replace(plain, recorded_at=_MARK_RECORDED)
    parts = _FIND.split(_lines(marked_context, _change(marked, _marked(reading), phase)).decode())
    places = [_MARKS.index(mark) for mark in parts[1::2]]
    text = "%s".join(part.replace("%", "%%") for part in parts[::2])
    return _Template(text, itemgetter(*places))


def steady_phase(context: Context, recorded_at: datetime, measured_at: datetime) -> Phase | None:
    """The phase a reading has been in ever since it arrived; None where a later event moved it."""
    place = context.place(recorded_at)
    phase = context.phase(place, measured_at)
    moved = any(context.phase(later, measured_at) is not phase for later in range(place + 1, len(context.steps)))
    return None if moved else phase


class ObservationLines:
    """Tells plain readings as lines. Keeps its templates, `most` at a time; for any thread."""

    def __init__(self, most: int = MOST) -> None:
        self._templates: Memory[tuple[Any, ...], _Template] = Memory(most)

    def of(self, context: Context, plain: Plain) -> bytes | None:
        """The ten lines of a reading; None where it has more than one version. Raises `TemplateBroken`."""
        shape = msgspec.json.decode(plain.document)
        phase = steady_phase(context, plain.recorded_at, from_text(shape["measured_at"]))
        if phase is None:
            return None
        vitals = []
        for name in VITALS:
            value = shape[name]
            vitals.append(value)
            if value is not None:
                shape[name] = 0
        note, measured_at, name = shape["note"], shape["measured_at"], shape["id"]
        if note:
            shape["note"] = "-"
        shape["measured_at"] = shape["id"] = ""
        key = (_ENCODE.encode(shape), phase, plain.by, plain.tablet_id, plain.reason)
        slots = (
            name,
            measured_at,
            to_text(plain.recorded_at),
            context.subject["reference"],
            context.encounter["reference"],
            context.procedure["reference"],
            _ENCODE.encode(note)[1:-1].decode() if note else "",
            *vitals,
        )
        template = self._templates.get(key)
        if template is None:
            reading = reading_from(msgspec.json.decode(plain.document))
            template = _compile(context, plain, reading, phase)
            self._templates.keep(key, template)
        filled = template.fill(slots)
        if template.used % LOOK_AGAIN == 0:
            reading = reading_from(msgspec.json.decode(plain.document))
            if filled != _lines(context, _change(plain, reading, phase)):
                raise TemplateBroken
        template.used += 1
        return filled
