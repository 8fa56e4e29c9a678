"""Criteria about the dose and what recovery is measured against."""

from datetime import datetime

from app.domain.assessment import Criterion, Finding, Outcome
from app.domain.dose import DoseState
from app.domain.events import Event
from app.domain.instants import minutes, to_text
from app.domain.protocol.values import DoseClock
from app.domain.readiness.evidence import Evidence
from app.domain.readiness.findings import finding, of_events, of_readings, texts
from app.domain.readiness.verdicts import worst_outcome


def dose_finished(evidence: Evidence, _as_of: datetime) -> Finding:
    """There is a dose, and it has ended."""
    dose = evidence.timeline
    values = {
        "state": dose.state.value,
        "started_at": to_text(dose.started.at) if dose.started else None,
        "ended_at": to_text(dose.ended.at) if dose.ended else None,
    }
    if dose.cannot_be:
        wrong = {one.event_id for one in dose.cannot_be}
        return finding(
            Criterion.DOSE_FINISHED,
            Outcome.UNKNOWN,
            "The dose events cannot be so: " + "; ".join(one.because for one in dose.cannot_be),
            rests_on=of_events(*(event for event in evidence.facts.events if event.id in wrong)),
            values={**values, "cannot_be": [str(one.event_id) for one in dose.cannot_be]},
        )
    if dose.started is None:
        because = "No dose is on record: add the infusion-started or nasal-device-given event"
        return finding(Criterion.DOSE_FINISHED, Outcome.UNKNOWN, because, values=values)
    rests_on = of_events(dose.started, dose.ended)
    if dose.ended is None:
        doing = "is paused" if dose.state is DoseState.PAUSED else "is running"
        because = f"The infusion begun at {to_text(dose.started.at)} {doing}: add the infusion-stopped event at its end"
        return finding(Criterion.DOSE_FINISHED, Outcome.NOT_MET, because, rests_on=rests_on, values=values)
    because = f"The dose ended at {to_text(dose.ended.at)}"
    return finding(Criterion.DOSE_FINISHED, Outcome.MET, because, rests_on=rests_on, values=values)


def clocks_certain(evidence: Evidence, _as_of: datetime) -> Finding:
    """No reading or event in force has a doubtful clock."""
    readings = [reading for reading in evidence.facts.readings if reading.clock_doubtful]
    events = [event for event in evidence.facts.events if event.clock_doubtful]
    if not readings and not events:
        because = "Every reading and event was timed by a clock that agreed with the service"
        return finding(Criterion.CLOCKS_CERTAIN, Outcome.MET, because)
    named = [f"the reading at {to_text(reading.measured_at)}" for reading in readings]
    named += [f"{event.kind.value} at {to_text(event.at)}" for event in events]
    return finding(
        Criterion.CLOCKS_CERTAIN,
        Outcome.UNKNOWN,
        f"The tablet's clock was in doubt for {', '.join(named)}: correct the time, or void and enter it again",
        rests_on=(*of_readings(readings), *of_events(*events)),
        values={"doubtful": [str(one.id) for one in (*readings, *events)]},
    )


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


def _clock_outcome(run_at: datetime | None, as_of: datetime) -> Outcome:
    if run_at is None:
        return Outcome.UNKNOWN
    return Outcome.MET if as_of >= run_at else Outcome.NOT_MET


def minutes_since_dose(evidence: Evidence, as_of: datetime) -> Finding:
    """Each clock the protocol names has run its minutes."""
    clocks = dose_clocks(evidence)
    outcomes = {clock: _clock_outcome(run_at, as_of) for clock, (_, run_at) in clocks.items()}
    said = []
    for clock, (_, run_at) in clocks.items():
        length = evidence.protocol.dose_minutes[clock]
        if run_at is None:
            said.append(f"there is no {clock.value} to count {length} minutes from: add the event")
        elif outcomes[clock] is Outcome.MET:
            said.append(f"{length} minutes from {clock.value} had run at {to_text(run_at)}")
        else:
            said.append(f"{length} minutes from {clock.value} run until {to_text(run_at)}: wait")
    return finding(
        Criterion.MINUTES_SINCE_DOSE,
        worst_outcome(outcomes.values()),
        "; ".join(said),
        rests_on=of_events(*(origin for origin, _ in clocks.values())),
        values={clock.value: to_text(origin.at) if origin else None for clock, (origin, _) in clocks.items()},
        limits={clock.value: length for clock, length in evidence.protocol.dose_minutes.items()},
    )


def baseline_sound(evidence: Evidence, _as_of: datetime) -> Finding:
    """The baseline is sound, or a clinician accepted it as it stands."""
    reference = evidence.baseline
    limits = {
        vital.value: {"floor": one.floor, "ceiling": one.ceiling}
        for vital, one in sorted(evidence.protocol.baseline.limits.items())
    }
    used = [r for r in evidence.facts.readings if (str(r.id), r.revision) in _names(evidence)]
    values = {
        "sound": reference.sound,
        "accepted": reference.accepted,
        "readings": texts(reading.measured_at for reading in used),
    }
    if evidence.timeline.started is None:
        outcome = Outcome.UNKNOWN
        because = (
            "No dose is on record, so no reading is known to lie before it: "
            "add the infusion-started or nasal-device-given event"
        )
    elif reference.sound:
        outcome, because = Outcome.MET, f"The baseline is sound: {reference.because}"
    elif reference.accepted:
        outcome = Outcome.MET
        because = f"A clinician accepted the baseline as it stands, though it is not sound: {reference.because}"
    elif reference.sound is None:
        outcome = Outcome.UNKNOWN
        because = f"No baseline can be formed: {reference.because}; enter what was measured before the dose, if it was"
    else:
        outcome = Outcome.UNKNOWN
        because = f"The baseline is not sound until a clinician accepts it: {reference.because}"
    return finding(
        Criterion.BASELINE_SOUND, outcome, because, rests_on=reference.rests_on, values=values, limits=limits
    )


def _names(evidence: Evidence) -> set[tuple[str, int]]:
    return {(one.id, one.revision) for one in evidence.baseline.rests_on}
