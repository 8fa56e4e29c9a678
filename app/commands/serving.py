"""serve, demo, migrate: what runs for long, and what prepares it."""

import contextlib
import gc
import socket
from collections.abc import Callable
from typing import Annotated, Any

import typer

from app import __version__
from app.clock import Clock
from app.commands import ending
from app.commands.journal import start_journal
from app.commands.running import Running, Stop, running
from app.db import clock
from app.db.sole import alone, check_processes
from app.db.work import NO_CLINIC
from app.services import first_run, sign_in
from app.settings import Settings, read_settings

GRACE = 5
"""Seconds for what is being answered when one process is to end."""


def add_to(cli: typer.Typer) -> None:
    """Put these commands first in the help."""
    cli.command("serve")(serve)
    cli.command("demo")(demo)
    cli.command("migrate")(migrate)


def serve(
    port: Annotated[int | None, typer.Option(help="The port, instead of PORT.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many processes serve; several: PostgreSQL.")] = 1,
) -> None:
    """Run the service. A missing SQLite file is made; an empty service prints its one-time first-run link."""
    from app.server import PortTaken, listening  # noqa: PLC0415  # other commands start without the web
    from app.sockets import TooFewDescriptors, make_room  # noqa: PLC0415

    given: dict[str, Any] = {} if port is None else {"port": port}
    settings = read_settings(**given)
    # everything that can be wrong shows here, on one line, before anything is started
    with running(settings, create=True) as run:
        check_processes(settings.database_url, workers)
        check_clocks(run)
        token = issue_token(run) if workers > 1 else None
    try:
        make_room(settings.most_connections)
        listener = listening(settings.host, settings.port)
    except (PortTaken, TooFewDescriptors) as problem:
        raise Stop(str(problem)) from None
    start_journal()
    settings = addressed(settings, listener)
    if workers > 1:
        from app.commands.workers import supervise  # noqa: PLC0415

        supervise(settings, listener, workers, lambda: greet(settings, listener, token))
        return
    with alone(settings.database_url):
        run_service(settings, listener, lambda token: greet(settings, listener, token))


def addressed(settings: Settings, listener: socket.socket) -> Settings:
    """The settings, saying where others find the service where the port is any free one."""
    from app.server import address_of  # noqa: PLC0415

    if settings.port == 0 and settings.public_url is None and not settings.behind_tls_proxy:
        return settings.model_copy(update={"public_url": address_of(listener)})
    return settings


def check_clocks(run: Running) -> None:
    """Raises `Stop` where this machine and the database's tell times so different that a reading would be wrong."""
    apart = run.database.read_now(clock.apart, NO_CLINIC, run.now(), run.clock.wall)
    if apart > clock.APART:
        raise Stop(
            f"this machine's clock and the database's are {apart:.1f} s apart: set both by the same time servers"
        )


def issue_token(run: Running) -> str | None:
    """The token that opens the first run in every process that is started now; None where there is a clinic."""
    token = sign_in.new_token()
    return token if run.write(first_run.issue, NO_CLINIC, token) else None


