"""What free text may hold, character by character."""

import pytest

from app.domain.texts import LINE, NOTE, is_blank, is_kebab, text_faults


def said(text, **how):
    return [fault.message for fault in text_faults("note", text, **how)]


BLANK = "is blank: type at least one visible character"
CONTROL = "holds a control character: type it without"


def test_a_fault_names_its_field():
    (fault,) = text_faults("detail.lot", " ")
    assert (fault.field, fault.message) == ("detail.lot", BLANK)


@pytest.mark.parametrize("text", ["", " ", "\u00a0\u2003", "\u200b\u200f", "\u2800", "\u3164 \uffa0", "\u115f\u1160"])
def test_what_nobody_can_see_is_blank(text):
    assert is_blank(text)
    assert said(text) == [BLANK]
    assert said(text, blank=True) == []


@pytest.mark.parametrize("text", [".", "a", " a ", "0", "酸", "🙂", "\u2800x"])
def test_one_visible_character_is_a_word(text):
    assert not is_blank(text)
    assert said(text) == []


@pytest.mark.parametrize("longest", [1, 5, LINE, NOTE])
def test_a_text_may_be_as_long_as_it_may_and_no_longer(longest):
    assert said("x" * longest, longest=longest) == []
    assert said("x" * (longest + 1), longest=longest) == [f"has {longest + 1} characters: shorten it to {longest}"]


def test_a_line_is_two_hundred_characters_and_a_note_two_thousand():
    assert (LINE, NOTE) == (200, 2000)
    assert said("x" * 200) == []
    assert said("x" * 201) == ["has 201 characters: shorten it to 200"]


@pytest.mark.parametrize("mark", ["\n", "\t"])
def test_breaks_and_tabs_are_let_in_only_where_lines_are(mark):
    assert said(f"a{mark}b", lines=True) == []
    assert said(f"a{mark}b") == [CONTROL]


HIDDEN = [
    *"\x00\x1b\x7f\x85\r",
    *"\u2028\u2029\ud83d",
    *"\u202a\u202b\u202c\u202d\u202e",
    *"\u2066\u2067\u2068\u2069",
]


@pytest.mark.parametrize("mark", HIDDEN)
def test_what_cannot_be_shown_or_turns_the_line_round_is_refused_everywhere(mark):
    assert said(f"a{mark}b") == said(f"a{mark}b", lines=True) == [CONTROL]


@pytest.mark.parametrize("mark", ["\u200f", "\u0301", "\u00ad", "\u200d"])
def test_marks_that_scripts_need_are_let_in(mark):
    assert said(f"a{mark}b") == []


def test_every_fault_of_a_text_is_told_at_once():
    assert said("\x00" * 201) == [BLANK, "has 201 characters: shorten it to 200", CONTROL]
    assert said("\x00" * 201, blank=True) == ["has 201 characters: shorten it to 200", CONTROL]


@pytest.mark.parametrize(
    ("text", "kebab"),
    [
        ("a", True),
        ("a1", True),
        ("7up", True),
        ("iv-infusion-example", True),
        ("", False),
        ("-", False),
        ("-a", False),
        ("a-", False),
        ("a--b", False),
        ("A", False),
        ("a b", False),
        ("a\n", False),
        ("a_b", False),
        ("é", False),
    ],
)
def test_codes_are_lower_case_words_joined_by_hyphens(text, kebab):
    assert is_kebab(text) is kebab
