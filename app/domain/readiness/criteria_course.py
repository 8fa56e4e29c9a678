"""Criteria about how recovery went: sustained, fresh, symptoms, medication."""

from collections.abc import Mapping
from datetime import datetime

from app.domain.canonical import Json
from app.domain.codes import Code
from app.domain.events import Event, MedicationGiven
from app.domain.instants import minutes, to_text
from app.domain.protocol.values import Protocol
from app.domain.readiness.episodes import Episode
from app.domain.readiness.evidence import Evidence
from app.domain.readiness.findings import of_events, of_readings, text
from app.domain.readiness.limits import minutes_to_settle
from app.domain.readiness.sets import Grade, RecoverySet
from app.domain.readiness.verdicts import Verdict, met, not_met, unknown


def sustained(evidence: Evidence, _as_of: datetime) -> Verdict:
    """The run has enough counted sets, and lasts long enough.

    However long the run is, as many sets are named as decide: its first one, the last that count, and the newest.
    """
    run, newest, interruption = evidence.run, evidence.newest, evidence.interruption
    if newest is None:
        return unknown(Code.NO_RECOVERY_SET)
    rule = evidence.protocol.sustained
    seen: dict[str, Json] = {
        "newest_at": to_text(newest.at),
        "counted": len(run.counted),
        "from": to_text(run.sets[0]) if run.sets else None,
        "to": to_text(run.sets[-1]) if run.sets else None,
        "began_after": run.began_after.document() if run.began_after else None,
    }
    deciding = {*run.sets[:1], *run.counted[-rule.sets :], *run.sets[-1:]}
    named = [on for at in sorted(deciding) for on in evidence.set_at(at).on]
    on = (*named, *newest.on, *of_events(interruption.event if interruption else None))
    if newest.grade is Grade.INCOMPLETE:
        return unknown(Code.NEWEST_SET_INCOMPLETE, seen, on)
    if run.sustains(rule):
        return met(Code.RUN_LONG_ENOUGH, seen, on)
    if run.began_after:
        return not_met(Code.RUN_BEGAN_ANEW, seen, on)
    return not_met(Code.RUN_TOO_SHORT, seen, on)


def fresh_until(one: RecoverySet, protocol: Protocol) -> datetime:
    """The first instant at which a set is no longer fresh."""
    return one.at + minutes(protocol.fresh_minutes)


def fresh(evidence: Evidence, as_of: datetime) -> Verdict:
    """The newest set without an unknown item is less than the protocol's minutes old."""
    newest, complete = evidence.newest, evidence.newest_complete
    if newest is None:
        return unknown(Code.NO_RECOVERY_SET)
    until = fresh_until(newest, evidence.protocol)
    complete_until = fresh_until(complete, evidence.protocol) if complete else None
    seen = {"newest_complete_at": text(complete.at) if complete else None, "newest_at": to_text(newest.at)}
    if complete and complete_until and as_of < complete_until:
        return met(Code.SET_FRESH, {**seen, "fresh_until": to_text(complete_until)}, of_readings(complete.readings))
    on = of_readings((*newest.readings, *(complete.readings if complete else ())))
    if as_of < until:
        return unknown(Code.NEWEST_SET_LACKS_ITEM, seen, on)
    return not_met(Code.SET_TOO_OLD, {**seen, "fresh_until": to_text(until)}, on)


def symptoms_settled(evidence: Evidence, _as_of: datetime) -> Verdict:
    """No blocking symptom is open, and the newest set was asked."""
    newest = evidence.newest
    still_open = [episode for episode in evidence.episodes if episode.closed_by is None]
    blocking = {episode.blocking for episode in still_open}
    seen = {"newest_at": text(newest.at) if newest else None, "open": [_open(episode) for episode in still_open]}
    asked = newest.readings if newest else ()
    on = of_readings((*asked, *(reading for episode in still_open for reading in episode.readings)))
    if True in blocking:
        return not_met(Code.SYMPTOM_BLOCKS, seen, on)
    if None in blocking:
        return unknown(Code.SYMPTOM_WITHOUT_SEVERITY, seen, on)
    if newest is None:
        return unknown(Code.NO_SET_TO_ASK_IN, seen, on)
    if not _asked(newest):
        return unknown(Code.SYMPTOMS_NOT_ASKED, seen, on)
    return met(Code.NO_SYMPTOM_BLOCKS, seen, on)


def _open(episode: Episode) -> Mapping[str, Json]:
    return {
        "symptom": episode.code.value,
        "severity": episode.worst.value if episode.worst else None,
        "named_at": to_text(episode.opened_at),
        "blocks": episode.blocking,
    }


def _asked(newest: RecoverySet) -> bool:
    """Whether every reading of the set was asked; one with a doubtful clock may belong to another instant."""
    return all(reading.symptoms is not None and not reading.clock_doubtful for reading in newest.readings)


def medication_clocks(evidence: Evidence) -> tuple[tuple[Event, str, datetime], ...]:
    """Every medication given: its event, its code, and the instant from which it has settled."""
    return tuple(
        (event, event.detail.code, event.at + minutes(minutes_to_settle(evidence.protocol, event.detail.code)))
        for event in evidence.facts.events
        if isinstance(event.detail, MedicationGiven)
    )


def medication_settled(evidence: Evidence, as_of: datetime) -> Verdict:
    """Every medication given is past its minutes."""
    clocks = medication_clocks(evidence)
    last = max((until for _, _, until in clocks), default=None)
    given: list[Json] = [
        {"medication": code, "at": to_text(event.at), "settles_at": to_text(until), "settled": as_of >= until}
        for event, code, until in clocks
    ]
    on = of_events(*(event for event, _, _ in clocks))
    if last is None:
        return met(Code.NO_MEDICATION, {"given": given})
    if as_of < last:
        return not_met(Code.MEDICATION_SETTLING, {"given": given}, on)
    return met(Code.EVERY_MEDICATION_SETTLED, {"given": given, "settled_at": to_text(last)}, on)
