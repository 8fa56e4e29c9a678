"""The service as a process of its own, over a clinic with a few sessions, and a machine that has signed in to it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from app.commands.running import operator
from app.db import session_records
from app.db.clients import Client
from app.db.engine import open_database
from app.db.session_records import Which
from app.db.work import service_actor
from app.domain.scopes import registered
from app.services import clients
from tests.exchange import backend_services
from tests.exchange.keys import ec_key, key_set
from tests.export.filling import fill
from tests.factories import NOON

ROOT = Path(__file__).parents[2]
SESSIONS, READINGS = 3, 4


@dataclass(frozen=True)
class Served:
    """Where it is, what opens it, and something of what it holds."""

    base: str
    token: str
    clinic: str
    patient: str
    session: str
    family_name: str
    pulses: list[int]
    process: subprocess.Popen[str]


@contextmanager
def process_on(url: str, module: str = "app", **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process on this database, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, "serve"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "PORT": "0", "EXPORT_SETTLE_SECONDS": "0", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found
        yield process, found[0]
    finally:
        process.kill()
        process.communicate()


@contextmanager
def served(
    url: str, *, sessions: int = SESSIONS, readings_each: int = READINGS, module: str = "app", **settings: str
) -> Iterator[Served]:
    """A service with so many sessions, and a machine's token for all of it."""
    database = open_database(url)
    clinic = fill(database, sessions, readings_each=readings_each)
    client_id, key = uuid4(), ec_key()
    value = Client("A record system", registered("system/*.rs"), key_set(key), None, private=False)
    database.write_now(clients.register, operator(clinic.id), NOON, client_id, value)
    actor = service_actor(clinic.id)
    these = database.read_now(session_records.page, actor, NOON, Which(), None, sessions)
    records = database.read_now(session_records.load_many, actor, NOON, these[:3])
    pulses = [one.current.value.heart_rate for record in records for one in record.readings]
    database.close()
    with process_on(url, module, **settings) as (process, base):
        token = backend_services.token(base, str(client_id), key)
        patient, name = str(records[0].header.value.patient_id), records[0].patient.value.family_name
        yield Served(base, token, str(clinic.id), patient, str(these[0]), name, [one or 0 for one in pulses], process)
