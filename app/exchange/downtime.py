"""Downtime sheets as pages: one to each session, to chart on by hand in black and white. No verdict stands on them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from app.domain.assessment import Criterion
from app.domain.derive import Derived
from app.domain.documents import Written, event_document, oxygen_document, reading_document
from app.domain.dose import total_mg
from app.domain.downtime import Charted, DowntimeSheets, UnderWay
from app.domain.events import IV_KINDS, NASAL_KINDS, Event, EventKind
from app.domain.instants import to_text
from app.domain.names import listed
from app.domain.protocol.values import ConcernLimits, Protocol
from app.domain.readings import Reading
from app.domain.records import SessionRecord
from app.domain.starting import missing_to_start
from app.domain.symptoms import label
from app.domain.vitals import CONSCIOUSNESS_SCORES, Vital
from app.exchange.paper import LocalTimes, Sheet, press
from app.exchange.protocol_words import tell
from app.exchange.words import (
    NOT_MEASURED,
    SCALES,
    dissociation_words,
    event_words,
    missing_words,
    oxygen_words,
    symptom_words,
    typed,
)

LAST_SETS = 3
"""Sets of the record that stand above the rows to be written."""
MOST_EVENTS = 8
"""Events of one kind that a sheet names, the newest ones; how many more there are is said."""
MOST_NOTE = 120
"""Characters of a set's note: the whole of it is in the record."""
LINE = 80
"""Letters in a line of a column, roughly: by it the columns are made equally long."""
DOSE = IV_KINDS | NASAL_KINDS
GIVEN = frozenset({EventKind.MEDICATION_GIVEN, EventKind.OXYGEN_STARTED, EventKind.OXYGEN_STOPPED})
FEET = {True: "steady", False: "unsteady", None: NOT_MEASURED}
ORIENTATED = {True: "yes", False: "no", None: NOT_MEASURED}
NOT_HERE = "The record of this session cannot be read now: ask at the chair, and chart from here on."


def print_sheets(sheets: DowntimeSheets) -> bytes:
    """A sheet for each session, in their order, and a blank one for each protocol; one without, where there is none."""
    blanks = [_blank(protocol) for protocol in sheets.protocols] or [_blank(None)]
    pages = [_sheet(one, sheets) for one in sheets.under_way] + blanks
    times = LocalTimes(sheets.clinic.timezone, [to_text(sheets.at)])
    data: Written = {
        "demo": sheets.demo,
        "clinic": typed(sheets.clinic.name),
        "zone": times.said,
        "made": times.full(to_text(sheets.at)),
        "made_by": f"{typed(sheets.by.name)} ({sheets.by.role})",
        "sheets": [page | {"number": number, "of": len(pages)} for number, page in enumerate(pages, 1)],
    }
    return press(Sheet("downtime.typ", f"Downtime sheets: {sheets.clinic.name}", data, sheets.at)).pdf


def _sheet(one: UnderWay, sheets: DowntimeSheets) -> Written:
    shown: Written = {
        "patient": {
            "name": listed(typed(one.patient.family_name), typed(one.patient.given_name)),
            "birth_date": one.patient.birth_date or "?",
            "record_number": typed(one.patient.record_number),
        },
        "chair": typed(one.chair) if one.chair else None,
        "session": str(one.id),
    }
    if one.charted is None:
        return _of_protocol(None) | shown | {"cannot": NOT_HERE, "facts": [], "baseline": None, "last": []}
    times = _times(one.charted.record, sheets)
    known: Written = {
        "cannot": None,
        "facts": list(_facts(one.charted, times, sheets.at)),
        "baseline": _baseline(one.charted.derived),
        "last": _last_sets(one.charted, times),
    }
    return _of_protocol(one.charted.protocol) | shown | known


def _blank(protocol: Protocol | None) -> Written:
    told: Written = {"patient": None, "chair": None, "session": None, "cannot": None, "baseline": None, "last": []}
    facts = list(_asked(protocol, began=False)) if protocol else []
    return _of_protocol(protocol) | told | {"facts": facts}


