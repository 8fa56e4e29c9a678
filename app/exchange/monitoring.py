"""The monitoring summary as a document for machines and as a page for people. The words are ours, not the form's."""

from collections.abc import Iterable
from datetime import datetime

from app.domain.documents import Written
from app.domain.instants import to_text
from app.domain.monitoring import Field, Group, Missing
from app.domain.names import listed
from app.domain.people import Clinic
from app.domain.records import SessionRecord, Signer
from app.exchange.paper import LocalTimes, Sheet, press
from app.exchange.words import typed

GROUPS = {
    Group.PATIENT: "Patient",
    Group.MEDICATION: "Concomitant medication",
    Group.SITE: "Site",
    Group.SESSION: "Session",
    Group.PRESSURE: "Blood pressure",
    Group.EVENTS: "Events",
}


def field_document(field: Field) -> Written:
    """`{id, group, label, value, words, missing, rests_on}`; `missing` is null exactly where there is an answer."""
    answer = field.answer
    return {
        "id": field.id,
        "group": field.group.value,
        "label": field.label,
        "value": None if isinstance(answer, Missing) else answer.value,
        "words": None if isinstance(answer, Missing) else answer.words,
        "missing": answer.because if isinstance(answer, Missing) else None,
        "rests_on": [{"kind": on.kind, "id": on.id, "revision": on.revision} for on in answer.rests_on],
    }


def summary_document(record: SessionRecord, fields: Iterable[Field], *, demo: bool, at: datetime) -> Written:
    """The whole summary; `missing` names every field without an answer."""
    documents = [field_document(field) for field in fields]
    return {
        "session_id": str(record.id),
        "patient_id": str(record.header.value.patient_id),
        "demo": demo,
        "as_of": to_text(at),
        "fields": documents,
        "missing": [one["id"] for one in documents if one["missing"] is not None],
    }


def print_summary(
    record: SessionRecord, clinic: Clinic, fields: Iterable[Field], *, demo: bool, at: datetime, by: Signer
) -> bytes:
    """The summary as PDF; times are those of the clinic's zone."""
    instants = [to_text(one.at) for one in record.events_in_force()]
    instants += [to_text(one.measured_at) for one in record.readings_in_force()]
    instants += [to_text(one.value.signed_at) for one in record.confirmations]
    times = LocalTimes(clinic.timezone, instants)
    taken_at = {str(one.id): times.time(to_text(one.measured_at)) for one in record.readings_in_force()}
    rows = list(fields)
    patient = record.patient.value
    name = listed(typed(patient.family_name), typed(patient.given_name))
    data: Written = {
        "demo": demo,
        "patient": {
            "name": name,
            "birth_date": patient.birth_date.isoformat(),
            "record_number": typed(patient.record_number),
            "clinic": typed(clinic.name),
            "session": str(record.id),
        },
        "zone": times.said,
        "day": times.day(instants[0]) if instants else "no event on record",
        "made": times.full(to_text(at)),
        "made_by": f"{typed(by.name)} ({by.role})",
        "missing": sum(isinstance(one.answer, Missing) for one in rows),
        "groups": [
            {"name": name, "rows": [_row(one, times, taken_at) for one in rows if one.group is group]}
            for group, name in GROUPS.items()
        ],
    }
    title = f"Monitoring summary: {name}, {patient.record_number}"
    return press(Sheet("monitoring.typ", title, data, at)).pdf


def _row(field: Field, times: LocalTimes, taken_at: dict[str, str]) -> Written:
    answer = field.answer
    sets = [taken_at[on.id] for on in answer.rests_on if on.kind == "reading" and on.id in taken_at]
    shown = ", ".join(sorted(sets)[:6]) + (f" and {len(sets) - 6} more" if len(sets) > 6 else "")
    return {
        "label": field.label,
        "words": None if isinstance(answer, Missing) else typed(times.in_words(answer.words)),
        "missing": times.in_words(answer.because) if isinstance(answer, Missing) else None,
        "rests": f"set of {shown}" if len(sets) == 1 else (f"sets of {shown}" if sets else ""),
    }
