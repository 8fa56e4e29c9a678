"""What /metrics tells, and what somebody's expressions ask of it: metrics and labels by name, no values."""

import re
from collections.abc import Iterator

EVERYWHERE = frozenset({"job", "instance"})
"""Labels that Prometheus puts to everything."""
ITS_OWN = {"up": frozenset[str]()}
"""What Prometheus says itself."""
WORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "bool", "offset"}
_GROUPS = r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)"
_METRIC = re.compile(r"(?<![\w\"])([a-z_][a-z0-9_]+)\b(?!\s*\()(\{[^}]*\})?")

Told = dict[str, frozenset[str]]


def told_by(text: str) -> Told:
    """Each series of the text form, with the names of its labels; none where it has no value yet."""
    found: Told = {}
    for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE):
        for suffix in ("_bucket", "_sum", "_count") if kind == "histogram" else ("",):
            found[name + suffix] = frozenset()
    for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? \S+$", text, re.MULTILINE):
        found[name] |= set(re.findall(r'(\w+)="', labels))
    return found


def asked_in(expression: str) -> dict[str, set[str]]:
    """The metrics of an expression, each with the labels it is chosen by."""
    rest = re.sub(_GROUPS, " ", expression)
    found: dict[str, set[str]] = {}
    for name, chosen in _METRIC.findall(rest):
        if name not in WORDS:
            found.setdefault(name, set()).update(re.findall(r"(\w+)\s*[=!]", chosen))
    return found


def grouped_in(expression: str) -> set[str]:
    """The labels by which an expression puts together."""
    return {one.strip() for each in re.findall(_GROUPS, expression) for one in each.split(",")}


def strangers(expression: str, told: Told, legend: str = "") -> Iterator[str]:
    """What an expression, and the legend of what it draws, ask for and nobody tells."""
    known = told | ITS_OWN
    asked, groups = asked_in(expression), grouped_in(expression)
    labels = set(re.findall(r"\{\{\s*(\w+)\s*\}\}", legend))
    for name, chosen in asked.items():
        if name not in known:
            yield name
            continue
        mine = known[name] | EVERYWHERE
        yield from (f"{name}: {label}" for label in sorted((chosen | groups | labels) - mine))
    aggregated = re.match(r"(sum|max|min|avg|topk|count)\b", expression) is not None
    yield from (f"legend: {label}" for label in sorted(labels - groups) if aggregated)
