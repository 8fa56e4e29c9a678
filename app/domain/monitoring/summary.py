"""The summary of one session, field by field in the order of the form's parts."""

from decimal import Decimal

from app.domain.assessment import Criterion, Outcome, RestsOn
from app.domain.baseline import baseline
from app.domain.confirmations import signature_in_force
from app.domain.documents import decimal_text
from app.domain.errors import Conflict
from app.domain.events import DeviceGiven, Route
from app.domain.forms import Answer
from app.domain.instants import to_text
from app.domain.leaving import had_left_at
from app.domain.monitoring import asked, course, happenings, pressures
from app.domain.monitoring.asked import Site, source_of
from app.domain.monitoring.fields import (
    RECORD,
    AnswerOrigin,
    Field,
    Group,
    Missing,
    Monitored,
    Value,
    on_events,
    on_readings,
)
from app.domain.protocol.values import Protocol
from app.domain.readiness import assess
from app.domain.records import SessionRecord
from app.domain.sessions import closed_by

VITALS = (
    Criterion.HEART_RATE_RECOVERED,
    Criterion.SYSTOLIC_RECOVERED,
    Criterion.DIASTOLIC_RECOVERED,
    Criterion.RESPIRATORY_RATE_RECOVERED,
    Criterion.SPO2_RECOVERED,
)


class NotIntranasal(Conflict):
    """A monitoring summary is of an intranasal session; this one is another route's."""

    code = "not-intranasal"


def check_intranasal(record: SessionRecord) -> None:
    """Raises `NotIntranasal`."""
    if record.header.value.route is not Route.INTRANASAL:
        raise NotIntranasal(
            f"A monitoring summary is of an intranasal session; this is an {record.header.value.route}."
        )


def monitored(record: SessionRecord, protocol: Protocol) -> Monitored:
    """The record as the summary looks at it. Raises `NotIntranasal`."""
    check_intranasal(record)
    signed = signature_in_force(record.confirmations)
    if record.discharge is not None:
        return Monitored(record.facts(), protocol, record.discharge.value.left_at, None, signed)
    left_at, left_by = closed_by(Route.INTRANASAL, record.events_in_force()) or (had_left_at(record), None)
    return Monitored(record.facts(), protocol, left_at, left_by, signed)


def summary(record: SessionRecord, protocol: Protocol, site: Site) -> tuple[Field, ...]:
    """Every field with its answer, or with what is missing. Raises `NotIntranasal`."""
    session = monitored(record, protocol)
    return (
        *asked.patient(record),
        *asked.medication(record),
        *asked.site(record, site),
        Field("date", Group.SESSION, "Date", asked.date_of(session, site)),
        *_session(record, session),
        Field("bp-before", Group.PRESSURE, "Blood pressure before the first device", pressures.before(session)),
        Field(
            "bp-40-minutes",
            Group.PRESSURE,
            "Blood pressure about 40 minutes after the first device",
            pressures.at_forty_minutes(session),
        ),
        Field("bp-leaving", Group.PRESSURE, "Blood pressure before leaving", pressures.leaving(session)),
        Field("sedation", Group.EVENTS, "Sedation", happenings.sedation(session)),
        Field("dissociation", Group.EVENTS, "Dissociation", happenings.dissociation(session)),
        Field("respiratory-depression", Group.EVENTS, "Respiratory depression", happenings.breathing(session)),
        Field("lowest-spo2", Group.EVENTS, "Lowest SpO2", happenings.lowest_spo2(session)),
        Field("other-events", Group.EVENTS, "Other events", happenings.other_events(session)),
        Field("serious-events", Group.EVENTS, "Serious events to look at", happenings.serious_events(session)),
        Field("treatment", Group.EVENTS, "Medication and oxygen given", happenings.treatment(session)),
    )


