"""Checking a pack offline: its frame, its digests, the audit chain, and that all parts tell the same record.

What this cannot know: whether the whole was made up, chain and all, by somebody who writes a pack anew. For that a
seal's hash, or an anchor kept elsewhere, is held against it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from app import __version__
from app.domain.canonical import digest
from app.domain.instants import from_text
from app.domain.journal import session_stream
from app.domain.readiness import RULES_BY_VERSION
from app.domain.records import Signer
from app.domain.replaying import replay_all
from app.exchange.pack.archive import BadArchive, read_zip
from app.exchange.pack.bundle import NotABundle, differences, made_otherwise
from app.exchange.pack.chain import NotAChain, check_proof
from app.exchange.pack.content import PackContent
from app.exchange.pack.making import NAMES, PARTS, Part, draw
from app.exchange.pack.manifest import MANIFEST, BadManifest, read_manifest, sha256
from app.exchange.pack.sources import of_record
from app.exchange.pack.table import NotATable, assessments_of, read_table, rows, table
from app.exchange.paper import TYPESETTER

Anchors = Mapping[UUID, Mapping[str, Mapping[int, str]]]
"""Clinic, stream, position, hash: as `audit anchor` prints them."""

FRAME = "the ZIP"
ASSESSMENTS = "assessments"
AUDIT = "audit chain"


class CheckResult(StrEnum):
    """What came of one check."""

    HOLDS = "holds"
    FAILED = "FAILED"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check: of which part, what came out, and in what words."""

    outcome: CheckResult
    part: str
    words: str


def _held(part: str, words: str) -> CheckLine:
    return CheckLine(CheckResult.HOLDS, part, words)


def _failed(part: str, words: str) -> CheckLine:
    return CheckLine(CheckResult.FAILED, part, words)


def verify_pack(data: bytes, anchors: Anchors | None = None) -> list[CheckLine]:
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
    lines += _guarded(MANIFEST, lambda: _digests(manifest, parts))
    changed = {line.part for line in lines if line.outcome is CheckResult.FAILED}
    sound = {name: data for name, data in parts.items() if name not in changed}
    taken: PackContent | None = None

    def chain() -> list[CheckLine]:
        nonlocal taken
        line, taken = _chain(manifest, anchors or {})
        return [line]

    held = _guarded(AUDIT, chain)
    for part, check in CONTENTS.items():
        name = PARTS[part].name
        if name in sound:
            lines += _guarded(name, partial(_listed, check, name, sound[name], manifest, taken))
    return [*lines, *_guarded(ASSESSMENTS, partial(_listed, _assessments, manifest, taken)), *held]


def _listed(check: Callable[..., CheckLine], *about: Any) -> list[CheckLine]:
    return [check(*about)]


def _guarded(part: str, check: Callable[[], Iterable[CheckLine]]) -> list[CheckLine]:
    """What a check says; whatever a made-up pack breaks in it is said of that part, and the others are looked at."""
    try:
        return list(check())
    except Exception as error:  # noqa: BLE001 - it is no pack of ours
        return [_failed(part, f"it is not of the form of a pack ({type(error).__name__})")]


def _digests(manifest: Mapping[str, Any], parts: Mapping[str, bytes]) -> Iterator[CheckLine]:
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


def _table(name: str, data: bytes, manifest: Mapping[str, Any], _taken: PackContent | None) -> CheckLine:
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
    if _ours(manifest) and data != table(manifest["record"], manifest["record_digest"]):
        return _failed(name, "its cells are those of the record, and it is not spelt as it was written")
    readings = sum(row["row"] == "reading" for row in found)
    return _held(name, f"{len(found)} rows, {readings} of them readings, each as in the record")


def _bundle(name: str, data: bytes, manifest: Mapping[str, Any], taken: PackContent | None) -> CheckLine:
    same = taken is not None and _ours(manifest)
    try:
        count, wrong = differences(data, manifest["record"], manifest["record_digest"])
    except NotABundle as error:
        count, wrong = 0, [str(error)]
    if taken is not None and same:
        # the same program tells the same record in the same words
        others = made_otherwise(data, taken, manifest["record_digest"])
        wrong += [f"{one} is not what the record is told as" for one in others]
    if wrong:
        return _failed(name, "; ".join(wrong[:5]))
    told = ", and all else of it as the journal has it" if same else ""
    return _held(name, f"{count} values of vitals, each as in the record{told}")


