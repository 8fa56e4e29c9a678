"""ZIPs that are another thing than a pack, and manifests that are none, are refused."""

import io
import json
import stat
import struct
import zipfile
from contextlib import suppress

import pytest

from app.domain.canonical import canonical_json, digest
from app.exchange.pack.archive import LARGEST, write_zip
from app.exchange.pack.making import NAMES
from tests.exchange.pack.forging import failed, forged
from tests.exchange.pack.test_pack import opened


def zipped(*entries, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made, suppress(UserWarning):
        for info, data in entries:
            made.writestr(info, data)
    return out.getvalue()


def linked():
    info = zipfile.ZipInfo("session.pdf")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def hostile(parts):
    good = list(parts.items())
    again = write_zip(parts)
    first = again[: again.index(b"PK\1\2")]
    yield "a bomb", zipped(("manifest.json", b"0" * 10_000_000), method=zipfile.ZIP_DEFLATED)
    yield "packed", zipped(*good, method=zipfile.ZIP_DEFLATED)
    yield "a path", zipped(("../manifest.json", b"{}"))
    yield "an absolute path", zipped(("/etc/passwd", b"{}"))
    yield "a link", zipped(*good[:1], (linked(), b"/etc/passwd"), *good[2:])
    yield "a stranger", zipped(*good, ("more.exe", b"MZ"))
    yield "another order", write_zip(dict(reversed(good)))
    yield "twice", first[: first.index(b"PK\3\4", 4)] + again
    yield "something before", b"#!/bin/sh\n" + again
    yield "something behind", again + b"more"
    yield "times", zipped(*good)
    yield "no zip", b"%PDF-1.7"
    yield "nothing", b""
    yield "too large", b"PK\3\4" + bytes(LARGEST)
    yield "sizes that lie", again[:18] + struct.pack("<LL", 2**32 - 1, 2**32 - 1) + again[26:]
    yield "no manifest", write_zip({name: data for name, data in good if name != "manifest.json"})


def test_a_zip_that_is_no_pack_is_refused(small):
    parts = opened(small)
    assert failed(write_zip(parts)) == {}
    assert [what for what, data in hostile(parts) if not failed(data)] == []


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"format":"infusion-vitals-pack","format_version":1}', b"1" * 5000],
)
def test_a_manifest_that_is_none_is_refused(small, text):
    found = failed(write_zip(opened(small) | {"manifest.json": text}))
    assert "manifest.json" in found


@pytest.mark.parametrize("missing", ["record", "parts", "audit", "made_by", "software", "typesetter", "session"])
def test_a_manifest_without_something_is_refused_and_nothing_breaks(small, missing):
    def change(_parts, manifest):
        del manifest[missing]

    if missing in {"record", "parts"}:
        parts = opened(small)
        manifest = json.loads(parts["manifest.json"])
        del manifest["digest"], manifest[missing]
        parts["manifest.json"] = canonical_json({**manifest, "digest": digest(manifest)})
        assert failed(write_zip(parts))
    else:
        assert failed(forged(small, change))


def test_names_are_those_of_the_parts():
    assert NAMES == ("manifest.json", "session.pdf", "bundle.json", "session.csv")
