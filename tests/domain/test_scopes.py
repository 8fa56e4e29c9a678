"""Scopes: a closed language, and what is granted is what was asked for and registered both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.scopes import (
    LONGEST,
    OFFERED,
    Access,
    BadScopes,
    Scope,
    asked,
    covers,
    grant,
    parse_scope,
    registered,
    spell,
)

TYPES = sorted(OFFERED)
ENDINGS = ("r", "s", "rs", "read")
WORDS = [f"system/{name}.{ending}" for name in ("*", *TYPES) for ending in ENDINGS]
scopes = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
closeness = st.builds(
    "".join,
    st.lists(
        st.sampled_from(["system", "/", "*", ".", "rs", "read", "Observation", "user", " ", "?", "c", "\n", "\u0131"])
    ),
)


@pytest.mark.parametrize("word", WORDS)
def test_every_scope_is_read_and_said_back_as_it_was(word):
    assert str(parse_scope(word)) == word


@pytest.mark.parametrize(
    "word",
    [
        "",
        "system/Observation",
        "system/Observation.",
        "system/Observation.sr",
        "system/Observation.rr",
        "system/Observation.cruds",
        "system/Observation.c",
        "system/Observation.write",
        "system/Observation.*",
        "system/*.*",
        "system/observation.rs",
        "system/Observations.rs",
        "system/Device.rs",
        "system/**.rs",
        "system/*.rs?code=1",
        "System/*.rs",
        "user/Observation.rs",
        "patient/*.rs",
        "system/Observation.rs\n",
        " system/Observation.rs",
        "system/Observat\u0131on.rs",
        "openid",
        "offline_access",
    ],
)
def test_anything_else_is_none(word):
    assert parse_scope(word) is None
    assert asked(word.strip(" ")) == () or word.strip(" ") in WORDS


@given(st.text(max_size=60) | closeness)
def test_no_text_is_a_scope_by_accident(text):
    found = parse_scope(text)
    assert (found is not None) == (text in WORDS)


@given(st.text(max_size=200) | scopes | closeness)
def test_a_request_never_fails_and_holds_only_words_of_ours(text):
    said = spell(asked(text))
    assert set(said.split()) <= set(WORDS) & set(text.split(" "))


def test_a_list_too_long_asks_for_nothing():
    assert asked(" ".join(["system/*.rs"] * LONGEST)) == ()


@pytest.mark.parametrize("length", [LONGEST - 1, LONGEST, LONGEST + 1])
def test_a_list_is_taken_up_to_its_longest(length):
    text = " ".join(["system/*.rs"] * (LONGEST // 12)).ljust(length)
    assert (len(text), LONGEST) == (length, 2000)
    assert spell(asked(text)) == ("system/*.rs" if length <= LONGEST else "")
    if length <= LONGEST:
        assert spell(registered(text)) == "system/*.rs"
    else:
        with pytest.raises(BadScopes):
            registered(text)


def test_the_older_spelling_is_said_back_only_where_it_was_asked():
    both = frozenset(Access)
    assert str(Scope("Observation", both)) == "system/Observation.rs"
    assert str(Scope("Observation", both, older=True)) == "system/Observation.read"
    assert str(Scope("Observation", frozenset({Access.READ}), older=True)) == "system/Observation.r"


def test_a_refused_registration_names_the_words_that_are_none():
    for text, named in (
        ("system/*.rs openid system/Device.r", "openid system/Device.r is none"),
        ("", "the list is none"),
    ):
        with pytest.raises(BadScopes) as refused:
            registered(text)
        (error,) = refused.value.errors
        assert (error.field, refused.value.code) == ("scopes", "bad-scopes")
        assert error.message.startswith(f"{named}: write system/*.rs, or one of AuditEvent, CodeSystem,")
    with pytest.raises(BadScopes) as refused:
        registered("x" * 300)
    assert refused.value.errors[0].message.startswith(f"{'x' * 200} is none")


@pytest.mark.parametrize("text", ["", " ", "system/*.cruds", "system/*.rs openid", "system/*.rs " * LONGEST])
def test_a_registration_is_refused_whole(text):
    with pytest.raises(BadScopes):
        registered(text)


@pytest.mark.parametrize(
    ("wanted", "held", "given_"),
    [
        ("system/Observation.rs", "system/Observation.rs", "system/Observation.rs"),
        ("system/Observation.rs", "system/*.rs", "system/Observation.rs"),
        ("system/Observation.read", "system/*.rs", "system/Observation.read"),
        ("system/*.read", "system/*.rs", "system/*.read"),
        ("system/*.rs", "system/Patient.r system/Observation.rs", "system/Patient.r system/Observation.rs"),
        ("system/*.read", "system/Patient.r system/Observation.rs", "system/Patient.r system/Observation.read"),
        ("system/Observation.read", "system/Observation.r", "system/Observation.r"),
        ("system/*.rs", "system/*.r system/Observation.rs", "system/*.r system/Observation.rs"),
        ("system/Patient.r", "system/Patient.s", ""),
        ("system/Patient.rs", "system/Observation.rs", ""),
        ("system/Patient.rs system/Observation.cruds", "system/*.rs", "system/Patient.rs"),
    ],
)
def test_what_is_granted(wanted, held, given_):
    assert spell(grant(asked(wanted), registered(held))) == given_


@given(scopes, scopes.filter(bool))
def test_granted_is_asked_for_and_registered_both_and_no_more(wanted, held):
    wants, holds = asked(wanted), registered(held)
    given_ = grant(wants, holds)
    for name in (*TYPES, "Device", "*"):
        for access in Access:
            assert covers(given_, name, access) == (covers(wants, name, access) and covers(holds, name, access))
    assert spell(asked(spell(given_))) == spell(given_)


@pytest.mark.parametrize(
    ("held", "covered"),
    [
        ("system/Patient.r", {("Patient", "r")}),
        ("system/Patient.s", {("Patient", "s")}),
        ("system/Patient.rs", {("Patient", "r"), ("Patient", "s")}),
        ("system/Patient.read", {("Patient", "r"), ("Patient", "s")}),
        ("system/Patient.r system/Observation.s", {("Patient", "r"), ("Observation", "s")}),
        ("system/*.r", {("Patient", "r"), ("Observation", "r")}),
        ("system/*.s system/Patient.r", {("Patient", "s"), ("Observation", "s"), ("Patient", "r")}),
    ],
)
def test_a_scope_covers_its_type_and_its_letters_and_no_other(held, covered):
    for name in ("Patient", "Observation", "Device"):
        for access in Access:
            assert covers(registered(held), name, access) is ((name, access.value) in covered)
    assert not covers((), "Patient", Access.READ)


def test_a_type_that_is_not_offered_is_never_covered():
    everything = registered("system/*.rs")
    assert covers(everything, "Observation", Access.READ)
    assert not covers(everything, "Device", Access.READ)
