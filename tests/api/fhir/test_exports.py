"""Bulk exports over HTTP: the same resources as a search finds, as of one instant, for whoever ordered them."""

import asyncio
import json
import os
from dataclasses import replace
from datetime import timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest

from app.db import exports as kept
from app.db.engine import open_for_reading
from app.db.work import EVERY_CLINIC, service_actor
from app.domain.exports import Progress
from app.domain.instants import from_text
from app.jobs import export_worker, exports
from app.jobs.export_worker import ExportTask, work_off
from app.services.duties import Duty
from app.services.fhir import walks
from tests.api.bodies import header
from tests.api.clinic import code_of
from tests.api.exporting import ASYNC, end_all, exported, ordered, plan_of
from tests.api.exporting import work_off as work_off_all
from tests.api.fhir.asking import HERE, everything
from tests.api.kept_rows import audit_mark, audit_since, newest_audit


@pytest.fixture(autouse=True)
def room(clinic):
    """Each test may order anew."""
    yield
    end_all(clinic)


def lines(who, manifest, kind=None):
    found = []
    for output in manifest["output"]:
        if kind in (None, output["type"]):
            text = who.ask("GET", output["url"].removeprefix(HERE), expect=200).text
            told = [json.loads(line) for line in text.splitlines()]
            assert len(told) == output["count"]
            assert {one["resourceType"] for one in told} == {output["type"]}
            found += told
    return found


def by_name(resources):
    found = {f"{one['resourceType']}/{one['id']}": one for one in resources}
    assert len(found) == len(resources)
    return found


def test_an_export_gives_exactly_what_searches_find(clinic, awkward):
    clinic.treated()
    clinic.to(200)
    manifest = exported(clinic.lead)
    assert manifest["requiresAccessToken"] is True
    assert manifest["request"] == f"{HERE}/fhir/$export"
    assert (manifest["error"], manifest["deleted"]) == ([], [])
    told = by_name(lines(clinic.lead, manifest))
    for kind in walks.TYPES:
        if kind != "AuditEvent":  # which grows by each look
            found = by_name(everything(clinic.lead, f"{kind}?_count=200"))
            assert {name: one for name, one in told.items() if name.startswith(f"{kind}/")} == found, kind


def both(clinic):
    return [one for kind in ("Observation", "Encounter") for one in everything(clinic.lead, f"{kind}?_count=200")]


def test_as_of_the_transaction_time_whatever_is_written_meanwhile(clinic, awkward):
    """Ordered, then changed, then written: the files tell the record as it stood when it was ordered."""
    session_id = clinic.treated()
    clinic.to(200)
    before = by_name(
        everything(clinic.lead, "Observation?_count=200") + everything(clinic.lead, "Encounter?_count=200")
    )
    address = ordered(clinic.lead, "/fhir/$export?_type=Observation,Encounter")
    clinic.to(201)
    reading = clinic.nurse.get(f"/v1/sessions/{session_id}")["readings"][0]
    clinic.nurse.post(f"/v1/sessions/{session_id}/readings/{reading['id']}/void", {"reason": "not this patient's"})
    clinic.event(session_id, 202, "left-against-advice")
    clinic.nurse.put(f"/v1/sessions/{uuid4()}", header(clinic.add_patient()))
    work_off_all(clinic.service)
    manifest = clinic.lead.ask("GET", address, expect=200).json()
    assert by_name(lines(clinic.lead, manifest)) == before
    since = manifest["transactionTime"]
    more = exported(clinic.lead, f"/fhir/$export?_type=Observation,Encounter&_since={since}")
    changed = by_name(lines(clinic.lead, more))
    now = by_name(both(clinic))
    assert changed == {name: one for name, one in now.items() if before.get(name) != one}
    assert all(from_text(one["meta"]["lastUpdated"]) > from_text(since) for one in changed.values())


