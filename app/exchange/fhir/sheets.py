"""The sheets of a session that are no Encounter. Version n is revision n."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from app.domain.facts import Escort
from app.domain.forms import FormAnswers
from app.domain.records import Clearance, Kept, Screening, SessionHeader
from app.domain.screening import LABELS, Exclusion
from app.exchange.fhir.context import Context
from app.exchange.fhir.observations import performer
from app.exchange.fhir.observed import SURVEY
from app.exchange.fhir.parts import (
    coding,
    concept,
    extension,
    instant,
    kept,
    meta,
    ours,
    part,
    parted,
    quantity,
    reference,
)
from app.exchange.fhir.systems import CORE, LOINC, Resource
from app.exchange.fhir.vital_signs import CATEGORY

_WEIGHT = concept(coding(LOINC, "29463-7", "Body weight"))
_EXCLUSIONS = {exclusion: ours("exclusion", exclusion.value, LABELS[exclusion]) for exclusion in Exclusion}
_FIRST_TREATMENT = ours("observation", "first-treatment")
_ADMINISTRATIVE = [ours("observation-category", "administrative")]


def weight_versions(context: Context, headers: Sequence[Kept[SessionHeader]]) -> Iterator[Resource]:
    """The weight the dose was reckoned with, from the first revision of the header that had one.

    A later revision without a weight takes it back.
    """
    last = None
    for sheet in headers:
        weight = sheet.value.weight_kg
        if weight is None and last is None:
            continue
        given = weight is not None
        last = weight if weight is not None else last
        assert last is not None
        yield {
            "resourceType": "Observation",
            "id": f"{context.session_id}-weight",
            "meta": meta(sheet.revision, sheet.recorded_at, f"{CORE}/bodyweight"),
            "status": ("final" if sheet.revision == 1 else "amended") if given else "entered-in-error",
            "category": CATEGORY,
            "code": _WEIGHT,
            "subject": context.subject,
            "encounter": context.encounter,
            "effectiveDateTime": instant(sheet.recorded_at),
            "issued": instant(sheet.recorded_at),
            "performer": [performer(sheet.by)],
            "valueQuantity": quantity(last, "kg"),
        }


def screening(context: Context, sheet: Kept[Screening]) -> Resource:
    """The eight answers; true means that the exclusion is present. And those of the same-day check."""
    asked = sheet.value.asked_at
    extensions = [] if asked is None else [extension("same-day-asked-at", valueInstant=instant(asked))]
    extensions += [
        parted("same-day", part("item", valueString=item), part("answer", valueCode=answer.value))
        for item, answer in sorted(sheet.value.same_day.items())
    ]
    return {
        "resourceType": "Observation",
        "id": f"{context.session_id}-screening",
        "meta": meta(sheet.revision, sheet.recorded_at),
        "extension": [kept(sheet), *extensions],
        "status": "final" if sheet.revision == 1 else "amended",
        "category": SURVEY,
        "code": ours("observation", "screening"),
        "subject": context.subject,
        "encounter": context.encounter,
        "effectiveDateTime": instant(sheet.recorded_at),
        "issued": instant(sheet.recorded_at),
        "performer": [performer(sheet.by)],
        "component": [
            {"code": _EXCLUSIONS[exclusion], "valueBoolean": sheet.value.answers[exclusion]}
            for exclusion in Exclusion
            if exclusion in sheet.value.answers
        ],
    }


def monitoring_form(context: Context, sheet: Kept[FormAnswers]) -> Resource:
    """What was asked for the monitoring form, as far as it was asked; who watched the patient, and when it was sent."""
    asked = sheet.value
    answers = [] if asked.first_treatment is None else [(_FIRST_TREATMENT, asked.first_treatment)]
    answers += [(ours("medicine-group", name), answer) for name, answer in sorted(asked.medicines.items())]
    watched = (
        part("by", valueString=asked.monitored_by),
        part("phone", valueString=asked.monitor_phone),
        part("email", valueString=asked.monitor_email),
        part("sent-at", valueInstant=instant(asked.sent_at) if asked.sent_at else None),
    )
    found: Resource = {
        "resourceType": "Observation",
        "id": f"{context.session_id}-form",
        "meta": meta(sheet.revision, sheet.recorded_at),
        "extension": [kept(sheet), *([parted("monitoring-form", *watched)] if any(watched) else [])],
        "status": "final" if sheet.revision == 1 else "amended",
        "category": SURVEY,
        "code": ours("observation", "monitoring-form"),
        "subject": context.subject,
        "encounter": context.encounter,
        "effectiveDateTime": instant(sheet.recorded_at),
        "issued": instant(sheet.recorded_at),
        "performer": [performer(sheet.by)],
    }
    if answers:
        found["component"] = [
            {"code": code, "valueCodeableConcept": ours("form-answer", answer)} for code, answer in answers
        ]
    return found


def same_day_items(items: Iterable[str]) -> list[Resource]:
    """The items of the same-day check that a clinician's word is about."""
    return [extension("same-day-item", valueString=item) for item in items]


