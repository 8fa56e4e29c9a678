"""Whoever approves a protocol has read it: each table is told, and no number can change without its words."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from app.domain.assessment import Criterion
from app.domain.protocol.parse import ProtocolInvalid, parse
from app.exchange.protocol_words import tell
from tests.domain import shipped

NAMELESS = {"id", "version", "example", "route"}
"""Said above the words: which protocol it is."""


def leaves(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a document, by its dotted path."""
    for key, value in table.items():
        at = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            yield from leaves(value, at)
        else:
            yield at, value


def others(value: Any) -> list[Any]:
    """What could stand in a value's place."""
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, value - 1, value + 10, value - 10]
        case list():
            return [value[1:]]
        case _:
            return [*("mean", "last", "mild", "rass", "acvpu", "note", "stop"), f"{value}, and more"]


def words(made: Mapping[str, Any]) -> str:
    return repr(tell(parse(made)))


def changed_unsaid(name: str, telling: Any = words) -> list[str]:
    """Values that can be another in a sound protocol without a word of it being another."""
    document = shipped.document(name)
    before, found = telling(document), []
    for path, value in leaves(document):
        if path in NAMELESS:
            continue
        moved = 0
        for other in others(value):
            made = shipped.document(name)
            shipped.put(made, path, other)
            try:
                after = telling(made)
            except ProtocolInvalid:
                continue
            moved += other != value
            if after == before and other != value:
                found.append(f"{path}: {value} or {other}")
        assert moved, f"nothing else can stand at {path}"
    return found


@pytest.mark.parametrize("name", shipped.NAMES)
def test_no_value_changes_without_its_words(name: str) -> None:
    assert changed_unsaid(name) == []


def test_control_a_number_that_is_not_told_is_seen() -> None:
    def without_signature(made: Mapping[str, Any]) -> str:
        return repr([one for one in tell(parse(made)) if one.table != "signature"])

    found = changed_unsaid("iv-infusion-example", without_signature)
    assert found
    assert all(each.startswith("signature.") for each in found)


@pytest.mark.parametrize("name", shipped.NAMES)
def test_every_criterion_is_told_with_its_source(name: str) -> None:
    told = {one.table: one for one in tell(shipped.protocol(name))}
    assert {f"criteria.{criterion.value}" for criterion in Criterion} <= set(told)
    assert all(one.says and one.source for one in told.values())
    sources = {path.rpartition(".")[0] for path, _ in leaves(shipped.document(name)) if path.endswith(".source")}
    assert sources == set(told)


def test_a_limit_of_each_direction_is_told() -> None:
    made = shipped.document()
    limits = made["criteria"]["heart-rate-recovered"]
    del limits["percent"]
    limits |= {"percent_up": 15, "delta_down": 12}
    told = {one.table: one.says for one in tell(parse(made))}
    (said,) = told["criteria.heart-rate-recovered"]
    near = "at most 15 % above the patient's own baseline, at most 12 /min below the patient's own baseline"
    assert said == f"Heart rate is {near}, and from 50 to 110 /min."


def test_an_instrument_that_is_asked_for_is_told() -> None:
    made = shipped.document()
    made["criteria"]["dissociation-absent"]["instrument"] = "cadss"
    told = {one.table: one.says for one in tell(parse(made))}
    assert "A score of CADSS is asked for: without one it is unknown." in told["criteria.dissociation-absent"]


def test_the_numbers_of_the_example_in_words() -> None:
    told = {one.table: " ".join(one.says) for one in tell(shipped.protocol())}
    assert told["criteria.minutes-since-dose"] == "At least 60 minutes since the end of the infusion."
    assert told["criteria.spo2-recovered"].startswith("SpO2 is at least 94 %. It is at most 3 points below")
    shown = "Systolic above 180, or more than 40 from the baseline (mmHg) is shown at once"
    assert told["concern.systolic"] == f"{shown}; a clinician must acknowledge it."
    nasal = {one.table: " ".join(one.says) for one in tell(shipped.protocol("intranasal-example"))}
    assert nasal["criteria.minutes-since-dose"] == (
        "At least 120 minutes since the first nasal device. At least 60 minutes since the last nasal device."
    )