def test_of_patients_and_of_groups(clinic, awkward):
    whole = by_name(lines(clinic.lead, exported(clinic.lead, "/fhir/Patient/$export")))
    assert not {name for name in whole if name.startswith(("Group/", "AuditEvent/"))}
    assert by_name(lines(clinic.lead, exported(clinic.lead, f"/fhir/Group/{clinic.id}/$export"))) == whole
    patient, course = clinic.add_patient(), str(uuid4())
    clinic.nurse.put(f"/v1/courses/{course}", {"patient_id": patient, "planned_sessions": 6})
    session_id = clinic.plan(patient_id=patient, course_id=course)
    clinic.to(210)
    found = by_name(lines(clinic.lead, exported(clinic.lead, f"/fhir/Group/{course}/$export")))
    ours = {name for name in found if not name.startswith(("Organization/", "Practitioner/"))}
    assert {f"Patient/{patient}", f"Encounter/{session_id}", f"EpisodeOfCare/{course}"} <= ours
    assert {f"Patient/{patient}"} == {name for name in ours if name.startswith("Patient/")}
    body = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "patient", "valueReference": {"reference": f"Patient/{patient}"}},
            {"name": "_type", "valueString": "Patient,Encounter"},
        ],
    }
    head = ASYNC | {"Content-Type": "application/fhir+json"}
    answer = clinic.lead.ask("POST", "/fhir/Patient/$export", body, headers=head, expect=202)
    work_off_all(clinic.service)
    manifest = clinic.lead.ask("GET", answer.headers["content-location"].removeprefix(HERE), expect=200).json()
    assert set(by_name(lines(clinic.lead, manifest))) == {f"Patient/{patient}", f"Encounter/{session_id}"}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("_type=Nothing", ["_type"]),
        ("_since=yesterday", ["_since"]),
        ("_outputFormat=csv", ["_outputFormat"]),
        ("_typeFilter=x", ["_typeFilter"]),
        ("patient=1", ["patient"]),
        ("_since=x&_type=Group,X", ["_since", "_type"]),
    ],
)
def test_what_cannot_be_exported_is_refused(clinic, query, names):
    refused = clinic.lead.ask("GET", f"/fhir/$export?{query}", headers=ASYNC)
    assert (refused.status_code, code_of(refused)) == (400, "bad-search")
    assert [issue["diagnostics"].partition(":")[0] for issue in refused.json()["issue"][1:]] == names


def test_an_export_is_made_in_the_background_only(clinic):
    assert clinic.lead.ask("GET", "/fhir/$export").status_code == 400
    strange = clinic.lead.ask(
        "GET", "/fhir/$export?_type=Nothing", headers={"Prefer": "respond-async, handling=lenient"}
    )
    assert strange.status_code == 202


def test_only_so_many_at_once(clinic):
    ordered(clinic.lead)
    ordered(clinic.auditor)
    refused = clinic.lead.ask("GET", "/fhir/$export", headers=ASYNC)
    assert (refused.status_code, code_of(refused)) == (429, "too-many-exports")
    assert refused.headers["retry-after"]


def test_it_is_for_whoever_ordered_it(clinic, awkward):
    address = ordered(clinic.lead, "/fhir/$export?_type=Patient")
    waiting = clinic.lead.ask("GET", address)
    assert (waiting.status_code, "x-progress" in waiting.headers, "retry-after" in waiting.headers) == (202, True, True)
    work_off_all(clinic.service)
    url = clinic.lead.ask("GET", address, expect=200).json()["output"][0]["url"].removeprefix(HERE)
    assert len(url.rpartition("/")[2]) >= 32
    mark = audit_mark(clinic.service)
    clinic.lead.ask("GET", url, expect=200)
    assert [event.action for event in audit_since(clinic.service, mark)] == ["export.file-read"]
    for path in (address, url):
        unknown = clinic.auditor.ask("GET", path.replace(address.rpartition("/")[2], str(uuid4())))
        assert clinic.auditor.ask("GET", path).content == unknown.content
        assert clinic.auditor.ask("GET", path).status_code == 404
        assert clinic.service.send("GET", path).status_code == 401
    assert clinic.auditor.ask("DELETE", address).status_code == 404
    assert clinic.lead.ask("GET", f"{address}/..%2f..%2fclinic.db").status_code == 404


