"""The reckoning must be able to find fault: with a flag that lies, with a reading that is gone or changed."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from app.demo.bedside import Sent
from app.demo.curves import Cohort, truth_at
from app.demo.stories import Plan, Story, plan
from app.demo.tally import Tally, flags, same

START = datetime(2026, 3, 7, 13, 0, tzinfo=UTC)
SESSION, READING = UUID(int=1), UUID(int=2)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def text(minute: float) -> str:
    return at(minute).isoformat()


@dataclass
class Chair:
    sent: list[Sent]


@dataclass
class Played:
    """A visit as the reckoning sees it."""

    plan: Plan
    bedside: Chair
    id: UUID = SESSION
    finished: bool = True
    signed: list[Any] = field(default_factory=list)

    def minute(self, instant: datetime) -> float:
        return (instant - START) / timedelta(minutes=1)

    def path(self, rest: str = "") -> str:
        return rest


class Service:
    """What the service would answer."""

    def __init__(self, record: dict[str, Any], assessments: list[dict[str, Any]]) -> None:
        self.record, self.assessments = record, assessments

    def get(self, _who: object, _path: str) -> dict[str, Any]:
        return self.record

    def every(self, _who: object, _path: str) -> list[dict[str, Any]]:
        return self.assessments


@dataclass
class House:
    api: Service

    def of_role(self, _role: str) -> list[str]:
        return ["auditor"]


def assessment(number: int, minute: float, change: str | None) -> dict[str, Any]:
    finding = {"criterion": "gait-steady", "because": "The set at 09:30 says steady"}
    return {"number": number, "as_of": text(minute), "change": change, "findings": [finding]}


READ = {"measured_at": text(100), "systolic": 121, "gait_steady": True, "symptoms": []}
BODY = replace(plan(Story.UNSTEADY_GAIT, Cohort.YALE, Random(1)).body, gait_steady=95.0, complaints=())


def counted(
    assessments: list[dict[str, Any]],
    kept: list[dict[str, Any]],
    left: float | None = 130,
    sent: dict[str, Any] = READ,
    demo: bool = True,
) -> Tally:
    record = {
        "demo": demo,
        "confirmations": [{"decision": "confirm"}],
        "discharge": {"left_at": text(left)} if left is not None else None,
        "readings": kept,
    }
    plan_ = replace(plan(Story.UNSTEADY_GAIT, Cohort.YALE, Random(1)), body=BODY)
    played = Played(plan_, Chair([Sent(READING, at(100), truth_at(BODY, 100), sent)]))
    tally = Tally()
    tally.count(played, House(Service(record, assessments)))  # type: ignore[arg-type]
    return tally


KEPT = {**READ, "id": str(READING), "note": None, "heart_rate": None}


def test_a_true_flag_and_a_kept_reading_are_sound() -> None:
    tally = counted([assessment(1, 50, None), assessment(2, 107, "raised")], [KEPT])
    assert tally.sound
    assert (tally.raised, tally.withdrawn, tally.confirmed, tally.discharged) == (1, 0, 1, 1)
    assert tally.minutes_to_flag == [pytest.approx(12, abs=0.3)]
    assert (tally.readings_sent, tally.readings_found) == (1, 1)


def test_a_flag_before_the_truth_is_a_false_ready_with_its_evidence() -> None:
    tally = counted([assessment(1, 94, "raised")], [KEPT])
    assert not tally.sound
    false = tally.false_readies[0]
    assert false.truth == ("gait unsteady",)
    assert any("says steady" in line for line in false.lines())


def test_a_flag_that_was_withdrawn_before_the_patient_left_is_still_false() -> None:
    tally = counted([assessment(1, 93, "raised"), assessment(2, 94, "withdrawn"), assessment(3, 107, "raised")], [KEPT])
    assert len(tally.false_readies) == 1
    assert tally.withdrawn == 1


def test_a_reading_that_is_not_there_is_lost() -> None:
    tally = counted([], [])
    assert not tally.sound
    assert "is not in the record" in tally.lost[0]


@pytest.mark.parametrize("change", [{"systolic": 122}, {"gait_steady": None}, {"measured_at": text(101)}])
def test_a_reading_that_was_changed_is_not_found(change: dict[str, Any]) -> None:
    tally = counted([], [{**KEPT, **change}])
    assert tally.readings_found == 0
    assert "with another content" in tally.lost[0]


def test_a_session_that_is_not_marked_as_a_demos_is_a_defect() -> None:
    tally = counted([], [KEPT], demo=False)
    assert not tally.sound
    assert "not marked" in tally.defects[0]


def test_a_session_not_played_to_its_end_is_not_sound() -> None:
    tally = Tally(unfinished=1)
    assert not tally.sound


def test_an_instant_may_be_spelt_in_another_zone() -> None:
    assert same({"measured_at": "2026-03-08T01:30:00-05:00"}, {"measured_at": "2026-03-08T06:30:00Z"})
    assert not same({"measured_at": "2026-03-08T01:30:00-05:00"}, {"measured_at": "2026-03-08T01:30:00Z"})


def test_true_is_not_one() -> None:
    assert not same({"spo2": 1}, {"spo2": True})


def test_symptoms_may_be_listed_in_another_order_but_none_may_be_missing_or_more() -> None:
    sick, dizzy = {"code": "nausea", "severity": "mild"}, {"code": "dizziness", "severity": "mild"}
    assert same({"symptoms": [sick, dizzy]}, {"symptoms": [dizzy, {**sick, "onset": None}]})
    assert not same({"symptoms": [sick, dizzy]}, {"symptoms": [dizzy]})
    assert not same({"symptoms": [sick]}, {"symptoms": [dizzy, sick]})
    assert not same({"symptoms": [sick]}, {"symptoms": [{**sick, "severity": "severe"}]})
    assert not same({"symptoms": []}, {"symptoms": None})


def test_flags_stand_from_raising_to_withdrawal() -> None:
    found = flags([assessment(3, 30, "raised"), assessment(1, 10, "raised"), assessment(2, 20, "withdrawn")])
    assert found == [(at(10), at(20)), (at(30), None)]


def test_the_table_of_nothing_can_be_shown() -> None:
    assert dict(Tally().rows())["minutes from true recovery to flag, max"] == "-"


def test_the_ninetieth_of_a_hundred_is_the_ninetieth() -> None:
    tally = Tally(minutes_to_flag=[float(n) for n in range(1, 101)])
    assert dict(tally.rows())["minutes from true recovery to flag, p90"] == "90.0"
