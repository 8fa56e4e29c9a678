"""Import over HTTP: reported first, kept exactly as reported or not at all, once; and files that nobody should send."""

import json
from datetime import date
from functools import cache
from itertools import count
from uuid import uuid4

import pytest

from app.api import imports
from app.exchange.intake import MOST_BYTES
from app.services.intake import finishing
from tests.api import bodies
from tests.api.clinic import clinic_on, code_of
from tests.api.exporting import ordered
from tests.api.kept_rows import audit_mark, audit_since, record_rows
from tests.conftest import ENGINES

HEAD = "record_number,family_name,given_name,birth_date\n"
TEXT = {"Content-Type": "text/csv"}
NONE = "0" * 64


@pytest.fixture(scope="module", params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template) as opened:
        yield opened


on_sqlite = pytest.mark.parametrize("clinic", ["sqlite"], indirect=True)


def numbers(many):
    """Record numbers that nobody has yet."""
    return [f"N{uuid4().hex[:8]}" for _ in range(many)]


def file_of(*rows):
    return HEAD + "".join(f"{row}\n" for row in rows)


PEOPLE = count()


@cache
def born(_number):
    """A birth date of which no two of year, month and day are another person's."""
    place = next(PEOPLE)
    return date(1930 + place, 1 + place % 12, 1 + place % 28).isoformat()


def distinct(number, family, given=None):
    """A row of somebody whom nobody here looks like."""
    return f"{number},{family}{number[1:5]},{given or number[-4:]},{born(number)}"


def post(clinic, path, content, *, expect, headers=TEXT, who=None):
    return (who or clinic.lead).ask("POST", path, raw=content, headers=headers, expect=expect).json()


def reported(clinic, content, question="", of="patients"):
    return post(clinic, f"/v1/imports/{of}/report{question}", content, expect=200)


def committed(clinic, content, plan, *, more="", expect=200, of="patients"):
    return post(clinic, f"/v1/imports/{of}?plan={plan}{more}", content, expect=expect)


def here(clinic, number):
    return clinic.nurse.post("/v1/patients/search", {"text": number}, expect=200)["items"]


# --- reported, then kept, once ---------------------------------------------------------------------------------------


def test_what_was_reported_is_kept_and_sent_again_is_kept_once(clinic):
    one, two = numbers(2)
    content = file_of(distinct(one, "Ahorn"), distinct(two, "Birke"))
    rows, mark = record_rows(clinic.service), audit_mark(clinic.service)
    report = reported(clinic, content)
    assert record_rows(clinic.service) == rows
    assert (report["kept"], report["counts"]["new"], report["wrong"]) == (False, 2, [])
    assert [line["patient"]["record_number"] for line in report["lines"]] == [one, two]
    [tried] = [event for event in audit_since(clinic.service, mark) if event.action == "import.tried"]
    assert (str(tried.actor_id), len(tried.after["file"])) == (clinic.lead.id, 64)
    kept = committed(clinic, content, report["plan"])
    assert (kept["kept"], kept["counts"]["new"]) == (True, 2)
    [found] = here(clinic, one)
    assert found["recorded_by"]["name"] == clinic.lead.name
    rows = record_rows(clinic.service)
    again = committed(clinic, content, report["plan"])
    assert (again["kept"], again["counts"]["new"], again["counts"]["same"]) == (True, 0, 2)
    assert record_rows(clinic.service) == rows


def test_a_day_list_is_reported_and_planned(clinic):
    [number] = numbers(1)
    content = file_of(distinct(number, "Cedern"))
    committed(clinic, content, reported(clinic, content)["plan"])
    day = f"record_number,time,chair\n{number},09:30,7\n"
    assert "which date" in reported(clinic, day, "?route=iv-infusion", of="days")["wrong"][0]["message"]
    question = "?route=iv-infusion&date=2026-12-09"
    report = reported(clinic, day, question, of="days")
    [line] = report["lines"]
    assert line["patient"]["record_number"] == number
    assert (line["session"]["planned_at"], line["session"]["chair"]) == ("2026-12-09T09:30:00Z", "7")
    more = question.replace("?", "&")
    assert committed(clinic, day, report["plan"], more=more, of="days")["counts"]["new"] == 1
    assert committed(clinic, day, report["plan"], more=more, of="days")["counts"] == report["counts"] | {
        "new": 0,
        "same": 1,
    }


