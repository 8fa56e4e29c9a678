"""The flow sheet: sets and events in order of time, every revision, what is void struck through and said to be so."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from app.domain.instants import from_text
from app.exchange.paper import LocalTimes
from app.exchange.words import (
    NOT_MEASURED,
    consciousness_words,
    dissociation_words,
    event_words,
    missing_words,
    on_feet_words,
    oxygen_words,
    symptom_words,
    typed,
    who,
)

Found = Mapping[str, Any]
Row = dict[str, Any]

LATE = timedelta(minutes=10)
"""Typed so long after it was measured, a set is marked: it was not written at the chair."""
PHASES = {
    "baseline": "Before the dose (minutes to its start)",
    "infusion": "During the dose (minutes from its start)",
    "recovery": "Recovery (minutes from the end of the dose)",
}


def flow_sheet(content: Found, times: LocalTimes) -> list[Row]:
    """Rows of `kind` phase, set, was (an older revision of the set above) and event."""
    marked = [(reading["revisions"][-1]["measured_at"], 1, reading) for reading in content["readings"]]
    marked += [(event["at"], 0, event) for event in content["events"]]
    rows: list[Row] = []
    phase = None
    for _, is_reading, fact in sorted(marked, key=lambda one: (from_text(one[0]), one[1])):
        if not is_reading:
            rows.append(_event(fact, times))
            continue
        if fact["phase"] != phase:
            phase = fact["phase"]
            rows.append({"kind": "phase", "words": PHASES[phase]})
        rows += _sets(fact, content["dose"], times)
    return rows


def _event(event: Found, times: LocalTimes) -> Row:
    notes = [f"by {who(event['recorded_by'])}"]
    if event["clock_doubtful"]:
        notes.append("the tablet's clock was in doubt")
    return {
        "kind": "event",
        "time": times.time(event["at"]),
        "words": event_words(event),
        "notes": notes + _late(event["at"], event["recorded_at"], times),
        "void": _void(event["void"], times),
    }


def _sets(reading: Found, dose: Found, times: LocalTimes) -> Iterator[Row]:
    newest, *older = reversed(reading["revisions"])
    concerning = {one["vital"] for one in reading["concerns"]}
    row = _cells(newest, concerning, times)
    notes = row["notes"]
    if older:
        notes.append(f"corrected (revision {newest['revision']}) at {times.time(newest['recorded_at'])}: "
                     f"{typed(newest['reason'] or '')}")  # fmt: skip
    notes += [f"concern, {one['because']}{', waits for a clinician' if one['waits'] else ''}"
              for one in reading["concerns"]]  # fmt: skip
    yield {
        **row,
        "kind": "set",
        "minute": _minute(newest, reading["phase"], dose),
        "void": _void(reading["void"], times),
    }
    for each in older:
        was = _cells(each, set(), times)
        why = f" at {times.time(each['recorded_at'])}: {typed(each['reason'])}" if each["reason"] else ""
        was["notes"].append(f"no longer in force (revision {each['revision']}{why})")
        yield {**was, "kind": "was", "minute": "was", "void": None}


def _cells(reading: Found, concerning: set[str], times: LocalTimes) -> Row:
    def vital(name: str) -> dict[str, Any]:
        value = reading[name]
        return {"words": NOT_MEASURED if value is None else str(value), "concern": name in concerning}

    notes = missing_words(reading["not_measured"])
    if reading["confirmed_unlikely"]:
        notes.append(f"typed twice as unlikely: {', '.join(reading['confirmed_unlikely']).replace('_', ' ')}")
    if reading["clock_doubtful"]:
        notes.append("the tablet's clock was in doubt")
    if reading["note"]:
        notes.append(f"note: {typed(reading['note'])}")
    first = reading["revision"] == 1
    notes += _late(reading["measured_at"], reading["recorded_at"], times) if first else []
    return {
        "time": times.time(reading["measured_at"]),
        "systolic": vital("systolic"),
        "diastolic": vital("diastolic"),
        "heart_rate": vital("heart_rate"),
        "respiratory_rate": vital("respiratory_rate"),
        "spo2": vital("spo2"),
        "oxygen": oxygen_words(reading["oxygen"]),
        "aware": consciousness_words(reading["consciousness"]),
        "dissociation": dissociation_words(reading["dissociation"]),
        "feet": f"{on_feet_words(reading['gait_steady'], reading['orientated'])}; {symptom_words(reading['symptoms'])}",
        "notes": notes,
        "by": who(reading["recorded_by"]),
    }


def _late(at: str, recorded_at: str, times: LocalTimes) -> list[str]:
    if from_text(recorded_at) - from_text(at) < LATE:
        return []
    return [f"typed later, at {times.time(recorded_at)}"]


def _void(void: Found | None, times: LocalTimes) -> str | None:
    if void is None:
        return None
    by = f"{who(void['recorded_by'])}, {times.time(void['recorded_at'])}"
    return f"VOID, entered in error: {typed(void['reason'])} ({by})"


def _minute(reading: Found, phase: str, dose: Found) -> str:
    since = dose["ended"] if phase == "recovery" else dose["started"]
    if since is None:
        return ""
    minutes = (from_text(reading["measured_at"]) - from_text(since)) // timedelta(minutes=1)
    return f"+{minutes}" if minutes >= 0 else f"\u2212{-minutes}"
