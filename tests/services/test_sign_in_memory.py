"""What one process remembers of who is signed in, against a model of a database whose looks come back in any order."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from app.db.sign_ins import FoundSignIn, SignIn
from app.domain.people import Clinic, Role, Staff
from app.services.sign_in_memory import MOST, TRUSTED, SignInMemory
from tests.factories import NOON

NIL = UUID(int=0)


def found(endings: int, token: str = "a") -> FoundSignIn:
    kept = SignIn(NIL, NIL, NIL, token, NOON, NOON, NOON + timedelta(hours=12))
    owner, home = Staff("ann", "Ann", Role.NURSE), Clinic(NIL, "North")
    return FoundSignIn(kept, owner, must_change=False, clinic=home, endings=endings)


@dataclass
class Ticks:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def memory() -> tuple[SignInMemory, Ticks]:
    ticks = Ticks()
    return SignInMemory(ticks), ticks


def test_what_was_found_is_remembered_for_as_long_as_a_look_is_trusted():
    held, ticks = memory()
    held.keep("a", found(5), ticks.now)
    assert held.recall("a") == found(5)
    assert held.recall("b") is None
    ticks.now += TRUSTED - 0.01
    held.heard(5, ticks.now)
    ticks.now += TRUSTED - 0.01
    assert held.recall("a") == found(5)
    ticks.now += 0.01
    assert held.recall("a") is None, "nobody has looked for a second"
    held.heard(5, ticks.now)
    assert held.recall("a") == found(5)


def test_an_ending_is_the_end_of_all_that_was_read_before_it():
    held, ticks = memory()
    held.keep("a", found(5), ticks.now)
    held.ended(6)
    assert held.recall("a") is None
    held.keep("a", found(5), ticks.now)
    assert held.recall("a") is None, "a look-up that began before the ending came back after it"
    held.keep("a", found(6), ticks.now + 1)
    held.heard(5, ticks.now - 1)
    assert held.recall("a") == found(6), "a look that began before the ending says nothing"


def test_a_database_that_was_brought_back_ends_what_was_read_in_the_other():
    held, ticks = memory()
    held.keep("a", found(5), ticks.now)
    ticks.now += 0.5
    held.heard(3, ticks.now)
    assert held.recall("a") is None
    held.keep("a", found(3), ticks.now)
    assert held.recall("a") == found(3)


def test_no_more_is_remembered_than_has_room_and_the_longest_unasked_goes():
    held, ticks = memory()
    for number in range(MOST):
        held.keep(str(number), found(1), ticks.now)
    held.recall("0")
    held.keep("new", found(1), ticks.now)
    assert held.recall("1") is None
    assert held.recall("0") is not None
    assert len(held._held) == MOST


def test_use_moves_the_idle_time_on_and_never_back():
    held, ticks = memory()
    held.keep("a", found(1), ticks.now)
    later = NOON + timedelta(minutes=2)
    held.used("a", later)
    held.used("a", NOON)
    held.used("gone", later)
    assert held.recall("a").sign_in.last_used_at == later


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ending elsewhere"), st.none()),
        st.tuples(st.just("ending here"), st.none()),
        st.tuples(st.just("look"), st.floats(0, 3)),
        st.tuples(st.just("look-up"), st.floats(0, 3)),
        st.tuples(st.just("wait"), st.floats(0, 2)),
    ),
    max_size=40,
)


def wrong_recalls(steps, *, told=True):
    """How often a token was believed more than a second after an ending elsewhere, or at all after one here."""
    held, ticks = memory()
    number, ends, own, under_way, wrong = 0, [], -1, [], 0
    for what, seconds in steps:
        match what:
            case "ending elsewhere":
                number += told
                ends.append((ticks.now, len(ends)))
            case "ending here":
                number += told
                ends.append((ticks.now, len(ends)))
                own = len(ends)
                if told:
                    held.ended(number)
            case "look" | "look-up":
                # what it read at its begin comes back so many seconds later, past others perhaps
                under_way.append((ticks.now + seconds, what, number, len(ends), ticks.now))
            case "wait":
                ticks.now += seconds
        for one in sorted(one for one in under_way if one[0] <= ticks.now):
            under_way.remove(one)
            _, kind, read, state, since = one
            if kind == "look":
                held.heard(read, since)
            else:
                # the state that was read travels as the token's name
                held.keep("a", found(read, str(state)), since)
        if (believed := held.recall("a")) is not None:
            state = int(believed.sign_in.token_hash)
            known = sum(1 for at, _ in ends if at <= ticks.now - TRUSTED)
            wrong += state < max(known, own)
    return wrong


@settings(max_examples=500)
@given(STEPS)
def test_nothing_is_believed_a_second_after_it_was_ended_however_looks_come_back(steps):
    assert wrong_recalls(steps) == 0


def test_control_without_the_number_it_would_be_believed():
    steps = [("look-up", 0.0), ("wait", 0.0), ("ending elsewhere", None), ("wait", 0.9), ("look", 0.0), ("wait", 0.9)]
    assert wrong_recalls(steps) == 0
    assert wrong_recalls(steps, told=False) > 0
