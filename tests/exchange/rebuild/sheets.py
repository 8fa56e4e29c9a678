"""Sheets from what tells of them."""

from datetime import date
from decimal import Decimal

from app.domain.events import (
    Route,
)
from app.domain.facts import Escort, EscortCall
from app.domain.forms import Answer, FormAnswers, Medicine
from app.domain.records import (
    Clearance,
    Course,
    Kept,
    Patient,
    Screening,
    SessionHeader,
)
from app.domain.screening import Exclusion, SameDayAnswer
from tests.exchange.rebuild.found import Found, Told, code_of, extensions, kept, name_in, parts, said, when


def headers(told: Told, session: str) -> tuple[Kept[SessionHeader], ...]:
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
            had_left_at=when(said(one, "had-left-at")),
        )
        found.setdefault(revision, kept(one, header))
    return tuple(found.values())


def clearance(one: Found) -> Kept[Clearance]:
    until = when(one["effectivePeriod"].get("end")) or when(said(one, "cleared-until"))
    note = one["note"][0]["text"] if "note" in one else None
    return kept(one, Clearance(until, note, same_day_items(one)))


def same_day_items(one: Found) -> tuple[str, ...]:
    return tuple(item["valueString"] for item in extensions(one, "same-day-item"))


def screening(one: Found) -> Kept[Screening]:
    answers = {Exclusion(code_of(c["code"])): c["valueBoolean"] for c in one["component"]}
    said_today = [parts(each) for each in extensions(one, "same-day")]
    same_day = {each["item"]: SameDayAnswer(each["answer"]) for each in said_today}
    return kept(one, Screening(answers, same_day, when(said(one, "same-day-asked-at"))))


def form_answers(one: Found) -> Kept[FormAnswers]:
    given = {code_of(c["code"]): Answer(code_of(c["valueCodeableConcept"])) for c in one.get("component", ())}
    first = given.pop("first-treatment", None)
    medicines = {Medicine(name): answer for name, answer in given.items()}
    watched = parts(extensions(one, "monitoring-form")[0]) if extensions(one, "monitoring-form") else {}
    by, phone, email = (watched.get(name) for name in ("by", "phone", "email"))
    return kept(one, FormAnswers(first, medicines, by, phone, email, when(watched.get("sent-at"))))


def escort(one: Found) -> Kept[Escort]:
    related = one["relationship"][0]["text"] if "relationship" in one else None
    seen = when(said(one, "present-at"))
    call = None
    for called in map(parts, extensions(one, "reached-by-phone")):
        number = one["telecom"][0]["value"]
        arrives = when(called.get("arrives-at"))
        call = EscortCall(number, when(called["reached-at"]), called["reached-by"], arrives)
    escort = Escort(one["name"][0]["text"], said(one, "present"), seen, related, int(one["meta"]["versionId"]), call)
    return kept(one, escort)


def patient(one: Found) -> Kept[Patient]:
    name = one["name"][0]
    sex = None if "_gender" in one else one["gender"]
    born = date.fromisoformat(one["birthDate"])
    return kept(
        one, Patient(name.get("family", ""), tuple(name.get("given", ())), born, one["identifier"][0]["value"], sex)
    )


def course(one: Found) -> Kept[Course]:
    return kept(
        one,
        Course(name_in(one["patient"]), said(one, "planned-sessions"), said(one, "interval-days"), said(one, "note")),
    )
