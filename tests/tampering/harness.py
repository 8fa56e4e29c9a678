"""Plants one change after another, and tells which of them the verifier did not name."""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random

from sqlalchemy.exc import IntegrityError

from tests.tampering import rows  # noqa: F401 - its kinds are put on the list
from tests.tampering.ground import Ground
from tests.tampering.records import KINDS, Planted


@dataclass
class Tally:
    """How often each kind was planted, and what was missed or named where nothing was."""

    planted: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kinds = "\n".join(f"  {count:6} {name}" for name, count in sorted(self.planted.items()))
        missed = "\n".join(f"  MISSED {one}" for one in self.missed[:40])
        return f"{self.planted.total()} planted, {len(self.missed)} missed\n{kinds}\n{missed}".rstrip()


def plant(ground: Ground, seeds: range, only: str | None = None) -> Tally:
    """One change for each seed, kind after kind (or `only` one), each undone before the next."""
    tally = Tally()
    names = sorted(KINDS) if only is None else [only]
    anchors = ground.anchors
    for seed in seeds:
        name = names[seed % len(names)]
        for attempt in range(20):
            ground.anchors = deepcopy(anchors)
            with ground.undone():
                try:
                    planted = KINDS[name](ground, Random(f"{seed}/{attempt}"))
                except IntegrityError:
                    continue  # another row holds the place already: chance tries again
                if planted is None:
                    continue
                broken = ground.broken(anchored=planted.anchored, wall=ground.wall + planted.later)
            tally.planted[name] += 1
            if not planted.named(broken):
                found = "; ".join(map(str, broken[:4])) or "nothing"
                tally.missed.append(f"{name}, seed {seed}: {_told(planted)}; named: {found}")
            break
    ground.anchors = anchors
    return tally


def _told(planted: Planted) -> str:
    kinds = "/".join(sorted(planted.kinds))
    return f"{planted.what}, {kinds} at {sorted(planted.positions) or 'any'} of {planted.where}"
