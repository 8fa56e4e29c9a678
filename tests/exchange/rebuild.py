"""A session's record rebuilt from its FHIR resources alone: what the export says, and nothing else."""

import base64
import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.events import (
    Addendum,
    BaselineAccepted,
    ConcernAcknowledged,
    Detail,
    DeviceGiven,
    DoseStarted,
    Event,
    EventKind,
    MedicationGiven,
    OxygenStarted,
    RateChanged,
    ReadingRef,
    Route,
    SymptomResolved,
    Transferred,
)
from app.domain.facts import Escort
from app.domain.readings import Reading
from app.domain.records import (
    Clearance,
    Confirmation,
    Course,
    Decision,
    Discharge,
    EventHistory,
    FlagChange,
    Kept,
    KeptAssessment,
    Notice,
    NoticeHistory,
    NoticeKind,
    Patient,
    ReadingHistory,
    Screening,
    ScreeningOverride,
    SessionHeader,
    SessionRecord,
    Signer,
    Void,
)
from app.domain.screening import Exclusion
from app.domain.symptoms import Severity, Symptom, SymptomCode
from app.domain.vitals import (
    Consciousness,
    ConsciousnessScale,
    Dissociation,
    DissociationGrade,
    Oxygen,
    OxygenKind,
    Vital,
)
from app.exchange.fhir import BASE, Past

Found = dict[str, Any]
LOINC = {
    "8867-4": "heart_rate",
    "8480-6": "systolic",
    "8462-4": "diastolic",
    "9279-1": "respiratory_rate",
    "59408-5": "spo2",
}


