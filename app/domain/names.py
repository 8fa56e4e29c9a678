"""Names: how they are compared, and how they are shown. One folding for search, look-alikes and FHIR alike.

Folded, a name is its letters and digits alone: without case, accents, strokes, apostrophes, hyphens, commas, spaces,
and whatever nobody can see. What was typed is kept as it was typed; only comparisons fold.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from app.domain.texts import LINE, is_invisible

# Letters that Unicode does not take apart, as they are typed where a keyboard lacks them.
_PLAIN = {
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ð": "d",
    "ß": "ss",
    "\u0131": "i",
    "ĸ": "k",
    "ŋ": "n",
    "ə": "e",
    "\u06cc": "\u064a",
    "\u06a9": "\u0643",
}
# Those with a stroke, a hook, a bar, a tail ...: their Unicode name begins with the plain letter's.
_MARKED = re.compile(r"LATIN SMALL LETTER ([A-Z]) WITH ")
# They stand within a word and do not end it: O'Brien in all the ways it is typed, the middle dot of Catalan, the
# stretched line of Arabic, the stop of an initial.
_WITHIN = dict.fromkeys(map(ord, "'`\u00b4\u2018\u2019\u201b\u2032\u2035\uff07\u055a\u05f3\ua78c\u00b7\u2027\u0640."))
_WITHIN |= dict.fromkeys(range(0x2B0, 0x300))


def _passed_over(character: str) -> bool:
    return not character.isspace() and (is_invisible(character) or unicodedata.combining(character) != 0)


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    """One character of a text spread out: its plain letters, nothing, or a space where a word ends."""
    if character.isspace():
        return " "
    if _passed_over(character):
        return ""
    category = unicodedata.category(character)
    if category[0] in "LN":
        marked = _MARKED.match(unicodedata.name(character, ""))
        return marked[1].lower() if marked else _PLAIN.get(character, character)
    # a vowel sign of Devanagari is a mark to Unicode and a letter to its reader
    return character if category in {"Mc", "Mn"} else " "


def _spread(text: str) -> str:
    """Without case, every letter apart from its marks, and one dash for all."""
    spread = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.casefold()).casefold())
    return "".join("-" if unicodedata.category(one) == "Pd" else one for one in spread)


def words(text: str) -> tuple[str, ...]:
    """The words of a text, folded; where it has no letter and no digit, its signs as they stand."""
    spread = _spread(text.translate(_WITHIN))
    found = unicodedata.normalize("NFC", "".join(map(_folded, spread))).split()
    return tuple(found or "".join(one for one in _spread(text) if not _passed_over(one)).split())


def is_word(text: str) -> bool:
    """Whether it holds a letter or a digit: what else people type stands between words."""
    return any(unicodedata.category(character)[0] in "LN" for character in text)


def folded(text: str) -> str:
    """The whole text as one word, cut to as many letters as a line has: two that fold alike read alike in a hurry."""
    return "".join(words(text))[:LINE]


def beginnings(text: str) -> Iterator[str]:
    """The folded text from each of its words on: `Ana María` is found under `anamaria` and under `maria`."""
    found = words(text)
    for place in range(len(found)):
        yield "".join(found[place:])[:LINE]


def begins(text: str, wanted: str) -> bool:
    """Whether the text, or the text from one of its words on, begins with `wanted` (folded, not empty)."""
    return any(beginning.startswith(wanted) for beginning in beginnings(text))


def number_key(record_number: str) -> str:
    """The form in which a record number is one patient's: case, accents and spacing aside, signs told apart.

    Narrower than `folded`: 1-23 and 12-3 are two numbers, however alike they look.
    """
    kept = (" " if one.isspace() else one for one in _spread(record_number) if not _passed_over(one))
    return " ".join("".join(kept).split())


def listed(family_name: str, given_name: str) -> str:
    """As lists show it, family name first; one name stands alone, without a comma."""
    return ", ".join(name for name in (family_name, given_name) if name)
