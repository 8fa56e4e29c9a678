"""How passwords are kept and checked."""

import asyncio
import time

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from app.db.refusals import Busy
from app.services.passwords import SHARE, WAITING, Passwords, hash_now, matches_now

pytestmark = pytest.mark.usefixtures("real_costs")


def test_the_hash_is_argon2id_with_at_least_19_mib() -> None:
    found = extract_parameters(hash_now("correct horse battery"))
    assert found.type is Type.ID
    assert found.memory_cost >= 19 * 1024
    assert found.time_cost >= 2


def test_nothing_is_cut_off() -> None:
    stored = hash_now("x" * 100 + "a")
    assert matches_now(stored, "x" * 100 + "a")
    assert not matches_now(stored, "x" * 100 + "b")
    assert not matches_now(stored, "x" * 100)


def test_an_accent_composed_otherwise_is_the_same_password() -> None:
    assert matches_now(hash_now("caf\u00e9 au lait, s'il vous plait"), "cafe\u0301 au lait, s'il vous plait")


def test_something_that_is_no_hash_never_matches() -> None:
    assert not matches_now("", "correct horse battery")
    assert not matches_now("correct horse battery", "correct horse battery")


def test_an_unknown_person_takes_as_long_and_never_matches() -> None:
    async def both() -> tuple[list[float], list[float]]:
        passwords = Passwords(1)
        stored = await passwords.hash("correct horse battery")
        known, unknown = [], []
        for _ in range(8):
            began = time.perf_counter()
            assert not await passwords.matches(stored, "wrong horse battery")
            known.append(time.perf_counter() - began)
            began = time.perf_counter()
            assert not await passwords.matches(None, "wrong horse battery")
            unknown.append(time.perf_counter() - began)
        passwords.close()
        return known, unknown

    known, unknown = asyncio.run(both())
    assert min(unknown) > min(known) / 2


def test_more_than_can_wait_are_told_to_come_back() -> None:
    async def flood() -> list[object]:
        passwords = Passwords(1)
        tries = [passwords.matches(None, "x", stranger=f"10.0.0.{number}") for number in range(WAITING + 5)]
        try:
            return await asyncio.gather(*tries, return_exceptions=True)
        finally:
            passwords.close()

    outcomes = asyncio.run(flood())
    assert sum(isinstance(outcome, Busy) for outcome in outcomes) == 5
    assert sum(outcome is False for outcome in outcomes) == WAITING


def test_neither_signers_nor_other_addresses_wait_for_a_stranger() -> None:
    """Eighty at once from one address: those who are known here, and who comes from elsewhere, are served at once."""

    async def flood() -> tuple[list[object], list[object]]:
        passwords = Passwords(1)
        stored = await passwords.hash("correct horse battery")
        crowd = [asyncio.create_task(passwords.matches(None, "x", stranger="10.0.0.66")) for _ in range(80)]
        await asyncio.sleep(0)
        signed: list[object] = [await passwords.matches(stored, "correct horse battery") for _ in range(5)]
        signed.append(await passwords.matches(stored, "correct horse battery", stranger="10.0.0.1"))
        crowded = await asyncio.gather(*crowd, return_exceptions=True)
        passwords.close()
        return signed, list(crowded)

    signed, crowded = asyncio.run(flood())
    assert signed == [True] * 6
    assert sum(outcome is False for outcome in crowded) == SHARE
    assert sum(isinstance(outcome, Busy) for outcome in crowded) == 80 - SHARE


def test_many_guesses_at_once_count_like_some_sent_one_by_one() -> None:
    class Enough(Exception):
        pass

    async def burst() -> int:
        passwords = Passwords(2)
        failures = 0

        async def allowed() -> None:
            if failures >= 5:
                raise Enough

        async def counted(matched: bool) -> None:
            nonlocal failures
            failures += not matched

        tries = (passwords.matches(None, "guess", allowed=allowed, counted=counted) for _ in range(40))
        await asyncio.gather(*tries, return_exceptions=True)
        passwords.close()
        return failures

    assert asyncio.run(burst()) <= 6
