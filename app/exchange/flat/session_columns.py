"""The columns of `sessions`: one row a session, whatever its state."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.domain.confirmations import last_word
from app.domain.dose import total_mg
from app.domain.events import EventKind
from app.domain.instants import from_text
from app.domain.records import Confirmation, FlagChange, Kept
from app.domain.screening import SameDayAnswer
from app.domain.vitals import VITALS, Vital
from app.exchange.flat.cells import Cell, Column, Data, FlatTable
from app.exchange.flat.wholes import OLDEST, WholeSession

Read = Callable[[WholeSession], Cell]


def _signature(read: Callable[[Kept[Confirmation]], Cell]) -> Read:
    def of(whole: WholeSession) -> Cell:
        signed = last_word(whole.record.confirmations)
        return read(signed) if signed else None

    return of


def _exclusions(whole: WholeSession) -> str | None:
    screening = whole.record.screening
    if screening is None:
        return None
    return ";".join(name.value for name, present in screening.value.answers.items() if present) or "none"


def _same_day(whole: WholeSession) -> str | None:
    screening = whole.record.screening
    if screening is None or not screening.value.same_day:
        return None
    wrong = (name for name, answer in screening.value.same_day.items() if answer is SameDayAnswer.WRONG)
    return ";".join(sorted(wrong)) or "none"


def _call(name: str) -> Read:
    return lambda whole: getattr(whole.record.escort.value.phone, name, None) if whole.record.escort else None


def _form(name: str) -> Read:
    return lambda whole: getattr(whole.record.form_answers[-1].value, name) if whole.record.form_answers else None


def _medicines(whole: WholeSession) -> str | None:
    asked = whole.record.form_answers
    return ";".join(f"{name}={answer}" for name, answer in sorted(asked[-1].value.medicines.items())) if asked else None


def _overridden(whole: WholeSession) -> str | None:
    named = {name.value for kept in whole.record.overrides for name in kept.value.exclusions}
    return ";".join(sorted(named)) or None


def _first_met(whole: WholeSession) -> datetime | None:
    return min((kept.as_of for kept in whole.assessments if kept.change is FlagChange.RAISED), default=None)


def _withdrawn(whole: WholeSession) -> int:
    return sum(1 for kept in whole.assessments if kept.change is FlagChange.WITHDRAWN)


def _baseline(whole: WholeSession) -> dict[str, Any]:
    latest = whole.record.assessment
    found: Any = latest.display.get("baseline") if latest else None
    return found or {}


def _earliest_met(whole: WholeSession) -> datetime | None:
    latest = whole.record.assessment
    text: Any = latest.display.get("earliest_met_at") if latest else None
    return from_text(text) if text else None


def _reference(vital: Vital) -> Column:
    facts = VITALS[vital]
    return Column(
        f"baseline_{vital.value}",
        Data.INTEGER,
        f"Baseline of {facts.label}, rounded half up; empty where it is not known.",
        lambda whole: _baseline(whole).get("vitals", {}).get(vital.value, {}).get("shown"),
        facts.unit,
    )


def _header(name: str) -> Read:
    return lambda whole: getattr(whole.record.header.value, name)


def _patient(name: str) -> Read:
    return lambda whole: getattr(whole.record.patient.value, name)


def _escort(name: str) -> Read:
    return lambda whole: getattr(whole.record.escort.value, name) if whole.record.escort else None


def _discharge(name: str) -> Read:
    return lambda whole: getattr(whole.record.discharge.value, name) if whole.record.discharge else None


def _latest(name: str) -> Read:
    return lambda whole: getattr(whole.record.assessment, name) if whole.record.assessment else None


SESSIONS = FlatTable(
    "sessions",
    "One row a session, whatever its state.",
    (
        Column("session_id", Data.ID, "The session.", lambda whole: str(whole.record.id)),
        Column("patient_id", Data.ID, "The patient; the same in all of a patient's sessions.",
               lambda whole: str(whole.patient_id)),
        Column("course_id", Data.ID, "The course, where the session belongs to one.",
               lambda whole: str(course) if (course := whole.record.header.value.course_id) else None),
        Column("demo", Data.BOOLEAN, "True: simulated, never a patient.", lambda whole: whole.demo),
        Column("family_name", Data.TEXT, "The patient's family name.", _patient("family_name")),
        Column("given_name", Data.TEXT, "The patient's given names, joined by spaces.", _patient("given_name")),
        Column("given_names", Data.TEXT, "The given names apart: a JSON array of texts.",
               lambda whole: json.dumps(_patient("given_names")(whole), ensure_ascii=False)),
        Column("record_number", Data.TEXT, "The clinic's number for the patient.", _patient("record_number")),
        Column("birth_date", Data.DATE, "Birth date.", _patient("birth_date")),
        Column("age_years", Data.INTEGER,
               f"Whole years on the day of the session (UTC); {OLDEST} stands for {OLDEST} and older.",
               lambda whole: whole.age, "a"),
        Column("sex", Data.WORD, "As kept: female, male, other, unknown; empty where not kept.", _patient("sex")),
        Column("route", Data.WORD, "iv-infusion or intranasal.", lambda whole: whole.record.header.value.route.value),
        Column("protocol_id", Data.WORD, "The protocol's id.", _header("protocol_id")),
        Column("protocol_version", Data.INTEGER, "The version the session was planned with.",
               _header("protocol_version")),
        Column("chair", Data.TEXT, "Where the patient sat.", _header("chair")),
        Column("state", Data.WORD, "planned, checked-in, infusing, recovering, discharged, cancelled, transferred, "
               "left-against-advice.", lambda whole: whole.state.value),
        Column("planned_at", Data.INSTANT, "When it was planned for.", _header("planned_at")),
        Column("checked_in_at", Data.INSTANT, "The first check-in in force.",
               lambda whole: whole.first(EventKind.CHECKED_IN)),
        Column("dose_started_at", Data.INSTANT, "The first start or device in force: minute 0 of every table.",
               lambda whole: whole.dose_started),
        Column("dose_ended_at", Data.INSTANT, "When the dose ended; empty while it runs and where there was none.",
               lambda whole: whole.dose.ended.at if whole.dose.ended else None),
        Column("dose_minutes", Data.DECIMAL, "From dose start to dose end.",
               lambda whole: whole.minutes(whole.dose.ended.at if whole.dose.ended else None), "min"),
        Column("dose_mg", Data.DECIMAL, "Sum of the doses of all starts and devices in force, as typed.",
               lambda whole: total_mg(whole.record.events_in_force()), "mg"),
        Column("weight_kg", Data.DECIMAL, "Body weight.", _header("weight_kg"), "kg"),
        Column("exclusions_present", Data.WORD, "Exclusions answered as present, joined by `;`; none; empty where "
               "screening was not answered.", _exclusions),
        Column("exclusions_overridden", Data.WORD, "Exclusions a clinician signed for, joined by `;`.", _overridden),
        Column("same_day_wrong", Data.TEXT, "Items of the same-day check answered wrongly, joined by `;`; none; "
               "empty where it was not asked.", _same_day),
        Column("readings_in_force", Data.INTEGER, "Readings that are not void.",
               lambda whole: len(whole.record.readings_in_force())),
        Column("baseline_sound", Data.BOOLEAN, "Whether the baseline can be trusted as a reference; empty where it "
               "cannot be formed.", lambda whole: _baseline(whole).get("sound")),
        Column("baseline_accepted", Data.BOOLEAN, "A clinician accepted an unsound baseline.",
               lambda whole: _baseline(whole).get("accepted")),
        *(_reference(vital) for vital in Vital),
        Column("status", Data.WORD, "Of the last kept assessment: met, not-met, cannot-tell. Not a discharge.",
               _latest("status")),
        Column("status_as_of", Data.INSTANT, "The instant that assessment speaks of.", _latest("as_of")),
        Column("earliest_met_at", Data.INSTANT, "The earliest instant at which it said the criteria could be met.",
               _earliest_met),
        Column("first_met_at", Data.INSTANT, "When the flag was first raised.", _first_met),
        Column("minutes_to_first_met", Data.DECIMAL, "From dose start to the first raising.",
               lambda whole: whole.minutes(_first_met(whole)), "min"),
        Column("times_withdrawn", Data.INTEGER, "How often the flag was withdrawn.", _withdrawn),
        Column("decision", Data.WORD, "The last signed decision: confirm, decline, override.",
               _signature(lambda kept: kept.value.decision.value)),
        Column("signed_at", Data.INSTANT, "When it was signed.", _signature(lambda kept: kept.value.signed_at)),
        Column("signed_by", Data.TEXT, "Who signed it, as they were called then.",
               _signature(lambda kept: kept.by.name)),
        Column("signed_by_id", Data.ID, "The signer's account.",
               _signature(lambda kept: str(kept.by.staff_id) if kept.by.staff_id else None)),
        Column("own_assessment", Data.TEXT, "The signer's own words.",
               _signature(lambda kept: kept.value.own_assessment)),
        Column("decision_reason", Data.REASON, "Why, where a reason was given.",
               _signature(lambda kept: kept.value.reason)),
        Column("escort_name", Data.TEXT, "Who took the patient home.", _escort("name")),
        Column("escort_relationship", Data.TEXT, "Their relationship.", _escort("relationship")),
        Column("escort_present", Data.BOOLEAN, "Whether they were seen here.", _escort("present")),
        Column("escort_phone", Data.TEXT, "The number under which they were reached.", _call("number")),
        Column("escort_reached_at", Data.INSTANT, "When they were reached by phone.", _call("reached_at")),
        Column("escort_arrives_at", Data.INSTANT, "When they said they would arrive.", _call("arrives_at")),
        Column("ready_at", Data.INSTANT, "When the criteria were last met anew before leaving.",
               _discharge("ready_at")),
        Column("left_at", Data.INSTANT, "When the patient left.", _discharge("left_at")),
        Column("signed_afterwards", Data.BOOLEAN, "Whether the patient had left when that was signed.",
               _discharge("signed_afterwards")),
        Column("minutes_to_leaving", Data.DECIMAL, "From dose start to leaving.",
               lambda whole: whole.minutes(whole.record.discharge.value.left_at if whole.record.discharge else None),
               "min"),
        Column("instructions_given", Data.BOOLEAN, "Whether instructions were given.",
               _discharge("instructions_given")),
        Column("discharge_note", Data.TEXT, "Condition in words.", _discharge("note")),
        Column("form_first_treatment", Data.WORD, "Whether it was the first treatment, as asked for the monitoring "
               "form: yes, no, unknown; empty where it was not asked.", _form("first_treatment")),
        Column("form_medicines", Data.WORD, "What was answered for each group of medicines that was asked about, as "
               "group=answer joined by `;`.", _medicines),
        Column("form_monitored_by", Data.TEXT, "Who watched the patient, for the monitoring form.",
               _form("monitored_by")),
        Column("form_sent_at", Data.INSTANT, "When the monitoring form was sent.", _form("sent_at")),
        Column("open_notices", Data.INTEGER, "Notices nobody has acknowledged.",
               lambda whole: sum(1 for held in whole.record.notices if held.acknowledged is None)),
    ),
    lambda whole: (whole,),
)  # fmt: skip
