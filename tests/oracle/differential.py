"""Runs both sets of rules over the same case, and makes a disagreement small enough to read.

From a shell: `python -m tests.oracle.differential [CASES] [FIRST_SEED]`, in as many processes as ORACLE_PROCESSES says.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from app.domain.assessment import Assessment
from app.domain.facts import Facts
from app.domain.protocol.values import Protocol
from app.domain.readings import Reading
from tests.oracle import oracle, plainly
from tests.oracle.cases import case

Verdict = dict[str, Any]
Rules = Callable[[Facts, Protocol, datetime], Verdict]
Differences = dict[str, tuple[object, object]]
TIMES = ("status", "lapses_at", "earliest_met_at")
KEPT = {"id", "revision", "measured_at", "not_measured", "confirmed_unlikely", "clock_doubtful", "note"}


@dataclass(frozen=True)
class Disagreement:
    """One case the two do not see alike: {criterion or time: (the rules', the oracle's)}."""

    seed: int
    differences: Differences
    facts: Facts
    protocol: Protocol
    as_of: datetime

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, as of {self.as_of}"]
        lines += [f"  {what}: rules {ours}, oracle {theirs}" for what, (ours, theirs) in self.differences.items()]
        lines += [f"  {fact}" for fact in sorted(self.facts.readings, key=lambda r: r.measured_at)]
        lines += [f"  {fact}" for fact in sorted(self.facts.events, key=lambda e: e.at)]
        lines += [f"  {self.facts.escort}", f"  {self.facts.tablets}", f"  {self.protocol}"]
        return "\n".join(lines)


def real(facts: Facts, protocol: Protocol, as_of: datetime) -> Verdict:
    """What the product's rules say, in the oracle's form."""
    from app.domain.dose import timeline
    from app.domain.readiness import assess

    dose = timeline(facts.events)
    return plain(assess(facts, protocol, as_of)) | {
        "phases": {str(r.id): dose.phase_of(r.measured_at).value for r in current(facts.readings)}
    }


def current(readings: Iterable[Reading]) -> Iterable[Reading]:
    """Each reading once, at its newest revision."""
    return {r.id: r for r in sorted(readings, key=lambda r: r.revision)}.values()


def plain(verdict: Assessment) -> Verdict:
    """An assessment in the oracle's form. A criterion with two findings has no outcome here."""
    outcomes: dict[str, str] = {}
    for finding in verdict.findings:
        name = finding.criterion.value
        outcomes[name] = "twice" if name in outcomes else finding.outcome.value
    reference = verdict.baseline
    return {
        "outcomes": outcomes,
        "status": verdict.status.value,
        "baseline": {
            vital.value: (one.sum, one.count) if one.known else None for vital, one in reference.vitals.items()
        }
        | {
            "oxygen": reference.oxygen and (reference.oxygen.kind.value, reference.oxygen.flow_l_min),
            "used": sorted((one.id, one.revision) for one in reference.rests_on),
            "sound": reference.sound,
            "accepted": reference.accepted,
        },
        "lapses_at": None if verdict.lapses_at is None else plainly.ticks(verdict.lapses_at),
        "earliest_met_at": None if verdict.earliest_met_at is None else plainly.ticks(verdict.earliest_met_at),
    }


def differences(facts: Facts, protocol: Protocol, as_of: datetime, rules: Rules = real) -> Differences:
    """What the rules and the oracle say differently; empty where they agree."""
    return between(rules(facts, protocol, as_of), oracle.judge(facts, protocol, as_of))


def between(ours: Verdict, theirs: Verdict) -> Differences:
    """{criterion or time: (ours, theirs)} where the two are not the same."""
    if ours == theirs:
        return {}
    ours, theirs = ({**v.pop("outcomes"), **v} for v in (dict(ours), dict(theirs)))
    return {
        name: (ours.get(name), theirs.get(name))
        for name in ours.keys() | theirs.keys()
        if ours.get(name) != theirs.get(name)
    }


def smaller(facts: Facts) -> Iterator[Facts]:
    """The same facts with one thing less."""
    for n in range(len(facts.readings)):
        yield replace(facts, readings=facts.readings[:n] + facts.readings[n + 1 :])
    for n in range(len(facts.events)):
        yield replace(facts, events=facts.events[:n] + facts.events[n + 1 :])
    if facts.escort is not None:
        yield replace(facts, escort=None)
    if facts.tablets:
        yield replace(facts, tablets=facts.tablets[1:])
    for n, reading in enumerate(facts.readings):
        for field in fields(Reading):
            if field.name not in KEPT and getattr(reading, field.name) is not None:
                less = replace(reading, **{field.name: None})
                yield replace(facts, readings=(*facts.readings[:n], less, *facts.readings[n + 1 :]))


def shrunk(seed: int, facts: Facts, protocol: Protocol, as_of: datetime, rules: Rules = real) -> Disagreement:
    """The least facts on which the two still differ, about one of the same things in the same way."""
    wanted = min(differences(facts, protocol, as_of, rules).items(), key=lambda d: (d[0] in TIMES, d))
    going = True
    while going:
        going = False
        for less in smaller(facts):
            if wanted in differences(less, protocol, as_of, rules).items() or (
                wanted[0] in TIMES and wanted[0] in differences(less, protocol, as_of, rules)
            ):
                facts, going = less, True
                break
    return Disagreement(seed, differences(facts, protocol, as_of, rules), facts, protocol, as_of)


def disagreements(seeds: range, rules: Rules = real, most: int = 5) -> list[Disagreement]:
    """The first few disagreements among these seeds."""
    found: list[Disagreement] = []
    for seed in seeds:
        facts, protocol, as_of = case(seed)
        if differences(facts, protocol, as_of, rules):
            found.append(shrunk(seed, facts, protocol, as_of, rules))
            if len(found) == most:
                break
    return found


def main() -> int:
    """Compares as many cases as asked, and says how many agreed."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    processes = int(os.environ.get("ORACLE_PROCESSES", "1"))
    chunk = 1_000
    chunks = [range(n, min(n + chunk, first + count)) for n in range(first, first + count, chunk)]
    begun = time.perf_counter()
    found: list[Disagreement] = []
    with ProcessPoolExecutor(processes) as pool:
        for n, some in enumerate(pool.map(disagreements, chunks), 1):
            found.extend(some)
            for each in some[: max(0, 5 - len(found) + len(some))]:
                print(each, flush=True)
            if n % 20 == 0:
                print(f"{n * chunk} cases, {len(found)} disagreements", file=sys.stderr, flush=True)
    took = time.perf_counter() - begun
    print(f"{count} cases from seed {first}: {len(found)} disagreements; {count / took:.0f} cases/s")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
