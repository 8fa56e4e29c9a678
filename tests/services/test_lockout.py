"""Guessing is hopeless, and nobody can be locked out on purpose: counted in the database, by every process alike."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.db import purging
from app.db.attempts import REMEMBERED
from app.db.engine import Database, open_database
from app.db.work import EVERY_CLINIC, Work, service_actor
from app.domain.people import Actor, Clinic
from app.domain.tablets import Tablet
from app.services import clinics, enrolment, lockout
from app.services.lockout import FLOOD, FROM_ONE_ADDRESS, TRIES, WINDOW, TooManyAttempts, Whence

START = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
TABLET = UUID("0190a5c4-8d3e-7abc-8def-0123456789ab")
SECOND = timedelta(seconds=1)


def guess(work: Work, username: str, place: Whence, at: datetime, times: int = 1) -> None:
    for _ in range(times):
        lockout.failed(work, lockout.admit(work, username, place, at), at)


def right(work: Work, username: str, place: Whence, at: datetime) -> None:
    lockout.succeeded(work, lockout.admit(work, username, place, at), at)


class Door:
    """The lock-out over one database, as the account's clinic sees it."""

    def __init__(self, database: Database, owner: Actor = EVERY_CLINIC) -> None:
        self.database, self.owner = database, owner

    def fail(
        self, username: str, address: str, times: int = 1, at: datetime = START, tablet: UUID | None = None
    ) -> None:
        self.database.write_now(guess, self.owner, at, username, Whence(address, tablet), at, times)

    def right(self, username: str, address: str, tablet: UUID | None = None, at: datetime = START) -> None:
        self.database.write_now(right, self.owner, at, username, Whence(address, tablet), at)

    def wait(self, username: str, place: Whence, at: datetime = START) -> int:
        """Seconds to wait there; 0 where one may try."""
        try:
            self.database.read_now(lockout.admit, self.owner, at, username, place, at)
        except TooManyAttempts as refused:
            return refused.retry_after
        return 0

    def open(self, username: str, address: str, at: datetime = START, tablet: UUID | None = None) -> bool:
        return self.wait(username, Whence(address, tablet), at) == 0


@pytest.fixture
def door(database: Database) -> Door:
    return Door(database)


@pytest.fixture
def clinic(database: Database) -> Actor:
    """Of a clinic that has enrolled `TABLET`."""
    clinic = Clinic(uuid4(), "lakeside")
    actor = service_actor(clinic.id)
    database.write_now(clinics.create, actor, START, clinic)
    database.write_now(enrolment.put, actor, START, TABLET, Tablet("Chair 1", in_use=True), None, START)
    return actor


def test_five_wrong_ones_and_the_place_waits_until_the_window_is_over(door: Door) -> None:
    door.fail("anna", "10.0.0.1", TRIES)
    assert door.wait("anna", Whence("10.0.0.1"), START + timedelta(minutes=5)) == 600
    assert not door.open("anna", "10.0.0.1", START + WINDOW - SECOND)
    assert door.open("anna", "10.0.0.1", START + WINDOW)


def test_one_place_waits_alone_and_case_makes_no_other_account(door: Door) -> None:
    door.fail("Anna", "10.0.0.1", TRIES)
    assert not door.open("anna", "10.0.0.1")
    assert door.open("anna", "10.0.0.2")
    assert door.open("berta", "10.0.0.1")


def test_a_right_password_forgets_the_wrong_ones(door: Door) -> None:
    door.fail("anna", "10.0.0.1", TRIES - 1)
    door.right("anna", "10.0.0.1")
    door.fail("anna", "10.0.0.1", TRIES - 1)
    assert door.open("anna", "10.0.0.1")


def test_guesses_from_everywhere_leave_the_known_place_its_tries_and_an_unknown_one_one(door: Door) -> None:
    door.right("anna", "10.0.0.1")

    def everywhere(work: Work) -> None:
        for number in range(FLOOD * 4):
            guess(work, "anna", Whence(f"172.16.{number // 250}.{number % 250}"), START)

    door.database.write_now(everywhere, EVERY_CLINIC, START)
    door.fail("anna", "10.0.0.1", TRIES - 1)
    assert door.open("anna", "10.0.0.1")
    door.fail("anna", "10.0.0.9")
    assert not door.open("anna", "10.0.0.9")
    assert door.open("anna", "10.0.0.10")


