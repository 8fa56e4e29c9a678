"""A session to take along: PDF, FHIR Bundle, CSV, a manifest with the audit proof, and the verifier of them all."""

from app.exchange.pack.archive import LARGEST
from app.exchange.pack.content import Taken, content_document
from app.exchange.pack.making import PARTS, Part, make_pack, make_part
from app.exchange.pack.manifest import FORMAT, FORMAT_VERSION
from app.exchange.pack.verifying import Line, Outcome, verify_pack

__all__ = [
    "FORMAT",
    "FORMAT_VERSION",
    "LARGEST",
    "PARTS",
    "Line",
    "Outcome",
    "Part",
    "Taken",
    "content_document",
    "make_pack",
    "make_part",
    "verify_pack",
]
