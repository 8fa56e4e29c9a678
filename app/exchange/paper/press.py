"""From a template and plain data to a PDF: tagged (PDF/UA-1), for keeping (PDF/A-3a), the same bytes each time.

Only the fonts that the typesetter carries are used, so that every machine draws the same pages.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import typst

from app.exchange.paper.glyphs import Glyphs

TYPESETTER = f"typst {version('typst')}"
"""Another version may break a line elsewhere: the same bytes are promised of the same typesetter."""
FOLDER = Path(__file__).parent
_TRY = b'#set document(title: "-", date: none)\n#set text(lang: "en")\n#sys.inputs.text'

Plain = None | bool | int | str | Sequence["Plain"] | Mapping[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is to be printed: a template of this folder, what it is called, its data, and words for its properties."""

    template: str
    title: str
    data: Mapping[str, Plain]
    at: datetime
    keywords: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Printed:
    """The pages, and how many texts hold code points in place of characters that no font at hand can draw."""

    pdf: bytes
    spelt: int


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


def _drawable(text: str) -> bool:
    try:
        typst.compile(_TRY, format="pdf", font_paths=_fonts(), sys_inputs={"text": text}, pdf_standards=["ua-1"])
    except typst.TypstError:
        return False
    return True


@cache
def _glyphs() -> Glyphs:
    return Glyphs(_drawable)


class _Speller:
    """Goes through the data once, and counts what had to be spelt."""

    def __init__(self) -> None:
        self.spelt = 0

    def all(self, value: Plain) -> Plain:
        match value:
            case str():
                shown = _glyphs().shown(value)
                self.spelt += shown != value
                return shown
            case Mapping():
                return {key: self.all(one) for key, one in value.items()}
            case list() | tuple():
                return [self.all(one) for one in value]
            case _:
                return value


def press(sheet: Sheet) -> Printed:
    """The sheet as PDF. `data.spelt` tells the template how many texts hold code points."""
    speller = _Speller()
    data = speller.all({**sheet.data, "title": sheet.title})
    assert isinstance(data, dict)
    at = sheet.at.replace(microsecond=0)
    data |= {
        "spelt": speller.spelt,
        "keywords": list(sheet.keywords),
        "at": [at.year, at.month, at.day, at.hour, at.minute, at.second],
    }
    pdf = typst.compile(
        FOLDER / sheet.template,
        root=FOLDER,
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["ua-1", "a-3a"],
        timestamp=int(at.timestamp()),
    )
    assert isinstance(pdf, bytes)
    return Printed(pdf, speller.spelt)