def _of_protocol(protocol: Protocol | None) -> Written:
    """What the protocol says: the scale of consciousness, the limits of concern, the criteria in its own words."""
    if protocol is None:
        return {"protocol": None, "example": False, "scale": "", "concern": None, "criteria": []}
    scale = protocol.consciousness_scale
    scores = [str(score) for score in CONSCIOUSNESS_SCORES[scale]]
    return {
        "protocol": f"{protocol.id}, version {protocol.version}",
        "example": protocol.example,
        "scale": f"{SCALES[scale.value]} ({scores[0]} is fully awake)",
        "concern": _concern_row(protocol.concerns),
        "criteria": _in_two(list(_criteria(protocol))),
    }


def _criteria(protocol: Protocol) -> Iterator[Written]:
    """Each criterion in the protocol's words; where a baseline is sound stands with the limits that it speaks of."""
    told = tell(protocol)
    limits = [f"{one.title}: {' '.join(one.says)}" for one in told if one.table.startswith("baseline.")]
    for one in told:
        if one.table.startswith("criteria."):
            above = limits if one.table == f"criteria.{Criterion.BASELINE_SOUND.value}" else []
            yield {"title": one.title, "says": " ".join([*above, *one.says])}


def _in_two(criteria: Sequence[Written]) -> list[list[Written]]:
    """The criteria in two columns about equally long, in their order."""
    lines = [1.4 + len(f"{one['title']} {one['says']}") // LINE for one in criteria]
    cut = min(range(len(lines) + 1), key=lambda at: abs(sum(lines[:at]) - sum(lines[at:])))
    return [list(criteria[:cut]), list(criteria[cut:])]


def _times(record: SessionRecord, sheets: DowntimeSheets) -> LocalTimes:
    """Those of the session and of the printing."""
    instants = [one.at for one in record.events_in_force()] + [one.measured_at for one in record.readings_in_force()]
    return LocalTimes(sheets.clinic.timezone, map(to_text, [*instants, sheets.at]))


def _facts(charted: Charted, times: LocalTimes, now: datetime) -> Iterator[list[str]]:
    """What is known of the session, each with its name; what the record says nothing of is left out."""
    record, derived = charted.record, charted.derived
    life, due = derived.life, derived.due
    events = sorted(record.events_in_force(), key=attrgetter("at", "id.int"))
    if derived.phase and life and life.since:
        yield ["Phase", f"{derived.phase.value} since {times.time(to_text(life.since))}"]
    if due:
        late = f"overdue after {times.time(to_text(due.overdue_at))}"
        yield ["Next set due", f"{times.time(to_text(due.due_at))}; {late}"]
    yield from _asked(charted.protocol, began=derived.dose is not None and derived.dose.started is not None)
    total = total_mg(events)
    said = f"{total} mg in all. " if total is not None else "none on record. "
    yield ["Dose so far", said + _events([one for one in events if one.kind in DOSE], times)]
    given = [one for one in events if one.kind in GIVEN]
    yield ["Medication, oxygen", _events(given, times) if given else "none on record"]
    if derived.evidence is None:
        yield ["Not worked out", "what the record comes to could not be worked out: look at the sets yourself"]
        return
    if open_now := sorted({label(one.code) for one in derived.evidence.episodes if one.closed_by is None}):
        yield ["Symptoms not yet gone", ", ".join(open_now)]
    if waits := [one for one in derived.concerns if one.waits]:
        yield ["Waits for a clinician", "; ".join(times.in_words(one.because) for one in waits)]
    if missing := [one for one in missing_to_start(record, derived) or () if one.at(now)]:
        yield ["Before a dose", "; ".join(times.in_words(typed(one.reason.words)) for one in missing)]
    escort = record.escort.value if record.escort else None
    if escort:
        seen = escort.present_at if escort.present else None
        where = f"seen here at {times.time(to_text(seen))}" if seen else "not seen here yet"
        yield ["Escort", f"{typed(escort.name)}, {where}"]


def _asked(protocol: Protocol, *, began: bool) -> Iterator[list[str]]:
    """When sets are due, what a baseline takes, what a raised pressure asks for: the protocol's own words."""
    told = {one.table: " ".join(one.says) for one in tell(protocol)}
    before = () if began else (("baseline", "Baseline"), ("prompts.before-dose", "Before the dose"))
    for table, name in (("schedule", "Sets"), *before, ("prompts.from-dose", "From the dose on")):
        if table in told:
            yield [name, told[table]]


def _events(events: Sequence[Event], times: LocalTimes) -> str:
    shown = [f"{times.time(to_text(one.at))} {event_words(event_document(one))}" for one in events[-MOST_EVENTS:]]
    more = len(events) - len(shown)
    return "; ".join(([f"{more} earlier, in the record"] if more else []) + shown)


def _baseline(derived: Derived) -> Written:
    """The patient's own values, and what there is to be said against them."""
    baseline, dose = derived.baseline, derived.dose
    vitals = {vital: baseline.vitals.get(vital) for vital in Vital}
    shown = {vital.value: "?" if one is None or one.shown is None else str(one.shown) for vital, one in vitals.items()}
    doubts = ["no dose on record yet"] if dose is None or dose.started is None else []
    if baseline.sound is None:
        doubts.append("not known in full")
    elif not baseline.sound:
        doubts.append("in doubt, accepted by a clinician" if baseline.accepted else "in doubt: a clinician looks at it")
    oxygen = oxygen_document(baseline.oxygen) if baseline.oxygen else None
    return {**shown, "oxygen": oxygen_words(oxygen), "note": "; ".join(doubts)}


def _concern_row(limits: Mapping[Vital, ConcernLimits]) -> Written:
    """Of each vital from where on it is a concern: `< 45, > 130`, `40 off own`, and ! where a clinician must see it."""
    return {vital.value: list(_bounds(limits.get(vital))) for vital in Vital}


def _bounds(limits: ConcernLimits | None) -> Iterator[str]:
    if limits is None:
        return
    for sign, bound in (("<", limits.floor), (">", limits.ceiling), ("±", limits.delta)):
        if bound is not None:
            yield f"{sign}\u00a0{bound}{'!' if limits.acknowledge else ''}"


def _last_sets(charted: Charted, times: LocalTimes) -> list[Written]:
    newest = sorted(charted.record.readings_in_force(), key=attrgetter("measured_at", "id.int"))[-LAST_SETS:]
    concerning = {(one.reading_id, one.vital) for one in charted.derived.concerns}
    return [_row(reading, {vital for this, vital in concerning if this == reading.id}, times) for reading in newest]


def _row(reading: Reading, concerning: set[Vital], times: LocalTimes) -> Written:
    document: Mapping[str, Any] = reading_document(reading)
    level = reading.consciousness
    notes = [symptom_words(document["symptoms"]), *missing_words(document["not_measured"])]
    if reading.note:
        more = "" if len(reading.note) <= MOST_NOTE else "… (more in the record)"
        notes.append(typed(reading.note[:MOST_NOTE]) + more)
    values = {vital.value: reading.vital(vital) for vital in Vital}
    return {
        **{
            name: NOT_MEASURED if value is None else f"{value}{'!' if Vital(name) in concerning else ''}"
            for name, value in values.items()
        },
        "time": times.time(to_text(reading.measured_at)),
        "oxygen": oxygen_words(document["oxygen"]) or NOT_MEASURED,
        "aware": str(level.score) if level else NOT_MEASURED,
        "dissociation": dissociation_words(document["dissociation"]),
        "gait": FEET[reading.gait_steady],
        "orientated": ORIENTATED[reading.orientated],
        "notes": "; ".join(notes),
    }
