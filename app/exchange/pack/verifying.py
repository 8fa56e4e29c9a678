"""Checking a pack offline: its frame, its digests, the audit chain, and that all parts tell the same record.

What this cannot know: whether the whole was made up, chain and all, by somebody who writes a pack anew. For that a
seal's hash, or an anchor kept elsewhere, is held against it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from app import __version__
from app.domain.canonical import digest
from app.domain.journal import session_stream
from app.domain.records import SessionRecord
from app.exchange.pack.archive import BadArchive, read_zip
from app.exchange.pack.bundle import NotABundle, differences, made_otherwise
from app.exchange.pack.chain import NotAChain, check_proof
from app.exchange.pack.making import NAMES, PARTS, Part, draw
from app.exchange.pack.manifest import MANIFEST, BadManifest, read_manifest, sha256
from app.exchange.pack.table import NotATable, assessments_of, read_table, rows
from app.exchange.paper import TYPESETTER

Anchors = Mapping[UUID, Mapping[str, Mapping[int, str]]]
"""Clinic, stream, position, hash: as `audit anchor` prints them."""

FRAME = "the ZIP"
ASSESSMENTS = "assessments"
AUDIT = "audit chain"


class Outcome(StrEnum):
    """What came of one check."""

    HOLDS = "holds"
    FAILED = "FAILED"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Line:
    """One check: of which part, what came out, and in what words."""

    outcome: Outcome
    part: str
    words: str


def _held(part: str, words: str) -> Line:
    return Line(Outcome.HOLDS, part, words)


def _failed(part: str, words: str) -> Line:
    return Line(Outcome.FAILED, part, words)


def verify_pack(data: bytes, anchors: Anchors | None = None) -> list[Line]:
    """Every check there is; the pack holds where no line failed."""
    try:
        parts, wrong = read_zip(data, NAMES)
    except BadArchive as error:
        return [_failed(error.part or FRAME, str(error))]
    lines = [_failed(fault.part or FRAME, str(fault)) for fault in wrong]
    if MANIFEST not in parts:
        return [*lines, _failed(MANIFEST, "it is missing, and nothing can be checked without it")]
    try:
        manifest = read_manifest(parts[MANIFEST])
    except BadManifest as error:
        return [*lines, _failed(MANIFEST, str(error))]
    lines.append(_held(MANIFEST, f"made {manifest.get('made_at')}, format {manifest['format_version']}"))
    try:
        lines += _digests(manifest, parts)
        changed = {line.part for line in lines if line.outcome is Outcome.FAILED}
        sound = {name: data for name, data in parts.items() if name not in changed}
        chain, record = _chain(manifest, anchors or {})
        return [*lines, *_contents(manifest, sound, record), _assessments(manifest), chain]
    except Exception as error:  # noqa: BLE001 - whatever a made-up pack breaks, it is no pack of ours
        return [*lines, _failed(MANIFEST, f"it is not of the form of a pack ({type(error).__name__})")]


def _digests(manifest: Mapping[str, Any], parts: Mapping[str, bytes]) -> Iterator[Line]:
    said = {one["name"]: one for one in manifest["parts"]}
    for name in dict.fromkeys([*NAMES, *said]):
        if name == MANIFEST:
            continue
        if name not in parts:
            yield _failed(name, "it is missing")
        elif name not in said:
            yield _failed(name, "the manifest does not know it")
        elif said[name]["sha256"] != sha256(parts[name]) or said[name]["bytes"] != len(parts[name]):
            yield _failed(name, "its bytes were changed: its SHA-256 is not the one in the manifest")
        else:
            yield _held(name, f"SHA-256 {said[name]['sha256']}")


def _contents(manifest: Mapping[str, Any], parts: Mapping[str, bytes], record: SessionRecord | None) -> Iterator[Line]:
    """Whether each part carries the record of the manifest; `record`: the same, from a journal that holds."""
    table, pages = PARTS[Part.CSV].name, PARTS[Part.PDF].name
    if table in parts:
        yield _table(table, parts[table], manifest)
    if PARTS[Part.BUNDLE].name in parts:
        yield _bundle(PARTS[Part.BUNDLE].name, parts[PARTS[Part.BUNDLE].name], manifest, record)
    if pages in parts:
        yield _pages(pages, parts[pages], manifest)


def _table(name: str, data: bytes, manifest: Mapping[str, Any]) -> Line:
    try:
        found = read_table(data)
    except NotATable as error:
        return _failed(name, str(error))
    expected = list(rows(manifest["record"], manifest["record_digest"]))
    for number, (is_there, should_be) in enumerate(zip(found, expected, strict=False), 2):
        moved = [column for column, value in should_be.items() if is_there[column] != value]
        if moved:
            return _failed(name, f"row {number} is not what the record says: {', '.join(moved)}")
    if len(found) != len(expected):
        return _failed(name, f"it has {len(found)} rows, the record {len(expected)}")
    readings = sum(row["row"] == "reading" for row in found)
    return _held(name, f"{len(found)} rows, {readings} of them readings, each as in the record")


def _bundle(name: str, data: bytes, manifest: Mapping[str, Any], record: SessionRecord | None) -> Line:
    try:
        count, wrong = differences(data, manifest["record"], manifest["record_digest"])
        same = record is not None and manifest["software"] == __version__
        if record is not None and same and not wrong:
            # the same program tells the same record in the same words
            others = made_otherwise(data, record, manifest["record"]["clinic"])
            wrong = [f"{one} is not what the record is told as" for one in others]
    except NotABundle as error:
        return _failed(name, str(error))
    if wrong:
        return _failed(name, "; ".join(wrong[:5]))
    told = ", and all else of it as the journal has it" if same else ""
    return _held(name, f"{count} values of vitals, each as in the record{told}")


def _pages(name: str, data: bytes, manifest: Mapping[str, Any]) -> Line:
    """The pages are drawn again from the record: the same program draws the same bytes."""
    if (manifest["software"], manifest["typesetter"]) != (__version__, TYPESETTER):
        if f"record-digest:{manifest['record_digest']}".encode() not in data:
            return _failed(name, "it is not the PDF of this record: it names another digest")
        drew = f"version {manifest['software']} with {manifest['typesetter']}"
        words = f"it names this record's digest; {drew} drew it, and only that can draw it again"
        return Line(Outcome.NOT_CHECKED, name, words)
    by = manifest["made_by"]
    drawn = draw(manifest["record"], manifest["record_digest"], manifest["made_at"], by["name"], by["role"])
    if drawn != data:
        return _failed(name, "its pages are not what the record says: drawn again from it they come out otherwise")
    return _held(name, "drawn again from the record its pages come out the same")


def _assessments(manifest: Mapping[str, Any]) -> Line:
    """Whether each assessment has the digest that a signature names."""
    found = assessments_of(manifest["record"])
    for one in found:
        if digest(one["document"]) != one["digest"]:
            return _failed(ASSESSMENTS, f"assessment {one['number']} is not what its digest was taken of")
    unknown = {one["digest"] for one in manifest["record"]["confirmations"]} - {one["digest"] for one in found}
    if unknown:
        return _failed(ASSESSMENTS, f"a signature names an assessment that is not here: {', '.join(sorted(unknown))}")
    return _held(ASSESSMENTS, f"{len(found)}, each with the digest that was signed or shown")


def _chain(manifest: Mapping[str, Any], anchors: Anchors) -> tuple[Line, SessionRecord | None]:
    record = manifest["record"]
    known = anchors.get(UUID(record["clinic"]["id"]), {})
    if manifest["session"] != record["session"]["id"]:
        return _failed(AUDIT, "the manifest is of another session than its record"), None
    try:
        proof = check_proof(manifest["audit"], record, known)
    except NotAChain as error:
        return _failed(AUDIT, str(error)), None
    if proof.wrong:
        return _failed(AUDIT, "; ".join(proof.wrong)), None
    sealed = f"sealed by the clinic up to entry {proof.sealed}" if proof.sealed else "not sealed by the clinic yet"
    outside = ", and held by an anchor kept elsewhere" if known.get(session_stream(UUID(manifest["session"]))) else ""
    return _held(AUDIT, f"{proof.links} entries, {sealed}{outside}; head {proof.head}"), proof.record
