"""The verifier's rules against the service's: two authors, one text. `python -m tests.verifier` compares more."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain.protocol.decode import decode
from tests.oracle.cases import case
from tests.verifier.cases import lines, protocol_written
from tests.verifier.program import VERIFIER, asked

pytestmark = pytest.mark.xdist_group("verifier")
CASES = 400
MISTAKES = {
    "a fresh set one instant too old": ("asOf - one.at < protocol.fresh", "asOf - one.at <= protocol.fresh"),
    "a set at the very end of the dose": ("at > dose.ended ?", "at >= dose.ended ?"),
    "one set less": ("run.counted >= sets", "run.counted >= sets - 1"),
    "a gap of any length": ("one.at - before.at > maxGap", "one.at - before.at > 100 * maxGap"),
    "no interruption": ("one.at <= since", "one.at < 0"),
    "percent from zero": ("100 * above > limits.percentUp * sum", "100 * above > limits.percentUp * sum * 2"),
    "a doubtful clock believed": ("if (one.clock_doubtful) return", "if (false) return"),
    "oxygen that runs": ("if (oxygenIsRunning) return", "if (false) return"),
    "silence of a tablet": ("asOf < silentFrom(", "0 < silentFrom("),
    "a mild mention closes a severe one": ("worse(before, mention.blocks)", "mention.blocks"),
}


@pytest.fixture(scope="module")
def made() -> list[str]:
    return list(lines(range(CASES)))


def test_they_agree_on_every_outcome_status_and_lapse(library: Path, made: list[str]):
    differ = [answer for answer in asked(library, "cases", made) if answer.get("failed") or answer["found"]]
    assert differ == []


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_the_verifier_is_seen(library: Path, made: list[str], tmp_path: Path, name: str):
    right, wrong = MISTAKES[name]
    text = library.read_text()
    assert text.count(right) == 1, f"{right!r} does not stand once in the program"
    mistaken = tmp_path / "verifier.mjs"
    mistaken.write_text(text.replace(right, wrong))
    assert any(answer["found"] for answer in asked(mistaken, "cases", made))


def other_outcome(found: dict[str, Any]) -> None:
    finding = found["findings"][4]
    finding["outcome"] = "not-met" if finding["outcome"] == "met" else "met"


def other_status(found: dict[str, Any]) -> None:
    found["status"] = "not-met" if found["status"] == "met" else "met"


def other_lapse(found: dict[str, Any]) -> None:
    found["lapses_at"] = "2030-01-01T00:00:00Z"


def a_finding_twice(found: dict[str, Any]) -> None:
    found["findings"].append(found["findings"][0])


def a_finding_less(found: dict[str, Any]) -> None:
    found["findings"].pop()


@pytest.mark.parametrize("change", [other_outcome, other_status, other_lapse, a_finding_twice, a_finding_less])
def test_a_mistake_in_the_service_is_seen(library: Path, made: list[str], change: Callable[[dict[str, Any]], None]):
    """So would a rule of the service that says something else."""
    changed = [json.loads(line) for line in made[:40]]
    for one in changed:
        change(one["assessment"])
    assert all(answer["found"] for answer in asked(library, "cases", map(json.dumps, changed)))


def test_the_protocols_of_the_cases_are_written_whole():
    """What the verifier is given is what the service judged by."""
    left_out = {"document", "content_hash", "sources", "example"}
    for seed in range(60):
        _, protocol, _ = case(seed)
        again = decode(protocol_written(protocol))
        for name in protocol.__slots__:
            if name not in left_out:
                assert getattr(again, name) == getattr(protocol, name), name


def test_the_rules_share_no_code_with_the_app():
    """The rules and the checks import nothing but themselves."""
    for path in [*VERIFIER.glob("rules/*.ts"), *VERIFIER.glob("pack/*.ts")]:
        for line in path.read_text().splitlines():
            if " from " in line and line.startswith(("import", "export", "}")):
                source = line.rpartition(" from ")[2].strip('";')
                assert source.startswith(("./", "../rules/")), f"{path.name} imports {source}"
