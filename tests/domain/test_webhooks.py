"""Whom a webhook tells, with which secrets, when it tries again, and what counts as delivered."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.feed import FeedItem
from app.domain.webhooks import (
    GAPS,
    JITTER,
    LAST,
    LEASE,
    OLD_SECRET,
    TRY_SECONDS,
    Claimed,
    NoAnswer,
    Tried,
    Webhook,
    next_try,
)

NOON = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
HOOK = Webhook(
    id=UUID(int=1),
    clinic_id=UUID(int=2),
    url="https://example.org/hook",
    kinds=None,
    with_values=False,
    allow_private=False,
    secret="new",
    old_secret=None,
    old_until=None,
    paused=None,
    added_at=NOON,
)
ITEM = FeedItem(1, UUID(int=3), "escort.kept", NOON, None, None, "escort", "e-1", 1)


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        (None, True),
        (frozenset(), False),
        (frozenset({"escort.kept"}), True),
        (frozenset({"reading.recorded", "escort.kept"}), True),
        (frozenset({"reading.recorded"}), False),
    ],
)
def test_a_webhook_is_told_of_the_kinds_it_asked_for_or_of_all(kinds, told):
    assert replace(HOOK, kinds=kinds).wants("escort.kept") is told


@pytest.mark.parametrize(
    ("old", "until", "secrets"),
    [
        (None, None, ("new",)),
        ("old", NOON + INSTANT, ("new", "old")),
        ("old", NOON + timedelta(hours=24), ("new", "old")),
        ("old", NOON, ("new",)),
        ("old", NOON - INSTANT, ("new",)),
        ("old", None, ("new",)),
        (None, NOON + timedelta(hours=24), ("new",)),
    ],
)
def test_after_a_rotation_both_secrets_sign_until_the_old_one_ends(old, until, secrets):
    assert replace(HOOK, old_secret=old, old_until=until).secrets_at(NOON) == secrets
    assert timedelta(hours=24) == OLD_SECRET


@pytest.mark.parametrize(
    ("outcome", "delivered"),
    [
        ("200", True),
        ("204", True),
        ("299", True),
        ("199", False),
        ("302", False),
        ("410", False),
        ("503", False),
        ("2", False),
        ("20", False),
        ("2000", False),
        ("", False),
        *((fault.value, False) for fault in NoAnswer),
    ],
)
def test_only_a_success_is_delivered(outcome, delivered):
    assert Tried(Claimed(ITEM, 1, NOON), outcome).delivered is delivered


SECONDS, MINUTES, HOURS = 1, 60, 3600
# written down a second time: whoever shortens a gap by a slip loses a weekend's changes
WAITS = [
    5 * SECONDS,
    30 * SECONDS,
    5 * MINUTES,
    30 * MINUTES,
    2 * HOURS,
    5 * HOURS,
    10 * HOURS,
    14 * HOURS,
    20 * HOURS,
    24 * HOURS,
    24 * HOURS,
]


def test_the_gaps_from_one_try_to_the_next():
    assert [gap.total_seconds() for gap in GAPS] == WAITS
    assert (JITTER, LAST) == (0.2, 11)
    assert next_try(LAST, 0.0) == GAPS[-1]
    # a try is over, and its lease has run out, long before most of them
    assert TRY_SECONDS == 15.0
    assert timedelta(seconds=60) == LEASE


@pytest.mark.parametrize(("tries", "seconds"), list(enumerate(WAITS, 1)))
def test_each_failure_waits_its_gap_and_up_to_a_fifth_more(tries, seconds):
    for chance, share in ((0.0, 1.0), (0.5, 1.1), (1.0, 1.2)):
        assert next_try(tries, chance) == timedelta(seconds=seconds) * share


def test_after_the_last_gap_it_is_given_up():
    assert next_try(11, 0.0) == timedelta(hours=24)
    assert [next_try(tries, 0.0) for tries in (12, 13, 100)] == [None, None, None]
