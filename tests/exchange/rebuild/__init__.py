"""A session's record rebuilt from its FHIR resources alone: what the export says, and nothing else."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from app.domain.records import SessionRecord
from tests.exchange.rebuild import sheets, signed
from tests.exchange.rebuild.events import event as event_of
from tests.exchange.rebuild.found import Found, Told, extensions, name_in, said
from tests.exchange.rebuild.readings import history


def rebuild(resources: Iterable[Found]) -> SessionRecord:
    """The record of the one session among these resources, every revision that they tell. Facts by id."""
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

    headers = sheets.headers(told, session)
    course_id = headers[-1].value.course_id
    words = [told.versions("Provenance", n)[0] for n in told.ids("Provenance")]
    return SessionRecord(
        id=UUID(session),
        headers=headers,
        patients=all_of("Patient", str(headers[-1].value.patient_id), sheets.patient),
        courses=all_of("EpisodeOfCare", str(course_id), sheets.course),
        screenings=all_of("Observation", f"{session}-screening", sheets.screening),
        overrides=tuple(signed.override(one) for one in words if "-override-" in one["id"]),
        clearances=all_of("Observation", f"{session}-clearance", sheets.clearance),
        form_answers=all_of("Observation", f"{session}-form", sheets.form_answers),
        course_clearances=all_of("Observation", f"{course_id}-course-clearance", sheets.clearance),
        events=tuple(sorted(events, key=lambda one: one.event.value.id)),
        readings=tuple(sorted(histories.values(), key=lambda one: one.revisions[0].value.id)),
        escorts=all_of("RelatedPerson", f"{session}-escort", sheets.escort),
        assessments=signed.assessments([told.versions("GuidanceResponse", n)[0] for n in told.ids("GuidanceResponse")]),
        confirmations=tuple(signed.confirmation(one) for one in words if len(one["id"]) == 36),
        notices=tuple(signed.notice(told.versions("Flag", name)[-1]) for name in told.ids("Flag")),
        discharge=signed.discharge(told.versions("Encounter", session)[-1]),
    )
