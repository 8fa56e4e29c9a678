"""The pictures that README shows are made here, from a clinic in which nobody is a patient.

    PICTURES=1 python -m pytest tests/browser/test_pictures.py

Without PICTURES they are only looked for: a picture is bytes of one machine's fonts, and no test of the screens.
"""

import os
import struct
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.chairs import ward
from tests.browser.clinic import Clinic
from tests.browser.tablet import Tablet

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
SCREENS = ("board", "session", "entry", "review")
THEMES = ("light", "dark")
LARGEST = 120_000
SIZE = {"width": 1080, "height": 760}


@pytest.fixture
def engine_name() -> str:
    """A picture is the same on either database."""
    return "sqlite"


def make(tablet: Tablet, clinic: Clinic) -> None:
    """Takes every picture anew."""
    chairs = ward(clinic, ("Novak", "Ilse"))
    FOLDER.mkdir(parents=True, exist_ok=True)
    tablet.page.set_viewport_size(SIZE)  # type: ignore[arg-type]
    tablet.open()
    tablet.sign_in(clinic.clinician)
    expect(tablet.page.get_by_text("Criteria met")).to_be_visible()
    for screen in SCREENS:
        match screen:
            case "board":
                tablet.open("/#/board")
            case "session":
                tablet.open(f"/#/session/{chairs.alike.id}")
                expect(tablet.page.get_by_text("Dissociation absent")).to_be_visible()
            case "entry":
                # a set that is begun takes its chair's flag down: another chair than the one that is reviewed
                tablet.open(f"/#/entry/{chairs.overdue.id}")
                tablet.type_digits("12680")
                tablet.tap(tablet.radio("Awake", "5 awake"))
            case _:
                tablet.open(f"/#/review/{chairs.met.id}")
                for looked in ("Alert", "Steady on their feet", "Speaks clearly"):
                    tablet.tap(tablet.page.get_by_role("checkbox", name=looked))
                tablet.page.get_by_role("heading", name="Your own look").evaluate("(each) => each.scrollIntoView()")
                tablet.state("scrollBy(0, -120)")
        for theme in THEMES:
            tablet.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            picture = tablet.page.screenshot(animations="disabled", caret="hide")
            (FOLDER / f"{screen}-{theme}.png").write_bytes(packed(picture))


def packed(picture: bytes) -> bytes:
    """The same PNG (8 bits a channel, not interlaced), its rows unfiltered: flat screens pack far smaller so."""
    width, height, _, colour = struct.unpack(">IIBB", picture[16:26])
    pixel = 4 if colour == 6 else 3
    squeezed, at = b"", 8
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        if picture[at + 4 : at + 8] == b"IDAT":
            squeezed += picture[at + 8 : at + 8 + length]
        at += length + 12
    filtered, span = zlib.decompress(squeezed), width * pixel
    before, rows = bytes(span), bytearray()
    for start in range(0, height * (span + 1), span + 1):
        row = bytearray(filtered[start + 1 : start + 1 + span])
        for place in range(span):
            left = row[place - pixel] if place >= pixel else 0
            corner = before[place - pixel] if place >= pixel else 0
            row[place] = (row[place] + _foretold(filtered[start], left, before[place], corner)) & 255
        before = bytes(row)
        rows += b"\0" + b"".join(before[place : place + 3] for place in range(0, span, pixel))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return picture[:8] + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def _foretold(kind: int, left: int, above: int, corner: int) -> int:
    """What a PNG's row filter takes off a byte."""
    match kind:
        case 1:
            return left
        case 2:
            return above
        case 3:
            return (left + above) // 2
        case 4:
            guess = left + above - corner
            return min((left, above, corner), key=lambda each: abs(guess - each))
        case _:
            return 0


def test_every_picture_is_there(tablet: Tablet, clinic: Clinic):
    if "PICTURES" in os.environ:
        make(tablet, clinic)
    for name in (f"{screen}-{theme}.png" for screen in SCREENS for theme in THEMES):
        picture = FOLDER / name
        assert picture.is_file(), name
        assert picture.read_bytes().startswith(b"\x89PNG"), name
        assert 10_000 < picture.stat().st_size < LARGEST, name
