"""A reading as Observations, ten of them, always the same ten: `{reading id}-{part}`, see `READING_PARTS`.

What concerns the set as a whole (who typed it, on which tablet, why it was corrected, its note) is said once, on the
set itself; the others carry what anybody needs who reads one of them alone.
"""

from collections.abc import Callable, Iterator
from uuid import UUID

from app.domain.readings import Phase, Reading
from app.domain.records import Kept, ReadingHistory, Signer
from app.domain.vitals import Vital
from app.exchange.fhir import observed, vital_signs
from app.exchange.fhir.context import Context
from app.exchange.fhir.parts import extension, instant, kept, reference, voided
from app.exchange.fhir.reading_versions import ReadingVersion, newest_of_reading, versions_of_reading
from app.exchange.fhir.systems import Resource

Build = Callable[[Reading, dict[str, str]], Resource]

_VITAL_SIGNS: tuple[tuple[str, Build, tuple[Vital, ...]], ...] = (
    ("hr", vital_signs.heart_rate, (Vital.HEART_RATE,)),
    ("bp", vital_signs.blood_pressure, (Vital.SYSTOLIC, Vital.DIASTOLIC)),
    ("rr", vital_signs.respiratory_rate, (Vital.RESPIRATORY_RATE,)),
    ("spo2", vital_signs.spo2, (Vital.SPO2,)),
)
_OBSERVED: tuple[tuple[str, Build, list[Resource]], ...] = (
    ("loc", observed.consciousness, observed.EXAM),
    ("dis", observed.dissociation, observed.SURVEY),
    ("sym", observed.symptoms, observed.SURVEY),
    ("gait", observed.gait, observed.EXAM),
    ("ori", observed.orientation, observed.EXAM),
)
_PHASES = {phase: extension("phase", valueCode=phase.value) for phase in Phase}
_DOUBTFUL = extension("clock-doubtful", valueBoolean=True)


def performer(by: Signer) -> Resource:
    """Who measured, as they were called then."""
    if by.staff_id is None:
        return {"display": by.name}
    return {"reference": f"Practitioner/{by.staff_id}", "display": by.name}


def _set(change: ReadingVersion, name: str, addendum: Kept[UUID] | None) -> Resource:
    """What belongs to the set as a whole."""
    reading = change.kept.value
    extensions = [kept(change.kept)]
    if change.void is not None:
        extensions.append(voided(change.void))
    if addendum is not None:
        extensions.append(extension("addendum", valueReference=reference("Observation", addendum.value)))
    found: Resource = {
        "code": vital_signs.SET,
        "hasMember": [{"reference": f"Observation/{name}-{which}"} for which, _, _ in _VITAL_SIGNS],
        "extension": extensions,
    }
    if reading.note:
        found["note"] = [{"text": reading.note}]
    return found


def observations_at(context: Context, change: ReadingVersion, addendum: Kept[UUID] | None = None) -> Iterator[Resource]:
    """The ten Observations of a reading as one change left it.

    `addendum`: the event that carried the reading into a closed session, where one did.
    """
    reading = change.kept.value
    name = str(reading.id)
    version, changed = str(change.version), instant(change.at)
    reasons = dict(reading.not_measured)
    marks = [_PHASES[change.phase], _DOUBTFUL] if reading.clock_doubtful else [_PHASES[change.phase]]
    shared: Resource = {
        "subject": context.subject,
        "encounter": context.encounter,
        "effectiveDateTime": instant(reading.measured_at),
        "issued": instant(change.kept.recorded_at),
        "performer": [performer(change.kept.by)],
    }
    if change.phase is not Phase.BASELINE:
        shared["partOf"] = [context.procedure]
    status = change.status

    whole = _set(change, name, addendum)
    yield {
        "resourceType": "Observation",
        "id": f"{name}-set",
        "meta": {"versionId": version, "lastUpdated": changed, "profile": vital_signs.PROFILES["set"]},
        "status": status,
        "category": vital_signs.CATEGORY,
        **shared,
        **whole,
        "extension": [*marks, *whole["extension"]],
    }
    for which, build, vitals in _VITAL_SIGNS:
        yield {
            "resourceType": "Observation",
            "id": f"{name}-{which}",
            "meta": {"versionId": version, "lastUpdated": changed, "profile": vital_signs.PROFILES[which]},
            "extension": [*marks, *vital_signs.confirmed_unlikely(reading, *vitals)],
            "status": status,
            "category": vital_signs.CATEGORY,
            **shared,
            **build(reading, reasons),
        }
    meta = {"versionId": version, "lastUpdated": changed}
    for which, build, category in _OBSERVED:
        yield {
            "resourceType": "Observation",
            "id": f"{name}-{which}",
            "meta": meta,
            "extension": marks,
            "status": status,
            "category": category,
            **shared,
            **build(reading, reasons),
        }


def observations(context: Context, history: ReadingHistory, addendum: Kept[UUID] | None = None) -> Iterator[Resource]:
    """The ten Observations of a reading as they are now."""
    return observations_at(context, newest_of_reading(context, history), addendum)


def observation_versions(
    context: Context, history: ReadingHistory, addendum: Kept[UUID] | None = None
) -> Iterator[Resource]:
    """Every version of each of the ten, oldest first."""
    for change in versions_of_reading(context, history):
        yield from observations_at(context, change, addendum)
