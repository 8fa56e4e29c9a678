"""The record as one CSV table (RFC 4180, UTF-8 with a byte order mark): readings, events and findings, a row each.

Every revision of every reading has a row; `in_force` says which one counts. Formula-safe: a cell that a spreadsheet
could take for a formula is led by an apostrophe, and so is one that begins with an apostrophe itself; `read_table`
takes it away again, so nothing is lost.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.canonical import Document, canonical_json
from app.domain.sentences import because_of
from app.exchange.formulas import guarded, unguarded

COLUMNS = (
    "row",
    "record_digest",
    "session_id",
    "record_number",
    "id",
    "revision",
    "in_force",
    "at",
    "phase",
    "heart_rate",
    "systolic",
    "diastolic",
    "respiratory_rate",
    "spo2",
    "oxygen",
    "oxygen_flow_l_min",
    "consciousness_scale",
    "consciousness_score",
    "dissociation_grade",
    "dissociation_instrument",
    "dissociation_version",
    "dissociation_score",
    "dissociation_items",
    "symptoms",
    "gait_steady",
    "orientated",
    "not_measured",
    "confirmed_unlikely",
    "clock_doubtful",
    "kind",
    "detail",
    "criterion",
    "outcome",
    "because",
    "assessment",
    "note",
    "recorded_at",
    "recorded_by",
    "role",
    "tablet_id",
    "reason",
    "void_reason",
    "void_by",
    "void_at",
)


class NotATable(ValueError):
    """The CSV does not have the form that `table` writes."""


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int():
            return str(value)
        case _:
            return canonical_json(value).decode()  # type: ignore[arg-type]  # a part of a document


def rows(content: Document, digest: str) -> Iterator[dict[str, str]]:
    """The rows, unguarded: readings by time of measuring with every revision, events by time, findings as kept."""
    found: Mapping[str, Any] = content
    shared = {
        "record_digest": digest,
        "session_id": found["session"]["id"],
        "record_number": found["patient"]["record_number"],
    }
    for one in (*_readings(found), *_events(found), *_findings(found)):
        filled = shared | one
        yield {column: _text(filled.get(column)) for column in COLUMNS}


def _readings(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for reading in content["readings"]:
        last = len(reading["revisions"])
        for each in reading["revisions"]:
            oxygen, conscious = each["oxygen"] or {}, each["consciousness"] or {}
            dissociation = each["dissociation"] or {}
            yield {
                **{name: each[name] for name in COLUMNS if name in each and name not in {"oxygen", "reason"}},
                "row": "reading",
                "in_force": each["revision"] == last and reading["void"] is None,
                "at": each["measured_at"],
                "phase": reading["phase"] if each["revision"] == last else None,
                "oxygen": oxygen.get("kind"),
                "oxygen_flow_l_min": oxygen.get("flow_l_min"),
                "consciousness_scale": conscious.get("scale"),
                "consciousness_score": conscious.get("score"),
                **{f"dissociation_{name}": value for name, value in dissociation.items()},
                **_who(each),
                **_void(reading["void"]),
            }


def _events(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for event in content["events"]:
        yield {
            "row": "event",
            "id": event["id"],
            "revision": event["revision"],
            "in_force": event["void"] is None,
            "at": event["at"],
            "kind": event["kind"],
            "detail": event["detail"],
            "clock_doubtful": event["clock_doubtful"],
            **_who(event),
            **_void(event["void"]),
        }


def _findings(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for assessment in assessments_of(content):
        for finding in assessment["document"]["findings"]:
            yield {
                "row": "finding",
                "id": assessment["digest"],
                "at": assessment["as_of"],
                "assessment": "signed" if assessment in content["signed"] else "latest",
                "criterion": finding["criterion"],
                "outcome": finding["outcome"],
                "because": because_of(finding),
                "recorded_at": assessment["recorded_at"],
            }


def assessments_of(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What was signed, and the latest assessment where it is another one."""
    latest = content["latest"]
    signed = list(content["signed"])
    return signed if latest is None or any(one["digest"] == latest["digest"] for one in signed) else [*signed, latest]


def _who(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "recorded_at": kept["recorded_at"],
        "recorded_by": kept["recorded_by"]["name"],
        "role": kept["recorded_by"]["role"],
        "tablet_id": kept["tablet_id"],
        "reason": kept["reason"],
    }


def _void(void: Mapping[str, Any] | None) -> dict[str, Any]:
    if void is None:
        return {}
    return {"void_reason": void["reason"], "void_by": void["recorded_by"]["name"], "void_at": void["recorded_at"]}


def table(content: Document, digest: str) -> bytes:
    """The table as bytes."""
    page = io.StringIO(newline="")
    writer = csv.writer(page, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows(content, digest):
        writer.writerow([guarded(row[column]) for column in COLUMNS])
    return b"\xef\xbb\xbf" + page.getvalue().encode()


def read_table(data: bytes) -> list[dict[str, str]]:
    """The rows of a table, unguarded. Raises `NotATable`."""
    try:
        lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise NotATable(f"it cannot be read as CSV: {error}") from None
    if not lines or tuple(lines[0]) != COLUMNS:
        raise NotATable("its head is not the one of a pack")
    if uneven := next((number for number, line in enumerate(lines, 1) if len(line) != len(COLUMNS)), None):
        raise NotATable(f"row {uneven} has another number of cells")
    for number, line in enumerate(lines[1:], 2):
        if any(guarded(unguarded(cell)) != cell for cell in line):
            raise NotATable(f"row {number} holds a cell that a spreadsheet could take for a formula")
    return [dict(zip(COLUMNS, map(unguarded, line), strict=True)) for line in lines[1:]]
