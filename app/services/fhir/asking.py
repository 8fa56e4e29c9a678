"""Reading the record as FHIR, one resource at a time: each look is audited before its answer is given."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from app.db import session_records
from app.db.work import Work
from app.domain.errors import NotFound
from app.domain.journal import CLINIC, Kind, clinic_sheet_stream, course_stream, patient_stream, session_stream
from app.exchange import fhir
from app.exchange.fhir import Resource, Source
from app.services.fhir.local import LOCAL
from app.services.fhir.selection import Selection, uuids
from app.services.fhir.walks import WALKS, Unit


class NoSuchResource(NotFound):
    """There is no resource of this type under this id."""

    code = "no-such-resource"


class NoSuchVersion(NotFound):
    """The resource has no such version."""

    code = "no-such-version"


_WALK = {walk.name: walk for walk in WALKS}
_WALK_OF = {
    Source.PATIENT: "patients",
    Source.STAFF: "staff",
    Source.CLINIC: "clinic",
    Source.COURSE: "courses",
    Source.SESSION: "sessions",
    Source.AUDIT: "audit",
}


_of = session_records.session_of_fact


def _session_of(work: Work, source: Source, this: UUID) -> UUID | None:
    match source:
        case Source.READING:  # a whole late reading goes by the id of the addendum that carried it
            return _of(work, Kind.READING, this) or _of(work, Kind.EVENT, this)
        case Source.EVENT:
            return _of(work, Kind.EVENT, this)
        case Source.CONFIRMATION:
            return _of(work, Kind.CONFIRMATION, this)
        case Source.NOTICE:
            return _of(work, Kind.NOTICE, this)
        case _:
            return None


def stream_behind(work: Work, kind: str, name: str) -> str | None:
    """The stream that this resource follows from; None where that is no one stream, or none is told by the id."""
    origin = fhir.parse_id(kind, name)
    if origin is None:
        return None
    match origin.source:
        case Source.PATIENT:
            return patient_stream(origin.id)
        case Source.COURSE:
            return course_stream(origin.id)
        case Source.STAFF:
            return CLINIC
        case Source.CLINIC:
            return clinic_sheet_stream(origin.id)
        case Source.SESSION:
            return session_stream(origin.id)
        case _:
            session_id = _session_of(work, origin.source, origin.id)
            return None if session_id is None else session_stream(session_id)


def _one(work: Work, walk: str, this: UUID, types: Collection[str]) -> Unit | None:
    """The unit under this key, read as any other: from the key just before it."""
    before = str(UUID(int=this.int - 1)) if this.int else None
    found = _WALK[walk].after(work, Selection(), types, before, 1)
    return found[0] if found and found[0].key == str(this) else None


def unit_of(work: Work, kind: str, name: str, types: Collection[str] = ()) -> Unit | None:
    """The unit that tells this resource (and what of `types` hangs on it too), if there is one."""
    wanted = (kind, *types)
    if kind == "Group":
        this = next(iter(uuids([name]) or ()), None)
        return None if this is None else _one(work, "clinic", this, wanted) or _one(work, "courses", this, wanted)
    origin = fhir.parse_id(kind, name)
    if origin is None:
        return None
    if origin.source in _WALK_OF:
        return _one(work, _WALK_OF[origin.source], origin.id, wanted)
    session_id = _session_of(work, origin.source, origin.id)
    return None if session_id is None else _one(work, "sessions", session_id, wanted)


def find(work: Work, kind: str, name: str) -> Resource | None:
    """The newest version of one resource; None where the clinic has none."""
    if kind in LOCAL:
        return LOCAL[kind].get(name)
    unit = unit_of(work, kind, name)
    return None if unit is None else named(unit.newest((kind,)), name)


def named(resources: Iterable[Resource], name: str) -> Resource | None:
    """The one of this id."""
    return next((resource for resource in resources if resource["id"] == name), None)


def _pointed(resource: Resource, *names: str) -> UUID | None:
    """The id that one of these references points at."""
    for name in names:
        element = resource.get(name)
        if isinstance(element, dict) and "reference" in element:
            return next(iter(uuids([element["reference"].rpartition("/")[2]]) or ()), None)
    return None


def _audit(work: Work, action: str, kind: str, name: str, resource: Resource | None, **more: Any) -> None:
    if kind in LOCAL:
        return
    told = resource or {}
    patient_id = next(iter(uuids([name]) or ()), None) if kind == "Patient" else _pointed(told, "subject", "patient")
    session_id = (
        next(iter(uuids([name]) or ()), None) if kind == "Encounter" else _pointed(told, "encounter", "context")
    )
    work.audit(action, subject=kind, subject_id=name, session_id=session_id, patient_id=patient_id, **more)


def read(work: Work, kind: str, name: str) -> Resource:
    """The newest version. Raises `NoSuchResource`, alike for an unknown id and for another clinic's."""
    found = find(work, kind, name)
    if found is None:
        raise NoSuchResource
    _audit(work, "fhir.read", kind, name, found)
    return found


def versions(work: Work, kind: str, name: str) -> list[Resource]:
    """Every version, newest first. Raises `NoSuchResource`."""
    if kind in LOCAL:
        found = [LOCAL[kind][name]] if name in LOCAL[kind] else []
    else:
        unit = unit_of(work, kind, name)
        found = [] if unit is None else [one for one in unit.versions((kind,)) if one["id"] == name]
    if not found:
        raise NoSuchResource
    _audit(work, "fhir.history-read", kind, name, found[-1])
    return found[::-1]


def read_version(work: Work, kind: str, name: str, version: str) -> Resource:
    """One version. Raises `NoSuchResource` or `NoSuchVersion`."""
    for resource in versions(work, kind, name):
        if resource["meta"]["versionId"] == version:
            return resource
    raise NoSuchVersion
