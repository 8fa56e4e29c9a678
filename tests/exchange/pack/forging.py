"""How a pack is changed by somebody who makes its digests anew, and what of it a check then fails."""

import io
import json
import zipfile

import rfc8785

from app.domain.canonical import canonical_json, digest
from app.exchange.pack import CheckResult, verify_pack
from app.exchange.pack.archive import write_zip
from app.exchange.pack.making import draw
from app.exchange.pack.manifest import sha256
from app.exchange.pack.table import table
from tests.exchange.pack.test_pack import opened


def failed(pack, anchors=None):
    """The parts that fail, with the words."""
    lines = verify_pack(pack, anchors)
    return {line.part: line.words for line in lines if line.outcome is CheckResult.FAILED}


def part_at(pack, place):
    """Which part a byte belongs to, by another reader's account; None for the end of the ZIP."""
    with zipfile.ZipFile(io.BytesIO(pack)) as found:
        starts = [(info.header_offset, info.filename) for info in found.infolist()]
        table = found.start_dir
        if place < table:
            return max((one for one in starts if one[0] <= place), key=lambda one: one[0])[1]
        for info in found.infolist():
            table += 46 + len(info.filename)
            if place < table:
                return info.filename
    return "the ZIP"


def changed(pack, place, bits):
    return pack[:place] + bytes([pack[place] ^ bits]) + pack[place + 1 :]


def forged(pack, change, *, redraw=False):
    """The pack after `change(parts, manifest)`, every digest made anew; with `redraw`, table and pages too."""
    parts = opened(pack)
    manifest = json.loads(parts["manifest.json"])
    manifest.pop("digest")
    change(parts, manifest)
    manifest["record_digest"] = named = digest(manifest["record"])
    if redraw:
        parts["session.csv"] = table(manifest["record"], named)
        by = manifest["made_by"]
        parts["session.pdf"] = draw(manifest["record"], named, manifest["made_at"], by["name"], by["role"])
        bundle = json.loads(parts["bundle.json"])
        bundle["meta"]["tag"][0]["code"] = named
        parts["bundle.json"] = json.dumps(bundle).encode()
    manifest["parts"] = [
        {"name": name, "bytes": len(data), "sha256": sha256(data)}
        for name, data in parts.items()
        if name != "manifest.json"
    ]
    parts["manifest.json"] = canonical_json({**manifest, "digest": digest(manifest)})
    return write_zip(parts)


def replaced(name, old, new):
    def change(parts, _manifest):
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new)

    return change


def entries_of(manifest, name):
    """The journal's entries of one fact."""
    return [entry for entry in manifest["audit"]["journal"] if entry["fact_id"] == name]


def relinked(manifest, *, seals):
    """The journal's hashes made anew over what it says now, as others reckon them."""
    held = {}
    for entry in manifest["audit"]["journal"]:
        stream, position = entry["stream"], entry["position"]
        said = {name: value for name, value in entry.items() if name not in ("document", "hash")}
        covered = rfc8785.dumps(said | {"prev": held.get((stream, position - 1), "0" * 64)})
        entry["hash"] = sha256(covered + b"\n" + rfc8785.dumps(entry["document"]))
        held[stream, position] = entry["hash"]
    for seal in manifest["audit"]["seals"] if seals else ():
        # a tail that was cut off took along what a seal holds
        place = seal["head"]["stream"], seal["head"]["position"]
        seal["head"]["hash"] = held.get(place, seal["head"]["hash"])
        whole = {"prev": seal["prev"], "position": seal["position"], "stream": "log", "head": seal["head"]}
        seal["hash"] = digest(whole)
