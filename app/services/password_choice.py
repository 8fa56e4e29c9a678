"""Which passwords may be chosen: long ones that nobody tries first. No mixture of kinds of characters is asked for.

What is tried first is known: common passwords (the list of 30,000 that comes with `zxcvbn`, looked up here and sent
nowhere), runs of keys, anything over and over, and the names of the person and the clinic. Two common words in a row
are as good as one: somebody has tried them.
"""

import re
import unicodedata
from functools import cache

from app.domain.errors import FieldError, Invalid
from app.domain.people import Clinic, Staff

SHORTEST = 15
LONGEST = 256
LEAST_BESIDE_NAMES = 8
"""Characters that must be left beside names."""
LEAST_BESIDE_WORDS = 4
"""And beside two common words."""
LEAST_CHARACTERS = 5
"""Different ones."""
SHORTEST_WORD, LONGEST_WORD, LONGEST_OF_WORDS = 4, 20, 40
"""Of what common words are, and the longest text that can be two of them."""
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")
_BETWEEN = re.compile(r"[\s._-]+")


class WeakPassword(Invalid):
    """This password is too easy to guess."""

    code = "weak-password"


@cache
def common_words() -> frozenset[str]:
    """Passwords that are tried first. Read when the first password is chosen: few processes ever need them."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415

    return frozenset(FREQUENCY_LISTS["passwords"])


def check_password(
    password: str, person: Staff, clinic: Clinic | None, *, field: str = "password", old: str | None = None
) -> None:
    """Raises `WeakPassword`. `old`: the one it comes after."""
    fault = _fault(password, person, clinic, old)
    if fault is not None:
        raise WeakPassword(errors=[FieldError(field, fault)])


def _fault(password: str, person: Staff, clinic: Clinic | None, old: str | None) -> str | None:
    if len(password) < SHORTEST:
        return f"needs at least {SHORTEST} characters: a few words in a row are easy to remember"
    if len(password) > LONGEST:
        return f"takes at most {LONGEST} characters"
    if password == old:
        return "is the one you have: choose another"
    text = unicodedata.normalize("NFKC", password).casefold()
    if _is_pattern(text):
        return "is a simple pattern: choose a few unrelated words"
    if _is_little_more_than_names(text, person, clinic):
        return "is little more than your name or the clinic's: choose a few unrelated words"
    if _is_common(_BETWEEN.sub("", text)):
        return "is made of common passwords, which are tried first: choose a few unrelated words"
    return None


def _is_pattern(text: str) -> bool:
    """Anything over and over, a few characters alone, or a run along the alphabet, the digits or a row of keys."""
    if len(set(text)) < LEAST_CHARACTERS:
        return True
    if any(text == (text[:period] * len(text))[: len(text)] for period in range(1, len(text) // 2 + 1)):
        return True
    return any(text in run or text in run[::-1] for run in (row * (len(text) // len(row) + 2) for row in _ROWS))


def _is_little_more_than_names(text: str, person: Staff, clinic: Clinic | None) -> bool:
    whole = [person.username, person.name, clinic.name if clinic else ""]
    parts = {part for name in whole for part in (name, *_BETWEEN.split(name))}
    left = text
    for part in sorted((unicodedata.normalize("NFKC", each).casefold() for each in parts), key=len, reverse=True):
        if len(part) >= 3:
            left = left.replace(part, "")
    return left != text and len(_BETWEEN.sub("", left)) < LEAST_BESIDE_NAMES


def _is_common(text: str, words: int = 2) -> bool:
    """Whether it is common, or made of so many `words` that are, each as often as one likes, and hardly more."""
    if text in common_words() or len(text) < LEAST_BESIDE_WORDS:
        return True
    if words == 0 or len(text) > LONGEST_OF_WORDS:
        return False
    held = {
        text[start:end]
        for start in range(len(text))
        for end in range(start + SHORTEST_WORD, min(start + LONGEST_WORD, len(text)) + 1)
    }
    return any(_is_common(text.replace(word, ""), words - 1) for word in held & common_words())