# --- or not at all ---------------------------------------------------------------------------------------------------


def moved_between(clinic):
    """A report, and a file that another lead has imported since: one of its patients has another name here now."""
    one, two = numbers(2)
    content = file_of(distinct(one, "Dorn"), distinct(two, "Eibe"))
    report = reported(clinic, content)
    other = file_of(distinct(one, "Dorn", "Mara"))
    committed(clinic, other, reported(clinic, other)["plan"])
    return content, report, two


def test_a_record_that_moved_in_between_is_refused_with_the_new_report(clinic):
    content, report, two = moved_between(clinic)
    rows = record_rows(clinic.service)
    refused = committed(clinic, content, report["plan"], expect=409)
    assert refused["code"] == "import-moved-on"
    assert refused["report"]["kept"] is False
    assert [line["what"] for line in refused["report"]["lines"]] == ["revised", "new"]
    assert record_rows(clinic.service) == rows
    assert here(clinic, two) == []
    # what is reported now can be kept now
    assert committed(clinic, content, refused["report"]["plan"])["counts"]["revised"] == 1


@on_sqlite
def test_control_without_the_plan_it_would_have_been_kept(clinic, monkeypatch):
    content, report, two = moved_between(clinic)
    monkeypatch.setattr(finishing, "_plan", lambda *_: report["plan"])
    assert committed(clinic, content, report["plan"])["counts"]["revised"] == 1
    assert len(here(clinic, two)) == 1


@on_sqlite
@pytest.mark.parametrize("otherwise", ["another file", "birth dates read otherwise", "no plan of ours"])
def test_a_plan_is_good_for_this_file_read_in_this_way_alone(clinic, otherwise):
    [number] = numbers(1)
    content = HEAD + f"{number},Fichte{number[1:5]},{number[-4:]},03/04/1961\n"
    plan = reported(clinic, content, "?birth_dates=DD/MM/YYYY")["plan"]
    more = "&birth_dates=DD/MM/YYYY"
    match otherwise:
        case "another file":
            content += "\n"
        case "birth dates read otherwise":
            more = "&birth_dates=MM/DD/YYYY"
        case _:
            plan = NONE
    rows = record_rows(clinic.service)
    assert committed(clinic, content, plan, more=more, expect=409)["code"] == "import-moved-on"
    assert record_rows(clinic.service) == rows


@on_sqlite
def test_a_wrong_row_keeps_the_file_out_and_is_named(clinic):
    one, two = numbers(2)
    content = file_of(distinct(one, "Ginster"), f"{two},Hasel,Hanna,1980-13-01")
    report = reported(clinic, content)
    [wrong] = report["wrong"]
    assert (wrong["row"], wrong["column"]) == (3, "birth_date")
    rows = record_rows(clinic.service)
    refused = committed(clinic, content, report["plan"], expect=409)
    assert (refused["code"], refused["report"]["wrong"]) == ("import-refused", [wrong])
    assert record_rows(clinic.service) == rows


@on_sqlite
def test_look_alikes_are_shown_on_record_and_wait_for_somebody_who_has_looked(clinic):
    clinic.nurse.put(f"/v1/patients/{(known := str(uuid4()))}", bodies.patient(family_name="Lindenbaum"))
    like = bodies.patient(family_name="Lindenbaum")
    content = file_of(f"{numbers(1)[0]},{like['family_name']},{like['given_name']},{like['birth_date']}")
    mark = audit_mark(clinic.service)
    report = reported(clinic, content)
    assert report["look_alikes"]
    alike = [one["patient"] for one in report["lines"][0]["look_alikes"]]
    assert known in {one["id"] for one in alike}
    [tried] = [event for event in audit_since(clinic.service, mark) if event.action == "import.tried"]
    assert known in tried.after["shown"]
    assert "look like others" in committed(clinic, content, report["plan"], expect=409)["detail"]
    assert committed(clinic, content, report["plan"], more="&look_alikes_seen=true")["counts"]["new"] == 1


