"""What a machine may read: SMART's system scopes (`system/Observation.rs`) as a closed set of words.

`r` reads one thing by its id, `s` searches and exports. The older spelling `system/Observation.read` means both, and
is said back as it was asked. Anything else (`user/`, `patient/`, other letters, a query) is no scope here.
Source: SMART App Launch 2.2, scopes; 1.0 for the older spelling.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.errors import FieldError, Forbidden, Invalid

OFFERED = frozenset(
    {
        "AuditEvent",
        "CodeSystem",
        "Condition",
        "Encounter",
        "EpisodeOfCare",
        "Flag",
        "Group",
        "GuidanceResponse",
        "MedicationAdministration",
        "Observation",
        "Organization",
        "Patient",
        "Practitioner",
        "Procedure",
        "Provenance",
        "RelatedPerson",
        "StructureDefinition",
        "ValueSet",
    }
)
"""The resource types under /fhir, each with scopes of its own."""
EVERY = "*"
LONGEST = 2000
"""Characters of a request's or a registration's list of scopes."""


class Access(StrEnum):
    """What may be done with a type."""

    READ = "r"
    SEARCH = "s"


BOTH = frozenset(Access)


class BadScopes(Invalid):
    """These are not scopes of this service."""

    code = "bad-scopes"


class ScopeMayNot(Forbidden):
    """The scopes of this token do not cover this. Ask for a token that does, where the client is registered for it."""

    code = "scope-may-not"


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope: a resource type or `*`, what may be done, and whether it was asked for in the older spelling."""

    resource: str
    access: frozenset[Access]
    older: bool = False

    def __str__(self) -> str:
        if self.older and self.access == BOTH:
            return f"system/{self.resource}.read"
        return f"system/{self.resource}.{''.join(sorted(self.access))}"


Scopes = tuple[Scope, ...]
_FORM = re.compile(r"system/(\*|[A-Za-z]{1,40})\.(rs|r|s|read)\Z", re.ASCII)


def parse_scope(text: str) -> Scope | None:
    """The scope a word spells, None for any other word."""
    found = _FORM.match(text)
    if found is None or (found[1] != EVERY and found[1] not in OFFERED):
        return None
    older = found[2] == "read"
    return Scope(found[1], BOTH if older else frozenset(map(Access, found[2])), older)


def registered(text: str) -> Scopes:
    """The scopes of a registration, each of which must be one. Raises `BadScopes`, naming those that are not."""
    words = text.split()
    found = {word: parse_scope(word) for word in words}
    wrong = [word for word, scope in found.items() if scope is None]
    if not words or wrong or len(text) > LONGEST:
        form = f"is none: write system/*.rs, or one of {', '.join(sorted(OFFERED))} in place of the *"
        raise BadScopes(errors=[FieldError("scopes", f"{' '.join(wrong)[:200] or 'the list'} {form}")])
    return tuple(scope for scope in found.values() if scope is not None)


def asked(text: str) -> Scopes:
    """Those words of a request that are scopes here; what is none is not granted, and so not said back."""
    if len(text) > LONGEST:
        return ()
    found = (parse_scope(word) for word in dict.fromkeys(text.split(" ")))
    return tuple(scope for scope in found if scope is not None)


def spell(scopes: Iterable[Scope]) -> str:
    """As they stand in an answer, separated by spaces."""
    return " ".join(map(str, scopes))


def covers(scopes: Iterable[Scope], resource_type: str, access: Access) -> bool:
    """Whether any of the scopes lets it be done with a type that is offered."""
    return resource_type in OFFERED and any(
        scope.resource in (EVERY, resource_type) and access in scope.access for scope in scopes
    )


def grant(wanted: Scopes, held: Scopes) -> Scopes:
    """What is asked for and registered both; in the order and the spelling in which it was asked for."""
    given: dict[str, Scope] = {}
    for scope in wanted:
        for resource, access in _shared(scope, held):
            before = given.get(resource, Scope(resource, frozenset(), scope.older))
            given[resource] = Scope(resource, before.access | access, before.older)
    return tuple(given.values())


def _shared(scope: Scope, held: Scopes) -> Iterable[tuple[str, frozenset[Access]]]:
    """The part of one scope that is held: narrower in types, in what may be done, or in both."""
    for other in held:
        both = scope.access & other.access
        if both and (scope.resource == other.resource or EVERY in (scope.resource, other.resource)):
            yield (other.resource if scope.resource == EVERY else scope.resource), both
