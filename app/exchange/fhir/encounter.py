"""The session as an Encounter, its dose as a Procedure, its course as an EpisodeOfCare.

Encounter and Procedure are derived, so their version counts arrivals: version n is the record as it was after its n-th
change that they are made from. For an Encounter these are the header's revisions, the events, their voids and the
discharge; for a Procedure the events that move the dose, and their voids. Nothing that has arrived is ever taken back,
so a version only grows, and replaying the arrivals gives every one again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.dose import DoseState, timeline
from app.domain.events import Event, EventKind, Transferred
from app.domain.records import Course, Discharge, Kept, SessionHeader, SessionRecord
from app.domain.sessions import CLOSED, Life, SessionState, in_order, life_of
from app.exchange.fhir.context import Context, Step, arrivals
from app.exchange.fhir.parts import (
    coding,
    concept,
    extension,
    instant,
    instant_or_none,
    kept,
    meta,
    ours,
    part,
    parted,
    reference,
    signer,
)
from app.exchange.fhir.systems import HL7, Resource

_AMBULATORY = coding(f"{HL7}/v3-ActCode", "AMB", "ambulatory")
_STATUS = {
    SessionState.PLANNED: "planned",
    SessionState.CHECKED_IN: "arrived",
    SessionState.INFUSING: "in-progress",
    SessionState.RECOVERING: "in-progress",
    SessionState.DISCHARGED: "finished",
    SessionState.CANCELLED: "cancelled",
    SessionState.TRANSFERRED: "finished",
    SessionState.LEFT_AGAINST_ADVICE: "finished",
}
_LEFT = {
    SessionState.DISCHARGED: ("home", "Home"),
    SessionState.TRANSFERRED: ("other-hcf", "Other healthcare facility"),
    SessionState.LEFT_AGAINST_ADVICE: ("aadvice", "Left against advice"),
}
_PROCEDURE_STATUS = {
    DoseState.NONE: "not-done",
    DoseState.RUNNING: "in-progress",
    DoseState.PAUSED: "on-hold",
    DoseState.ENDED: "completed",
}


@dataclass(frozen=True, slots=True)
class _Whole:
    """What an Encounter is made from, as it was after one change."""

    version: int
    at: datetime
    header: Kept[SessionHeader]
    events: tuple[Event, ...]
    discharge: Kept[Discharge] | None


@dataclass(frozen=True, slots=True)
class _Arrival:
    """One change of what an Encounter is made from: one of the three."""

    header: Kept[SessionHeader] | None = None
    events: tuple[Event, ...] | None = None
    discharge: Kept[Discharge] | None = None


def _wholes(record: SessionRecord, headers: Sequence[Kept[SessionHeader]]) -> Iterator[_Whole]:
    """After each arrival, oldest first. `headers` must be all revisions for the versions to be all of them."""
    found: list[tuple[datetime, int, _Arrival]] = [(one.recorded_at, 0, _Arrival(header=one)) for one in headers]
    found.extend((at, 1, _Arrival(events=events)) for at, events in arrivals(record.events))
    if record.discharge is not None:
        found.append((record.discharge.recorded_at, 2, _Arrival(discharge=record.discharge)))
    whole = _Whole(headers[0].revision - 1, headers[0].recorded_at, headers[0], (), None)
    for at, _, arrived in sorted(found, key=lambda one: one[:2]):
        whole = _Whole(
            whole.version + 1,
            at,
            arrived.header or whole.header,
            whole.events if arrived.events is None else arrived.events,
            arrived.discharge or whole.discharge,
        )
        yield whole


def _period(life: Life, whole: _Whole) -> Resource:
    """From check-in (or the dose, where that is all there is) to leaving."""
    ordered = in_order(whole.events)
    begun = [one.at for one in ordered if one.kind is EventKind.CHECKED_IN]
    dose = timeline(ordered).started
    start = begun[0] if begun else (dose.at if dose else None)
    end = None
    if whole.discharge is not None:
        end = whole.discharge.value.left_at
    elif life.state in CLOSED:
        end = life.since  # the event that closed it
    found: Resource = {}
    if start is not None:
        found["start"] = instant(start)
    if end is not None and (start is None or start <= end):
        found["end"] = instant(end)
    return found


def _leaving(life: Life, whole: _Whole) -> Resource:
    """How the patient left, and where to."""
    if life.state not in _LEFT:
        return {}
    found: Resource = {"dischargeDisposition": concept(coding(f"{HL7}/discharge-disposition", *_LEFT[life.state]))}
    closing = [one.detail for one in in_order(whole.events) if one.at == life.since]
    to = [detail.to for detail in closing if isinstance(detail, Transferred)]
    if life.state is SessionState.TRANSFERRED and to:
        found["destination"] = {"display": to[0]}
    return {"hospitalization": found}


def _discharge(discharge: Kept[Discharge]) -> Resource:
    said = discharge.value
    return parted(
        "discharge",
        part("left-at", valueInstant=instant(said.left_at)),
        part("instructions-given", valueBoolean=said.instructions_given),
        part("note", valueString=said.note),
        part("ready-at", valueInstant=instant_or_none(said.ready_at)),
        part("signed-afterwards", valueBoolean=said.signed_afterwards),
        part("by", valueReference=signer(discharge.by)),
        part("at", valueInstant=instant(discharge.recorded_at)),
        part("tablet", valueString=None if discharge.tablet_id is None else str(discharge.tablet_id)),
        part("reason", valueString=discharge.reason),
    )


def _phases(events: Sequence[Event]) -> list[Resource]:
    """When each phase began and ended, as the dose events have it."""
    dose = timeline(events)
    if dose.started is None:
        return []
    infusion = {"start": instant(dose.started.at)}
    found = [("infusion", infusion)]
    if dose.ended is not None and dose.ended.at >= dose.started.at:
        infusion["end"] = instant(dose.ended.at)
        found.append(("recovery", {"start": instant(dose.ended.at)}))
    return [
        parted("phase-period", part("phase", valueCode=phase), part("period", valuePeriod=period))
        for phase, period in found
    ]


def _encounter(context: Context, session_id: UUID, whole: _Whole) -> Resource:
    header = whole.header.value
    life = life_of(header.route, whole.events, whole.discharge is not None)
    state = life.state
    extensions = [
        kept(whole.header),
        extension("session-state", valueCode=state.value),
        parted(
            "protocol",
            part("id", valueString=header.protocol_id),
            part("version", valuePositiveInt=header.protocol_version),
        ),
        *_phases(whole.events),
    ]
    if header.planned_at is not None:
        extensions.append(extension("planned-at", valueInstant=instant(header.planned_at)))
    if header.had_left_at is not None:
        extensions.append(extension("had-left-at", valueInstant=instant(header.had_left_at)))
    if whole.discharge is not None:
        extensions.append(_discharge(whole.discharge))
    found: Resource = {
        "resourceType": "Encounter",
        "id": str(session_id),
        "meta": meta(whole.version, whole.at),
        "extension": extensions,
        "status": _STATUS[state],
        "class": _AMBULATORY,
        "type": [ours("route", header.route.value)],
        "subject": context.subject,
    }
    if header.course_id is not None:
        found["episodeOfCare"] = [reference("EpisodeOfCare", header.course_id)]
    if period := _period(life, whole):
        found["period"] = period
    found |= _leaving(life, whole)
    if header.chair:
        found["location"] = [{"location": {"display": header.chair}}]
    found["serviceProvider"] = context.organization
    return found


def encounter_versions(context: Context, record: SessionRecord) -> Iterator[Resource]:
    """Every version, oldest first."""
    for whole in _wholes(record, record.headers):
        yield _encounter(context, record.id, whole)


def encounter(context: Context, record: SessionRecord) -> Resource:
    """The session as it is now; its version is right without any earlier revision."""
    *_, whole = _wholes(record, (record.header,))
    events = record.events_in_force()
    at = max(whole.at, record.header.recorded_at)
    return _encounter(context, record.id, _Whole(whole.version, at, record.header, events, record.discharge))


def _procedure(context: Context, record: SessionRecord, version: int, step: Step) -> Resource:
    route = record.header.value.route.value
    dose = step.dose
    found: Resource = {
        "resourceType": "Procedure",
        "id": f"{record.id}-treatment",
        "meta": meta(version, step.at),
        "status": _PROCEDURE_STATUS[dose.state],
        "code": ours("procedure", "ketamine-treatment"),
        "subject": context.subject,
        "encounter": context.encounter,
    }
    if dose.started is not None:
        period = {"start": instant(dose.started.at)}
        if dose.ended is not None and dose.ended.at >= dose.started.at:
            period["end"] = instant(dose.ended.at)
        found["performedPeriod"] = period
    return found | {"extension": [extension("session-route", valueCode=route)]}


def procedure_versions(context: Context, record: SessionRecord) -> Iterator[Resource]:
    """The treatment itself, from its first dose event on: every version, oldest first."""
    for version, step in enumerate(context.steps[1:], start=1):
        yield _procedure(context, record, version, step)


def episode_of_care(clinic_id: UUID, course_id: UUID, sheet: Kept[Course]) -> Resource:
    """The course as this revision has it. The record knows no end of a course, so it is active."""
    course = sheet.value
    extensions = [kept(sheet), extension("planned-sessions", valueInteger=course.planned_sessions)]
    if course.interval_days is not None:
        extensions.append(extension("interval-days", valueInteger=course.interval_days))
    if course.note:
        extensions.append(extension("note", valueString=course.note))
    return {
        "resourceType": "EpisodeOfCare",
        "id": str(course_id),
        "meta": meta(sheet.revision, sheet.recorded_at),
        "extension": extensions,
        "status": "active",
        "patient": reference("Patient", course.patient_id),
        "managingOrganization": reference("Organization", clinic_id),
    }
