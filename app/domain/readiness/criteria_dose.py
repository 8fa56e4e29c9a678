"""Criteria about the dose and what recovery is measured against."""

from datetime import datetime
from uuid import UUID

from app.domain.codes import Code
from app.domain.dose import DoseState
from app.domain.events import Event
from app.domain.instants import minutes, to_text
from app.domain.protocol.values import DoseClock
from app.domain.readiness.evidence import Evidence
from app.domain.readiness.findings import at_of, of_events, of_readings, text, texts
from app.domain.readiness.verdicts import Verdict, met, not_met, unknown, worst


def dose_finished(evidence: Evidence, _as_of: datetime) -> Verdict:
    """There is a dose, and it has ended."""
    dose = evidence.timeline
    seen = {"state": dose.state.value, "started_at": at_of(dose.started), "ended_at": at_of(dose.ended)}
    on = of_events(dose.started, dose.ended)
    if dose.cannot_be:
        wrong = {one.event_id for one in dose.cannot_be}
        named = of_events(*(event for event in evidence.facts.events if event.id in wrong))
        return unknown(
            Code.DOSE_CANNOT_BE, {**seen, "cannot_be": [one.reason.document() for one in dose.cannot_be]}, named
        )
    if dose.started is None:
        return unknown(Code.NO_DOSE, seen)
    if dose.state is DoseState.PAUSED:
        return not_met(Code.INFUSION_ON_PAUSE, seen, on)
    if dose.ended is None:
        return not_met(Code.INFUSION_RUNNING, seen, on)
    return met(Code.DOSE_ENDED, seen, on)


def clocks_certain(evidence: Evidence, _as_of: datetime) -> Verdict:
    """No reading or event in force has a doubtful clock."""
    readings = [reading for reading in evidence.facts.readings if reading.clock_doubtful]
    events = [event for event in evidence.facts.events if event.clock_doubtful]
    if not readings and not events:
        return met(Code.CLOCKS_AGREED)
    facts = [("reading", reading.id, reading.measured_at) for reading in readings]
    facts += [(event.kind.value, event.id, event.at) for event in events]
    doubtful = [{"kind": kind, "id": str(name), "at": to_text(at)} for kind, name, at in facts]
    return unknown(Code.CLOCKS_IN_DOUBT, {"doubtful": doubtful}, (*of_readings(readings), *of_events(*events)))


def dose_clocks(evidence: Evidence) -> dict[DoseClock, tuple[Event | None, datetime | None]]:
    """Each clock the protocol names: the event it counts from, and when it has run; None where that is missing."""
    dose = evidence.timeline
    origins = {
        DoseClock.INFUSION_END: dose.infusion_end,
        DoseClock.FIRST_DEVICE: dose.first_device,
        DoseClock.LAST_DEVICE: dose.last_device,
    }
    clocks: dict[DoseClock, tuple[Event | None, datetime | None]] = {}
    for clock, length in sorted(evidence.protocol.dose_minutes.items()):
        origin = origins[clock]
        clocks[clock] = (origin, None if origin is None else origin.at + minutes(length))
    return clocks


def _clock(run_at: datetime | None, as_of: datetime) -> tuple[Verdict, Code]:
    """What one clock comes to, and how it is said beside the others."""
    if run_at is None:
        return unknown(Code.DOSE_EVENT_MISSING), Code.CLOCK_WITHOUT_EVENT
    if as_of < run_at:
        return not_met(Code.MINUTES_RUNNING), Code.CLOCK_RUNNING
    return met(Code.MINUTES_HAVE_RUN), Code.CLOCK_HAS_RUN


def minutes_since_dose(evidence: Evidence, as_of: datetime) -> Verdict:
    """Each clock the protocol names has run its minutes."""
    lengths, judged, clocks = evidence.protocol.dose_minutes, [], []
    for clock, (origin, run_at) in dose_clocks(evidence).items():
        verdict, said = _clock(run_at, as_of)
        judged.append(verdict.also(on=of_events(origin)))
        times = {"at": at_of(origin), "until": text(run_at)}
        clocks.append({"code": said.value, "clock": clock.value, "minutes": lengths[clock], **times})
    return worst(judged).also({"clocks": clocks}, (on for verdict in judged for on in verdict.on))


def baseline_sound(evidence: Evidence, _as_of: datetime) -> Verdict:
    """The baseline is sound, or a clinician accepted it as it stands."""
    reference = evidence.baseline
    names = {(UUID(one.id).int, one.revision) for one in reference.rests_on}
    used = [r.measured_at for r in evidence.facts.readings if (r.id.int, r.revision) in names]
    seen = {"sound": reference.sound, "accepted": reference.accepted, "readings": texts(used)}
    why = {"why": reference.reason.document()}
    if evidence.timeline.started is None:
        return unknown(Code.BASELINE_BEFORE_NO_DOSE, seen, reference.rests_on)
    if reference.sound:
        return met(Code.BASELINE_SOUND, {**seen, **why}, reference.rests_on)
    if reference.accepted:
        return met(Code.BASELINE_ACCEPTED, {**seen, **why}, reference.rests_on)
    if reference.sound is None:
        return unknown(Code.BASELINE_NOT_FORMED, {**seen, **why}, reference.rests_on)
    return unknown(Code.BASELINE_NOT_SOUND, {**seen, **why}, reference.rests_on)
