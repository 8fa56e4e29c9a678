"""The audit trail: reading it, sealing what waits, verifying every link, anchoring it outside."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db import audit, chains, enrolments
from app.db.work import Work
from app.domain.audit import LOG, AuditEvent, BadRow, ChainCheck
from app.domain.errors import Invalid
from app.domain.questions import ANSWERED_BY, Question
from app.domain.strict_json import Unreadable, read_json
from app.domain.tampering import Faulty

waiting = chains.waiting
seal = chains.seal
SEALED_AT_ONCE = chains.BATCH
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
    question: Question | None = None


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


tablet_names = enrolments.names


def read_page(work: Work, filters: Filters, after: UUID | None, limit: int) -> tuple[list[AuditEvent], UUID | None]:
    """Events newest first, from `after` on; reading the audit is audited too."""
    work.audit("audit.read", subject="clinic", subject_id=work.clinic_id)
    actions = None if filters.question is None else ANSWERED_BY[filters.question]
    return audit.page(work, filters, after, limit, actions)


def verify(
    work: Work, stream: str, anchors: Mapping[str, Mapping[int, str]], wall: datetime | None = None
) -> ChainCheck:
    """Check one chain of the clinic, against `anchors` (stream, position, hash) kept elsewhere.

    `wall`: the wall clock, by which nothing may lie unsealed for longer than a minute.
    """
    return chains.verify_stream(work, stream, anchors.get(stream, {}), wall)


def faulty(work: Work, check: ChainCheck, anchors: Mapping[str, Mapping[int, str]]) -> Faulty:
    """A stream that does not hold, to be explained together with the others."""
    return chains.faulty(work, check, anchors.get(check.stream, {}))


@dataclass(frozen=True, slots=True)
class CheckPlace:
    """How far a check has come: the log up to a link; or, with the log done, the streams up to this name."""

    stream: str
    position: int


CHECK_FROM = CheckPlace(LOG, 0)
LINKS_AT_ONCE = 2_000
STREAMS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class CheckedPart:
    """A part of the audit, checked: whole chains, links that hold, events not sealed yet, bad rows by their stream."""

    chains: int
    links: int
    unsealed: int
    wrong: tuple[tuple[str, BadRow], ...]
    following: CheckPlace | None


def check_part(work: Work, place: CheckPlace | None, wall: datetime) -> CheckedPart:
    """Checks as much from `place` on as one answer may take; audited as a verification.

    Every chain against itself, the seals and its own row. Not against anchors, and not what was made from the journal.
    """
    place = place or CHECK_FROM
    part = _check_log(work, place.position, wall) if place.stream == LOG else _check_streams(work, place.stream, wall)
    record_verification(work, part.chains, len(part.wrong))
    return part


def _check_log(work: Work, after: int, wall: datetime) -> CheckedPart:
    check, following = chains.verify_part(work, after, LINKS_AT_ONCE, wall)
    wrong = tuple((LOG, bad) for bad in check.wrong)
    further = CheckPlace("", 0) if following is None else CheckPlace(LOG, following)
    return CheckedPart(int(following is None), check.links, check.unsealed, wrong, further)


def _check_streams(work: Work, after: str, wall: datetime) -> CheckedPart:
    names = chains.streams_after(work, after, STREAMS_AT_ONCE)
    checks: list[ChainCheck] = []
    while len(checks) < len(names) and sum(check.links for check in checks) < LINKS_AT_ONCE:
        checks.append(chains.verify_stream(work, names[len(checks)], None, wall))
    is_end = len(checks) == len(names) < STREAMS_AT_ONCE
    wrong = tuple((check.stream, bad) for check in checks for bad in check.wrong)
    links = sum(check.links for check in checks)
    return CheckedPart(len(checks), links, 0, wrong, None if is_end else CheckPlace(names[len(checks) - 1], 0))


def take_anchor(work: Work) -> list[Anchor]:
    """The newest link of every chain, to be kept outside; audited."""
    found = heads(work)
    work.audit("audit.anchored", subject="clinic", subject_id=work.clinic_id, after={"chains": len(found)})
    return found


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
    return [Anchor(work.clinic_id, head.stream, head.position, head.hash) for head in chains.heads(work)]


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
