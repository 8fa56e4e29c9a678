"""Sessions by hand: what changes a resource, and what it then says."""

from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from app.domain.events import EventKind, SymptomResolved, Transferred
from app.domain.instants import from_text
from app.domain.records import EventHistory, Kept, ReadingHistory, SessionRecord, Signer, Void
from app.domain.symptoms import Severity, Symptom, SymptomCode
from app.exchange.fhir import (
    BASE,
    Resource,
    context_of,
    versions_of,
)
from tests import factories
from tests.exchange.made import Made, made
from tests.exchange.test_fhir_laws import told, walk

SEEDS = range(60)
NURSE = Signer(uuid4(), "Nina Ward", "nurse")


def kept(value: Any, minutes: float, revision: int = 1, **other: Any) -> Kept[Any]:
    return Kept(value, revision, NURSE, factories.at(minutes), **other)


def session(*events: EventHistory, readings: tuple[ReadingHistory, ...] = ()) -> SessionRecord:
    empty = made(0).record
    patient_id = uuid4()
    return replace(
        empty,
        headers=(kept(factories.header(patient_id), -30),),
        events=events,
        readings=readings,
        discharge=None,
    )


def observed(record: SessionRecord, which: str) -> list[Resource]:
    resources = told(Made(record, made(0).clinic))
    return [one for one in resources if one["id"].endswith(f"-{which}") and one["resourceType"] == "Observation"]


def phase(one: Resource) -> str:
    return next(e["valueCode"] for e in one["extension"] if e["url"] == f"{BASE}/StructureDefinition/phase")


def test_a_phase_that_is_derived_again_is_a_new_version():
    start = EventHistory(kept(factories.event(10, EventKind.INFUSION_STARTED), 40))
    reading = ReadingHistory((kept(factories.reading(20), 21),))
    first, second = observed(session(start, readings=(reading,)), "hr")
    assert (phase(first), phase(second)) == ("baseline", "infusion")
    assert (first["status"], second["status"]) == ("final", "final")
    assert "partOf" not in first
    assert second["partOf"][0]["reference"].startswith("Procedure/")
    assert from_text(second["meta"]["lastUpdated"]) == factories.at(40)


def test_a_correction_is_corrected_and_a_void_is_entered_in_error():
    first = factories.reading(20)
    second = replace(first, revision=2, heart_rate=80)
    void = kept(Void(first.id, "the other patient"), 50)
    history = ReadingHistory((kept(first, 21), kept(second, 30, 2, reason="misread")), void)
    told_hr = observed(session(readings=(history,)), "hr")
    assert [one["status"] for one in told_hr] == ["final", "corrected", "entered-in-error"]
    assert [one["meta"]["versionId"] for one in told_hr] == ["1", "2", "3"]
    assert [one["valueQuantity"]["value"] for one in told_hr] == [72, 80, 80]


