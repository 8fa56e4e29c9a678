"""An instant and the tick at which it was taken are made together, so that nobody can keep one later than promised."""

import pytest

from tests.architecture.tree import ROOT

MAKERS = {
    "Moment(": {"app/clock.py"},
    "just_now(": {"app/clock.py", "app/db/engine.py"},
    # the demo marks its database before anybody is served
    ".write_now(": {"app/commands/running.py", "app/demo/demo_database.py"},
}


@pytest.mark.parametrize("made", MAKERS)
def test_only_a_clock_is_asked_for_a_moment(made: str) -> None:
    found = {str(file.relative_to(ROOT)) for file in (ROOT / "app").rglob("*.py") if made in file.read_text()}
    assert found <= MAKERS[made]
