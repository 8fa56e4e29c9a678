"""What refused strangers leave in the audit is bounded, whatever comes; how many they were is not lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.db.work import NO_CLINIC
from app.services.strangers import FEW, KINDS, MINUTE, Strangers

START = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
FAILED = "sign-in.failed"


def test_the_first_few_are_kept_and_the_others_counted() -> None:
    strangers = Strangers()
    kept = [strangers.heard(NO_CLINIC, FAILED, START + timedelta(milliseconds=number)) for number in range(1000)]
    assert kept == [True] * FEW + [False] * (1000 - FEW)
    assert strangers.crowds(START + MINUTE - timedelta(seconds=1)) == []
    (crowd,) = strangers.crowds(START + MINUTE)
    assert (crowd.times, crowd.first) == (1000 - FEW, START + timedelta(milliseconds=FEW))
    assert strangers.crowds(START + MINUTE) == []
    assert strangers.heard(NO_CLINIC, FAILED, START + MINUTE)


def test_a_minute_that_nobody_looked_at_is_told_later_and_so_is_the_last() -> None:
    strangers = Strangers()
    for minute in range(3):
        for _ in range(FEW + 2):
            strangers.heard(NO_CLINIC, FAILED, START + minute * MINUTE)
    told = strangers.crowds(START + 2 * MINUTE)
    assert [crowd.times for crowd in told] == [2, 2]
    assert [crowd.times for crowd in strangers.crowds(START + 2 * MINUTE, ending=True)] == [2]


def test_however_many_kinds_come_the_rows_of_a_minute_are_bounded() -> None:
    strangers = Strangers()
    kept = 0
    for number in range(10_000):
        kept += strangers.heard(replace(NO_CLINIC, clinic_id=UUID(int=number)), FAILED, START)
    assert kept <= KINDS + FEW
    told = strangers.crowds(START + MINUTE)
    assert kept + sum(crowd.times for crowd in told) == 10_000
    assert len(told) <= KINDS + 1
