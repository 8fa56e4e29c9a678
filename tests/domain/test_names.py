"""One folding of names: what is the same name to whoever types it, and what is not the same number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.names import beginnings, begins, folded, listed, number_key, words

APOSTROPHES = "'\u2019\u2018\u02bc`\u00b4\u2032\uff07\u02bb\ua78c"
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u061c\u202a\u202e\u2066\u2069\ufe0f\u034f\x00"
SPACES = " \u00a0\u2003\u3000\t\u2028"


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("HAVERKAMP, Ines", "haverkampines"),
        ("Łukasz", "lukasz"),
        ("Søren Ødegård", "sorenodegard"),
        ("Đặng Ħaż Ŧ", "danghazt"),
        ("Æsa Œuvre Þór Guðrún", "aesaoeuvrethorgudrun"),
        ("Weiß", "weiss"),
        ("WEISS", "weiss"),
        ("I\u015f\u0131k", "isik"),
        ("İSTANBUL", "istanbul"),
        ("Müller", "muller"),
        ("Mu\u0308ller", "muller"),
        ("\uff2düller", "muller"),
        ("Fi\ufb01", "fifi"),
        ("O'Brien-Ñuñez 2nd", "obriennunez2nd"),
        ("Σίσυφος", "σισυφοσ"),
        ("Семён", "семен"),
        ("佐々木", "佐々木"),
        ("김\u11a8", "김\u11a8"),
        ("राम", "राम"),
        ("🙂", "🙂"),
        ("--", "--"),
    ],
)
def test_a_name_folds_to_its_letters(typed, plain):
    assert folded(typed) == plain


@pytest.mark.parametrize("mark", APOSTROPHES)
def test_every_apostrophe_is_the_same_one(mark):
    assert words(f"O{mark}Brien") == ("obrien",)


@pytest.mark.parametrize("mark", [*DASHES, *SPACES, ",", ";", "/"])
def test_what_stands_between_words_only_parts_them(mark):
    assert words(f"Ana{mark}María") == ("ana", "maria")
    assert folded(f"Ana{mark}María") == folded("anamaria")


@pytest.mark.parametrize("mark", UNSEEN)
def test_what_nobody_can_see_is_passed_over(mark):
    assert folded(f"Pro{mark}be{mark}") == "probe"
    assert number_key(f"{mark}R-{mark}1") == "r-1"


def test_a_vowel_sign_is_a_letter_and_names_that_differ_in_it_differ():
    assert folded("राम") != folded("रम")


@given(st.text())
def test_folding_again_changes_nothing(text):
    assert folded(folded(text)) == folded(text)
    assert len(folded(text)) <= 200


@given(st.text(max_size=60))
def test_every_beginning_is_the_end_of_the_whole(text):
    whole = folded(text)
    assert all(whole.endswith(one) for one in beginnings(text))
    assert not whole or begins(text, whole)


def test_a_name_begins_at_each_of_its_words():
    assert list(beginnings("Ana María José")) == ["anamariajose", "mariajose", "jose"]
    assert begins("Ana María", "maria")
    assert begins("Müller-Weiß", "weiss")
    assert not begins("Ana María", "aria")
    assert not begins("O'Brien", "brien")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (" a-1 ", "A-1", True),
        ("MRN  77", "mrn 77", True),
        ("R\u20131", "R-1", True),
        ("R-\uff11", "R-1", True),
        # signs tell numbers apart, however alike they look
        ("1-23", "12-3", False),
        ("A1", "A-1", False),
        ("A.1", "A-1", False),
        ("1 2", "12", False),
    ],
)
def test_when_two_record_numbers_are_one(one, other, same):
    assert (number_key(one) == number_key(other)) is same
    assert folded(one) == folded(other) or not same


@given(st.text(max_size=40), st.text(max_size=40))
def test_one_number_is_never_looked_for_under_two_foldings(one, other):
    assert folded(number_key(one)) == folded(one)
    if number_key(one) == number_key(other):
        assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("family", "given_name", "shown"),
    [("Haverkamp", "Ines", "Haverkamp, Ines"), ("Sukarno", "", "Sukarno"), ("", "Sukarno", "Sukarno")],
)
def test_one_name_stands_alone(family, given_name, shown):
    assert listed(family, given_name) == shown
