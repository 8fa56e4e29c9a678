"""docs/mutation.md: the score, and every change that nothing noticed, with why that is so."""

import json
import tomllib
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

EXPLAINED = Path(__file__).parent / "explained.toml"
HEAD = """# Mutation testing of the domain

Each place of `app/domain/` is changed a little (a comparison moved by one or turned round, `and` for `or` or half of
either, a number one up or down, `+` for `-`, `min` for `max`, a statement left out, an outcome swapped, nothing
returned), one change at a time. The oracle's quick cases and the tests that run the line must notice it: a change
that nothing notices has survived, and is explained below. Left alone are texts, annotations and decorators.

`make mutation` runs it anew (it takes a while). This page is written by `python -m tests.mutation`.
"""


def explanations() -> dict[str, str]:
    """Why a change may survive, by the change's key."""
    if not EXPLAINED.exists():
        return {}
    found = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    return {key: one["why"] for one in found.get("survivor", []) for key in one["keys"]}


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|").replace("`", "'") + "`"


def page(results: Path, current: set[str], on: date) -> str:
    """The page for the results of a run that ended on a day; of what was tried, only the `current` changes count."""
    tried = {one["id"]: one for one in map(json.loads, results.read_text(encoding="utf-8").splitlines())}
    lines = [one for name, one in tried.items() if name in current]
    why = explanations()
    by_path: dict[str, Counter] = defaultdict(Counter)
    for line in lines:
        by_path[line["path"]][line["end"]] += 1
    total = Counter(line["end"] for line in lines)
    survivors = [line for line in lines if line["end"] in {"survived", "died"}]
    noticed = len(lines) - len(survivors)
    unexplained = sum(line["key"] not in why for line in survivors)
    text = [HEAD, f"Last run: {on.isoformat()}. {len(lines)} of {len(current)} changes tried, {noticed} noticed "]
    text[-1] += f"({100 * noticed / max(1, len(lines)):.1f} %), {len(survivors)} survived, {unexplained} unexplained.\n"
    ends = ("seen by oracle", "seen by tests", "not imported", "took too long", "died", "survived")
    text.append("| module | changes | " + " | ".join(ends) + " |\n|---|" + "---:|" * (len(ends) + 1))
    for path, ended in sorted(by_path.items()):
        text.append(f"| {path} | {ended.total()} | " + " | ".join(str(ended[end]) for end in ends) + " |")
    text.append(f"| **all** | {len(lines)} | " + " | ".join(str(total[end]) for end in ends) + " |\n")
    text.append("## Survivors\n")
    text.append("| where | the line | the change | why nothing notices |\n|---|---|---|---|")
    for line in sorted(survivors, key=lambda one: (one["path"], one["line"])):
        where = f"{line['path'].removeprefix('app/domain/')}:{line['line']} {line['where']}"
        change = f"{_code(line['was'])} to {_code(line['now'])}"
        text.append(f"| {where} | {_code(line['text'])} | {change} | {why.get(line['key'], '**not explained yet**')} |")
    return "\n".join(text) + "\n"
