"""Characters the fonts at hand cannot draw: printed as their code point, `<U+12000>`, never left out.

The typesetter refuses (by PDF/UA) to draw text that no font has, with one gap: of a sign made of several characters,
such as a letter and its accent or joined emoji, it draws what the first font has and drops what stands before that
without a word. So such a sign is drawn only where the font that will be asked for it has all of it.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

from app.exchange.paper.fonts import Font

Draws = Callable[[str, Sequence[Font]], bool]
"""Whether fonts, asked in order, draw a text without a refusal."""

_WORDS = re.compile(r"\S+")
_KNOWN = 4096
"""Words and signs remembered; names and notes of a clinic repeat."""
_JOINER = "\u200d"
_SKINS = re.compile("[\U0001f3fb-\U0001f3ff]")
_VARIANTS = re.compile("[\u180b-\u180d\ufe00-\ufe0f\U000e0100-\U000e01ef]")


class Glyphs:
    """Knows what a stack of fonts can draw, by trying."""

    def __init__(self, draws: Draws, stack: Sequence[Font]) -> None:
        self._draws, self._stack = draws, stack
        self._has = lru_cache(maxsize=_KNOWN)(lambda one, font: draws(one, (Font(font.name),)))
        self._sign = lru_cache(maxsize=_KNOWN)(self._is_drawn)
        self._word = lru_cache(maxsize=_KNOWN)(self._shown_word)

    def shown(self, text: str) -> tuple[str, frozenset[str]]:
        """`text` with code points in place of what cannot be drawn, and the characters that were replaced."""
        if text.isascii():
            return text, frozenset()
        if all(len(sign) == 1 for sign in signs(text)) and self._draws(text, self._stack):
            return text, frozenset()
        spelt: set[str] = set()

        def word(found: re.Match[str]) -> str:
            shown, these = self._word(found[0])
            spelt.update(these)
            return shown

        shown = _WORDS.sub(word, text)
        # a mark that leans on the space before it belongs to no word
        return (shown, frozenset(spelt)) if self._draws(shown, self._stack) else _code_points(text)

    def _shown_word(self, word: str) -> tuple[str, frozenset[str]]:
        shown, spelt = "", frozenset[str]()
        for sign in signs(word):
            drawn, these = (sign, frozenset[str]()) if sign.isascii() or self._sign(sign) else _code_points(sign)
            shown, spelt = shown + drawn, spelt | these
        return (shown, spelt) if self._draws(shown, self._stack) else _code_points(word)

    def _is_drawn(self, sign: str) -> bool:
        seen = [one for one in sign if not _is_shapeless(one)]
        if len(seen) < 2:
            return self._draws(sign, self._stack)
        leftwards = any(unicodedata.bidirectional(one) in {"R", "AL"} for one in seen)
        for font in self._stack:
            if font.takes(sign[0]):
                has = [self._has(one, font) for one in seen]
                if all(has):
                    return True
                # what it lacks at the end goes on to the next font; what it lacks before something it has is dropped
                if any(has) and (leftwards or has != sorted(has, reverse=True)):
                    return False
        return False


def signs(text: str) -> list[str]:
    """The text in parts that are drawn as one: a character with what leans on it or is joined to it."""
    found: list[str] = []
    for one in text:
        if found and (_leans(one) or found[-1].endswith(_JOINER)):
            found[-1] += one
        else:
            found.append(one)
    return found


def _leans(one: str) -> bool:
    return unicodedata.category(one) in {"Mn", "Mc", "Me", "Cf"} or _SKINS.match(one) is not None


def _is_shapeless(one: str) -> bool:
    """Joiners, marks of direction and selectors of a variant have no shape of their own."""
    return unicodedata.category(one) == "Cf" or _VARIANTS.match(one) is not None


def _code_points(text: str) -> tuple[str, frozenset[str]]:
    # held together from left to right, also in the middle of writing from right to left
    shown = "".join(one if one.isascii() else f"\u2066<U+{ord(one):04X}>\u2069" for one in text)
    return shown, frozenset(one for one in text if not one.isascii())


def named(character: str) -> str:
    """`U+12000 CUNEIFORM SIGN A`."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
