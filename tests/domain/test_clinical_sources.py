import re
from pathlib import Path

import pytest

from app.domain.symptoms import SERIOUS, SymptomCode, label
from app.domain.vitals import (
    CONSCIOUSNESS_SCORES,
    INSTRUMENTS,
    VITALS,
    Consciousness,
    ConsciousnessScale,
    Vital,
    fully_conscious,
)

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "clinical-sources.md").read_text(encoding="utf-8")


def row(first):
    """The cells after the first of the one row that begins with it."""
    (line,) = (line for line in PAGE.splitlines() if line.startswith(f"| {first} |"))
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


@pytest.mark.parametrize("vital", Vital)
def test_the_page_gives_the_bands_of_the_code(vital):
    facts = VITALS[vital]
    possible, likely = facts.possible, facts.likely
    expected = [facts.unit, f"{possible.low} to {possible.high}", f"{likely.low} to {likely.high}", facts.loinc]
    assert row(f"`{vital}`") == expected


@pytest.mark.parametrize("code", SymptomCode)
def test_the_page_lists_every_symptom(code):
    words, serious, number, name = row(f"`{code}`")
    assert words == label(code)
    assert (serious == "yes") == (code in SERIOUS)
    assert re.fullmatch(r"([0-9]{6,9})?", number)
    assert bool(number) == bool(name)


def test_no_snomed_number_stands_twice():
    numbers = [number for code in SymptomCode if (number := row(f"`{code}`")[2])]
    assert len(numbers) == len(set(numbers)) > 30
    assert all(verhoeff(number) for number in numbers)


def verhoeff(number):
    """Whether the check digit of a SNOMED CT number is right (Verhoeff's, over the dihedral group of order 10)."""

    def times(a, b):
        turned = (a + b) % 5 if a < 5 else (a - b) % 5
        return turned if (a < 5) == (b < 5) else turned + 5

    permuted = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    check = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit)
        for _ in range(place % 8):
            value = permuted[value]
        check = times(check, value)
    return check == 0


def test_a_mistyped_snomed_number_is_seen():
    assert verhoeff("422587007")
    assert not verhoeff("422587070")
    assert not verhoeff("422587008")


@pytest.mark.parametrize("scale", ConsciousnessScale)
def test_one_score_of_each_scale_is_fully_conscious(scale):
    best = {ConsciousnessScale.MOAAS: 5, ConsciousnessScale.ACVPU: "A", ConsciousnessScale.RASS: 0}[scale]
    assert [score for score in CONSCIOUSNESS_SCORES[scale] if fully_conscious(Consciousness(scale, score))] == [best]


@pytest.mark.parametrize(("name", "version"), list(INSTRUMENTS))
def test_the_page_lists_every_instrument(name, version):
    ceiling = INSTRUMENTS[(name, version)].ceiling
    assert any(
        line.startswith(f"| `{name}` | `{version}` |") and f"0 to {ceiling} |" in line for line in PAGE.splitlines()
    )
