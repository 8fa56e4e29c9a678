"""What of a clinic's evidence may leave it: groups of eleven patients or more that nothing can be taken away from.

One row a month and protocol, and no other: no total, no group within another, so that there is nothing to subtract
parts from, whatever months are asked for. Every count is rounded to the nearest ten, and a share is one of rounded
counts: numbers that differ by a few people read alike. What fewer than eleven patients have, or all but fewer than
eleven, is not told; and which groups were left out, and how many, is not told either.
"""

from collections.abc import Iterable
from dataclasses import replace

from app.domain.own_evidence.groups import By, Minutes, SessionGroup, Share
from app.domain.own_evidence.intervals import FEWEST, Estimate

TEN = 10


def outside(groups: Iterable[SessionGroup]) -> list[SessionGroup]:
    """What may leave of these."""
    return [_rounded(group) for group in groups if group.key.by is By.MONTH_AND_PROTOCOL and tens(group.patients)]


def tens(count: int | None) -> int | None:
    """A count as it may be told; None of fewer than eleven."""
    return None if count is None or count < FEWEST else (count + TEN // 2) // TEN * TEN


def _rounded(group: SessionGroup) -> SessionGroup:
    lasts = {name: _share(one) for name, one in group.last_in_way.items()}
    return replace(
        group,
        sessions=tens(group.sessions),
        patients=tens(group.patients),
        unknown=None,
        last_in_way={name: one for name, one in lasts.items() if one.share},
        minutes={name: _minutes(one) for name, one in group.minutes.items()},
        portions={name: _share(one) for name, one in group.portions.items()},
    )


def _minutes(found: Minutes) -> Minutes:
    if found.middle is None:
        return Minutes(None, None, None, None, None)
    return replace(found, sessions=tens(found.sessions), patients=tens(found.patients))


def _share(found: Share) -> Share:
    """As it may be told: on neither side of it fewer than eleven patients."""
    hits, of = tens(found.hits), tens(found.of)
    if found.share is None or not hits or not of or min(found.hit, found.missed) < FEWEST:
        return Share(None, None, None, 0, 0, None)
    value = hits / of
    low, high = round(value - found.share.below, 2), round(value + found.share.above, 2)
    return Share(hits, of, tens(found.patients), 0, 0, Estimate(value, max(0.0, low), min(1.0, high)))
