"""Making a pack: its parts, and the ZIP of them. The same record taken at the same instant gives the same bytes."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.canonical import Document, digest
from app.domain.instants import to_text
from app.exchange.fhir import MEDIA_TYPE
from app.exchange.pack.archive import write_zip
from app.exchange.pack.bundle import bundle
from app.exchange.pack.content import PackContent, content_document
from app.exchange.pack.manifest import MANIFEST, manifest
from app.exchange.pack.pages import print_record
from app.exchange.pack.table import table
from app.exchange.words import typed


class Part(StrEnum):
    """What a pack holds beside its manifest; the value is its name in addresses."""

    PDF = "pdf"
    BUNDLE = "bundle"
    CSV = "csv"
    MANIFEST = "manifest"


@dataclass(frozen=True, slots=True)
class PartFacts:
    """The file's name in the ZIP, and its media type."""

    name: str
    media_type: str


PARTS: dict[Part, PartFacts] = {
    Part.MANIFEST: PartFacts(MANIFEST, "application/json"),
    Part.PDF: PartFacts("session.pdf", "application/pdf"),
    Part.BUNDLE: PartFacts("bundle.json", MEDIA_TYPE),
    Part.CSV: PartFacts("session.csv", "text/csv"),
}
"""In the order they stand in the ZIP."""
NAMES = tuple(facts.name for facts in PARTS.values())


def make_parts(taken: PackContent) -> dict[str, bytes]:
    """Every part by its file name, in the order of the ZIP."""
    content = content_document(taken)
    named = digest(content)
    made: dict[Part, bytes] = {
        Part.PDF: draw(content, named, to_text(taken.at), taken.by.name, taken.by.role),
        Part.BUNDLE: bundle(taken, named),
        Part.CSV: table(content, named),
    }
    others = {facts.name: made[part] for part, facts in PARTS.items() if part is not Part.MANIFEST}
    return {MANIFEST: manifest(taken, content, others), **others}


def draw(content: Document, named: str, made_at: str, name: str, role: str) -> bytes:
    """The PDF of a record, as whoever holds the manifest can draw it again."""
    return print_record(content, named, made_at, f"{typed(name)} ({role})").pdf


def make_part(taken: PackContent, part: Part) -> bytes:
    """One part. The manifest is over all of them, so it takes as long as the whole."""
    content = content_document(taken)
    named = digest(content)
    match part:
        case Part.PDF:
            return draw(content, named, to_text(taken.at), taken.by.name, taken.by.role)
        case Part.BUNDLE:
            return bundle(taken, named)
        case Part.CSV:
            return table(content, named)
        case Part.MANIFEST:
            return make_parts(taken)[MANIFEST]


def make_pack(taken: PackContent) -> bytes:
    """The whole pack as a ZIP."""
    return write_zip(make_parts(taken))
