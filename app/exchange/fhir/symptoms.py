"""Each symptom named in a reading, as a Condition `{reading id}-{code}`.

It says what was named in that set. It is active until a `symptom-resolved` of its code is entered for a later instant,
as the rules have it. A correction that no longer names it makes it entered in error, as a void does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.domain.readings import Reading
from app.domain.records import Kept, ReadingHistory
from app.domain.symptoms import Severity, Symptom, SymptomCode, label
from app.exchange.fhir.context import Context
from app.exchange.fhir.observations import performer
from app.exchange.fhir.parts import coding, concept, instant, ours, reference
from app.exchange.fhir.reading_versions import ReadingVersion, versions_of_reading
from app.exchange.fhir.systems import HL7, Resource

CATEGORY = [ours("condition-category", "symptom")]
_CODES = {code: ours("symptom", code.value, label(code)) for code in SymptomCode}
_SEVERITIES = {severity: ours("severity", severity.value) for severity in Severity}
_ACTIVE = concept(coding(f"{HL7}/condition-clinical", "active", "Active"))
_RESOLVED = concept(coding(f"{HL7}/condition-clinical", "resolved", "Resolved"))
_CONFIRMED = concept(coding(f"{HL7}/condition-ver-status", "confirmed", "Confirmed"))
_IN_ERROR = concept(coding(f"{HL7}/condition-ver-status", "entered-in-error", "Entered in Error"))


@dataclass(frozen=True, slots=True)
class _State:
    """One symptom as the record told it, by the last revision that names it.

    It is in error where its reading is void, or was corrected and no longer names it.
    """

    kept: Kept[Reading]
    symptom: Symptom
    over: datetime | None
    in_error: bool


def _named(change: ReadingVersion, code: SymptomCode) -> Symptom | None:
    return next((one for one in change.kept.value.symptoms or () if one.code is code), None)


def _states(
    context: Context, changes: tuple[ReadingVersion, ...], code: SymptomCode
) -> Iterator[tuple[datetime, _State]]:
    """What was told of this code after each arrival that concerns it; equal ones may follow each other."""
    arrivals: list[tuple[datetime, int, ReadingVersion | None]] = [(change.at, 1, change) for change in changes]
    arrivals.extend((at, 0, None) for at, _ in context.resolutions.get(code, ()))
    last: tuple[Kept[Reading], Symptom] | None = None
    current: ReadingVersion | None = None
    for at, _, change in sorted(arrivals, key=lambda arrival: arrival[:2]):
        current = change or current
        if current is None:
            continue
        if (named := _named(current, code)) is not None:
            last = current.kept, named
        if last is None:
            continue
        over = context.resolved_after(code, current.kept.value.measured_at, at)
        yield at, _State(*last, over, in_error=named is None or current.void is not None)


def _condition(context: Context, version: int, at: datetime, state: _State) -> Resource:
    reading, symptom = state.kept.value, state.symptom
    found: Resource = {
        "resourceType": "Condition",
        "id": f"{reading.id}-{symptom.code.value}",
        "meta": {"versionId": str(version), "lastUpdated": instant(at)},
    }
    if not state.in_error:
        found["clinicalStatus"] = _ACTIVE if state.over is None else _RESOLVED
    found["verificationStatus"] = _IN_ERROR if state.in_error else _CONFIRMED
    found["category"] = CATEGORY
    if symptom.severity is not None:
        found["severity"] = _SEVERITIES[symptom.severity]
    found |= {"code": _CODES[symptom.code], "subject": context.subject, "encounter": context.encounter}
    if symptom.onset is not None:
        found["onsetDateTime"] = instant(symptom.onset)
    if state.over is not None and not state.in_error:
        found["abatementDateTime"] = instant(state.over)
    found["recordedDate"] = instant(state.kept.recorded_at)
    found["recorder"] = performer(state.kept.by)
    found["evidence"] = [{"detail": [reference("Observation", f"{reading.id}-sym")]}]
    return found


def symptom_versions(context: Context, history: ReadingHistory) -> Iterator[Resource]:
    """Every version of each symptom this reading ever named, oldest first."""
    codes = {one.code for revision in history.revisions for one in revision.value.symptoms or ()}
    if not codes:
        return
    changes = tuple(versions_of_reading(context, history))
    for code in sorted(codes):
        version, before = 0, None
        for at, state in _states(context, changes, code):
            if state != before:
                version, before = version + 1, state
                yield _condition(context, version, at, state)


def symptoms(context: Context, history: ReadingHistory) -> Iterator[Resource]:
    """Each symptom this reading ever named, as it is now."""
    newest = {resource["id"]: resource for resource in symptom_versions(context, history)}
    yield from newest.values()
