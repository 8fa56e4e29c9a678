"""A clinic of two protocols, made by chance: what of it is true is planted, and its patients differ as patients do.

Only what sessions tell is made, not the sessions themselves. Every patient has several sessions, which are alike.
"""

from dataclasses import dataclass
from math import exp, floor
from random import Random
from uuid import UUID

from app.domain.assessment import Criterion
from app.domain.events import Route
from app.domain.own_evidence.counted import CountedSession, ProtocolNamed, Telling
from app.domain.own_evidence.groups import Portion
from app.domain.own_evidence.intervals import Seen
from app.domain.own_evidence.went import Stretch

FIRST, SECOND = ProtocolNamed("iv-standard", 1), ProtocolNamed("iv-stricter", 1)
MONTHS = tuple(f"2026-{month:02d}" for month in range(1, 7))
FEW, MANY = 25, 80
"""Patients by protocol."""


@dataclass(frozen=True)
class Truth:
    """What is so of one protocol: medians in minutes, and shares."""

    minutes: dict[Stretch, int]
    portions: dict[Portion, float]
    gait_last: float
    """The share of flags that waited for the gait."""


USUAL = Truth(
    minutes={
        Stretch.DOSE_END_TO_FLAG: 60,
        Stretch.FLAG_TO_SIGNATURE: 8,
        Stretch.SIGNATURE_TO_LEAVING: 12,
        Stretch.DOSE_END_TO_LEAVING: 85,
    },
    portions={Portion.SETS_LATE: 0.10, Portion.VALUES_CORRECTED: 0.01, Portion.WITHDRAWN_AFTER_SIGNING: 0.05},
    gait_last=0.4,
)
PLANTED = Truth(
    minutes={**USUAL.minutes, Stretch.DOSE_END_TO_FLAG: 75},
    portions={**USUAL.portions, Portion.SETS_LATE: 0.30},
    gait_last=0.4,
)
"""The second protocol: the flag comes 15 minutes later, three times as many sets are late. All else is the same."""
TRUTH = {FIRST: USUAL, SECOND: PLANTED}
DIFFERENT = frozenset({Stretch.DOSE_END_TO_FLAG, Portion.SETS_LATE})
"""All that differs between the two."""


def truly_more(measure: Stretch | Portion) -> float:
    """How much more the second protocol truly has."""
    if isinstance(measure, Stretch):
        return PLANTED.minutes[measure] - USUAL.minutes[measure]
    return PLANTED.portions[measure] - USUAL.portions[measure]


def clinic(chance: Random) -> list[CountedSession]:
    """All sessions of one clinic."""
    return [
        session
        for protocol, truth in TRUTH.items()
        for _ in range(chance.randint(FEW, MANY))
        for session in _patient(chance, protocol, truth)
    ]


def _patient(chance: Random, protocol: ProtocolNamed, truth: Truth) -> list[CountedSession]:
    patient = UUID(int=chance.getrandbits(128))
    slow = {stretch: chance.gauss(0, 0.25) for stretch in Stretch}
    unsteady = _tilted(chance, truth.gait_last)
    made = []
    for _ in range(chance.randint(1, 10)):
        due = chance.randint(8, 14)
        late, corrected = (
            _tilted(chance, truth.portions[Portion.SETS_LATE]),
            _tilted(chance, truth.portions[Portion.VALUES_CORRECTED]),
        )
        flagged = chance.random() < 0.95
        told = Telling(
            route=Route.IV_INFUSION,
            protocol=protocol,
            # minutes are whole and rounded down: half a minute more lies in the middle of the true one
            minutes={
                stretch: floor((middle + 0.5) * exp(slow[stretch] + chance.gauss(0, 0.3)))
                for stretch, middle in truth.minutes.items()
                if flagged or stretch is Stretch.DOSE_END_TO_LEAVING
            },
            last_in_way=frozenset({Criterion.GAIT_STEADY if chance.random() < unsteady else Criterion.SUSTAINED})
            if flagged
            else None,
            sets=_seen(chance, due, late),
            values=_seen(chance, due * 9, corrected),
            withdrawn=chance.random() < truth.portions[Portion.WITHDRAWN_AFTER_SIGNING] if flagged else None,
        )
        made.append(CountedSession(chance.choice(MONTHS), patient, told))
    return made


def _tilted(chance: Random, share: float) -> float:
    """A share of somebody's own, around this one."""
    return chance.betavariate(share * 8, (1 - share) * 8)


def _seen(chance: Random, of: int, share: float) -> Seen:
    return Seen(sum(chance.random() < share for _ in range(of)), of)
