"""Several processes behind one socket: one that starts them, waits until they serve, and replaces one that died.

What matters lies in the database, so that any of them answers any request, and each of the duties' pieces is claimed
there by one of them. They end with the process that started them, however that ends: each holds a pipe from it.
"""

import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated

import typer

from app.commands import ending
from app.commands.running import Stop
from app.commands.serving import run_service
from app.settings import Settings, read_settings

SERVES = "serves"
"""What a worker says on its standard output once it does."""
PATIENCE = 60.0
"""Seconds within which a worker has to serve."""
LEAVE = 15.0
"""Seconds for what is under way when all of them are to end."""
LOOK = 0.2
FIRST_GAP, LONGEST_GAP = 0.5, 30.0
"""Seconds from the start of a worker that died until the next one's: doubled each time, until one has lived long."""

log = logging.getLogger(__name__)


def add_to(cli: typer.Typer) -> None:
    """Put this command into the program, but not into the help: `serve --workers` starts it."""
    cli.command("worker", hidden=True)(worker)


def worker(listener: Annotated[int, typer.Option(help="The number of the open socket.")]) -> None:
    """One of several processes that serve. Ends when its standard input does."""
    from app.commands.journal import start_journal  # noqa: PLC0415
    from app.sockets import make_room  # noqa: PLC0415

    settings = read_settings()
    make_room(settings.most_connections)
    start_journal()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    run_service(settings, socket.socket(fileno=listener), lambda _: _say(SERVES), alone=False)


def _end_with_parent() -> None:
    # not by way of a buffer, whose lock the end of the program would wait for
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def supervise(settings: Settings, listener: socket.socket, count: int, serving: Callable[[], None]) -> None:
    """Keep so many workers until interrupted; `serving` is called once when all of them serve. Raises `Stop`."""
    ending.heed()
    with _processes(settings, listener) as (workers, start):
        workers.extend(start() for _ in range(count))
        for one in workers:
            one.wait_until_it_serves()
        serving()
        while not ending.asked():
            time.sleep(LOOK)
            for place, one in enumerate(workers):
                if one.ended and one.may_be_followed:
                    log.error("worker-ended", extra={"kind": str(one.process.returncode)})
                    workers[place] = start(one)


@dataclass(frozen=True, slots=True)
class _Worker:
    """One process: since when, and how many seconds later at the earliest another may take its place."""

    process: subprocess.Popen[bytes]
    gap: float = FIRST_GAP
    since: float = field(default_factory=time.monotonic)

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    @property
    def may_be_followed(self) -> bool:
        return time.monotonic() - self.since >= self.gap

    def wait_until_it_serves(self) -> None:
        """Raises `Stop`: what is wrong it has said itself."""
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.process.stdout, selectors.EVENT_READ)
            said = self.process.stdout.readline() if waiting.select(PATIENCE) else b""
        if said.decode().strip() != SERVES:
            raise Stop("a worker did not start")


@contextmanager
def _processes(settings: Settings, listener: socket.socket) -> Iterator[tuple[list[_Worker], Callable[..., _Worker]]]:
    """The workers, none yet, and what starts one. All have ended afterwards."""
    workers: list[_Worker] = []
    surroundings = dict(os.environ)
    public = settings.address()
    if public is not None:
        surroundings["PUBLIC_URL"] = public

    def start(before: _Worker | None = None) -> _Worker:
        number = listener.fileno()
        command = [sys.executable, "-m", "app", "worker", "--listener", str(number)]
        process = subprocess.Popen(  # noqa: S603 - our own words
            command, pass_fds=[number], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=surroundings
        )
        if before is None or time.monotonic() - before.since > LONGEST_GAP:
            return _Worker(process)
        return _Worker(process, min(before.gap * 2, LONGEST_GAP))

    try:
        yield workers, start
    finally:
        for one in workers:
            one.process.terminate()
        last = time.monotonic() + LEAVE
        for one in workers:
            try:
                one.process.wait(max(0.0, last - time.monotonic()))
            except subprocess.TimeoutExpired:
                one.process.kill()
                one.process.wait()
