"""Which passwords are taken, and how they are checked."""

import asyncio
import time

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from app.db.refusals import Busy
from app.services.passwords import WAITING, Passwords, WeakPassword, check_password, hash_now, matches_now

pytestmark = pytest.mark.usefixtures("real_costs")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "fünfzehn Zeichen",
        "пароль длиннее пятнадцати",
        "👩‍⚕️ " * 5 + "takes care",
        " spaces count too ",
        "x" * 14 + "y" * 241 + "!",
        "aaaaaaaaaaaaaaaaaaaaaaaab",
    ],
)
def test_any_long_text_will_do(password: str) -> None:
    check_password(password, username="anna", clinic="Clinic A")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "fourteen chars",
        "a" * 15,
        "ab" * 10,
        "abcd" * 5,
        "123456789012345",
        "098765432109876",
        "abcdefghijklmnopqrst",
        "QWERTYUIOPQWERTYUIOP",
        "x" * 10 + "Very long " * 25,
        "lakeside ketamine clinic",
        "anna.example@x1",
        "anna.example@anna.example",
    ],
)
def test_easy_ones_are_refused_with_the_field_named(password: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        check_password(password, username="anna.example", clinic="Lakeside Ketamine Clinic")
    assert [fault.field for fault in refused.value.errors] == ["password"]
    assert password == "" or password not in str(refused.value.errors)


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
        tries = [passwords.matches(None, "x", lambda: None) for _ in range(WAITING + 5)]
        try:
            return await asyncio.gather(*tries, return_exceptions=True)
        finally:
            passwords.close()

    outcomes = asyncio.run(flood())
    assert sum(isinstance(outcome, Busy) for outcome in outcomes) == 5
    assert sum(outcome is False for outcome in outcomes) == WAITING


def test_many_guesses_at_once_count_like_some_sent_one_by_one() -> None:
    class Enough(Exception):
        pass

    async def burst() -> int:
        passwords = Passwords(2)
        failures = 0

        def allowed() -> None:
            if failures >= 5:
                raise Enough

        async def guess() -> bool:
            nonlocal failures
            matched = await passwords.matches(None, "guess", allowed)
            failures += 1
            return matched

        await asyncio.gather(*(guess() for _ in range(40)), return_exceptions=True)
        passwords.close()
        return failures

    assert asyncio.run(burst()) <= 6
