"""Resources of sessions that somebody is known to hold: whether one is still so is told without loading the session.

Remembered by each process of whoever asked with an ETag and was answered by a look that was audited; as long as nothing
of the session has moved, asking again tells them nothing, and nothing more is audited.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db import unchanged
from app.db.work import Work
from app.domain.canonical import Json
from app.domain.people import Actor
from app.exchange.fhir import Resource
from app.memory import Memory
from app.services.fhir import asking
from app.services.fhir.written import changed

MOST = 4096
"""Resources that are remembered, a few hundred bytes each."""


@dataclass(frozen=True, slots=True)
class KnownResource:
    """A version that was given, of which session, and what it rests on."""

    version: str
    changed: datetime | None
    session_id: UUID
    rests_on: tuple[Json, ...]


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


def is_still(work: Work, one: KnownResource) -> bool:
    """Whether nothing of its session has moved."""
    stands = unchanged.stands(work, one.session_id)
    return stands is not None and stands.rests_on == one.rests_on


def read(work: Work, kind: str, name: str) -> tuple[Resource, KnownResource | None]:
    """The newest version, audited, and by what it is known to be still so; None of what is of no session."""
    resource = asking.read(work, kind, name)
    session_id = asking.session_behind(work, kind, name)
    stands = None if session_id is None else unchanged.stands(work, session_id)
    if session_id is None or stands is None:
        return resource, None
    version = resource["meta"]["versionId"]
    return resource, KnownResource(version, changed(resource), session_id, stands.rests_on)