def test_taken_back_it_is_gone_with_its_files(clinic, awkward):
    address = ordered(clinic.lead, "/fhir/$export?_type=Patient")
    work_off_all(clinic.service)
    url = clinic.lead.ask("GET", address, expect=200).json()["output"][0]["url"].removeprefix(HERE)
    folder = plan_of(clinic.service).folder_of(UUID(address.rpartition("/")[2]))
    assert [file.stat().st_mode & 0o777 for file in folder.iterdir()] == [0o600]
    clinic.lead.ask("DELETE", address, expect=202)
    assert newest_audit(clinic.service)[0].action == "export.deleted"
    assert not folder.exists()
    assert [clinic.lead.ask("GET", path).status_code for path in (address, url)] == [404, 404]
    waiting = ordered(clinic.lead)
    clinic.lead.ask("DELETE", waiting, expect=202)
    work_off_all(clinic.service)
    assert clinic.lead.ask("GET", waiting).status_code == 404


def test_it_expires(clinic, awkward):
    service = clinic.service
    address = ordered(clinic.lead, "/fhir/$export?_type=Patient")
    work_off_all(service)
    folder = plan_of(service).folder_of(UUID(address.rpartition("/")[2]))
    found = service.database.read_now(kept.find, service_actor(clinic.id), service.clock.now(), UUID(folder.name))
    assert found.expires_at == service.clock.wall() + timedelta(hours=24)
    later = found.expires_at + timedelta(seconds=1)
    assert [one.id for one in service.database.read_now(kept.expired, EVERY_CLINIC, later, later)].count(found.id) == 1

    class Later:
        pace = 0

        def now(self):
            return service.clock.now()

        def wall(self):
            return later

    async def sweep():
        await exports.step(plan_of(service), uuid4(), service.database, Later(), asyncio.Event())

    service.client.portal.call(sweep)
    assert not folder.exists()
    assert clinic.lead.ask("GET", address).status_code == 404


def test_an_export_that_fails_again_and_again_holds_up_no_other(clinic, monkeypatch):
    service = clinic.service
    end_all(clinic)
    first, second = (ordered(clinic.lead, "/fhir/$export?_type=Patient") for _ in range(2))
    really = exports._Turn.work

    async def work(turn, stop):
        if str(turn._export.id) in first:
            raise RuntimeError("Zebra Quagga")
        await really(turn, stop)

    duty = Duty("exports")

    async def steps():
        for _ in range(3):
            await exports.step(plan_of(service), uuid4(), service.database, service.clock, asyncio.Event(), duty)

    with monkeypatch.context() as broken:
        broken.setattr(exports._Turn, "work", work)
        service.client.portal.call(steps)
    assert [clinic.lead.ask("GET", each).status_code for each in (first, second)] == [202, 200]
    assert duty.report().apart == 1
    clinic.lead.ask("DELETE", first, expect=202)
    service.client.portal.call(steps)
    assert duty.report().apart == 0


def test_what_another_database_exports_into_the_same_folder_is_left_alone(clinic):
    service, plan = clinic.service, plan_of(clinic.service)
    now, wall = service.clock.now(), service.clock.wall()
    exported(clinic.lead, "/fhir/$export?_type=Encounter")
    [done, *_] = service.database.read_now(kept.not_ended, EVERY_CLINIC, now)
    ended = UUID(ordered(clinic.lead).rpartition("/")[2])
    service.database.write_now(kept.end, service_actor(clinic.id), now, ended)
    hours = {done.id: 100, ended: 1, uuid4(): 1, uuid4(): 25}
    for this, ago in hours.items():
        plan.folder_of(this).mkdir(parents=True, exist_ok=True)
        at = (wall - timedelta(hours=ago)).timestamp()
        os.utime(plan.folder_of(this), (at, at))
    (plan.folder / "not-one-of-our-folders").mkdir(exist_ok=True)
    service.client.portal.call(exports.clear_strays, plan, service.database, service.clock)
    assert [plan.folder_of(this).exists() for this in hours] == [True, False, True, False]


