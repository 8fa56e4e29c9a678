"""Approving a protocol version: by name, at the revision that was read, by somebody else than who wrote it.

Limits decide who looks ready to leave: two people look at them. Where a clinic has nobody else who may approve, its one
may, and the record says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from app.db import protocols, staff
from app.db.protocols import ProtocolRow
from app.db.work import Work
from app.domain.deciding import PreconditionFailed, PreconditionMissing
from app.domain.errors import Forbidden
from app.domain.people import MAY, Act
from app.domain.places import dotted, leaves
from app.domain.records import Signer
from app.domain.signatures import SignatureProof
from app.services.protocols import checked, find, shipped

ALONE = "by its author alone: nobody else of the clinic may approve"
"""Why it is allowed, as the journal keeps it."""


class AuthorAlone(Forbidden):
    """You wrote this version: somebody else of your clinic approves it first. A clinician or another lead may."""

    code = "author-alone"


@dataclass(frozen=True, slots=True)
class Changed:
    """One field of the file, dotted, that differs. None: it is not there."""

    field: str
    before: object
    after: object


@cache
def _shipped() -> frozenset[str]:
    return frozenset(protocol.content_hash for protocol in shipped())


def author_of(work: Work, row: ProtocolRow) -> Signer | None:
    """Who of the clinic wrote a version as it stands; None of an example that came with the program."""
    return None if row.hash in _shipped() else protocols.author(work, row.protocol_id, row.version)


def stands_alone(work: Work, row: ProtocolRow) -> bool:
    """Whether the actor wrote it and nobody else has approved it: then somebody else has to, if there is anybody."""
    author = author_of(work, row)
    return author is not None and author.staff_id == work.actor.staff_id and not row.approvals


def _has_another(work: Work) -> bool:
    assert work.actor.staff_id is not None, "an approval has a name"
    return staff.another_with(work, MAY[Act.APPROVE_PROTOCOLS], work.actor.staff_id)


def may_approve(work: Work, row: ProtocolRow) -> bool:
    """Whether the actor, whose role may, can approve it now."""
    return not stands_alone(work, row) or not _has_another(work)


def approve(
    work: Work, protocol_id: str, version: int, expected: int | None, proof: SignatureProof | None = None
) -> ProtocolRow:
    """The actor vouches for a version by name, as it stood at revision `expected`. A second time changes nothing.

    Raises `PreconditionMissing`, `PreconditionFailed` where the draft moved on, `AuthorAlone`.
    """
    protocols.lock(work, protocol_id, version)
    row = find(work, protocol_id, version)
    if expected is None:
        raise PreconditionMissing(current_revision=row.revision)
    if expected != row.revision:
        raise PreconditionFailed(current_revision=row.revision, expected_revision=expected)
    if any(approval.by.staff_id == work.actor.staff_id for approval in row.approvals):
        return row
    alone = stands_alone(work, row)
    if alone and _has_another(work):
        raise AuthorAlone
    checked(row.document)
    protocols.approve(work, protocol_id, version, work.signer, work.now, ALONE if alone else None, proof)
    return find(work, protocol_id, version)


def approved_before(work: Work, row: ProtocolRow) -> ProtocolRow | None:
    """The version of the same protocol that was approved last, before this one was."""
    until = row.approvals[0].at if row.approvals else None
    others = [
        other
        for other in protocols.all_versions(work)
        if other.protocol_id == row.protocol_id
        and other.version != row.version
        and other.approvals
        and (until is None or other.approvals[0].at <= until)
    ]
    return max(others, key=lambda other: (other.approvals[0].at, other.version), default=None)


def changes(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[Changed, ...]:
    """Every field that differs, in the order of the file; the version's number, which always does, is none."""
    was, now = ({dotted(step): value for step, value in leaves(document)} for document in (before, after))
    fields = dict.fromkeys([*now, *was])
    return tuple(
        Changed(field, was.get(field), now.get(field))
        for field in fields
        if field != "version" and (field in was, was.get(field)) != (field in now, now.get(field))
    )
