"""Sessions by number: a plausible one, what is done to it, and the instant it is looked at from.

`case(seed)` gives (facts, protocol, as_of), the same for the same seed.
"""

from dataclasses import replace
from datetime import datetime
from random import Random

from app.domain.facts import Facts
from app.domain.protocol.values import Protocol
from tests.oracle import event_twists, oracle, plainly, set_twists
from tests.oracle.generate import MINUTE, SECOND, Draft, answered, built, edge, instant, plausible


def fresh_at_edge(d: Draft) -> None:
    if sets := d.recovery():
        d.as_of = sets[-1]["t"] + d.protocol.fresh_minutes * MINUTE + edge(d.rng)


def seen_earlier(d: Draft) -> None:
    """Looked at before all was done: only what had happened (or was up to two minutes ahead) is there."""
    rng = d.rng
    d.as_of = rng.randrange(d.start - 60 * MINUTE, d.as_of + 1, SECOND)
    upto = d.as_of + 120 * SECOND
    d.readings = [r for r in d.readings if r["t"] <= upto]
    d.events = [e for e in d.events if e["t"] <= upto]
    for tablet in d.tablets:
        tablet["t"] = min(tablet["t"], d.as_of)


def seen_later(d: Draft) -> None:
    d.as_of += d.rng.choice((1, 5 * MINUTE, 25 * MINUTE, 90 * MINUTE))


def sharper(d: Draft) -> None:
    """One number of the protocol one step off, so that the limits meet the values there are."""
    rng, p = d.rng, d.protocol
    rule = p.sustained
    changes = (
        {"sustained": replace(rule, sets=max(2, min(5, rule.sets + rng.choice((-1, 1)))))},
        {"sustained": replace(rule, minutes=max(5, rule.minutes + rng.choice((-1, 1))))},
        {"sustained": replace(rule, max_gap=min(60, rule.max_gap + 1))},
        {"tablet_seconds": p.tablet_seconds + rng.choice((-1, 1))},
        {"fresh_minutes": min(30, p.fresh_minutes + 1)},
        {"schedule": replace(p.schedule, recovery=max(1, p.schedule.recovery - rng.randrange(4)))},
    )
    d.protocol = replace(p, **rng.choice(changes))


def travelled(rng: Random, facts, protocol, as_of) -> int:
    """Another instant to look from: where the oracle says that something may change, or just beside it."""
    said = oracle.judge(facts, protocol, as_of)
    marks = [m for m in (said["lapses_at"], said["earliest_met_at"]) if m is not None]
    return rng.choice(marks or [plainly.ticks(as_of)]) + rng.choice((0, 0, -1, 1, -SECOND))


WEIGHTED = {
    **set_twists.WEIGHTED,
    **event_twists.WEIGHTED,
    fresh_at_edge: 4,
    seen_earlier: 4,
    seen_later: 3,
    sharper: 3,
}
TWISTS = list(WEIGHTED)
WEIGHTS = list(WEIGHTED.values())


def case(seed: int) -> tuple[Facts, Protocol, datetime]:
    """The facts, protocol and instant that `seed` stands for."""
    rng = Random(seed)
    d = plausible(rng)
    twists = rng.choices((0, 1, 2, 3, 5), (14, 32, 28, 18, 8))[0]
    for twist in rng.choices(TWISTS, WEIGHTS, k=twists):
        twist(d)
    facts = answered(d, built(d))
    as_of = instant(d.as_of)
    if rng.random() < 0.15:
        as_of = instant(travelled(rng, facts, d.protocol, as_of))
    return facts, d.protocol, as_of