# --- from where it stopped -------------------------------------------------------------------------------------------


def task_of(clinic, folder, progress):
    service = clinic.service
    address = ordered(clinic.lead, "/fhir/$export?_type=Observation,Encounter,Patient")
    now = service.clock.now()
    this = UUID(address.rpartition("/")[2])
    export = service.database.read_now(kept.find, service_actor(clinic.id), now, this)
    return ExportTask(service.url, folder, clinic.id, export.order, export.transaction_time, progress)


class Lost(Exception):
    pass


def run(clinic, task, *, lose_at=None):
    """Works it off in this process, each slice told of; `lose_at`: the worker is lost there. What was last told."""
    told = [task.progress]
    database = open_for_reading(clinic.service.url)

    def tell(progress, finished):
        if len(told) - 1 == lose_at:
            raise Lost
        told.append(progress)

    ticks = count(0, 10)
    try:
        work_off(database, task, tell, lambda: uuid4().hex, lambda: float(next(ticks)))
    except Lost:
        for file in task.folder.iterdir():
            with file.open("ab") as handle:
                handle.write(b'{"resourceType":"Obs')  # what it had not told of
    finally:
        database.close()
    return told[-1]


def resources_in(folder, progress):
    found = []
    for file in progress.files:
        content = (folder / file.name).read_bytes()[: file.size]
        assert content.endswith(b"\n")
        assert content.count(b"\n") == file.count
        found += [json.loads(line) for line in content.splitlines()]
    return found


def test_another_worker_goes_on_where_one_was_lost(clinic, awkward, tmp_path, monkeypatch):
    """Lost after each word in turn, with half a slice written behind it: nothing is missing, nothing twice."""
    for _ in range(2):
        clinic.treated()
    small = tuple(walk.__class__(walk.name, walk.types, 1, walk.after) for walk in walks.WALKS)
    monkeypatch.setattr(walks, "WALKS", small)
    monkeypatch.setattr("app.services.fhir.exports.WALKS", small)
    (tmp_path / "whole").mkdir()
    clinic.to(200)
    task = task_of(clinic, tmp_path / "whole", Progress())
    whole = run(clinic, task)
    expected = by_name(resources_in(tmp_path / "whole", whole))
    assert len(expected) > 100
    for lose_at in range(0, 8, 2):
        folder = tmp_path / str(lose_at)
        folder.mkdir()
        broken = replace(task, folder=folder)
        known = run(clinic, broken, lose_at=lose_at).taken_over()
        again = run(clinic, replace(broken, progress=known))
        assert by_name(resources_in(folder, again)) == expected
        assert again.turns == 1


def test_control_going_on_in_the_same_files_is_noticed(clinic, awkward, tmp_path, monkeypatch):
    """Were the counted end of a file not believed, half a line would be served."""
    (tmp_path / "x").mkdir()
    task = task_of(clinic, tmp_path / "x", Progress())
    whole = run(clinic, task)
    file = whole.files[0]
    with (tmp_path / "x" / file.name).open("ab") as handle:
        handle.write(b'{"resourceType":"Obs')
    with pytest.raises(json.JSONDecodeError):
        [json.loads(line) for line in (tmp_path / "x" / file.name).read_bytes().splitlines()]
    assert export_worker.task_from(task.line()) == task


@pytest.mark.parametrize("where", ["$export", "Patient/$export", "Group/{clinic}/$export", "Patient/_search"])
@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (b"\x00", "application/fhir+json"),
        (b"x", "application/json"),
        (b"[]", "application/fhir+json"),
        (b"{}", "text/plain"),
        (b"a=%ff", "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_and_orders_nothing(clinic, where, raw, content_type):
    headers = {"Prefer": "respond-async", "Content-Type": content_type}
    path = "/fhir/" + where.replace("{clinic}", str(clinic.id))
    answer = clinic.lead.ask("POST", path, raw=raw, headers=headers)
    assert answer.status_code in {400, 415, 422}, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"
