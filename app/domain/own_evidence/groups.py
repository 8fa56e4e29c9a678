"""Sessions gathered by month, protocol and route, and what each group comes to."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.assessment import Criterion
from app.domain.events import Route
from app.domain.own_evidence.counted import CountedSession, ProtocolNamed, Telling
from app.domain.own_evidence.intervals import Estimate, Seen, at_rank, difference, median, share
from app.domain.own_evidence.went import Stretch


class By(StrEnum):
    """What a group has in common."""

    ALL = "all"
    MONTH = "month"
    ROUTE = "route"
    PROTOCOL = "protocol"
    MONTH_AND_ROUTE = "month-and-route"
    MONTH_AND_PROTOCOL = "month-and-protocol"


class Portion(StrEnum):
    """A share of something."""

    SETS_LATE = "sets-late"
    VALUES_CORRECTED = "values-corrected"
    WITHDRAWN_AFTER_SIGNING = "withdrawn-after-signing"
    """Of sessions in which a flag was confirmed."""


@dataclass(frozen=True, slots=True)
class GroupKey:
    """Which group; None: whatever it is."""

    by: By
    month: str | None = None
    route: Route | None = None
    protocol: ProtocolNamed | None = None


@dataclass(frozen=True, slots=True)
class Minutes:
    """Of so many sessions. `middle` None: too few patients to say. `quarter`, `three_quarters`: half lie between.

    Counts are None where it is not told how few.
    """

    sessions: int | None
    patients: int | None
    middle: Estimate | None
    quarter: int | None
    three_quarters: int | None


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`, whatever these are, of so many patients. `share` None: too few patients to say.

    `hit`, `missed`: patients with a hit, and with something that is none. Counts are None where it is not told how few.
    """

    hits: int | None
    of: int | None
    patients: int | None
    hit: int
    missed: int
    share: Estimate | None


