"""Many simulated clinics: how often an interval holds the truth, and how often a difference is seen."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from app.domain.assessment import Criterion
from app.domain.own_evidence.counted import CountedSession
from app.domain.own_evidence.groups import By, GroupKey, Portion, SessionGroup, compared, group_of
from app.domain.own_evidence.intervals import Estimate
from app.domain.own_evidence.went import Stretch
from tests.evidence.clinics import DIFFERENT, FIRST, SECOND, TRUTH, clinic, truly_more

STATED = 0.95
Look = Callable[[list[CountedSession]], list[CountedSession]]


@dataclass
class Coverage:
    """Of so many clinics: intervals that hold the truth, by what they are of; differences seen, by measure."""

    clinics: int = 0
    told: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)

    def note(self, name: str, found: Estimate | None, truth: float) -> None:
        """One interval."""
        if found is not None:
            self.told[name] += 1
            self.held[name] += found.low <= truth <= found.high

    def share(self, name: str) -> float:
        """How often the interval held the truth."""
        return self.held[name] / self.told[name]

    def lines(self) -> Iterable[str]:
        """For a person to read."""
        yield f"{self.clinics} simulated clinics; intervals are meant to hold the truth in {STATED:.0%} of them"
        for name in self.told:
            seen = f"   a difference seen in {self.seen[name] / self.clinics:6.1%}" if name in MEASURES else ""
            planted = "   (planted)" if name in PLANTED_NAMES else ""
            yield f"{name:55} held {self.share(name):6.1%} of {self.told[name]}{seen}{planted}"


MEASURES = {f"difference: {measure.value}": measure for measure in (*Stretch, *Portion)}
PLANTED_NAMES = {name for name, measure in MEASURES.items() if measure in DIFFERENT}


def by_protocol(sessions: list[CountedSession]) -> list[SessionGroup]:
    """Both protocols."""
    return [
        group_of(
            GroupKey(By.PROTOCOL, route=one.told.route, protocol=protocol),
            [session for session in sessions if session.told and session.told.protocol == protocol],
        )
        for protocol in TRUTH
        for one in sessions[:1]
        if one.told
    ]


def measure(clinics: int, seed: int, as_seen: Look = list) -> Coverage:
    """Makes so many clinics, and looks at each as a lead would. `as_seen`: what becomes of its sessions before."""
    found = Coverage(clinics)
    for number in range(clinics):
        groups = by_protocol(as_seen(clinic(Random(f"{seed}/{number}"))))
        for group in groups:
            _note(found, group)
        for one in compared(groups):
            sign = 1 if one.protocol == SECOND and one.than == FIRST else -1
            name = f"difference: {one.measure.value}"
            found.note(name, one.more, sign * truly_more(one.measure))
            found.seen[name] += one.differs
    return found


def _note(found: Coverage, group: SessionGroup) -> None:
    assert group.key.protocol
    truth, named = TRUTH[group.key.protocol], group.key.protocol.id
    for stretch, minutes in group.minutes.items():
        found.note(f"{named}: {stretch.value}", minutes.middle, truth.minutes[stretch])
    for portion, share in group.portions.items():
        found.note(f"{named}: {portion.value}", share.share, truth.portions[portion])
    found.note(f"{named}: gait last in the way", group.last_in_way[Criterion.GAIT_STEADY].share, truth.gait_last)