def run_service(
    settings: Settings, listener: socket.socket, started: Callable[[str | None], None], *, alone: bool = True
) -> None:
    """Serve on an open socket until interrupted; `alone` as in `create_app`.

    `started` is called once it serves, with the first-run token that it has issued.
    """
    import uvicorn  # noqa: PLC0415  # other commands start without the web

    from app.main import create_app  # noqa: PLC0415
    from app.server import Server  # noqa: PLC0415
    from app.sockets import Doorkeeper, bounded  # noqa: PLC0415

    app = create_app(settings, alone=alone)

    class Greeting(Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                # what was imported and made so far stays to the end: a full collection need not walk it again each time
                gc.collect()
                gc.freeze()
                # what a request makes is gone with it: to look for cycles after every 700 objects cost a fortieth of it
                gc.set_threshold(10_000, 10, 10)
                started(app.state.first_run_token)
                # from here on only its hash exists
                app.state.first_run_token = None
                self.should_exit = ending.asked()

    keeper = Doorkeeper(settings.most_connections, settings.most_connections // 4, settings.speaks_for_many)
    config = uvicorn.Config(
        app,
        http=bounded(keeper),
        limit_concurrency=settings.most_connections + 1,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        ws="none",
        proxy_headers=settings.behind_tls_proxy,
        forwarded_allow_ips=[str(network) for network in settings.proxies()],
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=20,
    )
    server = Greeting(config, lambda: app.state.frame.following.close(), keeper)  # noqa: PLW0108  # made when it starts
    # asked to end, it has ended well once everything is closed
    ending.heed()
    server.run(sockets=[listener])
    if not server.started:
        raise Stop("the service did not start")


def greet(settings: Settings, listener: socket.socket, token: str | None) -> None:
    """Says on the console where it serves, and how an empty service is set up."""
    from app.server import address_of  # noqa: PLC0415

    address = address_of(listener)
    public = settings.address() or address
    typer.echo(f"Infusion Vitals {__version__} at {address} (Ctrl-C ends it)")
    if token is not None:
        # what follows a # stays in the browser: no server and no proxy writes it down
        typer.echo("There is no clinic yet. Open this link to set up the first one; it is good once:")
        typer.echo(f"  {public}/#first-run={token}")
        typer.echo("First-run token for scripts, for POST /v1/first-run:")
        typer.echo(f"  {token}")


def migrate() -> None:
    """Bring the database's tables to this version: DATABASE_URL, on PostgreSQL as the owner, OWNER_DATABASE_URL."""
    from app.db.engine import migrate as bring_up  # noqa: PLC0415

    settings = read_settings()
    owner = settings.owner_database_url
    before, after = bring_up(settings.database_url, owner.get_secret_value() if owner else None)
    if before == after:
        typer.echo(f"The tables are at {after} already.")
    else:
        typer.echo(f"The tables went from {before or 'nothing'} to {after}.")


def demo(
    pace: Annotated[int, typer.Option(min=1, max=3600, help="Clinic's seconds for each real one; 1: by hand.")] = 60,
    once: Annotated[bool, typer.Option("--once", help="Play whole sessions at full speed, print one table.")] = False,
    sessions: Annotated[int, typer.Option(min=1, max=100_000, help="With --once: how many.")] = 200,
    seed: Annotated[int, typer.Option(help="Same seed, same patients.")] = 7,
    cohort: Annotated[str, typer.Option(help="With --once: whose curves the patients follow.")] = "yale",
    port: Annotated[int | None, typer.Option(help="The port, instead of PORT.")] = None,
) -> None:
    """Watch a simulated clinic, live. It acts through the public API alone."""
    from app.demo import once as playing  # noqa: PLC0415  # other commands start without the web
    from app.demo import run as watching  # noqa: PLC0415
    from app.main import create_app  # noqa: PLC0415

    given: dict[str, Any] = {} if port is None else {"port": port}
    settings = read_settings(**given)
    # the demo has a database of its own, unless one is named
    chosen = settings.database_url if "database_url" in settings.model_fields_set else None

    if chosen is None:
        # and a key of its own: that of the settings is of the clinic's database
        settings = settings.model_copy(update={"secrets_key": None, "secrets_key_file": None})
    else:
        with contextlib.suppress(FileNotFoundError):
            settings.keys().keys()

    def build(database_url: str, clock: Clock) -> Any:
        return create_app(settings.model_copy(update={"database_url": database_url}), clock)

    start_journal()
    if once:
        code = playing.main(build, sessions=sessions, seed=seed, database_url=chosen, cohort=cohort)
    else:
        code = watching.main(build, host=settings.host, port=settings.port, pace=pace, database_url=chosen, seed=seed)
    raise typer.Exit(code)
