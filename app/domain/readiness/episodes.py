"""Symptoms as episodes: opened by a mention, as severe as the worst one, closed only by a later resolution."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from app.domain.events import Event, SymptomResolved
from app.domain.protocol.values import SymptomRule
from app.domain.readings import Reading
from app.domain.symptoms import Severity, SymptomCode


def blocks(code: SymptomCode, severity: Severity | None, rule: SymptomRule) -> bool | None:
    """Whether a mention blocks; None where its severity was not given and would decide."""
    if code in rule.always:
        return True
    if severity is None:
        return None
    return severity.rank >= rule.from_severity.rank


@dataclass(frozen=True, slots=True)
class Episode:
    """One symptom from its first mention to its resolution. `onset` decides nothing, so it is not here.

    `blocking` is None where a severity was not given and none of those given blocks.
    """

    code: SymptomCode
    opened_at: datetime
    last_mention_at: datetime
    worst: Severity | None
    blocking: bool | None
    readings: tuple[Reading, ...]
    closed_by: Event | None = None


def _worse(a: Severity | None, b: Severity | None) -> Severity | None:
    given = [severity for severity in (a, b) if severity is not None]
    return max(given, key=lambda severity: severity.rank, default=None)


def _extended(
    episode: Episode | None, code: SymptomCode, severity: Severity | None, reading: Reading, rule: SymptomRule
) -> Episode:
    """The episode after one more mention. Blocking once is blocking; unknown once stays unknown until it blocks."""
    blocking = blocks(code, severity, rule)
    if episode is None:
        return Episode(code, reading.measured_at, reading.measured_at, severity, blocking, (reading,))
    if episode.blocking or blocking:
        blocking = True
    elif episode.blocking is None:
        blocking = None
    return replace(
        episode,
        last_mention_at=reading.measured_at,
        worst=_worse(episode.worst, severity),
        blocking=blocking,
        readings=(*episode.readings, reading),
    )


def episodes(readings: Iterable[Reading], events: Iterable[Event], rule: SymptomRule) -> tuple[Episode, ...]:
    """Every episode of the session, by code and time. Readings of every phase name symptoms, also doubtful ones."""
    mentions: dict[SymptomCode, dict[datetime, list[tuple[Severity | None, Reading]]]] = {}
    for reading in sorted(readings, key=attrgetter("measured_at", "id.int")):
        for symptom in reading.symptoms or ():
            at_instant = mentions.setdefault(symptom.code, {}).setdefault(reading.measured_at, [])
            at_instant.append((symptom.severity, reading))
    resolutions: dict[tuple[SymptomCode, datetime], Event] = {}
    for event in sorted(events, key=lambda event: (event.at, event.id.int)):
        if isinstance(event.detail, SymptomResolved):
            resolutions.setdefault((event.detail.code, event.at), event)
    found: list[Episode] = []
    for code in sorted(mentions):
        open_now: Episode | None = None
        instants = set(mentions[code]) | {at for resolved, at in resolutions if resolved is code}
        for at in sorted(instants):
            for severity, reading in mentions[code].get(at, ()):
                open_now = _extended(open_now, code, severity, reading, rule)
            # Later than its last mention: at the same instant the mention wins and the symptom stays open.
            if open_now is not None and open_now.last_mention_at < at:
                found.append(replace(open_now, closed_by=resolutions[code, at]))
                open_now = None
        if open_now is not None:
            found.append(open_now)
    return tuple(found)
