"""A session to take along: PDF, FHIR Bundle, CSV, a manifest with the audit proof, and the verifier of them all."""

from app.exchange.pack.archive import LARGEST
from app.exchange.pack.content import PackContent, content_document
from app.exchange.pack.making import PARTS, Part, make_pack, make_part
from app.exchange.pack.manifest import FORMAT, FORMAT_VERSION
from app.exchange.pack.sources import pack_content, streams_of
from app.exchange.pack.verifying import CheckLine, CheckResult, verify_pack

__all__ = [
    "FORMAT",
    "FORMAT_VERSION",
    "LARGEST",
    "PARTS",
    "CheckLine",
    "CheckResult",
    "PackContent",
    "Part",
    "content_document",
    "make_pack",
    "make_part",
    "pack_content",
    "streams_of",
    "verify_pack",
]
