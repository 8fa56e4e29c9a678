"""The journal writes what is on its list, and nothing else, whoever hands it in."""

import json
import logging

import pytest

from app.commands.journal import start_journal

SECRET = "Zebra Quagga"


@pytest.fixture(autouse=True)
def _own_root():
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], level = before
    root.setLevel(level)


def written(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_what_is_listed_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    start_journal()
    logging.getLogger("app.probe").error("job-failed", extra={"job": "seals", "kind": "OSError"})
    [entry] = written(capsys)
    assert entry.pop("timestamp").endswith("Z")
    expected = {"event": "job-failed", "level": "error", "logger": "app.probe", "job": "seals", "kind": "OSError"}
    assert entry == expected


def test_what_is_not_listed_is_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    start_journal()
    log = logging.getLogger("app.probe")
    log.error("kept %s for %s", SECRET, "somebody", extra={"patient": SECRET, "body": {"a": SECRET}})
    log.warning({"text": SECRET})
    try:
        int(SECRET)
    except ValueError:
        log.exception("failed")
    log.info("not at this level %s", SECRET)
    entries = written(capsys)
    assert [entry["event"] for entry in entries] == ["kept %s for %s", "dict", "failed"]
    assert entries[2]["kind"] == "ValueError"
    assert entries[2]["at"].startswith("test_journal.py:")
    assert "Zebra" not in json.dumps(entries)


def test_a_line_cannot_be_forged(capsys: pytest.CaptureFixture[str]) -> None:
    start_journal()
    logging.getLogger("app.probe").error("refused", extra={"route": '/a\n{"event": "forged"}\x1b[31m'})
    [entry] = written(capsys)
    assert entry["event"] == "refused"
