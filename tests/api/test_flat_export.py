"""The flat export over HTTP: whole files, streamed; who may; what happens when the sign-in ends on the way."""

import io
import sys

import httpx2
import pyarrow.parquet as pq
import pytest
from pydantic import SecretStr

from app.demo.server import Service as Server
from app.exchange.flat import TABLES, TableName
from app.exchange.flat.read import read_csv
from app.main import create_app
from app.server import listening
from app.services import flat_export
from app.settings import Settings
from tests.api.clinic import clinic_on
from tests.api.kept_rows import audit_mark, audit_since

KEY = "a key of chance, for these tests only"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory, sqlite_template):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flat_export, "PAGE", 1)
        with clinic_on("sqlite", tmp_path_factory, sqlite_template, export_key=SecretStr(KEY)) as made:
            made.discharged()
            made.ready()
            yield made


def rows(clinic, name, question=""):
    answer = clinic.lead.ask("GET", f"/v1/export/{name}{question}", expect=200)
    return answer, TABLES[TableName(name.partition(".")[0])].shown(without_identifiers="false" in question)


@pytest.mark.parametrize("table", TableName)
def test_each_table_comes_whole_in_each_format(clinic, table):
    answer, columns = rows(clinic, f"{table}.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="{table}.csv"'
    read = list(read_csv(answer.content, columns))
    assert read
    lines = rows(clinic, f"{table}.ndjson")[0].text.rstrip("\n").split("\n")
    assert len(lines) == len(read)
    parquet = pq.read_table(io.BytesIO(rows(clinic, f"{table}.parquet")[0].content))
    assert [tuple(row.values()) for row in parquet.to_pylist()] == read


def test_without_identifiers(clinic):
    answer, columns = rows(clinic, "sessions.csv", "?identifiers=false")
    assert len(list(read_csv(answer.content, columns))) == 2
    assert not [word for word in ("Probe", "Maria", "2026-03-07", clinic.clinician.name) if word in answer.text]
    assert "Probe" in rows(clinic, "sessions.csv")[0].text


def test_a_span(clinic):
    answer, columns = rows(clinic, "sessions.csv", "?since=2026-03-08T00:00:00Z")
    assert list(read_csv(answer.content, columns)) == []
    wrong = clinic.lead.problem("GET", "/v1/export/sessions.csv?since=2026-03-08T00:00:00", status=422)
    assert wrong["errors"][0]["field"] == "since"
    clinic.lead.problem("GET", "/v1/export/secrets.csv", status=422)


def test_a_service_without_parquet_says_so_and_exports_the_rest(clinic, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as where it is not installed
    before = audit_mark(clinic.service)
    problem = clinic.lead.problem("GET", "/v1/export/sessions.parquet", status=501)
    assert problem["code"] == "form-not-installed"
    assert "CSV and NDJSON" in problem["detail"]
    assert audit_since(clinic.service, before) == []
    clinic.lead.ask("GET", "/v1/export/sessions.ndjson", expect=200)


def test_every_page_is_on_record_before_it_leaves(clinic):
    mark = audit_mark(clinic.service)
    clinic.auditor.ask("GET", "/v1/export/readings.csv?identifiers=false", expect=200)
    left = [event for event in audit_since(clinic.service, mark) if event.action.startswith("export.")]
    assert sorted(event.action for event in left) == ["export.begun", "export.read", "export.read"]
    assert {str(event.actor_id) for event in left} == {clinic.auditor.id}


def test_an_export_whose_sign_in_ends_is_cut_and_not_taken_for_whole(clinic, monkeypatch):
    person = clinic.hire("auditor")
    page = flat_export.page

    def then_signed_out(work, *arguments):
        found = page(work, *arguments)
        clinic.service.clock.pass_on_the_wall(31)
        return found

    service = clinic.service
    again = create_app(Settings(database_url=service.url), service.clock)
    with Server(again, listening("127.0.0.1", 0)) as server:
        question = {
            "url": f"{server.url}/v1/export/sessions.csv",
            "headers": {"Authorization": f"Bearer {person.token}"},
        }
        assert httpx2.get(**question).status_code == 200
        monkeypatch.setattr(flat_export, "page", then_signed_out)
        with pytest.raises(httpx2.RemoteProtocolError):
            httpx2.get(**question)


def test_a_service_without_a_key_makes_no_export_without_identifiers(tmp_path_factory, sqlite_template):
    with clinic_on("sqlite", tmp_path_factory, sqlite_template) as made:
        problem = made.lead.problem("GET", "/v1/export/sessions.csv?identifiers=false", status=422)
        assert problem["code"] == "export-key-missing"
        made.lead.ask("GET", "/v1/export/sessions.csv", expect=200)
    assert KEY not in repr(Settings(export_key=KEY))
    assert KEY not in repr(create_app(Settings(export_key=KEY)).openapi())
