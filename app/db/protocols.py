"""Protocol versions of a clinic: a draft may change, an approved one never does (a trigger says so too)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, insert, select, tuple_, update

from app.db import histories, journal
from app.db.refusals import MovedOn
from app.db.tables import protocol_approvals, protocol_versions
from app.db.work import Work
from app.domain.canonical import Document
from app.domain.documents import proof_document, proof_from
from app.domain.journal import Fact, Kind
from app.domain.records import Kept, Signer
from app.domain.signatures import SignatureProof

KIND = Kind.PROTOCOL


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved it, when by the clinic's clock, and what proved who they are."""

    by: Signer
    at: datetime
    proof: SignatureProof | None


@dataclass(frozen=True, slots=True)
class ProtocolRow:
    """One version as kept. `hash`: SHA-256 of its canonical document. `approvals` empty: still a draft."""

    protocol_id: str
    version: int
    revision: int
    hash: str
    example: bool
    document: Document
    approvals: tuple[Approval, ...]


_VERSIONS = protocol_versions.c
_ONE = (
    _VERSIONS.clinic_id == bindparam("clinic"),
    _VERSIONS.protocol_id == bindparam("this"),
    _VERSIONS.version == bindparam("of_version"),
)
_ROWS = (
    select(
        protocol_versions,
        protocol_approvals.c.staff_id,
        protocol_approvals.c.name,
        protocol_approvals.c.role,
        protocol_approvals.c.approved_at,
        protocol_approvals.c.proof,
    )
    .outerjoin(protocol_approvals)
    .order_by(_VERSIONS.protocol_id, _VERSIONS.version, protocol_approvals.c.approved_at)
)
_FIND = _ROWS.where(*_ONE)
_LOCK = select(_VERSIONS.revision).where(*_ONE).with_for_update(key_share=True)
_ALL = _ROWS.where(_VERSIONS.clinic_id == bindparam("clinic"))
_KEYS = (
    select(_VERSIONS.protocol_id, _VERSIONS.version)
    .where(
        _VERSIONS.clinic_id == bindparam("clinic"),
        tuple_(_VERSIONS.protocol_id, _VERSIONS.version)
        > tuple_(
            bindparam("this", type_=_VERSIONS.protocol_id.type), bindparam("of_version", type_=_VERSIONS.version.type)
        ),
    )
    .order_by(_VERSIONS.protocol_id, _VERSIONS.version)
    .limit(bindparam("most"))
    .subquery()
)
_PAGE = _ALL.join(_KEYS, (_VERSIONS.protocol_id == _KEYS.c.protocol_id) & (_VERSIONS.version == _KEYS.c.version))
_ADD = insert(protocol_versions)
_REVISE = (
    update(protocol_versions)
    .where(*_ONE, _VERSIONS.revision == bindparam("before"))
    .values(
        revision=bindparam("after"),
        hash=bindparam("as_hash"),
        example=bindparam("as_example"),
        document=bindparam("as_document"),
    )
)


def _grouped(rows: Any) -> tuple[ProtocolRow, ...]:
    found: dict[tuple[str, int], ProtocolRow] = {}
    for row in rows:
        key = (row.protocol_id, row.version)
        before = found[key].approvals if key in found else ()
        found[key] = _row(row, before + _approval(row))
    return tuple(found.values())


def _approval(row: Row[Any]) -> tuple[Approval, ...]:
    if row.staff_id is None:
        return ()
    proof = proof_from(row.proof) if row.proof else None
    return (Approval(by=Signer(row.staff_id, row.name, row.role), at=row.approved_at, proof=proof),)


def _row(row: Row[Any], approvals: tuple[Approval, ...]) -> ProtocolRow:
    return ProtocolRow(row.protocol_id, row.version, row.revision, row.hash, bool(row.example), row.document, approvals)


def _subject(protocol_id: str, version: int) -> str:
    return f"{protocol_id}/{version}"


def lock(work: Work, protocol_id: str, version: int) -> None:
    """Nobody else changes or approves this version until the work ends: call it before judging what `find` shows."""
    work.first(_LOCK, this=protocol_id, of_version=version)


def find(work: Work, protocol_id: str, version: int) -> ProtocolRow | None:
    """One version, draft or approved."""
    found = _grouped(work.all(_FIND, this=protocol_id, of_version=version))
    return found[0] if found else None


def all_versions(work: Work) -> tuple[ProtocolRow, ...]:
    """Every version of the clinic, by id and version."""
    return _grouped(work.all(_ALL))


def page(work: Work, after: tuple[str, int] | None, limit: int) -> tuple[ProtocolRow, ...]:
    """The clinic's next versions, by id and version."""
    this, version = after or ("", 0)
    return _grouped(work.all(_PAGE, this=this, of_version=version, most=limit))


def history(work: Work, protocol_id: str, version: int, after: int | None, limit: int) -> tuple[Kept[Document], ...]:
    """The next revisions the draft went through, oldest first, as documents."""
    return histories.page(work, KIND, _subject(protocol_id, version), dict, after, limit)


def keep_draft(
    work: Work, protocol_id: str, version: int, document: Document, hash_: str, *, example: bool, revision: int
) -> None:
    """A new draft (revision 1) or its next revision. Raises `MovedOn` where the revision is not the next."""
    content: dict[str, Any] = {"hash": hash_, "example": example, "document": document}
    if revision == 1:
        key = {"clinic_id": work.clinic_id, "protocol_id": protocol_id, "version": version, "revision": 1}
        work.change(_ADD, {**key, **content})
    else:
        values = {"clinic": work.clinic_id, "this": protocol_id, "of_version": version}
        steps = {"before": revision - 1, "after": revision}
        if work.change(_REVISE, {**values, **steps, **{f"as_{key}": content[key] for key in content}}) != 1:
            raise MovedOn
    work.keep(Fact(KIND, _subject(protocol_id, version), document, revision))


def author(work: Work, protocol_id: str, version: int) -> Signer:
    """Who wrote it as it stands now."""
    newest = journal.newest(work, KIND, _subject(protocol_id, version), dict)
    assert newest is not None, "a version has an author"
    return newest.by


def approve(
    work: Work,
    protocol_id: str,
    version: int,
    by: Signer,
    at: datetime,
    because: str | None = None,
    proof: SignatureProof | None = None,
) -> None:
    """From here on the version never changes. The same person twice is refused (`AlreadyKept`)."""
    assert isinstance(by.staff_id, UUID), "an approval has a name"
    lock(work, protocol_id, version)
    row = find(work, protocol_id, version)
    assert row is not None, "what is approved is kept"
    said = proof_document(proof) if proof else None
    what: Document = {"hash": row.hash, "example": row.example, "proof": said}
    number = len(row.approvals) + 1
    work.keep(Fact(Kind.PROTOCOL_APPROVAL, _subject(protocol_id, version), what, number, reason=because))
    work.insert(
        protocol_approvals,
        protocol_id=protocol_id,
        version=version,
        staff_id=by.staff_id,
        name=by.name,
        role=by.role,
        approved_at=at,
        proof=said,
    )
