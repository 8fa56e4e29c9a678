"""What an operator gives that holds more digits or brackets than anybody has: one clear line, never a traceback."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.commands.shell import Shell
from tests.domain.test_protocol_toml import RUNAWAY, SHIPPED

on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"])
"""Refused before anything is read from a database."""

BEYOND = ("9" * 5000, "-" + "9" * 5000, "1e1000000", "99999999999999999999", "0", "-1", "")


@on_sqlite
@pytest.mark.parametrize("what", RUNAWAY)
def test_a_protocol_that_runs_away_is_one_clear_line(shell: Shell, tmp_path: Path, what: str) -> None:
    text, says = RUNAWAY[what]
    file = tmp_path / "protocol.toml"
    file.write_text(text)
    line = shell.fails("protocol", "check", str(file))
    assert says in line
    assert str(file) in line
    assert len(line) < 400
    assert shell.out == ""


@on_sqlite
def test_numbers_beyond_are_each_named_by_their_path(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "protocol.toml"
    file.write_text(
        SHIPPED.replace("grace = ", "grace = 0x" + "f" * 1900 + " #").replace("fresh]", "fresh]\nx = 1e999")
    )
    line = shell.fails("protocol", "check", str(file))
    assert "numbers that cannot be kept" in line
    assert "schedule.grace: is a whole number beyond 9007199254740991" in shell.out.splitlines()


@on_sqlite
@pytest.mark.parametrize("number", BEYOND)
def test_a_version_or_a_place_is_a_number_there_can_be(clinic: Shell, number: str) -> None:
    who = ("--clinic", "Lakeside", "--username", "lead", "--revision", "1")
    approve = ("protocol", "approve", *who, "--", "iv-infusion-example", number)
    assert clinic(*approve, typed="x\n") == 2
    assert "VERSION" in clinic.err
    resend = ("webhook", "resend", "--clinic", "Lakeside", f"--position={number}", str(uuid4()))
    assert clinic(*resend) == 2
    assert "--position" in clinic.err


@on_sqlite
@pytest.mark.parametrize("number", BEYOND)
def test_an_anchor_with_such_a_place_is_no_anchor(clinic: Shell, tmp_path: Path, number: str) -> None:
    file = tmp_path / "anchors"
    file.write_text(f'{{"clinic": "{uuid4()}", "stream": "clinic", "position": {number or "1e"}, "hash": "00"}}\n')
    if number in {"0", "-1"}:
        assert "the database does not" in clinic.fails("audit", "verify", "--anchor", str(file)) + clinic.out
    else:
        assert "Line 1 is not an anchor" in clinic.fails("audit", "verify", "--anchor", str(file))
