"""The one place where the parts are joined: `create_app(settings, clock)`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from fastapi import FastAPI
from uuid_utils.compat import uuid7

from app import __version__
from app.api import (
    audit,
    confirmations,
    contract,
    courses,
    discharge,
    errors,
    escort,
    events,
    feed,
    flat_export,
    health,
    monitoring,
    notices,
    oauth,
    packs,
    pages,
    patients,
    pins,
    protocols,
    readiness,
    readings,
    screening,
    session_history,
    sessions,
    sign_in,
    staff,
    stream,
    tablets,
    webhooks,
)
from app.api import (
    clock as clocks,
)
from app.api.board_models import BoardNewsOut
from app.api.fhir import exports as fhir_exports
from app.api.fhir import records as fhir_records
from app.api.following import Following
from app.api.frame import Frame
from app.api.middleware import Counts, Gate
from app.api.shared_looks import SharedLooks
from app.clock import Clock, SystemClock
from app.db import unchanged
from app.db.clock import load_clock
from app.db.engine import Database, open_database
from app.db.work import NOBODY
from app.jobs import calls, exports, lapses, seals
from app.jobs import clock as clock_job
from app.jobs import feed as feed_job
from app.jobs import webhooks as webhooks_job
from app.services import first_run
from app.services.clinics import probe
from app.services.duties import Duty
from app.services.fhir.known import KnownResources
from app.services.key_sets import KeySets
from app.services.lockout import Lockout
from app.services.passwords import Passwords
from app.services.sign_in import SignInPolicy
from app.services.sign_in_memory import SignInMemory
from app.settings import Settings
from app.web import DIST

NOUNS = (
    # hot first: matching a route is a linear walk
    readings,
    sessions,
    readiness,
    stream,
    # before the types, of which `$export` and `.well-known` are none
    oauth,
    fhir_exports,
    fhir_records,
    events,
    screening,
    escort,
    confirmations,
    notices,
    discharge,
    session_history,
    packs,
    monitoring,
    patients,
    courses,
    sign_in,
    staff,
    protocols,
    audit,
    feed,
    webhooks,
    tablets,
    pins,
    clocks,
    flat_export,
)
Job = Callable[[Duty, Database, Clock, asyncio.Event], Coroutine[Any, Any, None]]


def jobs_of(settings: Settings, memory: SignInMemory) -> tuple[tuple[Duty, Job], ...]:
    """What happens by itself while the service runs."""
    called: tuple[tuple[Duty, Job], ...] = (
        (Duty("seals"), seals.run),
        (Duty("lapses", named="session"), lapses.run),
        (Duty("feed"), feed_job.run),
        (Duty("webhooks", named="webhook"), webhooks_job.run),
        (Duty("exports", named="export"), partial(exports.run, _plan(settings), uuid7())),
    )
    return (
        *called,
        (Duty("clock"), clock_job.run),
        (Duty("calls"), partial(calls.run, memory, [duty for duty, _ in called])),
    )


def create_app(settings: Settings, clock: Clock | None = None) -> FastAPI:
    """The service as an ASGI application. Opens the database when it starts, and closes it when it ends.

    `clock` is the clinic's and the wall clock; where none is given, real time, but never before the last instant of
    the record. While the service holds no clinic, `app.state.first_run_token` is the one-time token, for the
    console; None otherwise.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = open_database(settings.database_url, create=True, clock=clock)
        try:
            memory = SignInMemory()
            database.on_ending = memory.ended
            todo = jobs_of(settings, memory)
            shared = await _frame(settings, clock, database, tuple(duty for duty, _ in todo), memory)
            app.state.frame = shared
            if await database.read(first_run.is_empty, NOBODY, shared.clock.now()):
                app.state.first_run_token = shared.first_run.issue()
            stop = asyncio.Event()
            jobs = [asyncio.create_task(job(duty, database, shared.clock, stop)) for duty, job in todo]
            try:
                yield
            finally:
                stop.set()
                await shared.following.close()
                await asyncio.gather(*jobs, return_exceptions=True)
                shared.passwords.close()
        finally:
            database.close()

    app = FastAPI(
        title="Infusion Vitals",
        version=__version__,
        description=contract.DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if settings.docs else None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        redirect_slashes=False,
    )
    app.state.first_run_token = None
    app.state.counts = Counts()
    for noun in NOUNS:
        # the routes themselves, not the router around them: one step less for each request
        app.router.routes.extend(noun.router.routes)
    app.router.routes.extend(health.routes(metrics=settings.metrics))
    app.router.routes.extend(pages.routes(DIST))
    errors.install(app)
    contract.install(app, BoardNewsOut)
    app.add_middleware(
        Gate, max_body_bytes=settings.max_body_bytes, https=settings.behind_tls_proxy, counts=app.state.counts
    )
    return app


def _plan(settings: Settings) -> exports.ExportSettings:
    return exports.ExportSettings(
        settings.database_url,
        settings.exports(),
        settle=timedelta(seconds=settings.export_settle_seconds),
        keeps=timedelta(hours=settings.export_hours),
    )


async def _frame(
    settings: Settings, clock: Clock | None, database: Database, duties: tuple[Duty, ...], memory: SignInMemory
) -> Frame:
    chosen = clock or SystemClock(await database.read(load_clock, NOBODY, SystemClock().now()))
    return Frame(
        clock=chosen,
        database=database,
        duties=duties,
        demo=await database.read(probe, NOBODY, chosen.now()),
        passwords=Passwords(settings.password_workers),
        lockout=Lockout(),
        policy=SignInPolicy(
            idle=timedelta(minutes=settings.sign_in_idle_minutes),
            absolute=timedelta(minutes=settings.sign_in_absolute_minutes),
        ),
        first_run=first_run.FirstRun(),
        sign_ins=memory,
        known=KnownResources(),
        stands=SharedLooks(database, chosen, unchanged.stands_of),
        heads=SharedLooks(database, chosen, unchanged.heads_of),
        following=Following(database, chosen),
        public_url=settings.address(),
        export_folder=settings.exports(),
        key_sets=KeySets(),
        proofs=Lockout(),
        export_key=settings.export_key.get_secret_value() if settings.export_key else None,
    )
