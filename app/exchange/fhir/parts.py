"""Parts that resources are made of. Parts may be shared between resources: nobody changes one."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.instants import to_text
from app.domain.records import Kept, Signer, Void
from app.exchange.fhir.systems import HL7, UCUM, Resource, extension_url, local


def coding(system: str, code: str, display: str | None = None) -> Resource:
    """One code of a system."""
    return {"system": system, "code": code, "display": display} if display else {"system": system, "code": code}


def concept(*codings: Resource, text: str | None = None) -> Resource:
    """A concept of codings, of text, or of both."""
    found: Resource = {"coding": list(codings)} if codings else {}
    if text:
        found["text"] = text
    return found


def local_coding(system: str, code: str, display: str | None = None) -> Resource:
    """A code of one of our own systems; shown as the code in plain words where it has no words of its own."""
    return coding(local(system), code, display or code.replace("-", " "))


def ours(system: str, code: str, display: str | None = None) -> Resource:
    """A concept of one code of our own systems."""
    return concept(local_coding(system, code, display))


def reference(kind: str, name: UUID | str, display: str | None = None) -> Resource:
    """A reference within the same service."""
    found: Resource = {"reference": f"{kind}/{name}"}
    if display:
        found["display"] = display
    return found


def quantity(value: Decimal | int, unit: str) -> Resource:
    """A value in a UCUM unit, shown as the unit itself."""
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def extension(name: str, **value: Any) -> Resource:
    """One of our extensions with its one value, for example `valueCode="recovery"`."""
    return {"url": extension_url(name), **value}


def parted(name: str, *parts: Resource | None) -> Resource:
    """One of our extensions made of parts; those that are None are left out."""
    return {"url": extension_url(name), "extension": [part for part in parts if part is not None]}


def part(name: str, **value: Any) -> Resource | None:
    """A part of an extension; None where its one value is None or an empty text."""
    ((_, held),) = value.items()
    return None if held is None or held == "" else {"url": name, **value}


def present(*parts: Resource | None) -> list[Resource]:
    """Those that are there."""
    return [one for one in parts if one is not None]


def absent(reason: str | None) -> Resource:
    """Why there is no value: not measured, in the words that were typed; or nothing was said at all."""
    if reason is None:
        return {"coding": [coding(f"{HL7}/data-absent-reason", "unknown", "Unknown")], "text": "nothing was entered"}
    return {"coding": [coding(f"{HL7}/data-absent-reason", "not-performed", "Not Performed")], "text": reason}


def signer(by: Signer) -> Resource:
    """Who did it, as they were called then, with the role they had."""
    found: Resource = {}
    if by.role:
        found["extension"] = [extension("role", valueCode=by.role)]
    if by.staff_id is not None:
        found["reference"] = f"Practitioner/{by.staff_id}"
    found["display"] = by.name
    return found


def instant(value: datetime) -> str:
    """UTC with a trailing Z."""
    return to_text(value)


def instant_or_none(value: datetime | None) -> str | None:
    """UTC with a trailing Z, or None."""
    return None if value is None else to_text(value)


def kept(one: Kept[Any], name: str = "kept") -> Resource:
    """Who typed it and when it arrived, on which tablet, and why: the extension `kept`."""
    return parted(
        name,
        part("by", valueReference=signer(one.by)),
        part("at", valueInstant=instant(one.recorded_at)),
        part("tablet", valueString=None if one.tablet_id is None else str(one.tablet_id)),
        part("reason", valueString=one.reason),
        part("revision", valuePositiveInt=one.revision),
    )


def voided(void: Kept[Void]) -> Resource:
    """Who marked it as entered in error, when, and why: the extension `voided`."""
    return parted(
        "voided",
        part("by", valueReference=signer(void.by)),
        part("at", valueInstant=instant(void.recorded_at)),
        part("tablet", valueString=None if void.tablet_id is None else str(void.tablet_id)),
        part("reason", valueString=void.value.reason),
    )


def meta(version: int, changed: datetime | str, *profiles: str) -> Resource:
    """Version, last change, and the profiles the resource really meets."""
    found: Resource = {
        "versionId": str(version),
        "lastUpdated": changed if isinstance(changed, str) else instant(changed),
    }
    if profiles:
        found["profile"] = list(profiles)
    return found
