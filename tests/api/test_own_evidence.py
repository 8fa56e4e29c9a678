"""The clinic's own evidence over HTTP: sessions that were really charted, months, exports, and who asked for them."""

import csv
import io

import pytest
from sqlalchemy import update

from app.db.tables import sessions
from app.db.work import service_actor
from app.domain.journal import Fact, Kind
from app.exchange.own_evidence import COLUMNS
from app.services import own_evidence
from tests.api import bodies
from tests.api.clinic import clinic_on
from tests.api.kept_rows import audit_mark, audit_since
from tests.conftest import ENGINES

EVIDENCE = "/v1/evidence"


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


@pytest.fixture(scope="module")
def session_id(clinic):
    """A session that is over, one value of it corrected; beside it one that goes on, and one that never began."""
    done = clinic.discharged()
    first = clinic.nurse.get(f"/v1/sessions/{done}")["readings"][0]
    clinic.to(120)
    told = bodies.reading(-20) | {"measured_at": first["measured_at"], "heart_rate": first["heart_rate"] + 1}
    path = f"/v1/sessions/{done}/readings/{first['id']}/corrections"
    clinic.nurse.post(path, {"reason": "read again", "reading": told})
    clinic.treated()
    clinic.event(clinic.plan(), 110, "cancelled")
    return done


def read(clinic, question=""):
    return clinic.lead.get(f"{EVIDENCE}{question}")


def group(found, by):
    (only,) = [one for one in found["groups"] if one["by"] == by]
    return only


def test_sessions_that_are_over_are_counted_and_the_others_said(clinic, session_id):
    found = read(clinic)
    assert (found["first_month"], found["last_month"]) == ("2025-10", "2026-03")
    assert (found["unknown"], found["outside"]) == (0, False)
    assert found["under_way"] == 1
    for by in ("all", "month", "route", "protocol", "month-and-route", "month-and-protocol"):
        assert (group(found, by)["sessions"], group(found, by)["patients"]) == (1, 1)
    assert (group(found, "month")["month"], group(found, "route")["route"]) == ("2026-03", "iv-infusion")
    assert group(found, "protocol")["protocol"] == {"id": "iv-infusion-example", "version": 1}


def test_of_one_patient_counts_are_told_and_no_median(clinic, session_id):
    told = group(read(clinic), "all")
    assert [(one["stretch"], one["sessions"], one["median"]) for one in told["minutes"]] == [
        ("dose-end-to-flag", 1, None),
        ("flag-to-signature", 1, None),
        ("signature-to-leaving", 1, None),
        ("dose-end-to-leaving", 1, None),
    ]
    portions = {one["portion"]: (one["count"], one["of"], one["share"]) for one in told["portions"]}
    assert portions["withdrawn-after-signing"] == (0, 1, None)
    count, of, share = portions["values-corrected"]
    assert (count, share) == (1, None)
    assert of > 40
    assert [one["of"] for one in told["last_in_way"]] == [1] * len(told["last_in_way"]) != []


