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
    after_visit,
    alerts,
    audit,
    break_glass,
    clients,
    clinic_papers,
    clinic_settings,
    confirmations,
    contract,
    courses,
    discharge,
    downtime,
    errors,
    escort,
    events,
    feed,
    flat_export,
    forms,
    health,
    imports,
    monitoring,
    notices,
    oauth,
    ordered_exports,
    own_account,
    own_evidence,
    packs,
    pages,
    past,
    patients,
    pins,
    protocol_changes,
    protocol_form,
    protocols,
    provider_logout,
    providers,
    readiness,
    readings,
    restored,
    screening,
    second_factor,
    session_history,
    session_lines,
    sessions,
    sign_in,
    signed_in,
    staff,
    stream,
    tablets,
    walls,
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
from app.clock import Clock, SystemClock, moment
from app.db import clinics, unchanged
from app.db.clock import load_clock
from app.db.engine import Database, open_database
from app.db.schema import folder_of
from app.db.work import NO_CLINIC
from app.exchange.intake import MOST_BYTES
from app.jobs import alerts as alerts_job
from app.jobs import calls, exports, hearing, lapses, purge, seals
from app.jobs import clock as clock_job
from app.jobs import feed as feed_job
from app.jobs import strangers as strangers_job
from app.jobs import webhooks as webhooks_job
from app.services import first_run
from app.services.clinics import probe
from app.services.duties import Duty
from app.services.fhir.known import KnownResources
from app.services.key_sets import KeySets
from app.services.passwords import Passwords
from app.services.sign_in import SignInPolicy, new_token
from app.services.sign_in_memory import SignInMemory
from app.services.strangers import Strangers
from app.services.walls import Noted
from app.settings import Settings
from app.web import DIST, VERIFIER

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
    forms,
    after_visit,
    downtime,
    patients,
    past,
    session_lines,
    courses,
    sign_in,
    signed_in,
    provider_logout,
    providers,
    own_account,
    staff,
    protocols,
    protocol_changes,
    protocol_form,
    audit,
    break_glass,
    feed,
    webhooks,
    clients,
    tablets,
    pins,
    second_factor,
    alerts,
    walls,
    clocks,
    clinic_settings,
    clinic_papers,
    flat_export,
    own_evidence,
    ordered_exports,
    imports,
    restored,
)
Job = Callable[[Duty, Database, Clock, asyncio.Event], Coroutine[Any, Any, None]]
Counted = tuple[Strangers, Strangers]
"""Who was refused more often than is kept one by one: strangers, and whoever is signed in."""


def jobs_of(
    settings: Settings, memory: SignInMemory, counted: Counted, following: Following
) -> tuple[tuple[Duty, Job], ...]:
    """What happens by itself while the service runs."""
    called: tuple[tuple[Duty, Job], ...] = (
        (Duty("seals"), seals.run),
        (Duty("lapses", named="session"), lapses.run),
        (Duty("feed"), feed_job.run),
        (Duty("webhooks", named="webhook"), webhooks_job.run),
        (Duty("alerts"), partial(alerts_job.run, _policy(settings).idle, settings.address())),
        (Duty("exports", named="export"), partial(exports.run, _plan(settings), uuid7())),
        (Duty("purge"), purge.run),
    )
    return (
        *called,
        (Duty("clock"), clock_job.run),
        (Duty("strangers"), partial(strangers_job.run, counted)),
        (Duty("hearing"), partial(hearing.run, following.call)),
        (Duty("calls"), partial(calls.run, memory, [duty for duty, _ in called])),
    )


def create_app(settings: Settings, clock: Clock | None = None, *, alone: bool = True) -> FastAPI:
    """The service as an ASGI application. Opens the database when it starts, and closes it when it ends.

    `clock` is the clinic's and the wall clock; where none is given, real time, but never before the last instant of
    the record. While the service holds no clinic, `app.state.first_run_token` is the one-time token, for the
    console; None otherwise. `alone` False: it is one of several processes, and who started them has issued that token.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = open_database(settings.database_url, create=True, clock=clock, keys=settings.keys())
        try:
            memory = SignInMemory()
            database.on_ending = memory.ended
            counted = Strangers(), Strangers(kinds=None)
            chosen = clock or SystemClock(await database.read(load_clock, NO_CLINIC, SystemClock().now()))
            following = Following(database, chosen)
            todo = jobs_of(settings, memory, counted, following)
            duties = tuple(duty for duty, _ in todo)
            shared = await _frame(settings, chosen, database, duties, memory, counted, following)
            app.state.frame = shared
            if alone:
                app.state.first_run_token = await _first_run_token(shared)
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
    app.router.routes.extend(pages.routes(DIST, downloads=(VERIFIER,)))
    errors.install(app)
    contract.install(app, BoardNewsOut)
    app.add_middleware(
        Gate,
        max_body_bytes=settings.max_body_bytes,
        files={imports.UNDER: MOST_BYTES},
        https=settings.behind_tls_proxy,
        counts=app.state.counts,
    )
    return app


async def _first_run_token(shared: Frame) -> str | None:
    if not await shared.database.read(first_run.is_empty, NO_CLINIC, shared.clock.now()):
        return None
    token = new_token()
    issued = await shared.database.write(first_run.issue, NO_CLINIC, moment(shared.clock), token)
    return token if issued else None


def _policy(settings: Settings) -> SignInPolicy:
    return SignInPolicy(
        idle=timedelta(minutes=settings.sign_in_idle_minutes),
        absolute=timedelta(minutes=settings.sign_in_absolute_minutes),
    )


def _plan(settings: Settings) -> exports.ExportSettings:
    return exports.ExportSettings(
        settings.database_url,
        settings.exports(),
        settle=timedelta(seconds=settings.export_settle_seconds),
        keeps=timedelta(hours=settings.export_hours),
    )


async def _frame(
    settings: Settings,
    clock: Clock,
    database: Database,
    duties: tuple[Duty, ...],
    memory: SignInMemory,
    counted: Counted,
    following: Following,
) -> Frame:
    return Frame(
        clock=clock,
        database=database,
        duties=duties,
        life=await database.read(clinics.installation, NO_CLINIC, clock.now()),
        demo=await database.read(probe, NO_CLINIC, clock.now()),
        passwords=Passwords(settings.password_workers),
        strangers=counted[0],
        refused=counted[1],
        policy=_policy(settings),
        sign_ins=memory,
        known=KnownResources(),
        stands=SharedLooks(database, clock, unchanged.stands_of),
        heads=SharedLooks(database, clock, unchanged.heads_of),
        walls=Noted(),
        following=following,
        public_url=settings.address(),
        export_folder=settings.exports(),
        files=asyncio.Semaphore(imports.AT_ONCE),
        database_folder=folder_of(settings.database_url),
        key_sets=KeySets(),
        export_key=settings.export_key.get_secret_value() if settings.export_key else None,
    )
