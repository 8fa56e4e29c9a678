"""The clinic's own evidence as others read it: one document, and the same as rows for a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from app.domain.own_evidence.groups import Compared, GroupKey, Minutes, SessionGroup, Share
from app.domain.own_evidence.intervals import Estimate
from app.exchange.formulas import guarded

PLACES = 3


def group_document(group: SessionGroup) -> dict[str, Any]:
    """A group as JSON. What too few patients tell of is null, and the counts beside it say of how few."""
    return {
        **_key(group.key),
        "sessions": group.sessions,
        "patients": group.patients,
        "unknown": group.unknown,
        "last_in_way": [{"criterion": name.value, **_share(one)} for name, one in group.last_in_way.items()],
        "minutes": [{"stretch": name.value, **_minutes(one)} for name, one in group.minutes.items()],
        "portions": [{"portion": name.value, **_share(one)} for name, one in group.portions.items()],
    }


def compared_document(compared: Compared) -> dict[str, Any]:
    """Two protocols as JSON: minutes more, or points of a share."""
    return {
        "route": compared.route.value,
        "protocol": {"id": compared.protocol.id, "version": compared.protocol.version},
        "than": {"id": compared.than.id, "version": compared.than.version},
        "measure": compared.measure.value,
        "more": round(compared.more.value, PLACES),
        "low": round(compared.more.low, PLACES),
        "high": round(compared.more.high, PLACES),
        "differs": compared.differs,
    }


def _key(key: GroupKey) -> dict[str, Any]:
    return {
        "by": key.by.value,
        "month": key.month,
        "route": key.route.value if key.route else None,
        "protocol": {"id": key.protocol.id, "version": key.protocol.version} if key.protocol else None,
    }


def _share(one: Share) -> dict[str, Any]:
    return {"count": one.hits, "of": one.of, "patients": one.patients, **_estimate("share", one.share)}


def _minutes(one: Minutes) -> dict[str, Any]:
    return {
        "sessions": one.sessions,
        "patients": one.patients,
        **_estimate("median", one.middle),
        "quarter": one.quarter,
        "three_quarters": one.three_quarters,
    }


def _estimate(name: str, found: Estimate | None) -> dict[str, Any]:
    if found is None:
        return {name: None, "low": None, "high": None}
    return {name: _number(found.value), "low": _number(found.low), "high": _number(found.high)}


def _number(value: float) -> float:
    return value if isinstance(value, int) else round(value, PLACES)


COLUMNS = (
    "by",
    "month",
    "route",
    "protocol_id",
    "protocol_version",
    "group_sessions",
    "group_patients",
    "group_unknown",
    "measure",
    "criterion",
    "count",
    "of",
    "patients",
    "value",
    "low",
    "high",
    "quarter",
    "three_quarters",
)


def evidence_csv(groups: Iterable[SessionGroup]) -> bytes:
    """A row for each number of each group, in the order of `COLUMNS`; empty where too few patients tell of it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for group in groups:
        writer.writerows([_cells(row) for row in _rows(group_document(group))])
    return out.getvalue().encode()


def _cells(row: dict[str, Any]) -> list[str]:
    cells = (row.get(name) for name in COLUMNS)
    return ["" if cell is None else guarded(cell) if isinstance(cell, str) else str(cell) for cell in cells]


def _rows(group: dict[str, Any]) -> Iterator[dict[str, Any]]:
    protocol = group["protocol"] or {"id": None, "version": None}
    first = {
        **{name: group[name] for name in ("by", "month", "route")},
        "protocol_id": protocol["id"],
        "protocol_version": protocol["version"],
        **{f"group_{name}": group[name] for name in ("sessions", "patients", "unknown")},
    }
    for one in group["last_in_way"]:
        yield {**first, **one, "measure": "last-in-way", "value": one["share"]}
    for one in group["minutes"]:
        yield {**first, **one, "measure": one["stretch"], "count": one["sessions"], "value": one["median"]}
    for one in group["portions"]:
        yield {**first, **one, "measure": one["portion"], "value": one["share"]}
