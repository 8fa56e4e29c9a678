"""Ids: every resource's id is derived from the record's own, so that it is the same in every export, for ever."""

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.domain.symptoms import SymptomCode


class Source(StrEnum):
    """What a resource was made from."""

    PATIENT = "patient"
    STAFF = "staff"
    CLINIC = "clinic"
    COURSE = "course"
    SESSION = "session"
    READING = "reading"
    EVENT = "event"
    CONFIRMATION = "confirmation"
    NOTICE = "notice"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Origin:
    """What an id came from: the kind of fact or sheet, its id, and which part of it."""

    source: Source
    id: UUID
    part: str | None = None


READING_PARTS = ("set", "hr", "bp", "rr", "spo2", "loc", "dis", "sym", "gait", "ori")
"""The Observations that every reading makes, always all of them."""

_READING = frozenset(READING_PARTS)
_SYMPTOMS = frozenset(code.value for code in SymptomCode)
_NUMBERED = re.compile(r"(assessment|override)-([1-9][0-9]{0,8})")

_PLAIN: dict[str, Source] = {
    "Patient": Source.PATIENT,
    "Practitioner": Source.STAFF,
    "Organization": Source.CLINIC,
    "EpisodeOfCare": Source.COURSE,
    "Encounter": Source.SESSION,
    "Observation": Source.EVENT,
    "MedicationAdministration": Source.EVENT,
    "Provenance": Source.CONFIRMATION,
    "Flag": Source.NOTICE,
    "AuditEvent": Source.AUDIT,
}
"""What a bare id of each type came from."""

_PARTS: dict[tuple[str, str], Source] = {
    ("Observation", "weight"): Source.SESSION,
    ("Observation", "screening"): Source.SESSION,
    ("Observation", "clearance"): Source.SESSION,
    ("Observation", "form"): Source.SESSION,
    ("Observation", "course-clearance"): Source.COURSE,
    ("Procedure", "treatment"): Source.SESSION,
    ("RelatedPerson", "escort"): Source.SESSION,
}


def part_id(name: UUID | str, which: str) -> str:
    """The id of one part of what `name` names."""
    return f"{name}-{which}"


def parse_id(kind: str, text: str) -> Origin | None:
    """What the id of a resource of this type came from; None where no resource of ours can have it."""
    try:
        name = UUID(text[:36])
    except ValueError:
        return None
    if str(name) != text[:36]:  # one spelling each
        return None
    if len(text) == 36:
        source = _PLAIN.get(kind)
        return None if source is None else Origin(source, name)
    if text[36] != "-":
        return None
    which = text[37:]
    if (found := _PARTS.get((kind, which))) is not None:
        return Origin(found, name, which)
    if (kind == "Observation" and which in _READING) or (kind == "Condition" and which in _SYMPTOMS):
        return Origin(Source.READING, name, which)
    numbered = _NUMBERED.fullmatch(which)
    if numbered and (kind, numbered[1]) in {("GuidanceResponse", "assessment"), ("Provenance", "override")}:
        return Origin(Source.SESSION, name, which)
    return None
