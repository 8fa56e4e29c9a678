"""export, import and hl7 as the operator types them: a person of the clinic proves who they are, and it is kept."""

import json
import re
import shlex
import sys
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.api.flat_export import ExportFile
from app.db.engine import open_database
from app.domain.people import Role, Staff
from app.exchange.flat import TABLES, TableName
from app.exchange.flat.read import read_csv
from app.main import create_app
from app.services import staff
from app.services.audit import Filters, read_page
from app.services.passwords import hash_now
from app.settings import Settings
from tests import factories
from tests.architecture.tree import ROOT
from tests.commands.shell import Shell
from tests.exchange.records import filled
from tests.exchange.test_hl7 import ack, receiver
from tests.factories import PASSWORD
from tests.services.ward import Ward

PATIENTS = "record_number;family_name;given_name;birth_date\nA-1;Archer;Ada;03.02.1950\nB-2;Baker;Bruno;1.4.1961\n"
TYPED = PASSWORD + "\n"


@pytest.fixture(scope="module")
def hashed():
    return hash_now(PASSWORD)


@pytest.fixture
def engine_name():
    return "sqlite"


@pytest.fixture
def there(database_url, hashed, monkeypatch, capsys):
    """A furnished clinic with a nurse, a lead and a closed session; and the shell to ask it from."""
    database = open_database(database_url)
    ward = Ward(database)
    ids = filled(ward)
    for role in (Role.NURSE, Role.LEAD, Role.OPERATOR):
        person = Staff(f"a-{role}", f"The {role}", role)
        ward.write(staff.add, factories.uuid4(), person, hashed, who=factories.actor(ward.clinic.id, Role.LEAD))
    monkeypatch.setenv("DATABASE_URL", database_url)
    yield Shell(monkeypatch, capsys), ward, ids
    database.close()


@pytest.fixture
def shell(there):
    return there[0]


def actions(ward):
    events, _ = ward.read(read_page, Filters(), None, 20, who=factories.actor(ward.clinic.id, Role.LEAD))
    return [event.action for event in events]


def export(ward, out, *more, by="a-lead"):
    return ("export", "flat", "--clinic", ward.clinic.name, "--username", by, "--out", str(out), *more)


def test_export_flat_says_that_parquet_is_not_installed_before_it_makes_anything(shell, there, tmp_path, monkeypatch):
    _, ward, _ = there
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as where it is not installed
    assert "CSV and NDJSON" in shell.fails(*export(ward, tmp_path / "out", "--format", "parquet"), typed=TYPED)
    assert not (tmp_path / "out").exists()


def test_export_flat_writes_every_table_whole(shell, there, tmp_path: Path):
    _, ward, ids = there
    out = tmp_path / "out"
    assert shell(*export(ward, out), typed=TYPED) == 0, shell.err
    names = {f"{table}.csv" for table in TableName}
    assert {path.name for path in out.iterdir()} == names | {"data-dictionary.md", "export.json"}
    manifest = json.loads((out / "export.json").read_text())
    assert manifest["identifiers"] is True
    for entry in manifest["files"]:
        content = (out / entry["file"]).read_bytes()
        assert entry["sha256"] == sha256(content).hexdigest()
        columns = TABLES[TableName(entry["file"].removesuffix(".csv"))].columns
        assert len(list(read_csv(content, columns))) == entry["rows"]
        assert (out / entry["file"]).stat().st_mode & 0o077 == 0
    assert len(ids) == next(entry["rows"] for entry in manifest["files"] if entry["file"] == "sessions.csv")
    assert {"export.read", "export.begun"} <= set(actions(ward))
    assert "not empty" in shell.fails(*export(ward, out), typed=TYPED)


def test_export_without_identifiers(shell, there, tmp_path: Path, monkeypatch):
    _, ward, _ = there
    plain = export(ward, tmp_path / "none", "--without-identifiers")
    assert "EXPORT_KEY" in shell.fails(*plain, typed=TYPED)
    monkeypatch.setenv("EXPORT_KEY", "a key of chance, for these tests only")
    out = tmp_path / "out"
    assert shell(*export(ward, out, "--without-identifiers", "--format", "ndjson"), typed=TYPED) == 0, shell.err
    whole = "".join(path.read_text() for path in out.iterdir())
    assert not [word for word in ("Hostile", "Probe", "2026-03-07", "of chance") if word in whole]
    assert "exported_at" not in (out / "export.json").read_text()


@pytest.mark.parametrize(
    ("by", "typed", "says"),
    [
        ("a-lead", "wrong\n", "nothing was exported"),
        ("nobody", TYPED, "nothing was exported"),
        ("a-nurse", TYPED, "takes a auditor or lead"),
        ("a-operator", TYPED, "takes a auditor or lead"),
    ],
)
def test_an_export_by_somebody_who_may_not(shell, there, tmp_path: Path, by, typed, says):
    _, ward, _ = there
    assert says in shell.fails(*export(ward, tmp_path / "out", by=by), typed=typed)
    assert list((tmp_path / "out").iterdir()) == []


