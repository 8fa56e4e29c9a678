from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.lookalikes import alike_because, keys, likeness, look_alike, one_slip_apart, slip_keys
from app.domain.records import Patient


def patient(family="Hartwell", given="Marianne", born="1980-03-04", number="A10001"):
    return Patient(family, (given,) if given else (), date.fromisoformat(born), number)


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


@given(st.text("ab", max_size=30), st.data())
def test_words_one_slip_apart_share_a_key(one, data):
    other = data.draw(st.sampled_from(sorted(set(slips(one)))))
    assert one_slip_apart(one, other)
    assert slip_keys(one) & slip_keys(other)


SOME = st.sampled_from(
    ["", "Ann", "Nan", "Anna", "Al", "Smithson", "Simthson", "\u0141ukas", "lukasz", "O'Hara", "ohara"]
)
BORN = st.builds(date, st.sampled_from([1980, 1981]), st.integers(1, 12), st.integers(1, 12))
SOMEBODY = st.builds(lambda f, g, b, n: Patient(f, (g,) if g else (), b, n), SOME, SOME, BORN, SOME)


@settings(max_examples=1000)
@given(SOMEBODY, SOMEBODY)
def test_whenever_there_is_a_reason_a_key_is_shared(a, b):
    if alike_because(a, b):
        assert keys(likeness(a)) & keys(likeness(b))


def test_that_neither_has_such_a_name_is_nothing_they_share():
    one, other = patient("Sukarno", ""), patient("Miyagi", "", number="B77777")
    assert alike_because(one, other) == ()
    assert alike_because(one, patient("Sukarna", "", "1991-12-25", "B77777")) == ("names one letter apart",)
    assert alike_because(one, patient("", "Sukarno", "1991-12-25", "B77777")) == ("family and given name swapped",)
    given_alone = patient("", "Sukarno")
    assert alike_because(given_alone, patient("", "Miyagi", number="B77777")) == ()


@pytest.mark.parametrize("other", ["Simthson", "Smithsom", "SMITHSON", "Sm\u00edthson", "Smith-son", "Smith\u200bson"])
def test_names_as_they_are_mistyped(other):
    one = patient("Smithson", "Eva")
    assert look_alike(one, patient(other, "Eva", "1991-12-25", "B77777"))


def test_a_letter_with_a_stroke_is_the_same_name():
    one = patient("Wa\u0142\u0119sa", "\u0141ukasz")
    assert alike_because(one, patient("Walesa", "Lukasz", "1991-12-25", "B77777")) == ("the same names",)
