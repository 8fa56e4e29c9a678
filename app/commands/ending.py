"""Asked to end: noted in the moment of the signal, and heeded where a command may leave.

A signal's handler runs between any two steps of the main thread, also while a library holds a lock there. What it
raises then leaves the lock held for ever, and the command waits for its own threads without an end; what it waits for
may be held by the very step it interrupts. So a handler notes, and does nothing else.
"""

import signal
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
_noted: list[int] = []


def heed() -> None:
    """From now on SIGTERM and Ctrl-C are noted, for `asked` and `leave_if_asked`; a second Ctrl-C ends at once."""
    for number in (signal.SIGTERM, signal.SIGINT):
        # what is to run on in the background is not ended by Ctrl-C
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _note)


def _note(number: int, _frame: object) -> None:
    _noted.append(number)
    if number == signal.SIGINT:
        signal.signal(number, signal.default_int_handler)


def asked() -> bool:
    """Whether this process has been asked to end."""
    return bool(_noted)


def leave_if_asked() -> None:
    """Ends the command here, by way of whatever has to be closed, where it was asked to; its exit code says by what."""
    if _noted:
        raise SystemExit(128 + _noted[0])


def while_wanted(items: Iterable[T]) -> Iterator[T]:
    """The items, one after the other, until this process is asked to end."""
    for item in items:
        leave_if_asked()
        yield item
