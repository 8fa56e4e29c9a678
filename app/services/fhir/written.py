"""One resource, as it is sent or by its parts: whichever is there makes the other, where somebody asks for it."""

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter
from typing import Self

import msgspec

from app.domain.instants import from_text_or_none
from app.exchange.fhir import Resource, serialise

_BEGINS = b'{"resourceType":"'
_NAMED = b'","id":"'


class Written:
    """A resource of which only the type and the id are needed to send it. `text` is what `serialise` makes of it."""

    __slots__ = ("_resource", "_text", "kind", "name")

    def __init__(self, kind: str, name: str, text: bytes | None, resource: Resource | None = None) -> None:
        self.kind, self.name = kind, name
        self._text, self._resource = text, resource

    @classmethod
    def of(cls, resource: Resource) -> Self:
        """A resource that was made of its parts."""
        return cls(resource["resourceType"], resource["id"], None, resource)

    @classmethod
    def on(cls, line: bytes) -> Self:
        """A resource on its line, which begins with its type and its id."""
        assert line.startswith(_BEGINS)
        kind, _, rest = line[len(_BEGINS) :].partition(_NAMED)
        return cls(kind.decode(), rest[: rest.index(b'"')].decode(), line)

    @property
    def text(self) -> bytes:
        """As it is sent."""
        if self._text is None:
            assert self._resource is not None, "one of the two is there"
            self._text = serialise(self._resource)
        return self._text

    @property
    def resource(self) -> Resource:
        """Its parts, to be looked at and no more: a decimal may have lost the nought at its end."""
        if self._resource is not None:
            return self._resource
        found: Resource = msgspec.json.decode(self.text)
        return found


def in_order(resources: Iterable[Written]) -> list[Written]:
    """By their ids, as searches go through them."""
    return sorted(resources, key=attrgetter("name"))


def changed(resource: Resource) -> datetime | None:
    """When this version came to be; None for what the service publishes itself."""
    return from_text_or_none(resource.get("meta", {}).get("lastUpdated"))