# --- files that nobody should send -----------------------------------------------------------------------------------


@on_sqlite
def test_a_file_that_is_too_large_is_refused_before_it_is_here(clinic):
    path = "/v1/imports/patients/report"
    head = TEXT | {"Content-Length": str(200 * 1024 * 1024)}
    assert code_of(clinic.lead.ask("POST", path, raw="x", headers=head, expect=413)) == "body-too-large"

    def unannounced():
        for _ in range(33):
            yield b"x" * 1024 * 1024

    assert clinic.lead.ask("POST", path, raw=unannounced(), headers=TEXT, expect=413).json()["detail"]
    # elsewhere a body is no file
    large = json.dumps(bodies.patient(family_name="x" * 100_000))
    clinic.lead.ask("POST", "/v1/patients/search", raw=large, expect=413)


@on_sqlite
def test_much_is_read_within_its_bounds_and_what_is_beyond_is_one_line(clinic):
    fhir = {"Content-Type": "application/fhir+json"}
    path = "/v1/imports/patients/report"
    many = '{"resourceType":"Bundle","entry":[' + ",".join(['{"resource":{"resourceType":"Basic"}}'] * 100_000) + "]}"
    assert len(many) < MOST_BYTES
    report = post(clinic, path, many, expect=200, headers=fhir)
    assert report["passed"] == [{"because": "Basic", "count": 100_000, "rows": [{"first": 1, "last": 100_000}]}]
    deep = '{"contained":[' * 100_000
    nested = '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","contained":[' + deep
    assert "nested deeper than 64 levels" in post(clinic, path, nested, expect=422, headers=fhir)["detail"]
    rows = file_of(*(f"N-{number},Same,Sam,1980-01-01" for number in range(1001)))
    assert "more than 1000 rows" in post(clinic, path, rows, expect=422)["detail"]


@on_sqlite
def test_one_waits_for_its_turn_and_not_for_ever(clinic, monkeypatch):
    monkeypatch.setattr(imports, "PATIENCE", 0.01)
    shared = clinic.service.app.state.frame
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shared.files, "_value", 0)
        answer = clinic.lead.ask("POST", "/v1/imports/patients/report", raw=HEAD, headers=TEXT, expect=503)
        assert (code_of(answer), answer.headers["retry-after"]) == ("busy", "5")
    assert shared.files._value == imports.AT_ONCE
    assert reported(clinic, HEAD)["lines"] == []


TAKEN = ("text/csv", "text/csv; charset=UTF-8", 'Text/CSV;charset="utf-8"')
REFUSED = ("text/plain", "text/csv; charset=latin-1", "application/fhir+json; fhirVersion=5.0", "application/pdf", "")


@on_sqlite
def test_types_of_content_are_read_as_people_write_them(clinic):
    path = "/v1/imports/patients/report"
    for kind in TAKEN:
        post(clinic, path, HEAD, expect=200, headers={"Content-Type": kind})
    for kind in ("application/json", "application/fhir+json;fhirVersion=4.0"):
        post(clinic, path, '{"resourceType":"Bundle","entry":[]}', expect=200, headers={"Content-Type": kind})
    for kind in REFUSED:
        assert code_of(clinic.lead.ask("POST", path, raw=HEAD, headers={"Content-Type": kind}, expect=415))
    assert "save the sheet as CSV" in post(clinic, path, b"PK\x03\x04", expect=422)["detail"]


# --- exports as a screen lists them ----------------------------------------------------------------------------------


@on_sqlite
def test_ones_own_exports_are_listed_until_they_end(clinic):
    address = ordered(clinic.lead, "/fhir/$export?_type=Patient")
    [waiting] = clinic.lead.get("/v1/exports")["items"]
    assert (waiting["state"], waiting["files"]) == ("waiting", [])
    assert address.endswith(waiting["id"])
    assert clinic.auditor.get("/v1/exports")["items"] == []
    clinic.lead.ask("DELETE", address, expect=202)
    assert clinic.lead.get("/v1/exports")["items"] == []
