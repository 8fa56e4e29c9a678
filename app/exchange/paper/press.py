"""From a template and plain data to a PDF: tagged (PDF/UA-1), for keeping (PDF/A-3a), the same bytes each time."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import typst

from app.exchange.paper.fonts import Font, fonts, typesetter
from app.exchange.paper.glyphs import Glyphs, named

TYPESETTER = typesetter()
"""Another version or other fonts may break a line elsewhere: the same bytes are promised of the same ones."""
FOLDER = Path(__file__).parent
MOST_NAMED = 12
"""Characters without a picture that the pages name one by one."""

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
    """The pages, and the characters that stand in them as code points because no font at hand can draw them."""

    pdf: bytes
    spelt: Sequence[str]


def _stack(stack: Sequence[Font]) -> str:
    return json.dumps([font.document() for font in stack])


def _draws(text: str, stack: Sequence[Font]) -> bool:
    try:
        typst.compile(
            FOLDER / "trial.typ",
            root=FOLDER,
            format="pdf",
            font_paths=fonts().files,
            sys_inputs={"text": text, "fonts": _stack(stack)},
            pdf_standards=["ua-1"],
        )
    except typst.TypstError:
        return False
    return True


@cache
def _glyphs() -> Glyphs:
    return Glyphs(_draws, fonts().stack)


class _Speller:
    """Goes through the data once, and gathers what had to be spelt."""

    def __init__(self) -> None:
        self.spelt: set[str] = set()

    def all(self, value: Plain) -> Plain:
        match value:
            case str():
                shown, spelt = _glyphs().shown(value)
                self.spelt |= spelt
                return shown
            case Mapping():
                return {key: self.all(one) for key, one in value.items()}
            case list() | tuple():
                return [self.all(one) for one in value]
            case _:
                return value


def press(sheet: Sheet) -> Printed:
    """The sheet as PDF. `data.spelt` tells the template which characters stand there as code points."""
    speller = _Speller()
    data = speller.all({**sheet.data, "title": sheet.title})
    assert isinstance(data, dict)
    spelt = sorted(speller.spelt)
    at = sheet.at.replace(microsecond=0)
    data |= {
        "spelt": [named(one) for one in spelt[:MOST_NAMED]],
        "spelt_more": max(0, len(spelt) - MOST_NAMED),
        "fonts_missing": [f"{package.scripts} ({package.name})" for package in fonts().missing],
        "keywords": list(sheet.keywords),
        "at": [at.year, at.month, at.day, at.hour, at.minute, at.second],
    }
    pdf = typst.compile(
        FOLDER / sheet.template,
        root=FOLDER,
        format="pdf",
        font_paths=fonts().files,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False), "fonts": _stack(fonts().stack)},
        pdf_standards=["ua-1", "a-3a"],
        timestamp=int(at.timestamp()),
    )
    assert isinstance(pdf, bytes)
    return Printed(pdf, spelt)
