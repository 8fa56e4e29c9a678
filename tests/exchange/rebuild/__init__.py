"""A session's record rebuilt from its FHIR resources alone: what the export says, and nothing else."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from app.domain.records import SessionRecord
from app.exchange.fhir import Past
from tests.exchange.rebuild import sheets, signed
from tests.exchange.rebuild.events import event as event_of
from tests.exchange.rebuild.found import Found, Told, extensions, name_in, said
from tests.exchange.rebuild.readings import history


def rebuild(resources: Iterable[Found]) -> tuple[SessionRecord, Past]:
    """The record of the one session among these resources, and what is known of its past. Facts by id."""
    told = Told(resources)
    (session,) = told.ids("Encounter")
    sets = {UUID(n[:36]): told.versions("Observation", n) for n in told.ids("Observation") if n.endswith("-set")}
    histories = {name: history(told, name, wholes) for name, wholes in sets.items()}
    late = {
        name_in(said(wholes[0], "addendum")): histories.pop(name).revisions[0].value
        for name, wholes in sets.items()
        if extensions(wholes[0], "addendum")
    }
    facts = [told.versions("Observation", n) for n in told.ids("Observation") if len(n) == 36]
    facts += [told.versions("MedicationAdministration", n) for n in told.ids("MedicationAdministration")]
    events = [event_of(versions, late.get(UUID(versions[0]["id"]))) for versions in facts]

    def all_of(kind: str, name: str, read: Any) -> tuple[Any, ...]:
        return tuple(read(one) for one in told.versions(kind, name))

    def last(found: tuple[Any, ...]) -> Any:
        return found[-1] if found else None

    headers = sheets.headers(told, session)
    course_id = headers[-1].value.course_id
    past = Past(
        headers=headers,
        screenings=all_of("Observation", f"{session}-screening", sheets.screening),
        clearances=all_of("Observation", f"{session}-clearance", sheets.clearance),
        course_clearances=all_of("Observation", f"{course_id}-course-clearance", sheets.clearance),
        escorts=all_of("RelatedPerson", f"{session}-escort", sheets.escort),
        assessments=tuple(
            signed.assessment(told.versions("GuidanceResponse", n)[0]) for n in told.ids("GuidanceResponse")
        ),
    )
    words = [told.versions("Provenance", n)[0] for n in told.ids("Provenance")]
    record = SessionRecord(
        id=UUID(session),
        header=headers[-1],
        patient=sheets.patient(told.versions("Patient", str(headers[-1].value.patient_id))[-1]),
        course=last(all_of("EpisodeOfCare", str(course_id), sheets.course)),
        screening=last(past.screenings),
        overrides=tuple(signed.override(one) for one in words if "-override-" in one["id"]),
        clearance=last(past.clearances),
        course_clearance=last(past.course_clearances),
        events=tuple(sorted(events, key=lambda one: one.event.value.id)),
        readings=tuple(sorted(histories.values(), key=lambda one: one.revisions[0].value.id)),
        escort=last(past.escorts),
        tablets=(),
        assessment=last(past.assessments),
        confirmations=tuple(signed.confirmation(one) for one in words if len(one["id"]) == 36),
        notices=tuple(signed.notice(told.versions("Flag", name)[-1]) for name in told.ids("Flag")),
        discharge=signed.discharge(told.versions("Encounter", session)[-1]),
    )
    return record, past
