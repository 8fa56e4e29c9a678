"""The fonts of the pages: those that the typesetter carries, and Noto for other scripts from two packages of fonts.

Only these are used, never a machine's own, so that every machine with the same packages draws the same pages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec

import typst

Ranges = Sequence[tuple[int, int]]
LETTERS: Ranges = (
    (0x0000, 0x052F), (0x1AB0, 0x1AFF), (0x1C80, 0x1C8F), (0x1D00, 0x22FF), (0x2C60, 0x2C7F), (0x2DE0, 0x2E7F),
    (0xA640, 0xA69F), (0xA700, 0xA7FF), (0xAB30, 0xAB6F), (0xFB00, 0xFB12),
)  # fmt: skip
"""Latin, Greek, Cyrillic, what combines with them, punctuation, arrows and operators."""
SCRIPTS: Mapping[str, Ranges] = {
    "Arabic": ((0x0600, 0x06FF), (0x0750, 0x077F), (0x0870, 0x08FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF)),
    "Armenian": ((0x0530, 0x058F), (0xFB13, 0xFB17)),
    "Bengali": ((0x0980, 0x09FF),),
    "Devanagari": ((0x0900, 0x097F), (0x1CD0, 0x1CFF), (0xA8E0, 0xA8FF)),
    "Ethiopic": ((0x1200, 0x139F), (0x2D80, 0x2DDF), (0xAB00, 0xAB2F)),
    "Georgian": ((0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F)),
    "Gujarati": ((0x0A80, 0x0AFF),),
    "Gurmukhi": ((0x0A00, 0x0A7F),),
    "Hebrew": ((0x0590, 0x05FF), (0xFB1D, 0xFB4F)),
    "Kannada": ((0x0C80, 0x0CFF),),
    "Khmer": ((0x1780, 0x17FF), (0x19E0, 0x19FF)),
    "Lao": ((0x0E80, 0x0EFF),),
    "Malayalam": ((0x0D00, 0x0D7F),),
    "Myanmar": ((0x1000, 0x109F), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F)),
    "Oriya": ((0x0B00, 0x0B7F),),
    "Sinhala": ((0x0D80, 0x0DFF),),
    "Tamil": ((0x0B80, 0x0BFF),),
    "Telugu": ((0x0C00, 0x0C7F),),
    "Thai": ((0x0E00, 0x0E7F),),
}
"""The blocks of Unicode of each script that has a font of its own, `Noto Sans` and this name."""


@dataclass(frozen=True, slots=True)
class Font:
    """A family by its name. `begins`: the characters that may begin a sign drawn by it, None where any may.

    A font of letters holds accents that belong on other scripts too; asked for a sign of those, it would draw the
    accent and leave out what it stands on.
    """

    name: str
    begins: Ranges | None = None

    def takes(self, character: str) -> bool:
        """Whether a sign that begins so is asked of it."""
        return self.begins is None or any(first <= ord(character) <= last for first, last in self.begins)

    def document(self) -> dict[str, str]:
        """As the templates read it."""
        if self.begins is None:
            return {"name": self.name}
        covers = "".join(f"\\u{{{first:x}}}-\\u{{{last:x}}}" for first, last in self.begins)
        return {"name": self.name, "covers": f"[{covers}]"}


@dataclass(frozen=True, slots=True)
class Package:
    """A package that carries fonts and nothing else. `scripts` says in words what is not drawn without it."""

    name: str
    scripts: str

    @property
    def folders(self) -> Sequence[str]:
        """Where its files lie; none where it is not installed."""
        found = find_spec(self.name.replace("-", "_"))
        return list(found.submodule_search_locations or ()) if found else ()


PACKAGES = (
    Package("manimgx-fonts", "most scripts and emoji"),
    Package("manimgx-fonts-cjk", "Chinese, Japanese and Korean"),
)
ORDER = (
    Font("Libertinus Serif", LETTERS),
    Font("Noto Sans", LETTERS),
    *(Font(f"Noto Sans {script}", begins) for script, begins in SCRIPTS.items()),
    Font("Noto Emoji"),
    Font("Noto Sans CJK SC"),  # one of five regional forms, each of which holds every character
    Font("Noto Sans Symbols"),
    Font("DejaVu Sans Mono"),
    Font("New Computer Modern Math"),
)


@dataclass(frozen=True, slots=True)
class Fonts:
    """`stack` is the order in which families are asked for a sign; `missing` the packages that are not installed."""

    files: typst.Fonts
    stack: Sequence[Font]
    missing: Sequence[Package]


def typesetter(packages: Sequence[Package] = PACKAGES) -> str:
    """What draws the pages: the typesetter and the fonts that are installed, each with its version."""
    names = ("typst", *(package.name for package in packages if package.folders))
    return ", ".join(f"{name} {version(name)}" for name in names)


def open_fonts(packages: Sequence[Package] = PACKAGES) -> Fonts:
    """The fonts of the typesetter and of those packages that are installed."""
    found = [package for package in packages if package.folders]
    files = typst.Fonts(
        include_system_fonts=False, font_paths=[folder for package in found for folder in package.folders]
    )
    families = files.families()
    stack = tuple(font for font in ORDER if font.name in families)
    return Fonts(files, stack, tuple(package for package in packages if package not in found))


@cache
def fonts() -> Fonts:
    """The fonts of this installation, found once."""
    return open_fonts()
