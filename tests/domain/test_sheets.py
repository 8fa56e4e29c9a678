"""The one rule of every PUT of a sheet."""

from datetime import UTC, datetime

import pytest

from app.domain.deciding import Change, PreconditionFailed, PreconditionMissing, decide_sheet
from app.domain.records import Kept, Signer

AT = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)


def kept(value: str, revision: int) -> Kept[str]:
    return Kept(value, revision, Signer(None, "somebody", "nurse"), AT)


def test_nothing_there_is_created() -> None:
    assert decide_sheet(None, "a", None) == Change(revision=1, created=True, changed=True)


def test_the_same_content_changes_nothing_whatever_if_match_says() -> None:
    for expected in (None, 1, 3, 99):
        assert decide_sheet(kept("a", 3), "a", expected) == Change(revision=3, created=False, changed=False)


def test_a_change_names_the_revision_it_was_made_from() -> None:
    assert decide_sheet(kept("a", 3), "b", 3) == Change(revision=4, created=False, changed=True)


def test_a_change_without_a_revision_is_told_the_current_one() -> None:
    with pytest.raises(PreconditionMissing) as refused:
        decide_sheet(kept("a", 3), "b", None)
    assert refused.value.extra == {"current_revision": 3}


@pytest.mark.parametrize("expected", [1, 2, 4])
def test_a_change_from_another_revision_is_told_both(expected: int) -> None:
    with pytest.raises(PreconditionFailed) as refused:
        decide_sheet(kept("a", 3), "b", expected)
    assert refused.value.extra == {"current_revision": 3, "expected_revision": expected}


def test_if_match_on_nothing_does_not_create() -> None:
    with pytest.raises(PreconditionFailed):
        decide_sheet(None, "a", 1)
