"""The trend picture as SVG: each vital against its own band, events, dissociation and symptoms on one time axis.

Drawn for grey print: shape and weight tell things apart, never colour. Every word in it is one of ours (codes,
numbers), so that nothing a person typed is ever markup here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.domain.instants import from_text
from app.domain.vitals import VITALS, DissociationGrade, Vital
from app.exchange.paper import LocalTimes
from app.exchange.words import plain

Found = Mapping[str, Any]

WIDTH, LEFT, RIGHT = 720, 80, 684
SERIF = "Libertinus Serif"
INK, QUIET, BAND, RULE = "#111", "#555", "#e4e4e4", "#bbb"
GLYPH = 5.2
"""Points that one letter takes at the size of the small words, for placing them."""
LANES = 4
SHOWN_EVENTS = {
    "checked-in": "in",
    "infusion-started": "start",
    "infusion-paused": "pause",
    "infusion-resumed": "resume",
    "rate-changed": "rate",
    "infusion-stopped": "stop",
    "nasal-device-given": "device",
    "medication-given": "",
    "oxygen-started": "oxygen on",
    "oxygen-stopped": "oxygen off",
    "transferred": "transferred",
    "left-against-advice": "left against advice",
}
PANELS: tuple[tuple[str, tuple[Vital, ...], int, int], ...] = (
    ("BP mmHg", (Vital.SYSTOLIC, Vital.DIASTOLIC), 104, 90),
    ("HR /min", (Vital.HEART_RATE,), 62, 40),
    ("RR /min", (Vital.RESPIRATORY_RATE,), 48, 12),
    ("SpO2 %", (Vital.SPO2,), 48, 10),
)
"""Label, vitals, height, and the least span of the scale, so that small wobbles look small."""
GRADES = [grade.value for grade in DissociationGrade]
_OURS = re.compile(r"[A-Za-z0-9 /%:.]+")
STEPS = (10, 15, 30, 60, 120, 240, 480, 1440)


@dataclass(frozen=True, slots=True)
class _Axis:
    """Where instants stand."""

    begin: datetime
    end: datetime

    def x(self, text: str) -> float:
        """Points from the left edge."""
        share = (from_text(text) - self.begin) / (self.end - self.begin)
        return LEFT + 8 + share * (RIGHT - LEFT - 20)


def _sets(content: Found) -> list[Found]:
    """The readings in force, oldest first."""
    return [one["revisions"][-1] for one in content["readings"] if one["void"] is None]


def _events(content: Found) -> list[Found]:
    return [one for one in content["events"] if one["void"] is None and one["kind"] in SHOWN_EVENTS]


def picture_in_words(content: Found, times: LocalTimes) -> str:
    """What the picture shows, for who cannot see it."""
    sets = _sets(content)
    if not sets:
        return "Trend picture: there is no reading to draw."
    ranges = []
    for vital in Vital:
        values = [one[vital.value] for one in sets if one[vital.value] is not None]
        if values:
            ranges.append(f"{VITALS[vital].label} {min(values)} to {max(values)}")
    first, last = times.time(sets[0]["measured_at"]), times.time(sets[-1]["measured_at"])
    return (
        f"Trend of {len(sets)} sets from {first} to {last}, each vital against its band near the baseline: "
        f"{', '.join(ranges) or 'no vital was measured'}. Every number stands in the flow sheet."
    )


def picture(content: Found, times: LocalTimes) -> str | None:
    """The SVG; None where there is nothing to draw."""
    sets, events = _sets(content), _events(content)
    if not sets:
        return None
    seen = sorted(from_text(one["measured_at"]) for one in sets) + sorted(from_text(one["at"]) for one in events)
    if content["discharge"]:
        seen.append(from_text(content["discharge"]["left_at"]))
    axis = _Axis(min(seen), max(*seen, min(seen) + timedelta(minutes=30)))
    parts: list[str] = []
    heads, top = _heads(events, axis)
    for label, vitals, height, least in PANELS:
        parts.append(_moved(top, _panel(label, vitals, height, least, sets, content, axis)))
        top += height + 8
    parts.append(_moved(top, _dissociation(sets, axis)))
    top += 40
    symptoms, deep = _symptoms(sets, content, axis)
    parts.append(_moved(top, symptoms))
    top += deep
    lines = [_line(x, y, x, top, RULE, 0.8) for x, y in heads["lines"]]
    marks = _marks(axis, top, times)
    inside = "".join([*lines, *heads["words"], *parts, *marks])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + 20}" width="{WIDTH}" '
        f'height="{top + 20}" font-family="{SERIF}">{inside}</svg>'
    )


def _moved(top: float, inside: str) -> str:
    return f'<g transform="translate(0 {top:g})">{inside}</g>'


def _line(x1: float, y1: float, x2: float, y2: float, ink: str, width: float, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{ink}" stroke-width="{width:g}"{dashed}/>'


def _say(x: float, y: float, words: str, *, size: float = 10, anchor: str = "start", ink: str = INK) -> str:
    assert _OURS.fullmatch(words), "only words of ours are drawn"
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}" fill="{ink}">{words}</text>'


def _heads(events: list[Found], axis: _Axis) -> tuple[dict[str, Any], float]:
    """Events at the head of the picture, in the first lane with room; the rest are in the flow sheet alone."""
    ends = [0.0] * LANES
    words, lines = [], []
    deepest = 0
    for event in events:
        x = axis.x(event["at"])
        said = SHOWN_EVENTS[event["kind"]] or plain(event["detail"]["code"])[:24]
        if event["kind"] == "rate-changed":
            said = f"{event['detail']['rate_ml_h']} ml/h"
        width = len(said) * GLYPH
        begin = min(x + 3, WIDTH - width)
        lane = next((n for n, end in enumerate(ends) if end <= begin), None)
        lines.append((x, 4 if lane is None else lane * 13 + 2))
        if lane is not None:
            ends[lane] = begin + width + 5
            deepest = max(deepest, lane)
            words.append(_say(begin, lane * 13 + 11, said))
    return {"words": words, "lines": lines}, 13.0 * (deepest + 1) + 8


def _panel(
    label: str, vitals: tuple[Vital, ...], height: int, least: int, sets: list[Found], content: Found, axis: _Axis
) -> str:
    bands = {vital: content["baseline"]["vitals"][vital.value] for vital in vitals}
    ceiling = 100 if Vital.SPO2 in vitals else 300
    seen = [one[vital.value] for one in sets for vital in vitals if one[vital.value] is not None]
    seen += [min(edge, ceiling) for one in bands.values() for edge in one["band"] or ()]
    seen = seen or [ceiling]
    middle: float = (max(seen) + min(seen)) / 2
    reach: float = max(least, max(seen) - min(seen)) / 2
    high, low = min(middle + reach, ceiling), middle - reach

    def y(value: float) -> float:
        return 6.0 + (high - min(value, high)) / (high - low) * (height - 12)

    parts = [_say(2, height / 2 + 3, label, size=11)]
    edges: list[float] = []
    for vital in vitals:
        one = bands[vital]
        band = one["band"]
        if band and band[0] <= band[1]:
            top, bottom = y(band[1]), y(band[0])
            parts.append(
                f'<rect x="{LEFT}" y="{top:.1f}" width="{RIGHT - LEFT}" height="{bottom - top:.1f}" fill="{BAND}"/>'
            )
            for edge in (band[1], band[0]):
                if edge < ceiling and all(abs(y(edge) - other) >= 10 for other in edges):
                    edges.append(y(edge))
                    parts.append(_say(LEFT - 3, y(edge) + 3.5, str(edge), size=9, anchor="end", ink=QUIET))
        if one["count"]:
            reference = y(one["sum"] / one["count"])
            parts.append(_line(LEFT, reference, RIGHT, reference, QUIET, 0.8, "4 3"))
    for vital in vitals:
        parts.append(_curve(vital, sets, bands[vital]["band"], axis, y))
        newest = sets[-1][vital.value]
        if newest is not None:
            parts.append(_say(RIGHT + 5, y(newest) + 4, str(newest), size=12))
    parts.append(_line(LEFT, height + 4, RIGHT, height + 4, RULE, 0.5))
    return "".join(parts)


def _curve(vital: Vital, sets: list[Found], band: list[int] | None, axis: _Axis, y: Callable[[float], float]) -> str:
    """Points; a line joins neighbours only, never across a set in which the vital was not measured."""
    parts: list[str] = []
    before: tuple[float, float] | None = None
    hollow = vital is Vital.DIASTOLIC
    for one in sets:
        value = one[vital.value]
        if value is None:
            before = None
            continue
        point = (axis.x(one["measured_at"]), y(value))
        if before is not None:
            parts.insert(0, _line(*before, *point, INK, 1.1))
        before = point
        parts.append(_dot(point, 0 if band is None else (value > band[1]) - (value < band[0]), hollow=hollow))
    return "".join(parts)


def _dot(point: tuple[float, float], side: int, *, hollow: bool) -> str:
    """A circle inside the band, a triangle that points the way out of it."""
    x, y = point
    fill = "#fff" if hollow else INK
    if side == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.8" fill="{fill}" stroke="{INK}"/>'
    path = f"M{x - 4.4:.1f} {y + 3.4 * side:.1f}h8.8l-4.4 {-7.6 * side:.1f}z"
    return f'<path d="{path}" fill="{fill}" stroke="{INK}"/>'


def _dissociation(sets: list[Found], axis: _Axis) -> str:
    """The nurse's grade from set to set: the stronger the higher and darker, with its word where it changes."""
    parts = [_say(2, 22, "Dissociation", size=11)]
    end, before = 0.0, ""
    for place, one in enumerate(sets):
        x = axis.x(one["measured_at"])
        until = axis.x(sets[place + 1]["measured_at"]) if place + 1 < len(sets) else RIGHT
        grade = one["dissociation"]["grade"] if one["dissociation"] else None
        height = 2 if grade is None else 2 + 6 * GRADES.index(grade)
        ink = "#fff" if grade is None else ("#999", "#888", "#666", "#333")[GRADES.index(grade)]
        dash = ' stroke-dasharray="2 2"' if grade is None else ""
        parts.append(
            f'<rect x="{x:.1f}" y="{34 - height}" width="{max(1.0, until - x - 1):.1f}" height="{height}" fill="{ink}" '
            f'stroke="{QUIET}" stroke-width="0.5"{dash}/>'
        )
        said = grade or "n/m"
        if said != before and x >= end:
            parts.append(_say(x, 31 - height, said, size=9))
            end, before = x + len(said) * GLYPH + 3, said
    return "".join(parts)


