"""The text of a protocol file: bounded before it is believed, and what is wrong said with its line or its path."""

import pytest

from app.domain.protocol import toml
from app.domain.protocol.parse import ProtocolInvalid, parse
from app.domain.protocol.toml import DEEPEST, LARGEST_FILE, LONGEST_LINE, from_toml
from tests.domain.shipped import FOLDER

SHIPPED = (FOLDER / "iv-infusion-example.toml").read_text(encoding="utf-8")

RUNAWAY = {
    "digits": (f"version = {'9' * 5000}\n", "line 1 has 5010 characters"),
    "a fraction": (f"version = 1.{'0' * 5000}\n", "line 1 has 5012 characters"),
    "lists on one line": (f"\na = {'[' * 5000}{']' * 5000}\n", "line 2 has 10004 characters"),
    "lists on many lines": ("a = " + "[\n" * 5000 + "]\n" * 5000, "nested deeper than 16 levels"),
    "lists a little too deep": (f"a = {'[' * DEEPEST}{']' * DEEPEST}", "nested deeper than 16 levels"),
    "tables in one line": (f"a = {'{a=' * 450}1{'}' * 450}", "nested deeper than 16 levels"),
    "dots": (".".join("a" * 32_000) + " = 1", "line 1 has 64003 characters"),
    "dots on a short line": (".".join("a" * 900) + " = 1", "nested deeper than 16 levels"),
    "size": ("#\n" * LARGEST_FILE, "larger than any protocol"),
}


@pytest.mark.parametrize("what", RUNAWAY)
def test_what_runs_away_is_refused_with_one_sentence(what):
    text, says = RUNAWAY[what]
    with pytest.raises(ProtocolInvalid) as refused:
        from_toml(text)
    assert says in refused.value.detail
    assert len(refused.value.detail) < 200


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("9007199254740992", "is a whole number beyond 9007199254740991"),
        ("-9007199254740992", "is a whole number beyond 9007199254740991"),
        ("9" * 1900, "is a whole number beyond 9007199254740991"),
        ("0x" + "f" * 1900, "is a whole number beyond 9007199254740991"),
        ("0b" + "1" * 60, "is a whole number beyond 9007199254740991"),
        ("1e-300000000", "has an exponent beyond 308"),
        ("1e9999999999999999999", "has an exponent beyond 308"),
        ("0." + "1" * 100, "has more digits than can be kept: give at most 40 characters"),
        ("inf", "must be a number in plain digits"),
        ("-nan", "must be a number in plain digits"),
    ],
)
def test_a_number_beyond_names_its_path(number, says):
    text = SHIPPED.replace("grace = ", f"grace = {number} #", 1)
    assert text != SHIPPED
    with pytest.raises(ProtocolInvalid) as refused:
        from_toml(text)
    assert [(fault.field, fault.message) for fault in refused.value.errors] == [("schedule.grace", says)]


@pytest.mark.parametrize("number", ["1.5", "1_0.0", "1e2", "+1e-3"])
def test_a_fraction_is_called_so_where_it_stands(number):
    with pytest.raises(ProtocolInvalid) as refused:
        parse(from_toml(SHIPPED.replace("grace = ", f"grace = {number} #", 1)))
    [fault] = [one for one in refused.value.errors if one.field == "schedule.grace"]
    assert fault.message.startswith("is a number with a fraction: give a whole number")


def test_pythons_own_limit_of_digits_is_a_sentence_too(monkeypatch):
    # a line that is let through, with more digits than Python reads at all
    monkeypatch.setattr(toml, "LONGEST_LINE", 10_000)
    with pytest.raises(ProtocolInvalid, match="a number cannot be kept"):
        from_toml(f"version = {'9' * 5000}\n")


def test_the_shipped_protocols_stay_far_inside():
    for file in FOLDER.glob("*.toml"):
        text = file.read_text(encoding="utf-8")
        assert len(text) < LARGEST_FILE / 4
        assert max(map(len, text.splitlines())) < LONGEST_LINE / 4
        parse(from_toml(text))
