"""Guessing is hopeless, and nobody can be locked out on purpose."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.services.lockout import FLOOD, TRIES, WINDOW, Lockout, TooManyAttempts

START = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
TABLET = UUID("0190a5c4-8d3e-7abc-8def-0123456789ab")
SECOND = timedelta(seconds=1)


def fail(lockout: Lockout, username: str, address: str, times: int, at: datetime = START) -> None:
    for _ in range(times):
        attempt = lockout.attempt(username, address, None)
        lockout.check(attempt, at)
        lockout.failed(attempt, at)


def may_try(lockout: Lockout, username: str, address: str, at: datetime, tablet: UUID | None = None) -> bool:
    try:
        lockout.check(lockout.attempt(username, address, tablet), at)
    except TooManyAttempts:
        return False
    return True


def test_five_wrong_ones_and_the_place_waits_until_the_window_is_over() -> None:
    lockout = Lockout()
    fail(lockout, "anna", "10.0.0.1", TRIES)
    assert not may_try(lockout, "anna", "10.0.0.1", START + WINDOW - SECOND)
    assert may_try(lockout, "anna", "10.0.0.1", START + WINDOW)


def test_it_says_how_long_to_wait() -> None:
    lockout = Lockout()
    fail(lockout, "anna", "10.0.0.1", TRIES)
    with pytest.raises(TooManyAttempts) as refused:
        lockout.check(lockout.attempt("anna", "10.0.0.1", None), START + timedelta(minutes=5))
    assert refused.value.retry_after == 600


def test_one_place_waits_alone() -> None:
    lockout = Lockout()
    fail(lockout, "anna", "10.0.0.1", TRIES)
    assert may_try(lockout, "anna", "10.0.0.2", START)
    assert may_try(lockout, "berta", "10.0.0.1", START)


def test_case_and_accents_do_not_make_another_account() -> None:
    lockout = Lockout()
    fail(lockout, "Anna", "10.0.0.1", TRIES)
    assert not may_try(lockout, "anna", "10.0.0.1", START)


def test_a_right_password_forgets_the_wrong_ones() -> None:
    lockout = Lockout()
    fail(lockout, "anna", "10.0.0.1", TRIES - 1)
    lockout.succeeded(lockout.attempt("anna", "10.0.0.1", None))
    fail(lockout, "anna", "10.0.0.1", TRIES - 1)
    assert may_try(lockout, "anna", "10.0.0.1", START)


def test_ten_thousand_guesses_from_everywhere_leave_the_known_place_its_tries() -> None:
    lockout = Lockout()
    lockout.succeeded(lockout.attempt("anna", "10.0.0.1", None))
    for number in range(10_000):
        attempt = lockout.attempt("anna", f"172.16.{number // 250}.{number % 250}", None)
        lockout.failed(attempt, START)
    assert may_try(lockout, "anna", "10.0.0.1", START)


def test_a_flood_leaves_an_unknown_place_one_try() -> None:
    lockout = Lockout()
    for number in range(FLOOD):
        lockout.failed(lockout.attempt("anna", f"172.16.0.{number}", None), START)
    fail(lockout, "anna", "10.0.0.9", 1)
    assert not may_try(lockout, "anna", "10.0.0.9", START)
    assert may_try(lockout, "anna", "10.0.0.10", START)


def test_a_tablet_that_signed_in_before_is_a_place_of_its_own() -> None:
    lockout = Lockout()
    lockout.succeeded(lockout.attempt("anna", "10.0.0.1", TABLET))
    fail(lockout, "anna", "10.0.0.1", TRIES)
    assert not may_try(lockout, "anna", "10.0.0.1", START)
    assert may_try(lockout, "anna", "10.0.0.1", START, TABLET)


def test_inventing_tablets_buys_no_tries() -> None:
    lockout = Lockout()
    for number in range(TRIES):
        lockout.failed(lockout.attempt("anna", "10.0.0.1", UUID(int=number)), START)
    assert not may_try(lockout, "anna", "10.0.0.1", START, UUID(int=99))


def test_its_memory_is_bounded() -> None:
    lockout = Lockout(remembered=100)
    for number in range(1000):
        fail(lockout, f"user-{number}", "10.0.0.1", 1)
        lockout.succeeded(lockout.attempt(f"other-{number}", "10.0.0.1", TABLET))
    assert len(lockout._failures) <= 100
    assert len(lockout._known) <= 100
