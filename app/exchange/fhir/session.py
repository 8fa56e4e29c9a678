"""Everything that hangs on a session, as resources: the newest of each, or every version there ever was.

`versions_of_session` is the whole story, oldest first within an id; `resources_of_session` its end. What is asked for a
point in time (`as of`) is the last version of each id with `meta.lastUpdated` not later than that.
"""

from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

from app.domain.events import Addendum
from app.domain.records import EventHistory, Kept, ReadingHistory, SessionRecord, Void
from app.exchange.fhir.assessments import confirmation_provenance, guidance_response, override_provenance
from app.exchange.fhir.context import Context
from app.exchange.fhir.encounter import encounter, encounter_versions, procedure_versions
from app.exchange.fhir.events import GIVEN, event_versions
from app.exchange.fhir.notices import flag_versions
from app.exchange.fhir.observations import observation_versions, observations
from app.exchange.fhir.sheets import monitoring_form, related_person, screening, session_clearance, weight_versions
from app.exchange.fhir.symptoms import symptom_versions
from app.exchange.fhir.systems import Resource

Told = Callable[[SessionRecord, Context], Iterator[Resource]]


def addendum_reading(history: EventHistory) -> tuple[ReadingHistory, Kept[UUID]] | None:
    """The whole late reading that an addendum carries into a closed session, as if it were a reading of its own."""
    event = history.event
    detail = event.value.detail
    if not isinstance(detail, Addendum) or detail.reading is None:
        return None
    revision = Kept(detail.reading, 1, event.by, event.recorded_at, event.tablet_id, event.reason)
    void: Kept[Void] | None = history.void
    carrier = Kept(event.value.id, 1, event.by, event.recorded_at)
    return ReadingHistory((revision,), void), carrier


def _readings(record: SessionRecord) -> Iterator[tuple[ReadingHistory, Kept[UUID] | None]]:
    for reading in record.readings:
        yield reading, None
    for event in record.events:
        if (carried := addendum_reading(event)) is not None:
            yield carried


def _session_observations(record: SessionRecord, context: Context) -> Iterator[Resource]:
    """Every version of what is no reading: weight and the other sheets, and events in which nothing was given."""
    yield from weight_versions(context, record.headers)
    for answers in record.screenings:
        yield screening(context, answers)
    for word in record.clearances:
        yield session_clearance(context, word)
    for asked in record.form_answers:
        yield monitoring_form(context, asked)
    for event in record.events:
        if event.event.value.kind not in GIVEN:
            yield from event_versions(context, event)


def _observation_versions(record: SessionRecord, context: Context) -> Iterator[Resource]:
    yield from _session_observations(record, context)
    for reading, carrier in _readings(record):
        yield from observation_versions(context, reading, carrier)


def _observations(record: SessionRecord, context: Context) -> Iterator[Resource]:
    yield from newest(_session_observations(record, context))
    for reading, carrier in _readings(record):
        yield from observations(context, reading, carrier)


def _conditions(record: SessionRecord, context: Context) -> Iterator[Resource]:
    for reading, _carrier in _readings(record):
        yield from symptom_versions(context, reading)


def _given(record: SessionRecord, context: Context) -> Iterator[Resource]:
    for event in record.events:
        if event.event.value.kind in GIVEN:
            yield from event_versions(context, event)


def _guidance(record: SessionRecord, context: Context) -> Iterator[Resource]:
    for assessment in record.assessments:
        yield guidance_response(context, assessment)


def _provenance(record: SessionRecord, context: Context) -> Iterator[Resource]:
    for number, override in enumerate(record.overrides, start=1):
        yield override_provenance(context, number, override)
    for confirmation in record.confirmations:
        yield confirmation_provenance(context, confirmation, record.assessments)


def _related(record: SessionRecord, context: Context) -> Iterator[Resource]:
    for escort in record.escorts:
        yield related_person(context, escort)


def _flags(record: SessionRecord, context: Context) -> Iterator[Resource]:
    for notice in record.notices:
        yield from flag_versions(context, notice)


def _procedures(record: SessionRecord, context: Context) -> Iterator[Resource]:
    return procedure_versions(context, record)


_VERSIONS: dict[str, Told] = {
    "Encounter": lambda record, context: encounter_versions(context, record),
    "Procedure": _procedures,
    "MedicationAdministration": _given,
    "Observation": _observation_versions,
    "Condition": _conditions,
    "GuidanceResponse": _guidance,
    "Provenance": _provenance,
    "RelatedPerson": _related,
    "Flag": _flags,
}
SESSION_TYPES: tuple[str, ...] = tuple(_VERSIONS)
"""The types that hang on a session, in the order they are told."""


def newest(resources: Iterable[Resource]) -> Iterator[Resource]:
    """The last version of each id, of resources that come oldest first."""
    yield from {resource["id"]: resource for resource in resources}.values()


def versions_of_session(
    record: SessionRecord, context: Context, types: Iterable[str] = SESSION_TYPES
) -> Iterator[Resource]:
    """Every version of every resource of these types, oldest first within an id."""
    for kind in types:
        yield from _VERSIONS[kind](record, context)


def resources_of_session(
    record: SessionRecord, context: Context, types: Iterable[str] = SESSION_TYPES
) -> Iterator[Resource]:
    """Each resource of these types as it is now."""
    for kind in types:
        match kind:
            case "Observation":
                yield from _observations(record, context)
            case "Encounter":
                yield encounter(context, record)
            case _:
                yield from newest(_VERSIONS[kind](record, context))


def versions_of(record: SessionRecord, context: Context, kind: str, name: str) -> tuple[Resource, ...]:
    """Every version of one resource of a session, oldest first; none where it has no such resource."""
    return tuple(one for one in _VERSIONS[kind](record, context) if one["id"] == name)
