"""The audit trail: reading it, sealing what waits, verifying every link, anchoring it outside."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db import audit, chains
from app.db.work import Work
from app.domain.audit import AuditEvent, ChainCheck
from app.domain.errors import Invalid
from app.domain.strict_json import Unreadable, read_json

waiting = chains.waiting
seal = chains.seal
clinics_with_events = chains.clinics_with_events
streams = chains.all_streams


class BadAnchor(Invalid):
    """This is not a file of anchors as `audit anchor` writes it."""

    code = "bad-anchor"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which events: all conditions given must hold. `since` inclusive, `until` exclusive, by the clinic's clock."""

    session_id: UUID | None = None
    patient_id: UUID | None = None
    actor_id: UUID | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """One link to be kept outside the database: whoever rewrites the chain cannot rewrite this."""

    clinic: UUID
    stream: str
    position: int
    hash: str

    def line(self) -> str:
        """As one line of JSON."""
        return json.dumps(
            {"clinic": str(self.clinic), "stream": self.stream, "position": self.position, "hash": self.hash}
        )


def read_page(work: Work, filters: Filters, after: UUID | None, limit: int) -> tuple[list[AuditEvent], UUID | None]:
    """Events newest first, from `after` on; reading the audit is audited too."""
    work.audit("audit.read", subject="clinic", subject_id=work.clinic_id)
    return audit.page(work, filters, after, limit)


def verify(work: Work, stream: str, anchors: Mapping[str, Mapping[int, str]]) -> ChainCheck:
    """Check one chain of the clinic, against `anchors` (stream, position, hash) kept elsewhere."""
    return chains.verify_stream(work, stream, anchors.get(stream, {}))


def record_verification(work: Work, chains: int, broken: int) -> None:
    """That somebody checked, and what came out, is worth keeping too."""
    work.audit(
        "audit.verified",
        subject="clinic",
        subject_id=work.clinic_id,
        after={"chains": chains, "broken": broken},
    )


def heads(work: Work) -> list[Anchor]:
    """The newest link of every chain of the clinic."""
    found = (chains.head(work, stream) for stream in chains.all_streams(work))
    return [Anchor(work.clinic_id, head.stream, head.position, head.hash) for head in found if head is not None]


def read_anchors(lines: Iterable[str]) -> dict[UUID, dict[str, dict[int, str]]]:
    """Anchors by clinic, stream and position, from lines as `Anchor.line` writes them. Raises `BadAnchor`."""
    found: dict[UUID, dict[str, dict[int, str]]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = read_json(line)
            clinic, stream = UUID(entry["clinic"]), entry["stream"]
            position, hash_ = entry["position"], entry["hash"]
        except (ValueError, KeyError, TypeError, AttributeError, Unreadable):
            raise BadAnchor(f"Line {number} is not an anchor.") from None
        if type(position) is not int or not isinstance(stream, str) or not isinstance(hash_, str):
            raise BadAnchor(f"Line {number} is not an anchor.")
        known = found.setdefault(clinic, {}).setdefault(stream, {})
        if known.setdefault(position, hash_) != hash_:
            raise BadAnchor(f"Line {number} contradicts another line about {stream} {position}.")
    return found
