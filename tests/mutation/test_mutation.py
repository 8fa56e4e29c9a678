"""The tool itself: what it changes, and that it can tell a test that notices from one that does not."""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.mutation.changes import changed, changes
from tests.mutation.report import page
from tests.mutation.run import all_changes
from tests.mutation.trial import End, Running, begin, wait

ROOT = Path(__file__).resolve().parents[2]


def made_of(source):
    return {(c.was, c.now) for c in changes(source, "m", "m.py")}


@pytest.mark.parametrize(
    ("source", "was", "now"),
    [
        ("x = a < b", "a < b", "a <= b"),
        ("x = a >= b", "a >= b", "a > b"),
        ("x = a is None", "a is None", "a is not None"),
        ("x = a and b", "a and b", "a or b"),
        ("x = a and b", "a and b", "b"),
        ("x = not a", "not a", "a"),
        ("x = a + b", "a + b", "a - b"),
        ("x = 20", "20", "21"),
        ("x = 20", "20", "19"),
        ("x = True", "True", "False"),
        ("x = min(a)", "min(a)", "max(a)"),
        ("x = Outcome.UNKNOWN", "Outcome.UNKNOWN", "Outcome.MET"),
        ("def f():\n    return a", "return a", "return None"),
        ("if ready(a):\n    go()", "ready(a)", "not ready(a)"),
        ("if ready(a):\n    go()", "go()", "pass"),
        ("x += 1", "x += 1", "pass"),
    ],
)
def test_what_is_changed(source, was, now):
    assert (was, now) in made_of(source)


@pytest.mark.parametrize(
    "source", ['x = "at 20"', 'x = f"{20}"', "def f(a: A = None) -> B | C: ...", "@d(n=1)\ndef f(): ..."]
)
def test_what_is_left_alone(source):
    assert not made_of(source)


def test_a_change_is_one_change():
    source = "def f(a, b):\n    return a < b and a + 1 < 20\n"
    for change in changes(source, "m", "m.py"):
        tree = changed(source, change)
        assert compile(tree, "m.py", "exec") != compile(source, "m.py", "exec")
        assert Counter(c.key for c in changes(source, "m", "m.py"))[change.key] >= 1


def _ended(change, tests, *, by_oracle):
    os.chdir(ROOT)
    pid = begin(change, tests, 60, by_oracle=by_oracle)
    return wait({pid: Running(change, time.monotonic() + 120)})[1]


def test_nothing_is_noticed_where_nothing_looks():
    # the positive control of the score: no oracle and no tests make it 0
    assert _in_a_fresh_process("app/domain/readiness/run.py", oracle=False) == End.SURVIVED


def test_the_oracle_notices_a_limit_moved_by_one():
    assert _in_a_fresh_process("app/domain/readiness/run.py", oracle=True) == End.SEEN_BY_ORACLE


def _in_a_fresh_process(path, *, oracle):
    """The first comparison of `run_of` turned into its neighbour; a process that has not imported the rules yet."""
    code = (
        "from tests.mutation.test_mutation import _ended, the_change; "
        f"print(int(_ended(the_change({path!r}), [], by_oracle={oracle})))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    return End(int(done.stdout))


def the_change(path):
    os.chdir(ROOT)
    return next(c for c in all_changes(path) if " <= " in c.was and " < " in c.now)


def test_a_trial_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr("tests.mutation.trial._tried", lambda *_, **__: time.sleep(60))
    monkeypatch.chdir(ROOT)
    change = the_change("app/domain/readiness/run.py")
    running = {begin(change, [], 60, by_oracle=False): Running(change, time.monotonic() + 0.3)}
    assert wait(running) == (change, End.TOOK_TOO_LONG)


def test_a_trial_that_goes_round_for_ever_is_ended(monkeypatch):
    monkeypatch.setattr("tests.mutation.trial._tried", _for_ever)
    monkeypatch.chdir(ROOT)
    change = the_change("app/domain/readiness/run.py")
    running = {begin(change, [], 1, by_oracle=False): Running(change, time.monotonic() + 100)}
    assert wait(running) == (change, End.TOOK_TOO_LONG)


def _for_ever(*_, **__):
    while True:
        pass


def test_the_page_counts_a_dead_trial_with_the_survivors(tmp_path):
    from datetime import date

    results = tmp_path / "results.jsonl"
    line = '{"id": "%d", "key": "k", "line": 3, "path": "app/domain/x.py", "end": "%s", "where": "f", "text": "t",'
    line += ' "was": "a | b", "now": "b"}\n'
    results.write_text(
        line % (1, "died") + line % (2, "survived") + line % (3, "seen by oracle") + line % (4, "survived"),
        encoding="utf-8",
    )
    text = page(results, {"1", "2", "3", "5"}, date(2026, 1, 2))
    assert "3 of 4 changes tried, 1 noticed (33.3 %), 2 survived, 2 unexplained" in text