def test_an_export_that_dies_leaves_nothing_that_looks_whole(shell, there, tmp_path: Path, monkeypatch):
    _, ward, _ = there
    monkeypatch.setattr("app.commands.exports.rows_of", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        shell(*export(ward, tmp_path / "out"), typed=TYPED)
    assert list((tmp_path / "out").iterdir()) == []


def bring(ward, file, *more, by="a-nurse", what="patients"):
    return ("import", what, str(file), "--clinic", ward.clinic.name, "--username", by, *more)


def test_import_dry_then_committed_then_again(shell, there, tmp_path: Path):
    _, ward, _ = there
    file = tmp_path / "patients.csv"
    file.write_text(PATIENTS)
    dates = ("--birth-dates", "DD.MM.YYYY")
    assert "some rows are wrong" in shell.fails(*bring(ward, file), typed=TYPED)
    assert "row 2, birth_date: is not a date written YYYY-MM-DD" in shell.out
    assert shell(*bring(ward, file, *dates), typed=TYPED) == 0
    assert "Dry run, nothing was kept: 2 new." in shell.out
    assert actions(ward)[0] == "import.tried"
    for said in ("Imported: 2 new.", "Imported: 2 same."):
        assert shell(*bring(ward, file, *dates, "--commit"), typed=TYPED) == 0
        assert said in shell.out
    day = tmp_path / "day.csv"
    day.write_text("record_number,time,chair\nA-1,09:30,1\n")
    planned = bring(ward, day, "--date", "2026-03-09", "--route", "iv-infusion", "--commit", what="day")
    assert shell(*planned, typed=TYPED) == 0, shell.err
    assert "Imported: 1 new." in shell.out
    assert shell(*planned, typed=TYPED) == 0
    assert "Imported: 1 same." in shell.out
    assert "takes a clinician or nurse" in shell.fails(*bring(ward, file, *dates, by="a-lead"), typed=TYPED)
    day.write_bytes(b"\xff\xfe")
    assert "UTF-16" in shell.fails(*planned, typed=TYPED)
    assert "No such file" in shell.fails(*bring(ward, tmp_path / "absent"), typed=TYPED)


def test_hl7_to_a_file_and_to_a_receiver(shell, there, tmp_path: Path):
    _, ward, ids = there
    who = ("--clinic", ward.clinic.name, "--username", "a-lead")
    out = tmp_path / "session.hl7"
    assert shell("hl7", "write", str(ids[0]), *who, "--out", str(out), typed=TYPED) == 0, shell.err
    assert out.read_bytes().startswith(b"MSH|^~\\&|INFUSION-VITALS|")
    assert "File exists" in shell.fails("hl7", "write", str(ids[0]), *who, "--out", str(out), typed=TYPED)
    assert "no session" in shell.fails(
        "hl7", "write", str(ward.patient), *who, "--out", str(tmp_path / "x"), typed=TYPED
    )
    with receiver(ack()) as (port, got):
        assert shell("hl7", "send", str(ids[0]), *who, "--to", f"127.0.0.1:{port}", typed=TYPED) == 0, shell.err
    assert got[0][1:].split(b"\r", 1)[1].startswith(out.read_bytes().split(b"\r", 1)[1])
    assert actions(ward)[0] == "session.sent"
    with receiver(ack("AE")) as (port, _):
        sent = ("hl7", "send", str(ids[0]), *who, "--to", f"127.0.0.1:{port}")
        assert "refused the message (AE)" in shell.fails(*sent, typed=TYPED)
    assert actions(ward)[0] == "session.sent"
    assert "HL7_HOSTS" in shell.fails("hl7", "send", str(ids[0]), *who, "--to", "192.0.2.7:2575", typed=TYPED)
    assert "not HOST:PORT" in shell.fails("hl7", "send", str(ids[0]), *who, "--to", "here", typed=TYPED)


# --- the calls of the page for integrators ---------------------------------------------------------------------------

PAGE = (ROOT / "docs" / "integrators.md").read_text(encoding="utf-8")
OURS = ("export flat", "import", "hl7")


def blocks(kind):
    """(name, text) of each fenced block of a kind."""
    return re.findall(rf"^```{kind} ?(\S*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def calls(program):
    return [line for _, text in blocks("sh") for line in text.splitlines() if line.startswith(program)]


def test_every_command_of_the_page_works_as_it_stands(shell, there, tmp_path: Path, monkeypatch):
    _, ward, ids = there
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EXPORT_KEY", "a key of chance, for these tests only")
    for name, text in blocks("csv"):
        (tmp_path / name).write_text(text)
    lines = [line for line in calls("infusion-vitals ") if line.removeprefix("infusion-vitals ").startswith(OURS)]
    assert len(lines) == 7
    with receiver(ack()) as (port, _):
        for line in lines:
            known = {"Lakeside": ward.clinic.name, "lead": "a-lead", "nurse": "a-nurse", "SESSION_ID": str(ids[0])}
            known["127.0.0.1:2575"] = f"127.0.0.1:{port}"
            words = [known.get(word, word) for word in shlex.split(line)[1:]]
            assert shell(*words, typed=TYPED) == 0, (line, shell.err, shell.out)
    assert (tmp_path / "session.hl7").exists()


def test_every_address_of_the_page_is_served():
    paths = set(create_app(Settings.model_construct()).openapi()["paths"])
    asked = [shlex.split(line)[-1] for line in calls("curl ") if "/v1/export/" in line]
    assert len(asked) == 3
    for address in asked:
        url = urlsplit(address)
        assert "/v1/export/{file}" in paths
        ExportFile(url.path.rpartition("/")[2])
        assert {name for name, _ in parse_qsl(url.query)} <= {"since", "until", "identifiers"}
