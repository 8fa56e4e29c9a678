"""Free text a person types: what it may hold, so that every store, page and export can carry it unchanged."""

import re
import unicodedata

from app.domain.errors import FieldError

LINE = 200
"""Longest single line: a name, a reason, a lot number."""
NOTE = 2000
"""Longest note."""

_BREAKS = frozenset("\n\t")
# Marks that reverse what follows them: a name or a number could be shown other than it was typed.
_DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Letters and signs by their category, yet drawn as nothing.
_EMPTY_SIGNS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# Marks by their category, yet drawn as nothing by themselves: joiners, and which of two shapes a sign takes.
_EMPTY_MARKS = frozenset(map(chr, (0x34F, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10))))
_SHAPES = range(0xE0100, 0xE01F0)
_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")


def is_kebab(text: str) -> bool:
    """Whether `text` is a code in lower-case words joined by hyphens."""
    return _KEBAB.match(text) is not None


def _unfit(character: str, *, lines: bool) -> bool:
    if lines and character in _BREAKS:
        return False
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in _DIRECTION_OVERRIDES


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing: spaces of any kind, and characters without a shape, are not words."""
    return all(unicodedata.category(one)[0] in "ZC" or one in _EMPTY_SIGNS for one in text)


def is_invisible(character: str) -> bool:
    """Whether it is drawn as nothing, and takes no room either: controls, zero-width and direction marks."""
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return True
    return character in _EMPTY_SIGNS or character in _EMPTY_MARKS or ord(character) in _SHAPES


def text_faults(
    field: str, text: str, *, longest: int = LINE, lines: bool = False, blank: bool = False
) -> list[FieldError]:
    """What is wrong with `text`: too long, blank (unless `blank`), or holding characters nobody can see.

    Line breaks and tabs are let in where `lines`.
    """
    faults = []
    if not blank and is_blank(text):
        faults.append(FieldError(field, "is blank: type at least one visible character"))
    if len(text) > longest:
        faults.append(FieldError(field, f"has {len(text)} characters: shorten it to {longest}"))
    if any(_unfit(character, lines=lines) for character in text):
        faults.append(FieldError(field, "holds a control character: type it without"))
    return faults


def identifier_faults(field: str, text: str, *, longest: int = LINE) -> list[FieldError]:
    """What is wrong with a number, a chair or a lot: as `text_faults`, and nothing in it that nobody can see.

    Some scripts need such marks within words; in what tells one thing from another they make copies that look the same.
    """
    faults = text_faults(field, text, longest=longest)
    hidden = next(((place, one) for place, one in enumerate(text, 1) if is_invisible(one)), None)
    if not faults and hidden is not None:
        place, one = hidden
        said = f"holds a character nobody can see (U+{ord(one):04X}, at place {place}): type it anew, do not copy it"
        faults.append(FieldError(field, said))
    return faults
