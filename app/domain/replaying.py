"""Kept assessments run again: on the record as it was where each looked, by the rules of its version."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from app.domain.folding import LOOKED_AT, Folding
from app.domain.journal import Entry
from app.domain.protocol.values import Protocol
from app.domain.readiness import NotReplayable, as_judged, replay
from app.domain.records import KeptAssessment


@dataclass(frozen=True, slots=True)
class Replayed:
    """One kept assessment run again. `again` is its digest now; None with the reason where it cannot be replayed."""

    kept: KeptAssessment
    again: str | None
    because: str = ""

    @property
    def agrees(self) -> bool:
        """Whether the digest came out the same."""
        return self.again == self.kept.digest


def replay_all(session_id: UUID, entries: Iterable[Entry], protocol: Protocol) -> list[Replayed]:
    """Every assessment that the entries of a session, its patient and its course hold, run again under its protocol."""
    folding = Folding(session_id)
    facts = {0: folding.record().facts()}
    for entry in entries:
        folding.add(entry)
        if entry.kind in LOOKED_AT:
            facts[entry.position] = folding.record().facts()

    def again(kept: KeptAssessment) -> Replayed:
        try:
            # at a place where the journal has nothing, the facts are not those that were looked at
            known = facts.get(kept.judged, facts[0])
            found = replay(kept.document, as_judged(kept.document, known), protocol)
        except NotReplayable as refusal:
            return Replayed(kept, None, refusal.detail)
        if found.status.value != kept.status:
            return Replayed(kept, None, f"it comes to {found.status.value}, and was kept as {kept.status}")
        return Replayed(kept, found.digest)

    return [again(kept) for kept in folding.record().assessments]
