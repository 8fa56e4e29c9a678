from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lookalikes import alike_because, folded, look_alike, one_slip_apart
from app.domain.records import Patient


def patient(family="Hartwell", given="Marianne", born="1980-03-04", number="A10001"):
    return Patient(family, given, date.fromisoformat(born), number)


BASE = patient()


@pytest.mark.parametrize(
    ("other", "because"),
    [
        (patient(number="B77777", born="1991-12-25"), ("the same names",)),
        (patient("HARTWELL", "marianne", "1991-12-25", "B77777"), ("the same names",)),
        (patient("Hártwell", "Mari-anne", "1991-12-25", "B77777"), ("the same names",)),
        (patient("Marianne", "Hartwell", "1991-12-25", "B77777"), ("family and given name swapped",)),
        (patient("Hartwel", "Mariane", "1991-12-25", "B77777"), ("names one letter apart",)),
        (
            patient("Hartwell", "Peter", "1980-03-04", "B77777"),
            ("almost the same family name, and the same birth date",),
        ),
        (
            patient("Hartwel", "Peter", "1980-04-03", "B77777"),
            ("almost the same family name, and birth dates with day and month swapped",),
        ),
        (
            patient("Hartwell", "Peter", "1981-03-04", "B77777"),
            ("almost the same family name, and birth dates that differ in one part",),
        ),
        (
            patient("Quist", "Marianna", "1980-03-04", "B77777"),
            ("almost the same given name, and the same birth date",),
        ),
        (patient("Holm", "Mette", "1980-03-04", "B77777"), ("the same initials, and the same birth date",)),
        (patient("Quist", "Peter", "1991-12-25", "a-10001"), ("the same record number",)),
        (patient("Quist", "Peter", "1980-03-04", "A10002"), ("record numbers one digit apart",)),
        (patient("Holm", "Mette", "1991-12-25", "A10010"), ("record numbers one digit apart",)),
    ],
)
def test_patients_who_could_be_taken_for_each_other(other, because):
    assert alike_because(BASE, other) == because
    assert alike_because(other, BASE) == because
    assert look_alike(BASE, other)


@pytest.mark.parametrize(
    "other",
    [
        patient("Quist", "Peter", "1991-12-25", "B77777"),
        # one near identifier alone
        patient("Quist", "Peter", "1980-03-04", "B77777"),
        patient("Hartwell", "Peter", "1991-12-25", "B77777"),
        patient("Quist", "Marianne", "1991-12-25", "B77777"),
        patient("Quist", "Peter", "1991-12-25", "A10002"),
        patient("Quist", "Marianne", "1980-04-03", "B77777"),
        # a birth date is near only where it is swapped within its year, or differs in one part
        patient("Hartwel", "Peter", "1981-04-03", "B77777"),
        patient("Hartwel", "Peter", "1980-05-06", "B77777"),
        patient("Hartwel", "Peter", "1980-12-25", "B77777"),
    ],
)
def test_patients_who_could_not(other):
    assert alike_because(BASE, other) == ()
    assert not look_alike(BASE, other)


def test_short_names_are_near_only_where_they_are_equal():
    one = patient("Ng", "Al", "1980-03-04", "A10001")
    assert not look_alike(one, patient("Wu", "Ed", "1991-12-25", "B77777"))
    assert not look_alike(one, patient("Ny", "Al", "1991-12-25", "B77777"))
    assert look_alike(one, patient("Ng", "Al", "1991-12-25", "B77777"))


@pytest.mark.parametrize(
    ("one", "other", "because"),
    [
        # three letters are enough to be near, two are not, however near the other name
        (("Kim", "Ann"), ("Kin", "Ann"), ("names one letter apart",)),
        (("Kim", "Ann"), ("Kimm", "Anne"), ("names one letter apart",)),
        (("Ki", "Ann"), ("Kim", "Ann"), ()),
        (("Ng", "Marianne"), ("Ny", "Marianne"), ()),
        # and equal is near at any length
        (("Ng", "Marianne"), ("Ng", "Mariane"), ("names one letter apart",)),
        (("Hartwell", "O"), ("Hartwel", "O"), ("names one letter apart",)),
    ],
)
def test_how_long_a_name_must_be_to_be_near(one, other, because):
    assert alike_because(patient(*one), patient(*other, "1991-12-25", "B77777")) == because


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "", True),
        ("", "a", True),
        ("abc", "abc", True),
        ("abc", "abcd", True),
        ("abc", "xabc", True),
        ("abc", "abxc", True),
        ("abc", "axc", True),
        ("abc", "bac", True),
        ("abc", "acb", True),
        ("abc", "cba", False),
        ("abc", "abcde", False),
        ("abc", "axy", False),
        ("abcd", "badc", False),
        ("abc", "xbd", False),
        ("abc", "bcde", False),
    ],
)
def test_one_slip(one, other, expected):
    assert one_slip_apart(one, other) is expected
    assert one_slip_apart(other, one) is expected


WORDS = st.text("abc", max_size=6)


def slips(word):
    yield word
    for place in range(len(word) + 1):
        for letter in "abc":
            yield word[:place] + letter + word[place:]
            yield word[:place] + letter + word[place + 1 :]
        yield word[:place] + word[place + 1 :]
        if place + 1 < len(word):
            yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]


@given(WORDS, WORDS)
def test_one_slip_is_what_one_slip_makes(one, other):
    assert one_slip_apart(one, other) == (other in set(slips(one)))


def test_folding_keeps_letters_and_digits_alone():
    assert folded("O'Brien-Ñuñez 2nd") == "obriennunez2nd"
