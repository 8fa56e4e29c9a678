"""The guard against formulas: nothing that begins with one passes, and nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.texts import is_invisible
from app.exchange.formulas import guarded, unguarded

RISKY = "=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"


@given(st.text())
def test_no_cell_begins_with_what_a_spreadsheet_acts_on_and_nothing_is_lost(text):
    assert not guarded(text).startswith(tuple(RISKY))
    drawn = "".join(one for one in guarded(text) if not one.isspace() and not is_invisible(one))
    assert not drawn.startswith(tuple(RISKY))
    assert unguarded(guarded(text)) == text


SPACED = [" =1", "\u200b=1", "\ufeff\u00a0 @x", "\u2060-1"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "'=1", "'", "\uff1d1", *SPACED])
def test_the_guard_stands_before_what_is_risky(text):
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["", "1", "1-1", "a=b", " a=1"])
def test_the_guard_leaves_what_is_not(text):
    assert guarded(text) == text