def clearance(name: str, subject: Resource, encounter: Resource | None, sheet: Kept[Clearance]) -> Resource:
    """A clinician's word that treatment may go ahead, from when it was given, until when it holds.

    `name` is the id: `{session id}-clearance`, or `{course id}-course-clearance`, which has no encounter.
    """
    period = {"start": instant(sheet.recorded_at)}
    extensions = [kept(sheet), *same_day_items(sheet.value.same_day)]
    until = sheet.value.until
    if until is not None and until >= sheet.recorded_at:
        period["end"] = instant(until)
    elif until is not None:
        # a clearance that is over already: no period says that
        extensions.append(extension("cleared-until", valueInstant=instant(until)))
    found: Resource = {
        "resourceType": "Observation",
        "id": name,
        "meta": meta(sheet.revision, sheet.recorded_at),
        "extension": extensions,
        "status": "final" if sheet.revision == 1 else "amended",
        "category": _ADMINISTRATIVE,
        "code": ours("observation", "clearance"),
        "subject": subject,
    }
    if encounter is not None:
        found["encounter"] = encounter
    found |= {
        "effectivePeriod": period,
        "issued": instant(sheet.recorded_at),
        "performer": [performer(sheet.by)],
        "valueBoolean": True,
    }
    if sheet.value.note:
        found["note"] = [{"text": sheet.value.note}]
    return found


def session_clearance(context: Context, sheet: Kept[Clearance]) -> Resource:
    """Of this one session."""
    return clearance(f"{context.session_id}-clearance", context.subject, context.encounter, sheet)


def course_clearance(course_id: UUID, patient_id: UUID, sheet: Kept[Clearance]) -> Resource:
    """Of a whole course."""
    return clearance(f"{course_id}-course-clearance", reference("Patient", patient_id), None, sheet)


def related_person(context: Context, sheet: Kept[Escort]) -> Resource:
    """Who takes the patient home, and whether they have been seen here."""
    escort = sheet.value
    extensions = [kept(sheet), extension("present", valueBoolean=escort.present)]
    if escort.present_at is not None:
        extensions.append(extension("present-at", valueInstant=instant(escort.present_at)))
    if (call := escort.phone) is not None:
        reached = part("reached-at", valueInstant=instant(call.reached_at))
        arrives = [part("arrives-at", valueInstant=instant(call.arrives_at))] if call.arrives_at else []
        extensions.append(
            parted("reached-by-phone", reached, part("reached-by", valueString=call.reached_by), *arrives)
        )
    found: Resource = {
        "resourceType": "RelatedPerson",
        "id": f"{context.session_id}-escort",
        "meta": meta(sheet.revision, sheet.recorded_at),
        "extension": [*extensions, extension("session", valueReference=context.encounter)],
        "active": True,
        "patient": context.subject,
    }
    if escort.relationship:
        found["relationship"] = [concept(text=escort.relationship)]
    found["name"] = [{"text": escort.name}]
    if call is not None:
        found["telecom"] = [{"system": "phone", "value": call.number}]
    return found
