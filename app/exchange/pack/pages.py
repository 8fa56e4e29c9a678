"""The record as the pages of a PDF show it: every instant in the clinic's zone, every sentence ready to set."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.canonical import Document
from app.domain.instants import from_text
from app.domain.names import listed
from app.domain.screening import LABELS, Exclusion, SameDayAnswer
from app.domain.sentences import because_of
from app.domain.signatures import ProofKind
from app.domain.vitals import VITALS, Vital
from app.exchange.pack.flowsheet import flow_sheet
from app.exchange.pack.picture import picture, picture_in_words
from app.exchange.pack.table import assessments_of
from app.exchange.paper import LocalTimes, Printed, Sheet, press
from app.exchange.words import event_words, plain, sentence, typed, who

Found = Mapping[str, Any]
Pair = tuple[str, str]

ROUTES = {"iv-infusion": "IV infusion", "intranasal": "Intranasal"}
OUTCOMES = {"not-met": 0, "unknown": 1, "met": 2}
"""Unmet and unknown first: what speaks against leaving must not hide behind what speaks for it."""
STATUS = {"met": "criteria met", "not-met": "not met", "cannot-tell": "cannot tell"}


def print_record(content: Document, digest: str, made_at: str, made_by: str) -> Printed:
    """The PDF of the record. `made_by`: name and role in words. The same arguments give the same bytes."""
    data = page_data(content, digest, made_at, made_by)
    title = f"Session record: {data['patient']['name']}, {data['patient']['record_number']}"
    return press(Sheet("record.typ", title, data, from_text(made_at), (f"record-digest:{digest}",)))


def instants_of(content: Found) -> Iterator[str]:
    """Every instant of the session that its pages show beside others."""
    for event in content["events"]:
        yield event["at"]
    for reading in content["readings"]:
        for each in reading["revisions"]:
            yield each["measured_at"]
    if content["session"]["planned_at"]:
        yield content["session"]["planned_at"]
    if content["discharge"]:
        yield content["discharge"]["left_at"]


def identity(content: Found) -> dict[str, str]:
    """Who the patient is, as it stands on each page."""
    patient = content["patient"]
    return {
        "name": listed(typed(patient["family_name"]), typed(patient["given_name"])),
        "birth_date": patient["birth_date"],
        "record_number": typed(patient["record_number"]),
        "sex": patient["sex"] or "",
        "clinic": typed(content["clinic"]["name"]),
        "session": content["session"]["id"],
    }


def page_data(content: Found, digest: str, made_at: str, made_by: str) -> dict[str, Any]:
    """What the template `record.typ` sets."""
    times = LocalTimes(content["clinic"]["timezone"], instants_of(content))
    return {
        "demo": content["demo"],
        "example": content["protocol"]["example"],
        "patient": identity(content),
        "zone": times.said,
        "made": times.full(made_at),
        "made_by": made_by,
        "digest": digest,
        "facts": _facts(content, times),
        "gate": _gate(content, times),
        "picture": picture(content, times),
        "picture_words": picture_in_words(content, times),
        "flow": flow_sheet(content, times),
        "baseline": _baseline(content),
        "assessments": [_assessment(one, content, times) for one in assessments_of(content)],
        "flags": [
            f"{times.time(flag['as_of'])}: flag {flag['change']} (assessment {flag['number']})"
            for flag in content["flags"]
        ],
        "signatures": [_signature(one, times) for one in content["confirmations"]],
        "notices": [_notice(one, times) for one in content["notices"]],
        "addenda": [_addendum(one, times) for one in content["events"] if one["kind"] == "addendum"],
        "leaving": _leaving(content, times),
    }


def _facts(content: Found, times: LocalTimes) -> list[Pair]:
    session, dose = content["session"], content["dose"]
    started = [one for one in content["events"] if one["kind"] in {"infusion-started", "nasal-device-given"}
               and one["void"] is None]  # fmt: skip
    discharge = content["discharge"]
    version = f"{content['protocol']['id']}, version {content['protocol']['version']}"
    return [
        ("Date", times.day(dose["started"] or session["planned_at"] or session["recorded_at"])),
        ("State", plain(session["state"])),
        ("Route", ROUTES[session["route"]]),
        ("Chair", typed(session["chair"]) if session["chair"] else "not given"),
        ("Weight", f"{session['weight_kg']} kg" if session["weight_kg"] else "not given"),
        ("Planned for", times.time(session["planned_at"]) if session["planned_at"] else "not given"),
        ("Dose", "; ".join(f"{one['detail']['dose_mg']} mg at {times.time(one['at'])}" for one in started) or "none"),
        ("Dose ended", times.time(dose["ended"]) if dose["ended"] else "not on record"),
        ("Ready at", times.time(discharge["ready_at"]) if discharge and discharge["ready_at"] else "not on record"),
        ("Left at", times.time(discharge["left_at"]) if discharge else "not on record"),
        ("Protocol", version + (" (EXAMPLE)" if content["protocol"]["example"] else "")),
        ("Rules", content["latest"]["document"]["rules"] if content["latest"] else "not on record"),
        ("Course", _course(content["course"])),
        *_asked(content, times),
    ]


def _asked(content: Found, times: LocalTimes) -> Iterator[Pair]:
    """What was asked for the monitoring form, where anything was."""
    if content["programme"]:
        yield ("Enrolled", content["programme"]["enrolled"])
    answers = content["form_answers"]
    if answers is None:
        return
    yield ("First treatment", answers["first_treatment"] or "not asked")
    takes = [f"{plain(group)}: {answer}" for group, answer in sorted(answers["medicines"].items())]
    yield ("Other medicines", "; ".join(takes) or "not asked")
    watched = [typed(answers[name]) for name in ("monitored_by", "monitor_phone", "monitor_email") if answers[name]]
    yield ("Watched by", ", ".join(watched) or "not asked")
    if answers["sent_at"]:
        yield ("Form sent", times.full(answers["sent_at"]))


def _course(course: Found | None) -> str:
    if course is None:
        return "not part of a course"
    every = f", every {course['interval_days']} days" if course["interval_days"] else ""
    return f"{course['planned_sessions']} sessions planned{every}"


def _gate(content: Found, times: LocalTimes) -> dict[str, Any]:
    screening = content["screening"]
    answers = screening["answers"] if screening else {}
    words = {True: "PRESENT", False: "absent", None: "not answered"}
    return {
        "screened": f"Answered by {who(screening['recorded_by'])}, {times.full(screening['recorded_at'])}"
        if screening
        else "Nobody answered the screening.",
        "answers": [(sentence(LABELS[one]), words[answers.get(one.value)]) for one in Exclusion],
        "same_day": _same_day(screening, times),
        "overrides": [
            f"{', '.join(map(plain, [*one['exclusions'], *one['same_day']]))} overridden by {who(one['recorded_by'])}, "
            f"{times.full(one['recorded_at'])}: {typed(one['reason'])}"
            for one in content["overrides"]
        ],
        "clearances": [
            f"{name} cleared by {who(one['recorded_by'])}, {times.full(one['recorded_at'])}, "
            + (f"with {', '.join(map(plain, one['same_day']))}, " if one["same_day"] else "")
            + (f"until {times.full(one['until'])}" if one["until"] else "no end set")
            + (f": {typed(one['note'])}" if one["note"] else "")
            for name, one in (("Session", content["clearance"]), ("Course", content["course_clearance"]))
            if one is not None
        ],
    }


def _same_day(screening: Found | None, times: LocalTimes) -> str:
    """The same-day check by its items' names: their words are the protocol's."""
    if not screening or not screening["same_day"]:
        return "No same-day check was asked."
    words = {SameDayAnswer.RIGHT: "right", SameDayAnswer.WRONG: "WRONG"}
    answers = "; ".join(f"{plain(item)} {words[answer]}" for item, answer in screening["same_day"].items())
    return f"Same-day check, asked {times.full(screening['asked_at'])}: {answers}."


def _baseline(content: Found) -> dict[str, Any]:
    baseline = content["baseline"]
    soundness = {True: "sound", False: "not sound", None: "cannot be formed"}[baseline["sound"]]
    accepted = ", accepted by a clinician" if baseline["accepted"] else ""
    rows = []
    for vital in Vital:
        one = baseline["vitals"][vital.value]
        band = one["band"]
        rows.append(
            (
                sentence(VITALS[vital].label),
                "unknown" if one["shown"] is None else f"{one['shown']} {VITALS[vital].unit}",
                "" if band is None else (f"{band[0]} to {band[1]}" if band[0] <= band[1] else "no room"),
                one["because"],
            )
        )
    return {"said": f"The baseline is {soundness}{accepted}: {baseline['because']}.", "rows": rows}


def _assessment(one: Found, content: Found, times: LocalTimes) -> dict[str, Any]:

    signed = any(one["digest"] == held["digest"] for held in content["confirmations"])
    latest = content["latest"] is not None and one["digest"] == content["latest"]["digest"]
    role = "signed, and the latest" if signed and latest else ("signed" if signed else "the latest")
    findings = sorted(one["document"]["findings"], key=lambda finding: OUTCOMES[finding["outcome"]])
    return {
        "head": f"Assessment {one['number']} ({role}): {STATUS[one['status']]}, as of {times.full(one['as_of'])}",
        "digest": one["digest"],
        "findings": [
            {"criterion": _criterion(f["criterion"]), "outcome": plain(f["outcome"]), "because": because_of(f)}
            for f in findings
        ],
    }


def _criterion(name: str) -> str:
    return sentence(plain(name)).replace("Spo2", "SpO2")


def _signature(one: Found, times: LocalTimes) -> dict[str, Any]:
    signer = one["recorded_by"]
    return {
        "meaning": {"confirm": "Confirmed", "decline": "Declined", "override": "Overridden"}[one["decision"]],
        "name": typed(signer["name"]),
        "role": signer["role"],
        "at": times.full(one["signed_at"]),
        "words": [*(typed(line) for line in one["signed_text"].split("\n")), *_proven(one["proof"])],
        "digest": one["digest"],
    }


PROVEN = {
    ProofKind.PASSKEY: "Proven with the passkey",
    ProofKind.PASSWORD_AND_CODE: "Proven with the password and six digits",
    ProofKind.PASSWORD: "Proven with the password alone",
}


def _proven(proof: Found | None) -> list[str]:
    """What proved who signed, in words; nothing where it was not kept."""
    if proof is None:
        return []
    return [" ".join(filter(None, (PROVEN[ProofKind(proof["kind"])], proof["credential"])))]


def _notice(one: Found, times: LocalTimes) -> str:
    seen = one["acknowledged"]
    note = f": {typed(seen['note'])}" if seen and seen["note"] else ""
    answer = (
        f"acknowledged by {who(seen['recorded_by'])}, {times.full(seen['recorded_at'])}{note}"
        if seen
        else "NOT ACKNOWLEDGED"
    )
    return f"{times.full(one['raised_at'])}, {plain(one['kind'])}: {typed(one['text'])} — {answer}"


def _addendum(one: Found, times: LocalTimes) -> str:
    late = one["detail"]["reading"]
    said = f"{times.full(one['recorded_at'])}, by {who(one['recorded_by'])}: {event_words(one)}"
    if late is not None:
        values = ", ".join(
            f"{VITALS[vital].label} {late[vital.value]}" for vital in Vital if late[vital.value] is not None
        )
        said += f" — with a late set of {times.full(late['measured_at'])}: {values or 'no vital measured'}"
    return said + (" — VOID" if one["void"] else "")


def _signed_at(content: Found, times: LocalTimes) -> str:
    """When the decision that the discharge rests on was signed, and whether the patient had left by then."""
    afterwards = content["discharge"]["signed_afterwards"]
    given = [one["signed_at"] for one in content["confirmations"]
             if one["decision"] != "decline" and (one["had_left_at"] is not None) is afterwards]  # fmt: skip
    if not given:
        return "not on record"
    return times.full(max(given)) + (" (signed afterwards: the patient had left)" if afterwards else "")


def _leaving(content: Found, times: LocalTimes) -> list[Pair]:
    escort, discharge = content["escort"], content["discharge"]
    rows = []
    if escort:
        relation = f" ({typed(escort['relationship'])})" if escort["relationship"] else ""
        seen = f"here, seen {times.full(escort['present_at'])}" if escort["present"] and escort["present_at"] else (
            "here" if escort["present"] else "not here")  # fmt: skip
        rows.append(("Escort", f"{typed(escort['name'])}{relation}: {seen}"))
        if call := escort["phone"]:
            arrives = f", arrives {times.full(call['arrives_at'])}" if call["arrives_at"] else ""
            said = f"{typed(call['number'])}, reached {times.full(call['reached_at'])} by {typed(call['reached_by'])}"
            rows.append(("Escort by phone", f"{said}{arrives}"))
    else:
        rows.append(("Escort", "not on record"))
    if discharge is None:
        return [*rows, ("Discharge", f"not on record; the session is {plain(content['session']['state'])}")]
    given = "given" if discharge["instructions_given"] else "NOT given"
    ready = times.full(discharge["ready_at"]) if discharge["ready_at"] else "the criteria were not met"
    wait = ""
    if discharge["ready_at"]:
        minutes = (from_text(discharge["left_at"]) - from_text(discharge["ready_at"])).total_seconds() // 60
        wait = f" ({minutes:.0f} min after ready)"
    return [
        *rows,
        ("Ready at", ready),
        ("Left at", times.full(discharge["left_at"]) + wait),
        ("Signed at", _signed_at(content, times)),
        ("Instructions", given),
        ("Condition", typed(discharge["note"]) if discharge["note"] else "no note"),
        ("Recorded by", f"{who(discharge['recorded_by'])}, {times.full(discharge['recorded_at'])}"),
    ]
