"""Criteria about how recovery went: sustained, fresh, symptoms, medication."""

from datetime import datetime

from app.domain.assessment import Criterion, Finding, Outcome
from app.domain.canonical import Json
from app.domain.events import Event, MedicationGiven
from app.domain.instants import minutes, to_text
from app.domain.protocol.values import Protocol
from app.domain.readiness.episodes import Episode
from app.domain.readiness.evidence import Evidence
from app.domain.readiness.findings import finding, of_events, of_readings, texts
from app.domain.readiness.sets import Grade, RecoverySet

NO_SET = "There is no recovery set: take one after the dose has ended"


def sustained(evidence: Evidence, _as_of: datetime) -> Finding:
    """The run has enough counted sets, and lasts long enough."""
    rule, run, newest = evidence.protocol.sustained, evidence.run, evidence.newest
    limits: dict[str, Json] = {
        "sets": rule.sets,
        "minutes": rule.minutes,
        "spacing": rule.spacing,
        "max_gap": rule.max_gap,
    }
    if newest is None:
        return finding(Criterion.SUSTAINED, Outcome.UNKNOWN, NO_SET, limits=limits)
    in_run = [reading for one in evidence.sets if one.at in run.sets for reading in one.readings]
    interruption = evidence.interruption
    rests_on = (
        *of_readings((*in_run, *newest.readings)),
        *of_events(interruption.event if interruption else None),
    )
    values: dict[str, Json] = {"run": texts(run.sets), "counted": texts(run.counted), "began_after": run.began_after}
    wanted = f"{rule.sets} counted sets with at least {rule.minutes} minutes from first to last"
    if newest.grade is Grade.INCOMPLETE:
        because = f"The newest set, at {to_text(newest.at)}, is incomplete: take a complete one ({wanted} are needed)"
        return finding(Criterion.SUSTAINED, Outcome.UNKNOWN, because, rests_on=rests_on, values=values, limits=limits)
    span = ""
    if run.sets:
        first, last = to_text(run.sets[0]), to_text(run.sets[-1])
        span = f" from {first} to {last}" if first != last else f", at {first}"
    said = f"The run of good sets has {len(run.counted)} counted set{'' if len(run.counted) == 1 else 's'}{span}"
    since = f"; it began anew after {run.began_after}" if run.began_after else ""
    if run.sustains(rule):
        because = f"{said}; {wanted} are needed"
        return finding(Criterion.SUSTAINED, Outcome.MET, because, rests_on=rests_on, values=values, limits=limits)
    because = f"{said}{since}: go on taking sets until there are {wanted}"
    return finding(Criterion.SUSTAINED, Outcome.NOT_MET, because, rests_on=rests_on, values=values, limits=limits)


def fresh_until(one: RecoverySet, protocol: Protocol) -> datetime:
    """The first instant at which a set is no longer fresh."""
    return one.at + minutes(protocol.fresh_minutes)


def fresh(evidence: Evidence, as_of: datetime) -> Finding:
    """The newest set without an unknown item is less than the protocol's minutes old."""
    newest, complete = evidence.newest, evidence.newest_complete
    limits: dict[str, Json] = {"minutes": evidence.protocol.fresh_minutes}
    if newest is None:
        return finding(Criterion.FRESH, Outcome.UNKNOWN, NO_SET, limits=limits)
    values: dict[str, Json] = {
        "newest_complete_at": to_text(complete.at) if complete else None,
        "newest_at": to_text(newest.at),
    }
    until = fresh_until(newest, evidence.protocol)
    if complete is not None and as_of < fresh_until(complete, evidence.protocol):
        complete_until = to_text(fresh_until(complete, evidence.protocol))
        because = f"The newest complete set, at {to_text(complete.at)}, is fresh until {complete_until}"
        rests_on = of_readings(complete.readings)
        return finding(Criterion.FRESH, Outcome.MET, because, rests_on=rests_on, values=values, limits=limits)
    rests_on = of_readings((*newest.readings, *(complete.readings if complete else ())))
    if as_of < until:
        because = f"The newest set, at {to_text(newest.at)}, lacks an item: take a complete set"
        return finding(Criterion.FRESH, Outcome.UNKNOWN, because, rests_on=rests_on, values=values, limits=limits)
    because = f"The newest set, at {to_text(newest.at)}, was fresh until {to_text(until)}: take a set"
    return finding(Criterion.FRESH, Outcome.NOT_MET, because, rests_on=rests_on, values=values, limits=limits)


