"""The whole audit of a database: every chain, and everything that was made from the journal; each fault named."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.commands.running import Running, operator
from app.db.work import NIL
from app.domain.audit import LOG, BadRow, ChainCheck, Tampering
from app.domain.journal import session_of
from app.domain.people import Actor
from app.domain.tampering import Faulty, explain
from app.services import audit, rebuilding

Anchors = Mapping[UUID, Mapping[str, Mapping[int, str]]]
Watched = Callable[[UUID, Iterable[str]], Iterable[str]]
Call = Callable[..., Any]
"""Runs a verb (first) for an actor (second) with what else it takes, and gives its answer."""


@dataclass(frozen=True, slots=True)
class Broken:
    """One thing that does not hold: of which clinic, in which stream and at which position, or which row; and how."""

    clinic_id: UUID
    where: str
    position: int | None
    kind: Tampering
    because: str

    def __str__(self) -> str:
        place = "" if self.position is None else f", entry {self.position}"
        return f"{self.where}{place}: {self.kind.value}: {self.because}"


@dataclass(frozen=True, slots=True)
class ClinicAudit:
    """What was found of one clinic: its chains, and what does not hold."""

    checks: Sequence[ChainCheck]
    broken: Sequence[Broken]


@dataclass(frozen=True, slots=True)
class Verifier:
    """`read` and `write` run a verb; `wall`: the wall clock now; `watched`: streams as they are gone through."""

    read: Call
    write: Call
    anchors: Anchors
    wall: datetime
    watched: Watched = lambda _, streams: streams

    def verdicts(self, clinics: Sequence[UUID]) -> dict[UUID, ClinicAudit]:
        """Of each of these clinics, looked at together: what is missing in one may stand in another."""
        checks = {clinic_id: self._chains(clinic_id) for clinic_id in clinics}
        told = explain([one for clinic_id, found in checks.items() for one in self._faulty(clinic_id, found)])
        verdicts = {}
        for clinic_id, found in checks.items():
            wrong = {check.stream: told.get((clinic_id, check.stream), check.wrong) for check in found}
            chains = [_broken(clinic_id, stream, bad) for stream, bads in wrong.items() for bad in bads]
            verdicts[clinic_id] = ClinicAudit(found, [*chains, *self._rows(clinic_id, wrong)])
        return verdicts

    def _chains(self, clinic_id: UUID) -> list[ChainCheck]:
        actor, known = operator(clinic_id), self.anchors.get(clinic_id, {})
        streams = self.read(audit.streams, actor)
        # a chain that is gone altogether is missed only by its anchor
        every = [*streams, *sorted(set(known) - set(streams))]
        return [self.read(audit.verify, actor, stream, known, self.wall) for stream in self.watched(clinic_id, every)]

    def _faulty(self, clinic_id: UUID, checks: Sequence[ChainCheck]) -> list[Faulty]:
        actor, known = operator(clinic_id), self.anchors.get(clinic_id, {})
        bad = [check for check in checks if check.stream != LOG and not check.holds]
        return [self.read(audit.faulty, actor, check, known) for check in bad]

    def _rows(self, clinic_id: UUID, wrong: Mapping[str, Sequence[BadRow]]) -> list[Broken]:
        """What was made from the journal and is not what it comes to; of sessions whose own streams hold."""
        if clinic_id == NIL:
            return []
        actor = operator(clinic_id)
        found = [_differs(clinic_id, one) for one in self.write(rebuilding.rest, actor, mend=False)]
        broken = {session_of(stream) for stream, bads in wrong.items() if bads and stream != LOG}
        if None in broken:
            # whoever works a session out looks at its patient, its course and its protocol too
            return found
        others = [one for one in self.read(rebuilding.session_ids, actor) if one not in broken]
        lines = [one for one in others if not self.write(rebuilding.line, actor, one, mend=False)]
        return [*found, *(_differs(clinic_id, f"sessions {one}: its line") for one in lines)]


def verifier(run: Running, anchors: Anchors, wall: datetime, watched: Watched = lambda _, streams: streams) -> Verifier:
    """Of an open database."""

    def read(verb: Any, actor: Actor, *args: Any) -> Any:
        return run.database.read_now(verb, actor, run.now(), *args)

    return Verifier(read, run.write, anchors, wall, watched)


def _broken(clinic_id: UUID, stream: str, bad: BadRow) -> Broken:
    return Broken(clinic_id, stream, bad.position, bad.kind, bad.because)


def _differs(clinic_id: UUID, difference: str) -> Broken:
    where, _, how = difference.partition(": ")
    return Broken(clinic_id, where, None, Tampering.DIFFERS, f"from what the journal comes to: {how}")
