"""Characters the fonts at hand cannot draw: printed as their code point, `<U+738B>`, never left out.

The press refuses (by PDF/UA) to draw text no font has, with one gap: in a sequence that is joined into one sign, such
as an emoji with a joiner, it draws what it has and drops the rest. So each character must also stand by itself.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

_WORDS = re.compile(r"\S+")
_KNOWN = 4096
"""Words and characters remembered; names and notes of a clinic repeat."""


class Glyphs:
    """Knows what can be drawn, by trying. `drawable` says whether one text can be."""

    def __init__(self, drawable: Callable[[str], bool]) -> None:
        self._drawable = drawable
        self._alone = lru_cache(maxsize=_KNOWN)(self._stands_alone)
        self._word = lru_cache(maxsize=_KNOWN)(self._spelt_word)

    def shown(self, text: str) -> str:
        """`text` with code points in place of what cannot be drawn."""
        if text.isascii():
            return text
        spelt = _WORDS.sub(lambda found: self._word(found[0]), text)
        # a sign that leans on the space before it belongs to no word
        return spelt if spelt.isascii() or self._drawable(spelt) else "".join(map(_code_point, text))

    def _stands_alone(self, character: str) -> bool:
        # joiners and selectors of a variant have no shape of their own
        return unicodedata.category(character) in {"Cf", "Mn"} or self._drawable(character)

    def _spelt_word(self, word: str) -> str:
        if word.isascii():
            return word
        spelt = "".join(one if one.isascii() or self._alone(one) else _code_point(one) for one in word)
        return spelt if self._drawable(spelt) else "".join(map(_code_point, word))


def _code_point(character: str) -> str:
    # held together from left to right, also in the middle of writing from right to left
    return character if character.isascii() else f"\u2066<U+{ord(character):04X}>\u2069"
