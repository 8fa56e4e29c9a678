"""Writes what was measured last into docs/performance.md: the table, and what it comes to for many clinics.

    python -m tests.bench.page

Reads var/bench/bench.json and peer.json, as `make bench` and `make bench-peer` left them.
"""

import json
import re
from pathlib import Path
from typing import Any

from tests.bench.load import ROOT
from tests.bench.table import SPECS

PAGE = ROOT / "docs" / "performance.md"
FOLDER = ROOT / "var" / "bench"
CLINICS, SESSIONS_A_DAY, READINGS_A_SESSION, LOOKS_A_READING = 50_000, 8, 12, 4
"""The clinic of the arithmetic: four chairs, each used twice a day; two people look at it before and after each set."""
OPEN_SECONDS, PEAK, DAYS = 8 * 3600, 3, 250


def table(rows: list[dict[str, Any]]) -> str:
    """The rows that have a must, as Markdown."""
    lines = [
        "| row | what | of | must | goal | measured | spread | |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        spec = SPECS[row["id"]]
        if spec.must is None:
            continue
        measured, spread = spec.shown(row["measured"]), ""
        if row["measured"] is not None and row["low"] != row["high"]:
            spread = f"{spec.shown(row['low'])} to {spec.shown(row['high'])}"
        said = " ".join(part for part in (row["verdict"], row["words"].replace("|", "/")) if part)
        cells = (row["id"], spec.title, row["of"], spec.shown(spec.must), spec.shown(spec.goal), measured, spread, said)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def tablet(rows: list[dict[str, Any]]) -> str:
    """What the tablet's share came to, as Markdown."""
    lines = ["| what | of | measured | spread | |", "| --- | --- | --- | --- | --- |"]
    for row in (one for one in rows if re.fullmatch(r"T\d", one["id"])):
        spec = SPECS[row["id"]]
        differ = row["measured"] is not None and row["low"] != row["high"]
        spread = f"{spec.shown(row['low'])} to {spec.shown(row['high'])}" if differ else ""
        said = f"too busy; {row['words']}" if row["verdict"] == "too busy" else row["words"]
        lines.append(f"| {' | '.join((spec.title, row['of'], spec.shown(row['measured']), spread, said))} |")
    return "\n".join(lines)


def measured(rows: list[dict[str, Any]], row: str, of: str) -> float | None:
    """The figure of the first row of this id that is of this."""
    found = (one["measured"] for one in rows if one["id"] == row and one["of"].startswith(of))
    return next(found, None)


def growth(rows: list[dict[str, Any]]) -> str:
    """What fifty thousand clinics would take of machines; every factor is named."""
    put, kept = measured(rows, "cpu", "postgresql"), measured(rows, "G9", "postgresql, at 25")
    look = measured(rows, "cpu", "ours, read")
    readings = CLINICS * SESSIONS_A_DAY * READINGS_A_SESSION
    peak = PEAK * readings / OPEN_SECONDS
    product = (
        f"{CLINICS:,} clinics x {SESSIONS_A_DAY} sessions a day x {READINGS_A_SESSION} readings: {readings:,} a day"
    )
    lines = [f"{product}; over eight hours, three times the mean at the peak: {peak:,.0f} a second."]
    if put is not None:
        lines.append(
            f"Writing: {peak:,.0f}/s x {put:.2f} ms of processor = {peak * put / 1000:.1f} cores, PostgreSQL's in it."
        )
    if look is not None:
        looks = LOOKS_A_READING * peak
        lines.append(f"Looking: {looks:,.0f}/s x {look:.2f} ms = {looks * look / 1000:.1f} cores.")
    if kept is not None:
        a_day = readings * kept / 1e9
        lines.append(
            f"Keeping: {readings:,} x {kept:,.0f} bytes = {a_day:.1f} GB a day, {a_day * DAYS / 1000:.2f} TB a year of "
            f"{DAYS} days, before indexes."
        )
    return "\n".join(f"- {line}" for line in lines)


def between(page: str, name: str, text: str) -> str:
    """The page with what stands between this name's two marks replaced."""
    begin, end = f"<!-- {name}: python -m tests.bench.page -->", f"<!-- end of {name} -->"
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"the page has no marks for {name}")
    return f"{before}{begin}\n{text}\n{end}{after}"


def read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {"rows": []}
    return found


def main() -> None:
    ours, peers = read(FOLDER / "bench.json"), read(FOLDER / "peer.json")
    rows = peers["rows"] + ours["rows"]
    where = f"Commit {str(ours.get('commit'))[:10]}, {ours.get('cores')} cores, Python {ours.get('python')}."
    page = PAGE.read_text()
    written = {"measured": f"{where}\n\n{table(rows)}", "tablet": f"{where}\n\n{tablet(rows)}", "growth": growth(rows)}
    for name, text in written.items():
        page = between(page, name, text)
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