def _session(record: SessionRecord, session: Monitored) -> tuple[Field, ...]:
    gone = source_of(AnswerOrigin.SESSION, "the discharge", record.discharge) if record.discharge else RECORD
    signed = source_of(AnswerOrigin.SESSION, "the signature", session.signed) if session.signed else RECORD
    return (
        Field("first-device", Group.SESSION, "First device given", _first_device(session)),
        Field("dose", Group.SESSION, "Dose", _dose(session)),
        Field("lots", Group.SESSION, "Lot numbers", _lots(session)),
        Field("vitals-before", Group.SESSION, "Vital signs acceptable before", _vitals_before(session)),
        Field("vitals-leaving", Group.SESSION, "Vital signs acceptable before leaving", _vitals_leaving(session)),
        Field("left-at", Group.SESSION, "Left at", course.left(session), gone),
        Field("signed-at", Group.SESSION, "Signed at", course.signed(session), signed),
        Field("minutes", Group.SESSION, "Minutes from first device to leaving", course.observed_minutes(session)),
        Field("two-hours", Group.SESSION, "At least two hours", course.two_hours(session)),
        Field(
            "ready-minutes",
            Group.SESSION,
            "Minutes to ready, but for the two hours",
            course.ready_minutes(session),
        ),
    )


def _first_device(session: Monitored) -> Value | Missing:
    first = session.clock()
    return first if isinstance(first, Missing) else Value(to_text(first.at), to_text(first.at), on_events([first]))


def _devices(session: Monitored) -> list[DeviceGiven]:
    given = sorted(session.facts.events, key=lambda one: (one.at, one.id.int))
    return [one.detail for one in given if isinstance(one.detail, DeviceGiven)]


def _dose(session: Monitored) -> Value | Missing:
    devices = _devices(session)
    if not devices:
        return Missing("no device is on record: enter the nasal device that was given")
    total = decimal_text(sum((one.dose_mg for one in devices), Decimal(0)))
    each = " + ".join(decimal_text(one.dose_mg) for one in devices)
    words = f"{total} mg" if len(devices) == 1 else f"{total} mg ({each})"
    return Value(total, words, _on_devices(session))


def _lots(session: Monitored) -> Value | Missing:
    devices = _devices(session)
    if not devices:
        return Missing("no device is on record: enter the nasal device that was given")
    lots = list(dict.fromkeys(one.lot for one in devices if one.lot))
    without = sum(not one.lot for one in devices)
    if without:
        known = f"; known: {', '.join(lots)}" if lots else ""
        return Missing(f"{without} of {len(devices)} devices have no lot number{known}", _on_devices(session))
    return Value(list(lots), ", ".join(lots), _on_devices(session))


def _on_devices(session: Monitored) -> tuple[RestsOn, ...]:
    return on_events([one for one in session.facts.events if isinstance(one.detail, DeviceGiven)])


def _vitals_before(session: Monitored) -> Value | Missing:
    """By the protocol's own limits on a baseline, or a clinician's acceptance of it."""
    found = baseline(session.facts.readings, session.facts.events, session.dose, session.protocol.baseline)
    if found.sound:
        return Value(Answer.YES.value, f"yes: {found.because}", found.rests_on)
    if found.sound is None:
        return Missing(f"the baseline cannot be formed: {found.because}", found.rests_on)
    if found.accepted:
        return Value(Answer.YES.value, f"yes, accepted by a clinician although {found.because}", found.rests_on)
    return Value(Answer.NO.value, f"no: {found.because}", found.rests_on)


def _vitals_leaving(session: Monitored) -> Value | Missing:
    """By the protocol's limits of the five vitals, in the newest set before leaving."""
    if session.left_at is None:
        return Missing("the patient has not left")
    here = session.while_here()
    if not here:
        return Missing("no set was taken after the first device")
    facts = course.facts_by(session.facts, session.left_at)
    findings = {one.criterion: one for one in assess(facts, session.protocol, session.left_at).findings}
    five = [findings[name] for name in VITALS]
    newest = [one for one in here if one.measured_at == here[-1].measured_at]
    unmet = [one for one in five if one.outcome is Outcome.NOT_MET]
    unknown = [one for one in five if one.outcome is Outcome.UNKNOWN]
    if unmet:
        return Value(Answer.NO.value, "no: " + " ".join(one.because for one in unmet), on_readings(newest))
    if unknown:
        return Missing(" ".join(one.because for one in unknown), on_readings(newest))
    return Value(
        Answer.YES.value, f"yes: each near the baseline at {to_text(here[-1].measured_at)}", on_readings(newest)
    )
