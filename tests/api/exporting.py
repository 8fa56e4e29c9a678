"""Exports in a test's service: ordered as anybody orders them, and worked off when the test says so."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from app.db import exports as kept
from app.db.work import service_actor
from app.jobs import exports
from tests.api.clinic import Clinic, Person, Service
from tests.api.fhir.asking import HERE

ASYNC = {"Prefer": "respond-async"}


def plan_of(service: Service) -> exports.ExportSettings:
    """No export waits before it is read: in a test nothing else is under way."""
    folder = service.app.state.frame.export_folder
    return exports.ExportSettings(service.url, folder, settle=timedelta(0), keeps=timedelta(hours=24))


def work_off(service: Service) -> None:
    """Every export that waits, to its end."""

    async def run() -> None:
        stop = asyncio.Event()
        while await exports.step(plan_of(service), uuid4(), service.database, service.clock, stop):
            pass

    service.client.portal.call(run)


def ordered(who: Person, path: str = "/fhir/$export?_type=Encounter", **headers: str) -> str:
    """The address at which the new export is followed."""
    answer = who.ask("GET", path, headers=ASYNC | headers, expect=202)
    return str(answer.headers["content-location"]).removeprefix(HERE)


def exported(who: Person, path: str = "/fhir/$export", **headers: str) -> dict[str, Any]:
    """The manifest of a new export."""
    address = ordered(who, path, **headers)
    work_off(who.service)
    return who.ask("GET", address, expect=200).json()


_FINISHED: dict[tuple[int, str], tuple[str, str]] = {}


def finished(who: Person) -> tuple[str, str]:
    """(address, name of a file) of an export of this person that is done; made once."""
    key = (id(who.service), who.token)
    if key not in _FINISHED:
        url = exported(who, "/fhir/$export?_type=Encounter")["output"][0]["url"]
        address, _, name = str(url).removeprefix(HERE).rpartition("/")
        _FINISHED[key] = (address, name)
    return _FINISHED[key]


def end_all(clinic: Clinic) -> None:
    """Ends every export of the clinic that is not finished, so that there is room for more."""
    service = clinic.service
    now = service.clock.now()
    for export in service.database.read_now(kept.not_ended, service_actor(clinic.id), now):
        if export.clinic_id == clinic.id and export.state.value in {"waiting", "running"}:
            service.database.write_now(kept.end, service_actor(clinic.id), now, UUID(str(export.id)))
