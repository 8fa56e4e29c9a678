"""A document is what its change makes of the one before it, whatever the two are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.canonical import canonical_json
from app.domain.changes import SAME, NotAChange, change, changed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, JSON)
def test_what_changed_makes_the_one_out_of_the_other(before, after):
    by = change(before, after)
    canonical_json(by)
    made = changed(before, by)
    assert made == after
    assert canonical_json(made) == canonical_json(after)


@given(JSON)
def test_of_what_is_the_same_nothing_is_kept(document):
    assert change(document, document) == {"by": SAME, "new": []}


def test_true_is_not_one():
    assert changed({"a": 1}, change({"a": 1}, {"a": True})) == {"a": True}
    assert canonical_json(changed([1], change([1], [True]))) == b"[true]"


def test_of_a_list_that_grows_only_what_is_new_is_kept():
    before = [{"id": number} for number in range(0, 200, 2)]
    after = [*before[:50], {"id": 99}, *before[50:]]
    assert change({"rests_on": before}, {"rests_on": after}) == {
        "by": {"~": {"rests_on": {"#": [50, [0], 50]}}},
        "new": [{"id": 99}],
    }


def test_a_new_value_is_kept_once_however_often_it_stands_there():
    after = {"a": {"on": ["one", {"id": 7}]}, "b": {"on": [{"id": 7}]}, "c": {"id": 7}}
    kept = change({"a": {"on": ["one"]}, "b": {"on": []}}, after)
    assert kept["new"] == [{"id": 7}]
    assert changed({"a": {"on": ["one"]}, "b": {"on": []}}, kept) == after


@pytest.mark.parametrize(
    "by",
    [
        None,
        [],
        {},
        {"by": {}},
        {"by": {"=": 0}, "new": []},
        {"by": {"=": -1}, "new": [1]},
        {"by": {"=": "0"}, "new": [1]},
        {"by": {"#": [2, [], 2]}, "new": []},
        {"by": {"#": [1, [4], 1]}, "new": []},
        {"by": {"~": {}}, "new": []},
        {"by": {"what": 1}, "new": []},
        {"by": {}, "new": [], "more": 1},
    ],
)
def test_what_says_nothing_of_this_document_is_refused(by):
    with pytest.raises(NotAChange):
        changed([1, 2, 3], by)