@dataclass(frozen=True, slots=True)
class SessionGroup:
    """What a group comes to. `unknown`: sessions of it that cannot be worked out, which are in nothing that follows.

    Counts are None where it is not told how few.

    `last_in_way`: of the sessions with a flag, in how many each criterion was the last in the way, alone or with
    others; the most frequent first, those that never were left out.
    """

    key: GroupKey
    sessions: int | None
    patients: int | None
    unknown: int | None
    last_in_way: dict[Criterion, Share]
    minutes: dict[Stretch, Minutes]
    portions: dict[Portion, Share]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two protocols of one route: how much more `protocol` has than `than`. `differs`: the interval leaves out none."""

    route: Route
    protocol: ProtocolNamed
    than: ProtocolNamed
    measure: Stretch | Portion
    more: Estimate

    @property
    def differs(self) -> bool:
        """Whether the interval lies on one side of no difference."""
        return self.more.low > 0 or self.more.high < 0


def keys_of(session: CountedSession) -> tuple[GroupKey, ...]:
    """Every group that a session belongs to."""
    known = session.told
    if known is None:
        return GroupKey(By.ALL), GroupKey(By.MONTH, session.month)
    return (
        GroupKey(By.ALL),
        GroupKey(By.MONTH, session.month),
        GroupKey(By.ROUTE, route=known.route),
        GroupKey(By.PROTOCOL, route=known.route, protocol=known.protocol),
        GroupKey(By.MONTH_AND_ROUTE, session.month, known.route),
        GroupKey(By.MONTH_AND_PROTOCOL, session.month, known.route, known.protocol),
    )


def _order(key: GroupKey) -> tuple[int, str, str, str, int]:
    named = key.protocol or ProtocolNamed("", 0)
    return list(By).index(key.by), key.month or "", key.route or "", named.id, named.version


def groups_of(sessions: Iterable[CountedSession]) -> list[SessionGroup]:
    """Every group, the whole first, then in one order. Where there is no session the whole alone, which is empty."""
    gathered: dict[GroupKey, list[CountedSession]] = {GroupKey(By.ALL): []}
    for session in sessions:
        for key in keys_of(session):
            gathered.setdefault(key, []).append(session)
    return [group_of(key, gathered[key]) for key in sorted(gathered, key=_order)]


def group_of(key: GroupKey, sessions: Sequence[CountedSession]) -> SessionGroup:
    """What these sessions come to."""
    told = [(session.patient_id, session.told) for session in sessions if session.told is not None]
    return SessionGroup(
        key=key,
        sessions=len(sessions),
        patients=len({session.patient_id for session in sessions}),
        unknown=len(sessions) - len(told),
        last_in_way=_lasts(told),
        minutes={stretch: _minutes(stretch, told) for stretch in Stretch},
        portions={portion: _portion(find, told) for portion, find in PORTIONS.items()},
    )


def _lasts(told: Iterable[tuple[Hashable, Telling]]) -> dict[Criterion, Share]:
    flags: Counter[Hashable] = Counter()
    waited: dict[Criterion, Counter[Hashable]] = defaultdict(Counter)
    for patient, one in told:
        if one.last_in_way is not None:
            flags[patient] += 1
            for criterion in one.last_in_way:
                waited[criterion][patient] += 1
    by_count = sorted(waited, key=lambda criterion: (-waited[criterion].total(), list(Criterion).index(criterion)))
    return {
        criterion: _share([Seen(waited[criterion][patient], many) for patient, many in flags.items()])
        for criterion in by_count
    }


def _minutes(stretch: Stretch, told: Iterable[tuple[Hashable, Telling]]) -> Minutes:
    values: dict[Hashable, list[int]] = defaultdict(list)
    for patient, one in told:
        if stretch in one.minutes:
            values[patient].append(one.minutes[stretch])
    ranked = sorted(value for each in values.values() for value in each)
    middle = median(values)
    quarters = (at_rank(ranked, 0.25), at_rank(ranked, 0.75)) if middle else (None, None)
    return Minutes(len(ranked), len(values), middle, *quarters)


def _withdrawn(told: Telling) -> Seen:
    return Seen(0, 0) if told.withdrawn is None else Seen(int(told.withdrawn), 1)


PORTIONS: dict[Portion, Callable[[Telling], Seen]] = {
    Portion.SETS_LATE: lambda told: told.sets,
    Portion.VALUES_CORRECTED: lambda told: told.values,
    Portion.WITHDRAWN_AFTER_SIGNING: _withdrawn,
}


def _portion(find: Callable[[Telling], Seen], told: Iterable[tuple[Hashable, Telling]]) -> Share:
    hits: dict[Hashable, int] = defaultdict(int)
    of: dict[Hashable, int] = defaultdict(int)
    for patient, one in told:
        part = find(one)
        hits[patient] += part.hits
        of[patient] += part.of
    return _share([Seen(hits[patient], of[patient]) for patient in of if of[patient]])


def _share(parts: Sequence[Seen]) -> Share:
    return Share(
        hits=sum(part.hits for part in parts),
        of=sum(part.of for part in parts),
        patients=len(parts),
        hit=sum(part.hits > 0 for part in parts),
        missed=sum(part.hits < part.of for part in parts),
        share=share(parts),
    )


def compared(groups: Iterable[SessionGroup]) -> list[Compared]:
    """Of each route every protocol with the one that has most sessions, in all that can be said of both."""
    of_route: dict[Route, list[SessionGroup]] = defaultdict(list)
    for group in groups:
        if group.key.by is By.PROTOCOL and group.key.route:
            of_route[group.key.route].append(group)
    return [
        found
        for route, each in of_route.items()
        for most in [max(each, key=lambda group: group.sessions or 0)]
        for group in each
        if group is not most
        for found in _compared(route, group, most)
    ]


def _compared(route: Route, one: SessionGroup, most: SessionGroup) -> list[Compared]:
    assert one.key.protocol, "a group by protocol has one"
    assert most.key.protocol, "a group by protocol has one"
    pairs: list[tuple[Stretch | Portion, Estimate | None, Estimate | None]] = [
        *((stretch, one.minutes[stretch].middle, most.minutes[stretch].middle) for stretch in Stretch),
        *((portion, one.portions[portion].share, most.portions[portion].share) for portion in Portion),
    ]
    return [
        Compared(route, one.key.protocol, most.key.protocol, measure, difference(mine, its))
        for measure, mine, its in pairs
        if mine and its
    ]