def when(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def extensions(resource: Found, name: str) -> list[Found]:
    url = f"{BASE}/StructureDefinition/{name}"
    return [one for one in resource.get("extension", ()) if one["url"] == url]


def value(one: Found) -> Any:
    return next(held for name, held in one.items() if name.startswith("value"))


def said(resource: Found, name: str) -> Any:
    """The one value of an extension of ours; None where it is not there."""
    found = extensions(resource, name)
    return value(found[0]) if found else None


def parts(extension: Found) -> Found:
    return {one["url"]: value(one) for one in extension["extension"]}


def name_in(reference: Found) -> UUID:
    return UUID(reference["reference"].split("/")[1][:36])


def code_of(concept: Found) -> str:
    return concept["coding"][0]["code"]


def signer(found: Found) -> Signer:
    return Signer(name_in(found) if "reference" in found else None, found["display"], said(found, "role"))


def kept_as(found: Found, content: Any, reason: str | None = None) -> Kept[Any]:
    tablet = found.get("tablet")
    return Kept(
        content,
        found.get("revision", 1),
        signer(found["by"]),
        when(found["at"]),
        None if tablet is None else UUID(tablet),
        found.get("reason") if reason is None else reason,
    )


def kept(resource: Found, content: Any) -> Kept[Any]:
    return kept_as(parts(extensions(resource, "kept")[0]), content)


def void_of(resource: Found, fact: UUID) -> Kept[Void] | None:
    found = extensions(resource, "voided")
    if not found:
        return None
    held = parts(found[0])
    return kept_as(held, Void(fact, held["reason"]))


class Told:
    """The resources by type and id, every version in order."""

    def __init__(self, resources: Iterable[Found]) -> None:
        self.by: dict[str, dict[str, list[Found]]] = defaultdict(lambda: defaultdict(list))
        for one in resources:
            self.by[one["resourceType"]][one["id"]].append(one)

    def versions(self, kind: str, name: str) -> list[Found]:
        return self.by[kind].get(name, [])

    def ids(self, kind: str) -> list[str]:
        return list(self.by[kind])


# --- readings --------------------------------------------------------------------------------------------------------
def _absent(one: Found, field: str, reasons: dict[str, str]) -> None:
    why = one["dataAbsentReason"]
    if code_of(why) == "not-performed":
        reasons[field] = why["text"]


def _answer(one: Found, field: str, reasons: dict[str, str]) -> bool | None:
    if "valueBoolean" in one:
        return bool(one["valueBoolean"])
    _absent(one, field, reasons)
    return None


def _vital(one: Found, field: str, reasons: dict[str, str]) -> int | None:
    if "valueQuantity" in one:
        return int(one["valueQuantity"]["value"])
    _absent(one, field, reasons)
    return None


def _by_code(one: Found) -> dict[str, Found]:
    return {code_of(component["code"]): component for component in one.get("component", ())}


def _oxygen(spo2: Found, reasons: dict[str, str]) -> Oxygen | None:
    components = _by_code(spo2)
    gas = components["inspired-gas"]
    if "valueCodeableConcept" not in gas:
        _absent(gas, "oxygen", reasons)
        return None
    flow = components.get("3151-8", {}).get("valueQuantity", {}).get("value")
    return Oxygen(OxygenKind(code_of(gas["valueCodeableConcept"])), None if flow is None else Decimal(flow))


def _consciousness(one: Found, reasons: dict[str, str]) -> Consciousness | None:
    if "valueCodeableConcept" not in one:
        _absent(one, "consciousness", reasons)
        return None
    coding = one["valueCodeableConcept"]["coding"][0]
    scale = ConsciousnessScale(coding["system"].rsplit("/", 1)[1])
    code = coding["code"]
    return Consciousness(scale, code if scale is ConsciousnessScale.ACVPU else int(code))


def _dissociation(one: Found, reasons: dict[str, str]) -> Dissociation | None:
    if "valueCodeableConcept" not in one:
        _absent(one, "dissociation", reasons)
        return None
    by = {code: value(component) for code, component in _by_code(one).items() if not code.isdigit()}
    items = tuple((int(code), c["valueInteger"]) for code, c in _by_code(one).items() if code.isdigit())
    return Dissociation(
        DissociationGrade(code_of(one["valueCodeableConcept"])),
        by.get("dissociation-instrument"),
        by.get("dissociation-version"),
        by.get("dissociation-score"),
        items,
    )


def _symptoms(told: Told, name: UUID, whole: Found, sym: Found, reasons: dict[str, str]) -> tuple[Symptom, ...] | None:
    asked = _answer(sym, "symptoms", reasons)
    if asked is None:
        return None
    found = []
    void = whole["status"] == "entered-in-error"
    for code in SymptomCode:
        of_revision = [
            one
            for one in told.versions("Condition", f"{name}-{code.value}")
            if one["recordedDate"] == whole["issued"] and ("clinicalStatus" in one or void)
        ]
        if of_revision:
            severity = of_revision[0].get("severity")
            onset = when(of_revision[0].get("onsetDateTime"))
            found.append(Symptom(code, Severity(code_of(severity)) if severity else None, onset))
    assert bool(found) is asked
    return tuple(sorted(found, key=lambda one: one.code))


def _reading(told: Told, name: UUID, whole: Found) -> Reading:
    """The revision that this version of the set tells."""
    version = whole["meta"]["versionId"]
    part = {
        which: next(o for o in told.versions("Observation", f"{name}-{which}") if o["meta"]["versionId"] == version)
        for which in ("hr", "bp", "rr", "spo2", "loc", "dis", "sym", "gait", "ori")
    }
    reasons: dict[str, str] = {}
    pressure = {LOINC[code]: component for code, component in _by_code(part["bp"]).items()}
    vitals = {
        "heart_rate": part["hr"],
        "systolic": pressure["systolic"],
        "diastolic": pressure["diastolic"],
        "respiratory_rate": part["rr"],
        "spo2": part["spo2"],
    }
    marked = [value(e) for one in part.values() for e in extensions(one, "confirmed-unlikely")]
    return Reading(
        id=name,
        revision=parts(extensions(whole, "kept")[0])["revision"],
        measured_at=when(whole["effectiveDateTime"]),
        **{field: _vital(one, field, reasons) for field, one in vitals.items()},
        oxygen=_oxygen(part["spo2"], reasons),
        consciousness=_consciousness(part["loc"], reasons),
        dissociation=_dissociation(part["dis"], reasons),
        symptoms=_symptoms(told, name, whole, part["sym"], reasons),
        gait_steady=_answer(part["gait"], "gait_steady", reasons),
        orientated=_answer(part["ori"], "orientated", reasons),
        not_measured=tuple(sorted(reasons.items())),
        confirmed_unlikely=frozenset(map(Vital, marked)),
        note=whole["note"][0]["text"] if "note" in whole else None,
        clock_doubtful=bool(said(whole, "clock-doubtful")),
    )


def _history(told: Told, name: UUID, wholes: list[Found]) -> ReadingHistory:
    revisions: dict[int, Kept[Reading]] = {}
    for whole in wholes:
        if whole["status"] != "entered-in-error" or len(wholes) == 1:
            reading = _reading(told, name, whole)
            revisions.setdefault(reading.revision, kept(whole, reading))
    return ReadingHistory(tuple(revisions.values()), void_of(wholes[-1], name))


# --- events ----------------------------------------------------------------------------------------------------------
def _typed(quantity: Found | None) -> tuple[Decimal | None, str | None]:
    return (None, None) if quantity is None else (Decimal(quantity["value"]), quantity.get("unit"))


def _given(one: Found) -> tuple[EventKind, Detail]:
    code = code_of(one["medicationCodeableConcept"])
    dosage = one.get("dosage", {})
    dose, unit = _typed(dosage.get("dose"))
    if "effectivePeriod" in one:
        return EventKind.INFUSION_STARTED, DoseStarted(dose, said(one, "planned-minutes"), said(one, "lot"))
    if "rateQuantity" in dosage:
        return EventKind.OXYGEN_STARTED, OxygenStarted(Decimal(dosage["rateQuantity"]["value"]))
    route = dosage.get("route", {})
    if "coding" in route:
        return EventKind.NASAL_DEVICE_GIVEN, DeviceGiven(dose, said(one, "lot"))
    words = route.get("text") or said(one, "medication-route")
    return EventKind.MEDICATION_GIVEN, MedicationGiven(code, dose, unit or said(one, "medication-unit"), words)


def _noted(one: Found, late: Reading | None) -> Detail:
    match EventKind(code_of(one["code"])):
        case EventKind.RATE_CHANGED:
            return RateChanged(Decimal(one["valueQuantity"]["value"]))
        case EventKind.SYMPTOM_RESOLVED:
            return SymptomResolved(SymptomCode(code_of(one["valueCodeableConcept"])))
        case EventKind.BASELINE_ACCEPTED:
            return BaselineAccepted(tuple(ReadingRef(name_in(r), said(r, "revision")) for r in one["derivedFrom"]))
        case EventKind.CONCERN_ACKNOWLEDGED:
            return ConcernAcknowledged(one["valueString"])
        case EventKind.TRANSFERRED:
            return Transferred(one["valueString"])
        case EventKind.ADDENDUM:
            return Addendum(one["valueString"], late)
        case _:
            return None


def _event(versions: list[Found], late: Reading | None) -> EventHistory:
    one = versions[0]
    name = UUID(one["id"])
    if one["resourceType"] == "MedicationAdministration":
        kind, detail = _given(one)
        at = one.get("effectiveDateTime") or one["effectivePeriod"]["start"]
    else:
        kind, detail, at = EventKind(code_of(one["code"])), _noted(one, late), one["effectiveDateTime"]
    event = Event(name, kind, when(at), detail, bool(said(one, "clock-doubtful")))
    return EventHistory(kept(one, event), void_of(versions[-1], name))


# --- sheets ----------------------------------------------------------------------------------------------------------
def _headers(told: Told, session: str) -> tuple[Kept[SessionHeader], ...]:
    weights = {
        one["meta"]["versionId"]: Decimal(one["valueQuantity"]["value"])
        for one in told.versions("Observation", f"{session}-weight")
        if one["status"] != "entered-in-error"
    }
    found: dict[int, Kept[SessionHeader]] = {}
    for one in told.versions("Encounter", session):
        protocol = parts(extensions(one, "protocol")[0])
        revision = parts(extensions(one, "kept")[0])["revision"]
        episodes = one.get("episodeOfCare")
        header = SessionHeader(
            patient_id=name_in(one["subject"]),
            route=Route(code_of(one["type"][0])),
            protocol_id=protocol["id"],
            protocol_version=protocol["version"],
            chair=one["location"][0]["location"]["display"] if "location" in one else None,
            planned_at=when(said(one, "planned-at")),
            course_id=name_in(episodes[0]) if episodes else None,
            weight_kg=weights.get(str(revision)),
        )
        found.setdefault(revision, kept(one, header))
    return tuple(found.values())


def _clearance(one: Found) -> Kept[Clearance]:
    until = when(one["effectivePeriod"].get("end")) or when(said(one, "cleared-until"))
    return kept(one, Clearance(until, one["note"][0]["text"] if "note" in one else None))


def _screening(one: Found) -> Kept[Screening]:
    return kept(one, Screening({Exclusion(code_of(c["code"])): c["valueBoolean"] for c in one["component"]}))


def _escort(one: Found) -> Kept[Escort]:
    related = one["relationship"][0]["text"] if "relationship" in one else None
    seen = when(said(one, "present-at"))
    escort = Escort(one["name"][0]["text"], said(one, "present"), seen, related, int(one["meta"]["versionId"]))
    return kept(one, escort)


def _patient(one: Found) -> Kept[Patient]:
    name = one["name"][0]
    sex = None if "_gender" in one else one["gender"]
    born = date.fromisoformat(one["birthDate"])
    return kept(one, Patient(name["family"], name["given"][0], born, one["identifier"][0]["value"], sex))


def _course(one: Found) -> Kept[Course]:
    return kept(
        one,
        Course(name_in(one["patient"]), said(one, "planned-sessions"), said(one, "interval-days"), said(one, "note")),
    )


# --- assessments and signatures --------------------------------------------------------------------------------------
def _assessment(one: Found) -> KeptAssessment:
    given = {p["name"]: p for p in one["contained"][0]["parameter"]}
    document, shown = (json.loads(base64.b64decode(given[n]["valueBase64Binary"])) for n in ("document", "shown"))
    for finding in document["findings"]:
        told = {p["name"]: p.get("valueCode") or p.get("valueString") for p in given[finding["criterion"]]["part"]}
        assert (told["outcome"], told["because"]) == (finding["outcome"], finding["because"])
    held = parts(extensions(one, "assessment")[0])
    return KeptAssessment(
        number=int(one["id"].rsplit("-", 1)[1]),
        as_of=when(one["occurrenceDateTime"]),
        recorded_at=when(held["recorded-at"]),
        status=held["status"],
        digest=one["identifier"][0]["value"],
        document=document,
        display=shown,
        lapses_at=when(held.get("lapses-at")),
        next_change_at=None,
        change=FlagChange(held["change"]) if "change" in held else None,
    )


def _confirmation(one: Found) -> Kept[Confirmation]:
    extension = extensions(one, "confirmation")[0]
    held = parts(extension)
    signature = one["signature"][0]
    return kept(
        one,
        Confirmation(
            UUID(one["id"]),
            Decision(code_of(one["activity"])),
            one["entity"][0]["what"]["identifier"]["value"],
            held["own-assessment"],
            held.get("reason"),
            tuple(p["valueCode"] for p in extension["extension"] if p["url"] == "named"),
            base64.b64decode(signature["data"]).decode(),
            when(signature["when"]),
        ),
    )


def _override(one: Found) -> Kept[ScreeningOverride]:
    reason = one["reason"][0]
    excluded = tuple(Exclusion(coding["code"]) for coding in reason["coding"])
    return kept(one, ScreeningOverride(excluded, reason["text"]))


def _notice(one: Found) -> NoticeHistory:
    extension = extensions(one, "notice")
    held = parts(extension[0]) if extension else {}
    signer_id, confirmation_id = (UUID(held[n]) if n in held else None for n in ("signer", "confirmation"))
    acknowledged = extensions(one, "acknowledged")
    answer = None
    if acknowledged:
        answer = kept_as(parts(acknowledged[0]), parts(acknowledged[0]).get("note"))
    kind, raised = NoticeKind(code_of(one["code"])), when(one["period"]["start"])
    text = one["code"]["text"]
    return NoticeHistory(
        Notice(UUID(one["id"]), kind, text, raised, signer_id, confirmation_id, held.get("digest")), answer
    )


def _discharge(one: Found) -> Kept[Discharge] | None:
    found = extensions(one, "discharge")
    if not found:
        return None
    held = parts(found[0])
    return kept_as(
        held,
        Discharge(when(held["left-at"]), held["instructions-given"], held.get("note"), when(held.get("ready-at"))),
    )


def rebuild(resources: Iterable[Found]) -> tuple[SessionRecord, Past]:
    """The record of the one session among these resources, and what is known of its past. Facts by id."""
    told = Told(resources)
    (session,) = told.ids("Encounter")
    sets = {UUID(n[:36]): told.versions("Observation", n) for n in told.ids("Observation") if n.endswith("-set")}
    histories = {name: _history(told, name, wholes) for name, wholes in sets.items()}
    late = {
        name_in(said(wholes[0], "addendum")): histories.pop(name).revisions[0].value
        for name, wholes in sets.items()
        if extensions(wholes[0], "addendum")
    }
    facts = [told.versions("Observation", n) for n in told.ids("Observation") if len(n) == 36]
    facts += [told.versions("MedicationAdministration", n) for n in told.ids("MedicationAdministration")]
    events = [_event(versions, late.get(UUID(versions[0]["id"]))) for versions in facts]

    def all_of(kind: str, name: str, read: Any) -> tuple[Any, ...]:
        return tuple(read(one) for one in told.versions(kind, name))

    def last(found: tuple[Any, ...]) -> Any:
        return found[-1] if found else None

    headers = _headers(told, session)
    course_id = headers[-1].value.course_id
    past = Past(
        headers=headers,
        screenings=all_of("Observation", f"{session}-screening", _screening),
        clearances=all_of("Observation", f"{session}-clearance", _clearance),
        course_clearances=all_of("Observation", f"{course_id}-course-clearance", _clearance),
        escorts=all_of("RelatedPerson", f"{session}-escort", _escort),
        assessments=tuple(_assessment(told.versions("GuidanceResponse", n)[0]) for n in told.ids("GuidanceResponse")),
    )
    signed = [told.versions("Provenance", n)[0] for n in told.ids("Provenance")]
    record = SessionRecord(
        id=UUID(session),
        header=headers[-1],
        patient=_patient(told.versions("Patient", str(headers[-1].value.patient_id))[-1]),
        course=last(all_of("EpisodeOfCare", str(course_id), _course)),
        screening=last(past.screenings),
        overrides=tuple(_override(one) for one in signed if "-override-" in one["id"]),
        clearance=last(past.clearances),
        course_clearance=last(past.course_clearances),
        events=tuple(sorted(events, key=lambda one: one.event.value.id)),
        readings=tuple(sorted(histories.values(), key=lambda one: one.revisions[0].value.id)),
        escort=last(past.escorts),
        tablets=(),
        assessment=last(past.assessments),
        confirmations=tuple(_confirmation(one) for one in signed if len(one["id"]) == 36),
        notices=tuple(_notice(told.versions("Flag", name)[-1]) for name in told.ids("Flag")),
        discharge=_discharge(told.versions("Encounter", session)[-1]),
    )
    return record, past
