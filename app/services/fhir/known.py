"""Resources that somebody is known to hold: whether one is still so is told without loading it.

Remembered by each process of whoever asked with an ETag and was answered by a look that was audited. A resource follows
from one stream alone: as long as nothing was added to it, asking again tells them nothing, and nothing more is audited.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db import unchanged
from app.db.work import Work
from app.domain.people import Actor
from app.exchange.fhir import Resource
from app.memory import Memory
from app.services.fhir import asking
from app.services.fhir.written import changed

MOST = 4096
"""Resources that are remembered, a few hundred bytes each."""


@dataclass(frozen=True, slots=True)
class KnownResource:
    """A version that was given, the stream it follows from, and the hash that covered all of that then."""

    version: str
    changed: datetime | None
    stream: str
    hash: str


class KnownResources:
    """What one process remembers, by whom it was given to. For any thread."""

    def __init__(self) -> None:
        self._held: Memory[tuple[UUID, UUID | None, str, str], KnownResource] = Memory(MOST)

    def recall(self, actor: Actor, kind: str, name: str) -> KnownResource | None:
        """What this person or machine was given of this resource."""
        return self._held.get((actor.clinic_id, actor.id, kind, name))

    def keep(self, actor: Actor, kind: str, name: str, one: KnownResource) -> None:
        """They were given this just now."""
        self._held.keep((actor.clinic_id, actor.id, kind, name), one)


def read(work: Work, kind: str, name: str) -> tuple[Resource, KnownResource | None]:
    """The newest version, audited, and by what it is known to be still so; None of what is of no one stream."""
    resource = asking.read(work, kind, name)
    stream = asking.stream_behind(work, kind, name)
    head = None if stream is None else unchanged.heads_of(work, [stream]).get(stream)
    if stream is None or head is None:
        return resource, None
    return resource, KnownResource(resource["meta"]["versionId"], changed(resource), stream, head)