def _named(episode: Episode) -> str:
    severity = episode.worst.value if episode.worst else "severity not given"
    return f"{episode.code.value.replace('-', ' ')} ({severity}, named at {to_text(episode.opened_at)})"


def symptoms_settled(evidence: Evidence, _as_of: datetime) -> Finding:
    """No blocking symptom is open, and the newest set was asked."""
    rule, newest = evidence.protocol.symptoms, evidence.newest
    still_open = [episode for episode in evidence.episodes if episode.closed_by is None]
    blocking = [episode for episode in still_open if episode.blocking]
    ungraded = [episode for episode in still_open if episode.blocking is None]
    limits: dict[str, Json] = {"from_severity": rule.from_severity.value, "always": sorted(rule.always)}
    values: dict[str, Json] = {"open": [f"{episode.code.value} {episode.worst or '?'}" for episode in still_open]}
    rests_on = of_readings(
        (*(newest.readings if newest else ()), *(reading for episode in still_open for reading in episode.readings))
    )
    if blocking:
        outcome = Outcome.NOT_MET
        because = f"{', '.join(map(_named, blocking))} is open: record symptom-resolved when it has gone"
    elif ungraded:
        outcome = Outcome.UNKNOWN
        because = f"{', '.join(map(_named, ungraded))} is open: correct the reading to give its severity"
    elif newest is None:
        outcome, because = Outcome.UNKNOWN, f"{NO_SET}, and ask about symptoms"
    elif not _asked(newest):
        outcome = Outcome.UNKNOWN
        because = f"Symptoms were not asked for certain in the newest set, at {to_text(newest.at)}: ask in the next one"
    else:
        outcome, because = Outcome.MET, f"Symptoms were asked at {to_text(newest.at)}, and none that blocks is open"
    return finding(Criterion.SYMPTOMS_SETTLED, outcome, because, rests_on=rests_on, values=values, limits=limits)


def _asked(newest: RecoverySet) -> bool:
    """Whether every reading of the set was asked; one with a doubtful clock may belong to another instant."""
    return all(reading.symptoms is not None and not reading.clock_doubtful for reading in newest.readings)


def medication_clocks(evidence: Evidence) -> tuple[tuple[Event, str, datetime], ...]:
    """Every medication given: its event, its code, and the instant from which it has settled."""
    lengths = evidence.protocol.medication_minutes
    return tuple(
        # What is not listed takes the longest: nobody has said that it is harmless.
        (event, event.detail.code, event.at + minutes(lengths.get(event.detail.code, max(lengths.values()))))
        for event in evidence.facts.events
        if isinstance(event.detail, MedicationGiven)
    )


def medication_settled(evidence: Evidence, as_of: datetime) -> Finding:
    """Every medication given is past its minutes."""
    given = medication_clocks(evidence)
    lengths = evidence.protocol.medication_minutes
    waiting = [(code, event, until) for event, code, until in given if as_of < until]
    if waiting:
        outcome = Outcome.NOT_MET
        said = [f"{code} given at {to_text(event.at)} settles at {to_text(until)}" for code, event, until in waiting]
        because = f"{'; '.join(said)}: wait"
    elif given:
        outcome, because = Outcome.MET, f"Every medication given had settled at {to_text(max(u for _, _, u in given))}"
    else:
        outcome, because = Outcome.MET, "No medication was given"
    return finding(
        Criterion.MEDICATION_SETTLED,
        outcome,
        because,
        rests_on=of_events(*(event for event, _, _ in given)),
        values={"given": [{"code": code, "at": to_text(event.at)} for event, code, _ in given]},
        limits={code: lengths.get(code, max(lengths.values())) for code in sorted({code for _, code, _ in given})},
    )