def _pages(name: str, data: bytes, manifest: Mapping[str, Any], _taken: PackContent | None) -> CheckLine:
    """The pages are drawn again from the record: the same program draws the same bytes."""
    if (manifest["software"], manifest["typesetter"]) != (__version__, TYPESETTER):
        if f"record-digest:{manifest['record_digest']}".encode() not in data:
            return _failed(name, "it is not the PDF of this record: it names another digest")
        drew = f"version {manifest['software']} with {manifest['typesetter']}"
        words = f"it names this record's digest; {drew} drew it, and only that can draw it again"
        return CheckLine(CheckResult.NOT_CHECKED, name, words)
    by = manifest["made_by"]
    drawn = draw(manifest["record"], manifest["record_digest"], manifest["made_at"], by["name"], by["role"])
    if drawn != data:
        return _failed(name, "its pages are not what the record says: drawn again from it they come out otherwise")
    return _held(name, "drawn again from the record its pages come out the same")


CONTENTS: dict[Part, Callable[[str, bytes, Mapping[str, Any], PackContent | None], CheckLine]] = {
    Part.CSV: _table,
    Part.BUNDLE: _bundle,
    Part.PDF: _pages,
}
"""Whether each part carries the record of the manifest; the last: the same, from a journal that holds."""


def _assessments(manifest: Mapping[str, Any], taken: PackContent | None) -> CheckLine:
    """Whether each assessment has the digest that a signature names, and each kept one comes out the same again."""
    found = assessments_of(manifest["record"])
    for one in found:
        if digest(one["document"]) != one["digest"]:
            return _failed(ASSESSMENTS, f"assessment {one['number']} is not what its digest was taken of")
    unknown = {one["digest"] for one in manifest["record"]["confirmations"]} - {one["digest"] for one in found}
    if unknown:
        return _failed(ASSESSMENTS, f"a signature names an assessment that is not here: {', '.join(sorted(unknown))}")
    signed = f"{len(found)}, each with the digest that was signed or shown"
    if taken is None:
        return _held(ASSESSMENTS, signed)
    if {kept.rules for kept in taken.record.assessments} - RULES_BY_VERSION.keys():
        words = f"{signed}; by rules that this version does not have, so none was run again"
        return CheckLine(CheckResult.NOT_CHECKED, ASSESSMENTS, words)
    again = replay_all(taken.record.id, of_record(taken.entries), taken.protocol)
    if wrong := [one.kept.number for one in again if not one.agrees]:
        return _failed(ASSESSMENTS, f"assessment {wrong[0]} does not come out of the journal: {len(wrong)} do not")
    return _held(ASSESSMENTS, f"{signed}; all {len(again)} that were kept come out the same again")


def _ours(manifest: Mapping[str, Any]) -> bool:
    """Whether this very program made it, and so makes the same of the same."""
    return bool(manifest["software"] == __version__)


def _said_twice(manifest: Mapping[str, Any]) -> list[str]:
    """What the manifest says of its record beside it, and otherwise than it."""
    record = manifest["record"]
    latest = record["latest"]
    twice = {
        "session": record["session"]["id"],
        "demo": record["demo"],
        "protocol": record["protocol"],
        "rules": latest["document"]["rules"] if latest else None,
    }
    return [f"{name}: the manifest is of another than its record" for name in twice if manifest[name] != twice[name]]


def _chain(manifest: Mapping[str, Any], anchors: Anchors) -> tuple[CheckLine, PackContent | None]:
    record = manifest["record"]
    known = next((held for clinic, held in anchors.items() if str(clinic) == record["clinic"]["id"]), {})
    if wrong := _said_twice(manifest):
        return _failed(AUDIT, "; ".join(wrong)), None
    by = manifest["made_by"]
    made = from_text(manifest["made_at"]), Signer(UUID(by["id"]) if by["id"] else None, by["name"], by["role"])
    try:
        proof = check_proof(manifest["audit"], record, made, known, same=_ours(manifest))
    except NotAChain as error:
        return _failed(AUDIT, str(error)), None
    if proof.wrong:
        return _failed(AUDIT, "; ".join(proof.wrong)), None
    sealed = f"sealed by the clinic up to entry {proof.sealed}" if proof.sealed else "not sealed by the clinic yet"
    outside = ", and held by an anchor kept elsewhere" if known.get(session_stream(UUID(manifest["session"]))) else ""
    return _held(AUDIT, f"{proof.links} entries, {sealed}{outside}; head {proof.head}"), proof.taken
