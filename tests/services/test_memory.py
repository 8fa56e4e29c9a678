"""A bounded memory against the plainest model of one: a list in the order in which things were asked for."""

from hypothesis import given
from hypothesis import strategies as st

from app.memory import Memory

KEYS = st.sampled_from("abcde")
STEPS = st.lists(st.tuples(st.sampled_from(["get", "keep", "change", "clear"]), KEYS, st.integers(0, 7)), max_size=40)
MOST = 9


@given(steps=STEPS)
def test_it_holds_what_was_asked_for_last_and_never_more_than_has_room(steps):
    memory: Memory[str, tuple[int, int]] = Memory(MOST, lambda value: value[0])
    model: dict[str, tuple[int, int]] = {}  # the one not asked for longest first
    for number, (what, key, size) in enumerate(steps):
        if what == "get":
            found = model.get(key)
            if found is not None:
                model[key] = model.pop(key)
            assert memory.get(key) == found
        elif what == "keep":
            model.pop(key, None)
            model[key] = (size, number)
            while sum(held[0] for held in model.values()) > MOST:
                del model[next(iter(model))]
            memory.keep(key, (size, number))
        elif what == "change":
            if key in model:
                model[key] = (model[key][0], -number)
            memory.change(key, lambda held, number=number: (held[0], -number))
        else:
            model.clear()
            memory.clear()
        assert len(memory) == len(model)
    other = memory.copy()
    memory.clear()
    assert {key: other.get(key) for key in model} == model


def test_what_is_larger_than_all_the_room_is_not_held_and_nothing_else_stays_for_it():
    memory: Memory[str, bytes] = Memory(10, len)
    memory.keep("a", b"12345")
    memory.keep("b", b"12345678901")
    assert memory.get("b") is None
    memory.keep("c", b"1234567890")
    assert memory.get("c") == b"1234567890"
