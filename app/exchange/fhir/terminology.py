"""What the service publishes of its own words: CodeSystems, a ValueSet of each, StructureDefinitions of extensions.

Ids are their names, so `/fhir/CodeSystem/symptom` is the code system whose address ends in the same words.
"""

from functools import cache

from app.exchange.fhir.codes import CODES, OPEN_CODES
from app.exchange.fhir.extensions import EXTENSIONS, MANY, ExtensionFacts
from app.exchange.fhir.systems import BASE, CORE, Resource, extension_url, local

PUBLISHED = "2026-11-23T00:00:00Z"
"""When the words below were last changed; a change of theirs is a new version of them all."""
VERSION = "1"


def _head(kind: str, name: str, title: str) -> Resource:
    camel = "".join(word.capitalize() for word in name.split("-"))
    return {
        "resourceType": kind,
        "id": name,
        "meta": {"versionId": VERSION, "lastUpdated": PUBLISHED},
        "url": f"{BASE}/{kind}/{name}",
        "version": VERSION,
        "name": camel,
        "title": title,
        "status": "active",
        "experimental": False,
        "date": PUBLISHED,
        "publisher": "Infusion Vitals",
    }


@cache
def code_systems() -> tuple[Resource, ...]:
    """All of them; `content` says whether the list of codes is closed."""
    closed = tuple(
        _head("CodeSystem", name, title)
        | {
            "caseSensitive": True,
            "valueSet": f"{BASE}/ValueSet/{name}",
            "content": "complete",
            "count": len(codes),
            "concept": [{"code": code, "display": words} for code, words in codes.items()],
        }
        for name, (title, codes) in CODES.items()
    )
    opened = tuple(
        _head("CodeSystem", name, title)
        | {"caseSensitive": True, "valueSet": f"{BASE}/ValueSet/{name}", "content": "not-present"}
        for name, title in OPEN_CODES.items()
    )
    return closed + opened


@cache
def value_sets() -> tuple[Resource, ...]:
    """One of each code system: all its codes."""
    titles = {name: title for name, (title, _) in CODES.items()} | OPEN_CODES
    return tuple(
        _head("ValueSet", name, title) | {"compose": {"include": [{"system": local(name)}]}}
        for name, title in titles.items()
    )


def _element(path: str, name: str, **more: object) -> Resource:
    return {"id": name, "path": path, **more}


def _value(path: str, name: str, kind: str) -> Resource:
    return _element(f"{path}.value[x]", f"{name}.value[x]", min=1, type=[{"code": kind}])


def _differential(name: str, facts: ExtensionFacts) -> list[Resource]:
    url = extension_url(name)
    found = [_element("Extension", "Extension", short=facts.purpose, definition=facts.purpose)]
    if isinstance(facts.holds, str):
        return [
            *found,
            _element("Extension.extension", "Extension.extension", max="0"),
            _element("Extension.url", "Extension.url", fixedUri=url),
            _value("Extension", "Extension", facts.holds),
        ]
    slicing = {"discriminator": [{"type": "value", "path": "url"}], "rules": "closed"}
    found.append(_element("Extension.extension", "Extension.extension", slicing=slicing))
    path = "Extension.extension"
    for each, kind in facts.holds.items():
        slice_id = f"Extension.extension:{each}"
        most = "*" if (name, each) in MANY else "1"
        found.extend(
            [
                _element(path, slice_id, sliceName=each, min=0, max=most),
                _element(f"{path}.extension", f"{slice_id}.extension", max="0"),
                _element(f"{path}.url", f"{slice_id}.url", fixedUri=each),
                _value(path, slice_id, kind),
            ]
        )
    found.append(_element("Extension.url", "Extension.url", fixedUri=url))
    found.append(_element("Extension.value[x]", "Extension.value[x]", max="0"))
    return found


@cache
def structure_definitions() -> tuple[Resource, ...]:
    """One for each extension of ours."""
    return tuple(
        _head("StructureDefinition", name, facts.purpose)
        | {
            "description": facts.purpose,
            "fhirVersion": "4.0.1",
            "kind": "complex-type",
            "abstract": False,
            "context": [{"type": "element", "expression": place} for place in facts.on],
            "type": "Extension",
            "baseDefinition": f"{CORE}/Extension",
            "derivation": "constraint",
            "differential": {"element": _differential(name, facts)},
        }
        for name, facts in EXTENSIONS.items()
    )


def terminology() -> tuple[Resource, ...]:
    """Everything above."""
    return code_systems() + value_sets() + structure_definitions()
