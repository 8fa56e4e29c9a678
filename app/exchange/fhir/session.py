"""Everything that hangs on a session, as resources: the newest of each, or every version there ever was.

`versions_of_session` is the whole story, oldest first within an id; `resources_of_session` its end. What is asked for a
point in time (`as of`) is the last version of each id with `meta.lastUpdated` not later than that.
"""

from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

from app.domain.events import Addendum
from app.domain.records import EventHistory, Kept, KeptAssessment, ReadingHistory, SessionRecord, Void
from app.exchange.fhir.assessments import confirmation_provenance, guidance_response, override_provenance
from app.exchange.fhir.context import Context, Past
from app.exchange.fhir.encounter import encounter, encounter_versions, procedure_versions
from app.exchange.fhir.events import GIVEN, event_versions
from app.exchange.fhir.notices import flag_versions
from app.exchange.fhir.observations import observation_versions, observations
from app.exchange.fhir.sheets import related_person, screening, session_clearance, weight_versions
from app.exchange.fhir.symptoms import symptom_versions
from app.exchange.fhir.systems import Resource

Told = Callable[[SessionRecord, Context, Past], Iterator[Resource]]


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


def _session_observations(record: SessionRecord, context: Context, past: Past) -> Iterator[Resource]:
    """Every version of what is no reading: weight, screening, clearance, and events in which nothing was given."""
    yield from weight_versions(context, past.headers or (record.header,))
    for answers in past.screenings or (() if record.screening is None else (record.screening,)):
        yield screening(context, answers)
    for word in past.clearances or (() if record.clearance is None else (record.clearance,)):
        yield session_clearance(context, word)
    for event in record.events:
        if event.event.value.kind not in GIVEN:
            yield from event_versions(context, event)


def _observation_versions(record: SessionRecord, context: Context, past: Past) -> Iterator[Resource]:
    yield from _session_observations(record, context, past)
    for reading, carrier in _readings(record):
        yield from observation_versions(context, reading, carrier)


def _observations(record: SessionRecord, context: Context, past: Past) -> Iterator[Resource]:
    yield from newest(_session_observations(record, context, past))
    for reading, carrier in _readings(record):
        yield from observations(context, reading, carrier)


def _conditions(record: SessionRecord, context: Context, _: Past) -> Iterator[Resource]:
    for reading, _carrier in _readings(record):
        yield from symptom_versions(context, reading)


def _given(record: SessionRecord, context: Context, _: Past) -> Iterator[Resource]:
    for event in record.events:
        if event.event.value.kind in GIVEN:
            yield from event_versions(context, event)


def _assessments(record: SessionRecord, past: Past) -> tuple[KeptAssessment, ...]:
    return past.assessments or (() if record.assessment is None else (record.assessment,))


def _guidance(record: SessionRecord, context: Context, past: Past) -> Iterator[Resource]:
    for assessment in _assessments(record, past):
        yield guidance_response(context, assessment)


def _provenance(record: SessionRecord, context: Context, past: Past) -> Iterator[Resource]:
    for number, override in enumerate(record.overrides, start=1):
        yield override_provenance(context, number, override)
    for confirmation in record.confirmations:
        yield confirmation_provenance(context, confirmation, _assessments(record, past))


def _related(record: SessionRecord, context: Context, past: Past) -> Iterator[Resource]:
    for escort in past.escorts or (() if record.escort is None else (record.escort,)):
        yield related_person(context, escort)


def _flags(record: SessionRecord, context: Context, _: Past) -> Iterator[Resource]:
    for notice in record.notices:
        yield from flag_versions(context, notice)


def _procedures(record: SessionRecord, context: Context, _: Past) -> Iterator[Resource]:
    return procedure_versions(context, record)


_VERSIONS: dict[str, Told] = {
    "Encounter": lambda record, context, past: encounter_versions(context, record, past),
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
    record: SessionRecord, context: Context, past: Past, types: Iterable[str] = SESSION_TYPES
) -> Iterator[Resource]:
    """Every version of every resource of these types, oldest first within an id."""
    for kind in types:
        yield from _VERSIONS[kind](record, context, past)


def resources_of_session(
    record: SessionRecord, context: Context, past: Past | None = None, types: Iterable[str] = SESSION_TYPES
) -> Iterator[Resource]:
    """Each resource of these types as it is now. `past` is needed for its assessments; revisions of sheets are not."""
    past = past or Past()
    for kind in types:
        match kind:
            case "Observation":
                yield from _observations(record, context, past)
            case "Encounter":
                yield encounter(context, record)
            case _:
                yield from newest(_VERSIONS[kind](record, context, past))


def versions_of(record: SessionRecord, context: Context, past: Past, kind: str, name: str) -> tuple[Resource, ...]:
    """Every version of one resource of a session, oldest first; none where it has no such resource."""
    return tuple(one for one in _VERSIONS[kind](record, context, past) if one["id"] == name)
