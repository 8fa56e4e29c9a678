"""Protocols of a clinic: drafts a lead writes, versions a clinician or lead approves, immutable from then on."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from importlib import resources
from uuid import UUID

from app.db import protocols
from app.db.protocols import ProtocolRow
from app.db.work import Work
from app.domain.deciding import Change, PreconditionFailed, PreconditionMissing, decide_sheet
from app.domain.errors import Conflict, FieldError, NotFound
from app.domain.protocol.check import check
from app.domain.protocol.decode import decode
from app.domain.protocol.parse import ProtocolInvalid, parse
from app.domain.protocol.toml import from_toml
from app.domain.protocol.values import Protocol
from app.domain.records import SessionHeader


class NoSuchProtocol(NotFound):
    """This clinic has no protocol of this id and version."""

    code = "no-such-protocol"


class ProtocolNotApproved(Conflict):
    """Nobody of this clinic has approved this protocol version yet: a clinician or the lead has to, by name."""

    code = "protocol-not-approved"


class ProtocolApproved(Conflict):
    """This version is approved and can never change: send the change as a new version."""

    code = "protocol-immutable"


_PARSED: OrderedDict[str, Protocol] = OrderedDict()
_MOST_PARSED = 256


def parsed(row: ProtocolRow) -> Protocol:
    """The protocol in a row, decoded once for each content: its hash names it for ever.

    It was judged when it was kept and approved, and is not judged again.
    """
    found = _PARSED.get(row.hash)
    if found is None:
        found = _PARSED[row.hash] = decode(row.document)
        while len(_PARSED) > _MOST_PARSED:
            _PARSED.popitem(last=False)
    return found


def shipped() -> Iterator[Protocol]:
    """The example protocols that come with the program, by file name."""
    folder = resources.files("app") / "protocols"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            yield parse(from_toml(file.read_text(encoding="utf-8")))


def keep_shipped(work: Work) -> None:
    """Put the shipped examples into a new clinic, unapproved."""
    for protocol in shipped():
        _keep_draft(work, protocol, 1)


def find(work: Work, protocol_id: str, version: int) -> ProtocolRow:
    """One version of the clinic. Raises `NoSuchProtocol`."""
    row = protocols.find(work, protocol_id, version)
    if row is None:
        raise NoSuchProtocol
    return row


def all_versions(work: Work) -> tuple[ProtocolRow, ...]:
    """Every version of the clinic, drafts too."""
    return protocols.all_versions(work)


def next_version(work: Work, protocol_id: str) -> int:
    """The number after the highest that a protocol of the clinic has, drafts too."""
    return 1 + max((row.version for row in protocols.all_versions(work) if row.protocol_id == protocol_id), default=0)


def read_page(work: Work, after: tuple[str, int] | None, limit: int) -> tuple[ProtocolRow, ...]:
    """The clinic's next versions, by id and version, drafts too."""
    return protocols.page(work, after, limit)


def usable(work: Work, protocol_id: str, version: int) -> Protocol:
    """The version a session may be planned with. Raises `NoSuchProtocol`, `ProtocolNotApproved`."""
    row = find(work, protocol_id, version)
    if not row.approvals:
        raise ProtocolNotApproved(errors=[FieldError("protocol", "is a draft")], protocol=[protocol_id, version])
    return parsed(row)


_PINNED: OrderedDict[tuple[UUID, str, int], Protocol] = OrderedDict()


def pinned(work: Work, header: SessionHeader) -> Protocol:
    """The version a session was planned with: it is approved, and so the same for ever."""
    key = (work.clinic_id, header.protocol_id, header.protocol_version)
    found = _PINNED.get(key)
    if found is None:
        found = _PINNED[key] = parsed(find(work, header.protocol_id, header.protocol_version))
        while len(_PINNED) > _MOST_PARSED:
            _PINNED.popitem(last=False)
    return found


def checked(document: Mapping[str, object]) -> Protocol:
    """The protocol in a document, proved to need its vitals. Raises `ProtocolInvalid`."""
    protocol = parse(document)
    check(protocol)
    return protocol


def from_file(text: str) -> Protocol:
    """The protocol in a TOML text, checked likewise."""
    return checked(from_toml(text))


def put_draft(work: Work, protocol_id: str, version: int, protocol: Protocol, expected: int | None) -> Change:
    """Keep a draft under its id and version. Raises `ProtocolApproved` for another content of an approved one."""
    faults = []
    if protocol.id != protocol_id:
        faults.append(FieldError("id", "is not the id in the address"))
    if protocol.version != version:
        faults.append(FieldError("version", "is not the version in the address"))
    if faults:
        raise ProtocolInvalid(errors=faults)
    row = protocols.find(work, protocol_id, version)
    if row is None:
        change = decide_sheet(None, protocol.content_hash, expected)
    elif row.hash == protocol.content_hash:
        return Change(row.revision, created=False, changed=False)
    elif row.approvals:
        raise ProtocolApproved
    elif expected is None:
        raise PreconditionMissing(current_revision=row.revision)
    elif expected != row.revision:
        raise PreconditionFailed(current_revision=row.revision, expected_revision=expected)
    else:
        change = Change(row.revision + 1, created=False, changed=True)
    _keep_draft(work, protocol, change.revision)
    return change


def _keep_draft(work: Work, protocol: Protocol, revision: int) -> None:
    protocols.keep_draft(
        work,
        protocol.id,
        protocol.version,
        protocol.document,
        protocol.content_hash,
        example=protocol.example,
        revision=revision,
    )
