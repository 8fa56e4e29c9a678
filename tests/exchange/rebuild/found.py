"""The plain parts of what is found: extensions of ours, references, who kept it and when."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.records import (
    Kept,
    Signer,
    Void,
)
from app.exchange.fhir import BASE

Found = dict[str, Any]


def when(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def extensions(resource: Found, name: str) -> list[Found]:
    url = f"{BASE}/StructureDefinition/{name}"
    return [one for one in resource.get("extension", ()) if one["url"] == url]


def value(one: Found) -> Any:
    return next(held for name, held in one.items() if name.startswith("value"))


def said(resource: Found, name: str) -> Any:
    """The one value of an extension of ours; None where it is not there."""
    found = extensions(resource, name)
    return value(found[0]) if found else None


def parts(extension: Found) -> Found:
    return {one["url"]: value(one) for one in extension["extension"]}


def name_in(reference: Found) -> UUID:
    return UUID(reference["reference"].split("/")[1][:36])


def code_of(concept: Found) -> str:
    return concept["coding"][0]["code"]


def signer(found: Found) -> Signer:
    return Signer(name_in(found) if "reference" in found else None, found["display"], said(found, "role"))


def kept_as(found: Found, content: Any, reason: str | None = None) -> Kept[Any]:
    tablet = found.get("tablet")
    return Kept(
        content,
        found.get("revision", 1),
        signer(found["by"]),
        when(found["at"]),
        None if tablet is None else UUID(tablet),
        found.get("reason") if reason is None else reason,
    )


def kept(resource: Found, content: Any) -> Kept[Any]:
    return kept_as(parts(extensions(resource, "kept")[0]), content)


def void_of(resource: Found, fact: UUID) -> Kept[Void] | None:
    found = extensions(resource, "voided")
    if not found:
        return None
    held = parts(found[0])
    return kept_as(held, Void(fact, held["reason"]))


class Told:
    """The resources by type and id, every version in order."""

    def __init__(self, resources: Iterable[Found]) -> None:
        self.by: dict[str, dict[str, list[Found]]] = defaultdict(lambda: defaultdict(list))
        for one in resources:
            self.by[one["resourceType"]][one["id"]].append(one)

    def versions(self, kind: str, name: str) -> list[Found]:
        return self.by[kind].get(name, [])

    def ids(self, kind: str) -> list[str]:
        return list(self.by[kind])
