"""What a reference in a Bundle means: FHIR R4's own rules (bundle.html, "Resolving references in Bundles").

A full URL is met exactly; `Patient/1` belongs to the base of the full URL of whoever says it; `/_history/2` is the
resource whose `meta.versionId` is 2. Where two different resources fit, none is taken.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
_RESTFUL = re.compile(
    r"(?P<root>https?://[^?#\s]+/)?(?P<kind>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-._]{1,64})"
    r"(?:/_history/(?P<version>[A-Za-z0-9\-._]{1,64}))?\Z",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Held(Generic[T]):
    """A resource of the Bundle: where it stands, what it is, and a digest of all it says."""

    number: int
    kind: str
    id: str | None
    version: str | None
    digest: bytes
    value: T


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Why a reference leads nowhere, and what would be right. `kind`: the type it names, where it names one."""

    kind: str | None
    because: str


def base_of(full_url: str | None) -> str | None:
    """The base of a RESTful full URL."""
    found = _RESTFUL.match(full_url) if full_url else None
    return found["root"] if found else None


def named_by(url: str) -> tuple[str, str] | None:
    """The type and the id at the end of a RESTful address."""
    found = _RESTFUL.match(url)
    return (found["kind"], found["id"]) if found else None


class References(Generic[T]):
    """Every resource of a Bundle that a reference may mean."""

    def __init__(self) -> None:
        self._by_url: dict[str, list[Held[T]]] = defaultdict(list)
        self._by_name: dict[str, list[tuple[str | None, Held[T]]]] = defaultdict(list)

    def add(self, full_url: str | None, held: Held[T]) -> None:
        """One more. The version a full URL names belongs to no identity, and is left off."""
        if full_url is not None:
            found = _RESTFUL.match(full_url)
            plain = full_url.rpartition("/_history/")[0] if found and found["version"] else full_url
            self._by_url[plain].append(held)
        if held.id is not None:
            self._by_name[f"{held.kind}/{held.id}"].append((full_url, held))

    def doubled(self, full_url: str | None) -> tuple[int, ...]:
        """The entries of one full URL, where they differ though no version tells them apart."""
        here = self._by_url.get(full_url, []) if full_url else []
        if len({held.digest for held in here}) < 2:
            return ()
        versions = [held.version for held in here]
        told_apart = None not in versions and len({*versions}) == len({held.digest for held in here})
        return () if told_apart else tuple(held.number for held in here)

    def resolve(self, reference: str, referrer: str | None) -> Held[T] | Unresolved:
        """The one resource that a reference means. `referrer` is the full URL of the entry in which it stands."""
        found = _RESTFUL.match(reference)
        if found is None:
            return _only(None, self._by_url.get(reference, []))
        name, base = f"{found['kind']}/{found['id']}", found["root"] or base_of(referrer)
        if base is None:
            here = [held for _, held in self._by_name.get(name, [])]
        else:
            here = self._by_url.get(base + name, [])
            if not here and not found["root"]:
                # one that says nothing of where it lives may live here
                here = [held for full_url, held in self._by_name.get(name, []) if full_url is None]
        if found["version"] and here:
            here = [held for held in here if held.version == found["version"]]
            if not here:
                return Unresolved(found["kind"], f"means another version of {found['kind']} than this Bundle holds")
        return _only(found["kind"], here)


def _only(kind: str | None, here: list[Held[T]]) -> Held[T] | Unresolved:
    if not here:
        what = f"a {kind}" if kind else "something"
        return Unresolved(kind, f"means {what} that is not in this Bundle: add it, with the fullUrl that is meant")
    if len({(held.kind, held.digest) for held in here}) == 1:
        return here[0]
    where = ", ".join(str(held.number) for held in here[:10])
    said = f"can mean each of the entries {where}, which differ"
    if {held.kind for held in here} == {"Patient"}:
        said += ": two patients"
    return Unresolved(here[0].kind, f"{said}. Give each a fullUrl of its own, and refer to the one that is meant")