def test_one_address_that_guesses_at_many_accounts_waits_but_for_those_who_are_known_there(door: Door) -> None:
    door.right("anna", "10.0.0.1")

    def spray(work: Work) -> None:
        for number in range(FROM_ONE_ADDRESS):
            guess(work, f"user-{number}", Whence("10.0.0.1"), START)

    door.database.write_now(spray, EVERY_CLINIC, START)
    assert not door.open("berta", "10.0.0.1")
    assert door.open("berta", "10.0.0.2")
    assert door.open("anna", "10.0.0.1")
    assert door.open("berta", "10.0.0.1", START + WINDOW)


def test_addresses_of_one_subscriber_are_one_place(door: Door) -> None:
    for number in range(TRIES):
        door.fail("anna", f"2001:db8:1:2::{number:x}")
    assert not door.open("anna", "2001:db8:1:2:ffff::9")
    assert door.open("anna", "2001:db8:1:3::9")


def test_a_tablet_that_signed_in_before_is_a_place_of_its_own(door: Door) -> None:
    door.right("anna", "10.0.0.1", TABLET)
    door.fail("anna", "10.0.0.1", TRIES)
    assert not door.open("anna", "10.0.0.1")
    assert door.open("anna", "10.0.0.1", tablet=TABLET)


def test_inventing_tablets_buys_no_tries(door: Door) -> None:
    for number in range(TRIES):
        door.fail("anna", "10.0.0.1", tablet=UUID(int=number))
    assert not door.open("anna", "10.0.0.1", tablet=UUID(int=99))


def test_nobody_is_locked_out_of_an_enrolled_tablet(database: Database, clinic: Actor) -> None:
    """Though she never signed in on it, though all share one address, though somebody knows the tablet's id."""
    door = Door(database, clinic)
    for address in ("10.0.0.1", "10.0.0.2"):
        door.fail("anna", address, TRIES)
    door.fail("anna", "10.0.0.66", TRIES, tablet=TABLET)
    assert not door.open("anna", "10.0.0.66", tablet=TABLET)
    assert door.open("anna", "10.0.0.1", tablet=TABLET)
    # another clinic's tablet, and one that is out of use, are nobody's place
    assert not Door(database).open("anna", "10.0.0.1", tablet=TABLET)
    database.write_now(enrolment.put, clinic, START, TABLET, Tablet("Chair 1", in_use=False), 1, START)
    assert not door.open("anna", "10.0.0.1", tablet=TABLET)


def test_a_signature_is_counted_by_its_sign_in(door: Door) -> None:
    door.fail("anna", "10.0.0.1", TRIES)
    mine = Whence("10.0.0.1", None, uuid4())
    assert door.wait("anna", mine) == 0
    door.database.write_now(guess, EVERY_CLINIC, START, "anna", mine, START, TRIES)
    assert door.wait("anna", mine) > 0


def test_counts_are_shared_and_kept_over_a_restart(door: Door, database_url: str) -> None:
    door.fail("anna", "10.0.0.1", TRIES)
    door.right("berta", "10.0.0.1")
    again = open_database(database_url)
    try:
        assert not Door(again).open("anna", "10.0.0.1")
        assert again.read_now(lockout.admit, EVERY_CLINIC, START, "berta", Whence("10.0.0.1"), START).known
    finally:
        again.close()


def test_what_counts_no_more_is_purged(door: Door) -> None:
    door.right("berta", "10.0.0.1")
    door.fail("anna", "10.0.0.1", TRIES)
    purge = purging.purge
    assert door.database.write_now(purge, EVERY_CLINIC, START, START + WINDOW - SECOND) == 0
    assert door.database.write_now(purge, EVERY_CLINIC, START, START + WINDOW + SECOND) == 3
    assert door.database.write_now(purge, EVERY_CLINIC, START, START + REMEMBERED - SECOND) == 0
    assert door.database.write_now(purge, EVERY_CLINIC, START, START + REMEMBERED + SECOND) == 1