def test_what_was_not_measured_has_a_reason_and_no_value():
    reading = factories.reading(20, spo2=None, diastolic=None, not_measured=(("spo2", "probe fault"),))
    record = session(readings=(ReadingHistory((kept(reading, 21),)),))
    (spo2,), (pressure,) = observed(record, "spo2"), observed(record, "bp")
    assert spo2["dataAbsentReason"]["text"] == "probe fault"
    assert spo2["dataAbsentReason"]["coding"][0]["code"] == "not-performed"
    assert not [name for name in spo2 if name.startswith("value")]
    diastolic = pressure["component"][1]
    assert diastolic["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert not [name for name in diastolic if name.startswith("value")]


def test_an_infusion_changes_as_it_is_paused_and_stopped():
    start = EventHistory(kept(factories.event(10, EventKind.INFUSION_STARTED), 10))
    pause = EventHistory(kept(factories.event(20, EventKind.INFUSION_PAUSED), 20))
    stop = factories.event(50, EventKind.INFUSION_STOPPED)
    history = EventHistory(kept(stop, 50), kept(Void(stop.id, "not yet"), 55))
    record = session(start, pause, history)
    context = context_of(made(0).clinic.id, record)
    given = versions_of(record, context, "MedicationAdministration", str(start.event.value.id))
    assert [one["status"] for one in given] == ["in-progress", "on-hold", "completed", "on-hold"]
    assert ["end" in one["effectivePeriod"] for one in given] == [False, False, True, False]


def test_a_second_start_is_another_infusion():
    first = EventHistory(kept(factories.event(10, EventKind.INFUSION_STARTED), 10))
    second = EventHistory(kept(factories.event(30, EventKind.INFUSION_STARTED), 30))
    stop = EventHistory(kept(factories.event(50, EventKind.INFUSION_STOPPED), 50))
    record = session(first, second, stop)
    context = context_of(made(0).clinic.id, record)
    ends = [
        versions_of(record, context, "MedicationAdministration", str(one.event.value.id))[-1]["status"]
        for one in (first, second)
    ]
    assert ends == ["in-progress", "completed"]  # nobody said that the first one ended


NAUSEA = (Symptom(SymptomCode.NAUSEA, Severity.MILD),)


def conditions(record: SessionRecord) -> list[Resource]:
    return [r for r in told(Made(record, made(0).clinic)) if r["resourceType"] == "Condition"]


def says(one: Resource) -> tuple[str, str | None]:
    status = one.get("clinicalStatus")
    return one["verificationStatus"]["coding"][0]["code"], status and status["coding"][0]["code"]


def test_a_symptom_that_a_correction_no_longer_names_is_in_error():
    first = factories.reading(20, symptoms=NAUSEA)
    revisions = (
        kept(first, 21),
        kept(replace(first, revision=2, symptoms=()), 30, 2),
        kept(replace(first, revision=3, symptoms=(), heart_rate=80), 40, 3),
        kept(replace(first, revision=4, symptoms=NAUSEA), 50, 4),
    )
    versions = conditions(session(readings=(ReadingHistory(revisions),)))
    assert [says(one) for one in versions] == [
        ("confirmed", "active"),
        ("entered-in-error", None),
        ("confirmed", "active"),
    ]
    assert [from_text(one["meta"]["lastUpdated"]) for one in versions] == [factories.at(m) for m in (21, 30, 50)]


def test_a_void_reading_takes_its_symptoms_with_it():
    reading = factories.reading(20, symptoms=NAUSEA)
    history = ReadingHistory((kept(reading, 21),), kept(Void(reading.id, "the other patient"), 30))
    assert [says(one)[0] for one in conditions(session(readings=(history,)))] == ["confirmed", "entered-in-error"]


def test_a_symptom_is_over_at_a_later_instant_alone():
    history = ReadingHistory((kept(factories.reading(20, symptoms=NAUSEA), 21),))

    def resolved(minutes: float, arrived: float) -> EventHistory:
        detail = SymptomResolved(SymptomCode.NAUSEA)
        return EventHistory(kept(factories.event(minutes, EventKind.SYMPTOM_RESOLVED, detail), arrived))

    at_once, later, still_later = resolved(20, 25), resolved(40, 41), resolved(30, 60)
    versions = conditions(session(at_once, later, still_later, readings=(history,)))
    assert [says(one)[1] for one in versions] == ["active", "resolved", "resolved"]
    assert [one.get("abatementDateTime") for one in versions] == [
        None,
        "2026-03-07T12:40:00Z",
        "2026-03-07T12:30:00Z",
    ]


def test_vital_signs_are_in_the_units_of_the_standard():
    record = session(readings=(ReadingHistory((kept(factories.reading(20), 21),)),))
    units = {
        which: {part["code"] for part in walk(observed(record, which)) if isinstance(part, dict) and "unit" in part}
        for which in ("hr", "rr", "spo2", "bp")
    }
    assert units == {"hr": {"/min"}, "rr": {"/min"}, "spo2": {"%"}, "bp": {"mm[Hg]"}}


def test_a_session_ends_by_the_event_that_closed_it():
    def event(minutes: float, kind: EventKind, detail: Any = None) -> EventHistory:
        return EventHistory(kept(factories.event(minutes, kind, detail), minutes + 1))

    record = session(
        event(-5, EventKind.TRANSFERRED, Transferred("too early: nobody is here yet")),
        event(0, EventKind.CHECKED_IN),
        event(30, EventKind.TRANSFERRED, Transferred("the general hospital")),
        event(40, EventKind.LEFT_AGAINST_ADVICE),
    )
    context = context_of(made(0).clinic.id, record)
    (last,) = versions_of(record, context, "Encounter", str(record.id))[-1:]
    assert last["status"] == "finished"
    assert last["period"] == {"start": "2026-03-07T12:00:00Z", "end": "2026-03-07T12:30:00Z"}
    assert last["hospitalization"]["destination"] == {"display": "the general hospital"}


def test_a_notice_is_a_flag_until_it_is_acknowledged():
    notices = [r for seed in SEEDS for r in told(made(seed)) if r["resourceType"] == "Flag"]
    assert {(r["meta"]["versionId"], r["status"]) for r in notices} == {("1", "active"), ("2", "inactive")}


def test_an_instant_is_told_in_utc_whatever_zone_it_came_in():
    one = next(each for each in map(made, SEEDS) if len(each.record.readings) > 3)
    plain = told(one)
    for zone in ("America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"):
        assert told(moved(one, ZoneInfo(zone))) == plain


def moved(value: Any, zone: ZoneInfo) -> Any:
    """The same, with every instant in this zone."""
    match value:
        case datetime():
            return value.astimezone(zone)
        case tuple():
            return tuple(moved(each, zone) for each in value)
        case _ if is_dataclass(value):
            return replace(value, **{each.name: moved(getattr(value, each.name), zone) for each in fields(value)})
        case _:
            return value


def test_an_assessment_says_unknown_in_so_many_words():
    one = next(each for each in map(made, SEEDS) if each.record.assessments)
    (told_one, *_) = [r for r in told(one) if r["resourceType"] == "GuidanceResponse"]
    findings = {p["name"]: p["part"] for p in told_one["contained"][0]["parameter"] if "part" in p}
    expected = {f["criterion"]: f["outcome"] for f in one.record.assessments[0].document["findings"]}
    assert {name: part[0]["valueCode"] for name, part in findings.items()} == expected
