"""The monitoring summary as a document for machines and as a page for people. The words are ours, not the form's."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from app.domain.documents import Written, form_answers_document, programme_document
from app.domain.instants import to_text
from app.domain.monitoring import Field, Group, Missing, Site
from app.domain.names import listed
from app.domain.records import Kept, SessionRecord, Signer
from app.exchange.paper import LocalTimes, Sheet, press
from app.exchange.words import typed

T = TypeVar("T")
MOST_NAMED = 6
"""Sets and events that a source names one by one."""
GROUPS = {
    Group.PATIENT: "Patient",
    Group.MEDICATION: "Concomitant medication",
    Group.SITE: "Site",
    Group.SESSION: "Session",
    Group.PRESSURE: "Blood pressure",
    Group.EVENTS: "Events",
}


def instants_of(record: SessionRecord) -> dict[str, str]:
    """When each reading was measured and each event was, by their ids, as texts in UTC."""
    readings = {str(one.id): to_text(one.measured_at) for one in record.readings_in_force()}
    return readings | {str(one.id): to_text(one.at) for one in record.events_in_force()}


def where_from(field: Field, at: Mapping[str, str]) -> str:
    """Where an answer stands, in words, with the sets and events that it rests on; instants are in UTC."""
    found = [
        f"{noun} of {', '.join(instants[:MOST_NAMED])}" + (f" and {more} more" if more > 0 else "")
        for kind, noun in (("reading", "set"), ("event", "event"))
        if (instants := sorted(at[on.id] for on in field.answer.rests_on if on.kind == kind and on.id in at))
        for more in [len(instants) - MOST_NAMED]
    ]
    return ", ".join([field.source.words, *found])


def field_document(field: Field, at: Mapping[str, str]) -> Written:
    """`{id, group, label, value, words, missing, source, rests_on}`; `missing` is null where there is an answer."""
    answer = field.answer
    return {
        "id": field.id,
        "group": field.group.value,
        "label": field.label,
        "value": None if isinstance(answer, Missing) else answer.value,
        "words": None if isinstance(answer, Missing) else answer.words,
        "missing": answer.because if isinstance(answer, Missing) else None,
        "source": {"origin": field.source.origin.value, "words": where_from(field, at)},
        "rests_on": [{"kind": on.kind, "id": on.id, "revision": on.revision} for on in answer.rests_on],
    }


def summary_document(record: SessionRecord, fields: Iterable[Field], *, demo: bool, at: datetime) -> Written:
    """The whole summary; `missing` names every field without an answer. `answers`, `programme`: what was asked."""
    instants = instants_of(record)
    documents = [field_document(field, instants) for field in fields]
    return {
        "session_id": str(record.id),
        "patient_id": str(record.header.value.patient_id),
        "demo": demo,
        "as_of": to_text(at),
        "fields": documents,
        "missing": [one["id"] for one in documents if one["missing"] is not None],
        "answers": _sheet(record.form_answers, form_answers_document),
        "programme": _sheet(record.programmes, programme_document),
    }


def _sheet(revisions: Sequence[Kept[T]], written: Callable[[T], Written]) -> Written | None:
    """The newest revision with its number, which a change of it has to name; None where nothing was asked."""
    return {**written(revisions[-1].value), "revision": revisions[-1].revision} if revisions else None


def print_summary(
    record: SessionRecord, site: Site, fields: Iterable[Field], *, demo: bool, at: datetime, by: Signer
) -> bytes:
    """The summary as PDF; times are those of the clinic's zone."""
    clinic = site.clinic.value
    named = instants_of(record)
    events = [to_text(one.at) for one in record.events_in_force()]
    instants = [*named.values(), *(to_text(one.value.signed_at) for one in record.confirmations)]
    times = LocalTimes(clinic.timezone, instants)
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
        "day": times.day(events[0]) if events else "no event on record",
        "made": times.full(to_text(at)),
        "made_by": f"{typed(by.name)} ({by.role})",
        "missing": sum(isinstance(one.answer, Missing) for one in rows),
        "groups": [
            {"name": name, "rows": [_row(one, times, named) for one in rows if one.group is group]}
            for group, name in GROUPS.items()
        ],
    }
    title = f"Monitoring summary: {name}, {patient.record_number}"
    return press(Sheet("monitoring.typ", title, data, at)).pdf


def _row(field: Field, times: LocalTimes, at: Mapping[str, str]) -> Written:
    answer = field.answer
    return {
        "label": field.label,
        "words": None if isinstance(answer, Missing) else typed(times.in_words(answer.words)),
        "missing": times.in_words(answer.because) if isinstance(answer, Missing) else None,
        "rests": typed(times.in_words(where_from(field, at))),
    }