def _symptoms(sets: list[Found], content: Found, axis: _Axis) -> tuple[str, float]:
    """A lane for each symptom named: a mark where it was named, sized by severity; a bar where it had gone."""
    parts: list[str] = []
    codes = list(dict.fromkeys(one["code"] for each in sets for one in each["symptoms"] or ()))
    for lane, code in enumerate(codes):
        y = lane * 15 + 9
        mentions = [
            (axis.x(each["measured_at"]), one["severity"])
            for each in sets
            for one in each["symptoms"] or ()
            if one["code"] == code
        ]
        gone = [
            axis.x(event["at"])
            for event in content["events"]
            if event["kind"] == "symptom-resolved" and event["void"] is None and event["detail"]["code"] == code
        ]
        first, last = mentions[0][0], max([x for x, _ in mentions] + gone)
        parts.append(_line(first, y, last, y, QUIET, 1))
        for x, severity in mentions:
            radius = {"mild": 2.2, "moderate": 3.4, "severe": 4.8, None: 2.2}[severity]
            fill = INK if severity == "severe" else ("#fff" if severity in {"mild", None} else "#888")
            parts.append(f'<circle cx="{x:.1f}" cy="{y}" r="{radius}" fill="{fill}" stroke="{INK}"/>')
        parts += [_line(x, y - 5, x, y + 5, INK, 1.4) for x in gone]
        right = last < (LEFT + RIGHT) / 2 + 120
        parts.append(_say(last + 9 if right else first - 9, y + 3.5, plain(code), anchor="start" if right else "end"))
    return "".join(parts), len(codes) * 15 + (6 if codes else 0)


def _marks(axis: _Axis, top: float, times: LocalTimes) -> list[str]:
    """Times of the clinic under the picture."""
    step = next((one for one in STEPS if (axis.end - axis.begin) / timedelta(minutes=one) <= 9), STEPS[-1])
    at = axis.begin.replace(minute=0, second=0, microsecond=0)
    parts = [_line(LEFT, top, RIGHT, top, QUIET, 0.8)]
    while at <= axis.end:
        if at >= axis.begin:
            text = at.isoformat()
            x = axis.x(text)
            parts += [_line(x, top, x, top + 4, QUIET, 0.8), _say(x, top + 15, times.clock(text), anchor="middle")]
        at += timedelta(minutes=step)
    return parts
