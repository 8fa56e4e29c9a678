"""The manifest of a pack: what it is of, who made it and when, the digest of each part, the record, the audit proof.

It is written as canonical JSON (RFC 8785), so it has one spelling, and ends in one digest over all of it.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from app import __version__
from app.domain.canonical import Document, canonical_json, digest
from app.domain.instants import to_text
from app.domain.strict_json import Unreadable, read_json
from app.exchange.pack.chain import proof_document
from app.exchange.pack.content import PackContent
from app.exchange.paper import TYPESETTER

FORMAT = "infusion-vitals-pack"
FORMAT_VERSION = 2
MANIFEST = "manifest.json"


class BadManifest(ValueError):
    """The manifest is not as a pack's is written."""


def sha256(data: bytes) -> str:
    """In lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def manifest(taken: PackContent, content: Document, parts: Mapping[str, bytes]) -> bytes:
    """The manifest over these parts."""
    latest = taken.record.assessment
    whole: dict[str, Any] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "software": __version__,
        "typesetter": TYPESETTER,
        "session": str(taken.record.id),
        "made_at": to_text(taken.at),
        "made_by": {
            "id": str(taken.by.staff_id) if taken.by.staff_id else None,
            "name": taken.by.name,
            "role": taken.by.role,
        },
        "demo": taken.demo,
        "protocol": content["protocol"],
        "rules": latest.document["rules"] if latest else None,
        "record": content,
        "record_digest": digest(content),
        "parts": [{"name": name, "bytes": len(data), "sha256": sha256(data)} for name, data in parts.items()],
        "audit": proof_document(taken.entries, taken.seals),
    }
    return canonical_json({**whole, "digest": digest(whole)})


def read_manifest(data: bytes) -> dict[str, Any]:
    """The manifest, its own spelling and digests checked. Raises `BadManifest`."""
    try:
        found = read_json(data.decode("utf-8"), of="it")
        spelt = canonical_json(found)
    except Unreadable as refusal:
        raise BadManifest(refusal.detail) from None
    except (ValueError, TypeError, RecursionError):
        raise BadManifest("it cannot be read") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BadManifest("it is not the manifest of a pack")
    if found.get("format_version") != FORMAT_VERSION:
        raise BadManifest(f"its format is version {found.get('format_version')!r}: this program reads {FORMAT_VERSION}")
    if spelt != data:
        raise BadManifest("its bytes were changed: it is not spelt as it was written")
    if found.pop("digest", None) != digest(found):
        raise BadManifest("its content does not fit its own digest: it was changed")
    if digest(found.get("record")) != found.get("record_digest"):
        raise BadManifest("the record in it does not fit its digest")
    return found
