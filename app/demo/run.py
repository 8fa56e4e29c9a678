"""`infusion-vitals demo`: a clinic at work, to look at and to chart in, until Ctrl-C."""

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from app.clock import SystemClock
from app.db.engine import UnsafeDatabase
from app.demo import opening
from app.demo.api_client import Account, ApiClient
from app.demo.clinic import NAME, ZONE, keep_accounts, kept_accounts, new_staff, opened, set_up
from app.demo.clocks import SteppedClock
from app.demo.demo_database import NotADemo, prepare
from app.demo.server import Build, Service
from app.demo.visitor import TO_SIGN, Visitor
from app.server import PortTaken, listening

FOLDER = Path("var/demo")
NIGHT = timedelta(minutes=30)
"""What passes between two runs at least: the service keeps its clock only every few seconds, and may have crashed."""


class AccountsGone(Exception):
    """The demo database has its clinic, but the sign-ins are gone: remove the demo's folder to start anew."""


def main(
    build: Build,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    pace: int = 60,
    folder: Path = FOLDER,
    database_url: str | None = None,
    seed: int = 7,
    console: Console | None = None,
    stop: threading.Event | None = None,
) -> int:
    """Serves a demo clinic, `pace` of its seconds to one of ours, until Ctrl-C (or `stop`).

    Everything lies in `folder`; a second run goes on where the first stopped. Returns the exit code.
    """
    say = console or Console()
    complain = console or Console(stderr=True)
    try:
        _serve(build, host, port, pace, folder, database_url, seed, say, stop or threading.Event())
    except (AccountsGone, NotADemo, PortTaken, UnsafeDatabase) as error:
        complain.print(f"error: {error}", markup=False, soft_wrap=True)
        return 1
    except OSError as error:
        complain.print(f"error: {error.filename or folder}: {error.strerror}", markup=False, soft_wrap=True)
        return 1
    return 0


def _serve(
    build: Build,
    host: str,
    port: int,
    pace: int,
    folder: Path,
    database_url: str | None,
    seed: int,
    say: Console,
    stop: threading.Event,
) -> None:
    listener = listening(host, port)
    with listener, _until_interrupted(stop):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        url = database_url or f"sqlite:///{folder / 'demo.db'}"
        wall = SystemClock().wall()
        stood = prepare(url, wall)
        begins = wall - opening.HISTORY
        clock = SteppedClock(max(begins, stood + NIGHT) if stood else begins)
        # A run takes up where another stopped: its patients are others, though the seed may be the same.
        chance = Random(f"{seed} {clock.now().isoformat()}")
        with Service(build(url, clock), listener) as service, ApiClient(service.url) as api:
            staff = _people(api, service.app.state.first_run_token, folder / "accounts.json", chance, say)
            clinic = replace(opened(api, staff), visitor=Visitor(pace))
            _announce(service.url, staff, folder, say)
            opening.close_leftovers(clinic, clock, chance)
            opening.live(clinic, clock, chance, pace, say, stop)


def _people(api: ApiClient, token: str | None, accounts: Path, chance: Random, say: Console) -> list[Account]:
    """The sign-ins: made on the first run, read again on every other. The address is always the one of this run."""
    if token is None:
        if not accounts.exists():
            raise AccountsGone(AccountsGone.__doc__)
        staff = kept_accounts(accounts)
        keep_accounts(accounts, api.url, staff)
        return staff
    staff = new_staff()
    keep_accounts(accounts, api.url, staff)
    for line in set_up(api, staff, token, chance):
        say.print(line, markup=False, soft_wrap=True)
    return staff


def _announce(url: str, staff: list[Account], folder: Path, say: Console) -> None:
    say.print(f"\nInfusion Vitals DEMO: {NAME} ({ZONE}), every patient invented. Never chart a real one here.")
    say.print(f"Address: {url}", markup=False)
    table = Table("username", "password", "role", title=f"Sign-ins (also in {folder / 'accounts.json'})")
    for one in staff:
        table.add_row(one.username, one.password, one.role)
    say.print(table)
    doctor = next(one for one in staff if one.role == "clinician")
    wait = TO_SIGN // timedelta(minutes=1)
    say.print(
        f"To sign by hand: sign in as {doctor.username}, open a chair that says Criteria met, and go to Review. While "
        f"you have it open, the patient waits for you about {wait} minutes.",
        markup=False,
        soft_wrap=True,
    )


@contextmanager
def _until_interrupted(stop: threading.Event) -> Iterator[None]:
    """Ctrl-C or a polite kill sets `stop`; a second Ctrl-C ends at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupted(_signal: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # the lock of the event may be held by the very step that is interrupted: another thread waits for it
        _thread.start_new_thread(stop.set, ())

    before = {number: signal.signal(number, interrupted) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
