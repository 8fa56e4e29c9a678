"""What is sealed comes back as it was, tells nothing meanwhile, and cannot be changed."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exchange.sealed import NotSealedHere, looks_sealed, seal, unseal

KEY, OTHER = bytes(range(32)), bytes(32)
SAID = ["Patient", [["family", "Łukasiewicz"]], None]


@given(st.recursive(st.none() | st.text() | st.integers(), st.lists))
def test_it_comes_back_as_it_was(document):
    text = seal(KEY, document)
    assert looks_sealed(text)
    assert unseal(KEY, text) == document


def test_it_is_another_text_each_time_and_tells_nothing():
    text = seal(KEY, SAID)
    assert text != seal(KEY, SAID)
    parts = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in text.split(".")]
    assert not any(b"Patient" in part or b"ukasiewicz" in part for part in parts)


def test_no_character_of_it_can_be_another():
    text = seal(KEY, SAID)
    for place in range(len(text)):
        for other in "A.~":
            changed = text[:place] + other + text[place + 1 :]
            if _bytes(changed) != _bytes(text):
                with pytest.raises(NotSealedHere):
                    unseal(KEY, changed)


def _bytes(text):
    """What a text means: the last character of a part may hold bits that nobody reads."""
    try:
        return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in text.split(".")]
    except ValueError:
        return text


@pytest.mark.parametrize("text", ["", "....", "a.b.c.d.e", "eyJhbGciOiJub25lIn0....", seal(OTHER, SAID)])
def test_what_another_key_sealed_or_nobody_is_refused(text):
    with pytest.raises(NotSealedHere):
        unseal(KEY, text)
