"""Lanes: threads and room of their own for each kind of work, so that what may wait never stands before what cannot."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from app.clock import ticking
from app.db.refusals import Busy, Unavailable

SEARCHES = 2
"""Searches at a time: as many as leave the interpreter to those who chart."""
WAITING_SEARCHES = 32
SEARCH_SECONDS = 5.0
"""How long a search may take, and how long it may wait for its turn. A statement that lasts longer is ended."""


class Lane:
    """So many threads, so many that may wait for one, and no more. `patience`: seconds after which nobody waits on."""

    def __init__(self, name: str, threads: int, waiting: int, *, patience: float | None = None) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._room = threading.BoundedSemaphore(threads + waiting)
        self._patience = patience

    def submit(self, work: Callable[..., Any], *args: Any) -> Future[Any]:
        """What the work comes to. Raises `Busy` where the lane is full, `Unavailable` where it is closed."""
        if not self._room.acquire(blocking=False):
            raise Busy
        try:
            future = self._threads.submit(self._run, ticking(), work, *args)
        except RuntimeError:  # the threads have been told to end
            self._room.release()
            raise Unavailable from None
        future.add_done_callback(lambda _: self._room.release())
        return future

    def _run(self, since: float, work: Callable[..., Any], *args: Any) -> Any:
        if self._patience is not None and ticking() - since > self._patience:
            raise Busy
        return work(*args)

    def close(self) -> None:
        """Finishes what is queued."""
        self._threads.shutdown()


def search_lane() -> Lane:
    """The lane of what may wait: searches, and whatever else reads much at once."""
    return Lane("search", SEARCHES, WAITING_SEARCHES, patience=SEARCH_SECONDS)