def test_a_session_that_cannot_be_read_is_counted_as_unknown(clinic, session_id):
    was = clinic.service.database.read_now(
        lambda work: work.first(sessions.select().where(sessions.c.id == session_id)).brief,
        service_actor(clinic.id),
        clinic.service.clock.now(),
    )

    def put(brief):
        def change(work):
            work.change(update(sessions).where(sessions.c.id == session_id), {"brief": brief})
            work.keep(Fact(Kind.WEBHOOK, "0" * 32, {}, revision=next(numbers), action="test.wrote"))

        clinic.service.database.write_now(change, service_actor(clinic.id), clinic.service.clock.now())

    numbers = iter(range(1, 9))
    for broken in ({}, None, {**was, "went": None}, {**was, "went": {**was["went"], "sets": "many"}}):
        put(broken)
        found = read(clinic)
        assert (found["unknown"], group(found, "all")["sessions"], group(found, "all")["unknown"]) == (1, 1, 1)
        assert [one for one in found["groups"] if one["by"] == "protocol"] == []
    put(was)
    assert read(clinic)["unknown"] == 0


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("?first_month=2026-3", "first_month"),
        ("?first_month=2026-13", "first_month"),
        ("?last_month=2026-03-01", "last_month"),
        ("?first_month=2026-04&last_month=2026-03", "last_month"),
        ("?first_month=2020-01", "first_month"),
        ("?last_month=0001-01", "last_month"),
        ("?first_month=9999-12", "first_month"),
        ("/evidence.csv?outside=true&last_month=2026-03", "last_month"),
        ("/evidence.csv?outside=perhaps", "outside"),
        ("/evidence.xml", "file"),
    ],
)
def test_what_cannot_be_asked_is_named(clinic, question, field):
    refused = clinic.lead.problem("GET", f"{EVIDENCE}{question}", status=422)
    assert [one["field"] for one in refused["errors"]] == [field]


def test_more_sessions_than_are_held_at_once_are_refused(clinic, session_id, monkeypatch):
    monkeypatch.setattr(own_evidence, "MOST_SESSIONS", 0)
    refused = clinic.lead.problem("GET", EVIDENCE, status=422)
    assert refused["errors"][0]["message"].startswith("fewer months")


def test_a_long_span_is_read_a_page_at_a_time_and_each_session_once(clinic, session_id, monkeypatch):
    from app.db import own_evidence as rows

    whole = read(clinic)
    for at_once in (1, 2, 3):
        monkeypatch.setattr(rows, "AT_ONCE", at_once)
        assert read(clinic)["groups"] == whole["groups"]


def test_other_months_have_other_sessions(clinic, session_id):
    found = read(clinic, "?first_month=2025-10&last_month=2026-02")
    assert [(one["by"], one["sessions"]) for one in found["groups"]] == [("all", 0)]


def test_the_files_say_what_the_page_says(clinic, session_id):
    answer = clinic.auditor.ask("GET", f"{EVIDENCE}/evidence.json", expect=200)
    assert answer.headers["content-disposition"] == 'attachment; filename="evidence.json"'
    assert answer.json()["groups"] == read(clinic)["groups"]
    table = clinic.lead.ask("GET", f"{EVIDENCE}/evidence.csv", expect=200)
    rows = list(csv.DictReader(io.StringIO(table.text, newline="")))
    assert list(rows[0]) == list(COLUMNS)
    late = next(row for row in rows if (row["by"], row["measure"]) == ("all", "sets-late"))
    said = next(one for one in group(read(clinic), "all")["portions"] if one["portion"] == "sets-late")
    assert (late["count"], late["of"], late["value"]) == (str(said["count"]), str(said["of"]), "")


def test_outside_the_clinic_nothing_is_told_of_so_few(clinic, session_id):
    clinic.to(31 * 1440)
    found = clinic.lead.get(f"{EVIDENCE}/evidence.json?outside=true")
    assert (found["last_month"], found["groups"], found["compared"]) == ("2026-03", [], None)
    assert (found["unknown"], found["under_way"]) == (None, None)


@pytest.mark.parametrize(
    ("path", "action", "said"),
    [
        ("", "evidence.read", {}),
        ("/evidence.csv", "export.begun", {"format": "csv", "outside": False}),
        ("/evidence.json?outside=true", "export.begun", {"format": "json", "outside": True}),
    ],
)
def test_each_look_is_in_the_audit(clinic, path, action, said):
    mark = audit_mark(clinic.service)
    clinic.auditor.ask("GET", f"{EVIDENCE}{path}", expect=200)
    (event,) = [one for one in audit_since(clinic.service, mark) if one.action in {"evidence.read", "export.begun"}]
    assert (event.action, event.actor_name, event.session_id) == (action, clinic.auditor.name, None)
    assert said.items() <= event.after.items()
    assert {"first_month", "last_month"} <= set(event.after)
