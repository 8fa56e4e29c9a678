"""Which passwords may be chosen: any long one that is not tried first."""

import contextlib
import time
from uuid import uuid4

import pytest

from app.domain.people import Clinic, Role, Staff
from app.services.password_choice import LONGEST, WeakPassword, check_password, common_words
from tests.factories import PASSWORD

ANNA = Staff("anna.example", "Anna Weissenberger", Role.NURSE)
CLINIC = Clinic(uuid4(), "Lakeside Ketamine Clinic")


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "correct horse battery",
        "fünfzehn Zeichen",
        "пароль длиннее пятнадцати",
        "👩‍⚕️ " * 5 + "takes care",
        " spaces count too ",
        "purple kettle at the window",
        "kXq0vbTr2Lw9zPd",
        "lakeside walks in october rain",
        "0f3c 9a1e 77d2 b64",
    ],
)
def test_any_long_text_will_do(password: str) -> None:
    check_password(password, ANNA, CLINIC)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "fourteen chars",
        "a" * 15,
        "aaaaaaaaaaaaaaaaaaaaaaaab",
        "ab" * 10,
        "abcd" * 5,
        "123456789012345",
        "098765432109876",
        "abcdefghijklmnopqrst",
        "QWERTYUIOPQWERTYUIOP",
        "x" * 10 + "Very long " * 25,
        # common, one or two, as often as one likes
        "passwordpassword",
        "Password Password!!",
        "password12345678",
        "iloveyou-iloveyou",
        "qwertyuiop123456",
        "letmein letmein letmein",
        "sunshine.princess",
        # again and again
        "correct horsecorrect horse",
        # names
        "lakeside ketamine clinic",
        "anna.example@x1",
        "anna.example@anna.example",
        "Weissenberger 1",
        "weissenberger lakeside",
    ],
)
def test_easy_ones_are_refused_with_the_field_named(password: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        check_password(password, ANNA, CLINIC)
    assert [fault.field for fault in refused.value.errors] == ["password"]
    assert password == "" or password not in str(refused.value.errors)


def test_the_one_it_comes_after_is_none() -> None:
    with pytest.raises(WeakPassword, match="too easy"):
        check_password(PASSWORD, ANNA, CLINIC, old=PASSWORD)
    check_password(PASSWORD, ANNA, CLINIC, old=PASSWORD.upper())


def test_the_list_is_there_and_as_long_as_said() -> None:
    assert len(common_words()) == 30_000
    assert {"password", "123456", "iloveyou"} <= common_words()


@pytest.mark.parametrize("text", ["password" * 32, "a" * LONGEST, "passwordsunshine" * 2 + "dragonxx", "abcd1234" * 5])
def test_whatever_is_typed_is_judged_in_no_time(text: str) -> None:
    """Judged where requests are answered: nobody else waits for it."""
    common_words()
    began = time.thread_time()
    with contextlib.suppress(WeakPassword):
        check_password(text[:-1] + "~", Staff("x", "y", Role.NURSE), None)
    assert time.thread_time() - began < 0.1
