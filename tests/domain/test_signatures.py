"""What a passkey answers: made of the nonce and of every word that is signed. The tablet holds the same example."""

from dataclasses import replace

import pytest

from app.domain.signatures import SignedKind, ToSign, challenge

NONCE = "00ff" * 16
SAYS = {
    "decision": "decline",
    "digest": "ab" * 32,
    "own_assessment": 'wach, "gut"\nzweite Zeile — ü',
    "reason": "noch nicht",
    "had_left_at": None,
    "examined_by": None,
}
EXAMPLE = ToSign(SignedKind.CONFIRMATION, "0192c0de-0000-7000-8000-000000000001", SAYS)
"""app/web/src/challenge.test.ts has the same."""
DIGEST = "555f63addd5bd76e6878eae11cafff08ff5b5ddd2d07b54a40d1c07dcc7741e8"
CHALLENGE = "8c373e089cf6b3343b8f7ea69486d80ff0d63be50acbd0d6e46181937c4e505f"


def test_the_example_that_the_tablet_holds_too():
    assert EXAMPLE.digest == DIGEST
    assert challenge(NONCE, EXAMPLE.digest).hex() == CHALLENGE


@pytest.mark.parametrize(
    "other",
    [
        replace(EXAMPLE, what=SignedKind.SCREENING_OVERRIDE),
        replace(EXAMPLE, about="0192c0de-0000-7000-8000-000000000002"),
        *(replace(EXAMPLE, says={**SAYS, name: "otherwise"}) for name in SAYS),
        replace(EXAMPLE, says={name: value for name, value in SAYS.items() if name != "reason"}),
    ],
)
def test_any_other_word_is_another_challenge(other):
    assert challenge(NONCE, other.digest) != challenge(NONCE, EXAMPLE.digest)


def test_another_nonce_is_another_challenge():
    assert challenge("00" * 32, EXAMPLE.digest) != challenge(NONCE, EXAMPLE.digest)
