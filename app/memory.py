"""What was looked up or worked out lately, so that it need not be at once again: so much of it and no more."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


def _one(_: object) -> int:
    return 1


class Memory(Generic[K, V]):
    """Values by their keys; the one not asked for longest goes first. For any thread.

    `most`: how many are held, or with `size` how large they may be together.
    """

    def __init__(self, most: int, size: Callable[[V], int] = _one) -> None:
        self._most, self._size = most, size
        self._turn = Lock()
        self._held: OrderedDict[K, V] = OrderedDict()
        self._filled = 0

    def get(self, key: K) -> V | None:
        """What is held under this key; None where nothing is."""
        with self._turn:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def keep(self, key: K, value: V) -> None:
        """Holds this from now on, in place of what was held under the key."""
        with self._turn:
            self._drop(key)
            self._held[key] = value
            self._filled += self._size(value)
            while self._filled > self._most:
                self._drop(next(iter(self._held)))

    def change(self, key: K, turned: Callable[[V], V]) -> None:
        """Puts what a value becomes in its place; nothing, where none is held. It must be as large as before."""
        with self._turn:
            found = self._held.get(key)
            if found is not None:
                self._held[key] = turned(found)

    def clear(self) -> None:
        """Holds nothing any more."""
        with self._turn:
            self._held.clear()
            self._filled = 0

    def copy(self) -> "Memory[K, V]":
        """Another that holds the same, and goes on by itself."""
        other: Memory[K, V] = Memory(self._most, self._size)
        with self._turn:
            other._held, other._filled = self._held.copy(), self._filled  # its own kind
        return other

    def __len__(self) -> int:
        return len(self._held)

    def _drop(self, key: K) -> None:
        gone = self._held.pop(key, None)
        if gone is not None:
            self._filled -= self._size(gone)
