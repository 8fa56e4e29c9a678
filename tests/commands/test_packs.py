"""pack and verify, as the operator types them."""

import json
import stat
from uuid import uuid4

import pytest

from app.db.engine import open_database
from app.db.work import service_actor
from app.domain.people import Role, Staff
from app.services import staff
from app.services.passwords import hash_now
from tests.exchange.pack import stories
from tests.factories import PASSWORD


@pytest.fixture
def session_id(database_url):
    """A session in a clinic with a clinician and a nurse who have passwords."""
    opened = open_database(database_url)
    ward, made = stories.treated(opened)
    for role in ("clinician", "nurse"):
        person = Staff(role, f"Ada {role}", Role(role))
        ward.write(staff.add, uuid4(), person, hash_now(PASSWORD), who=service_actor(ward.clinic.id))
    opened.close()
    return made


def typed(session_id, out, *, username="clinician"):
    return ("pack", str(session_id), "--out", str(out), "--username", username)


def test_a_pack_is_taken_and_verified_without_the_database(shell, session_id, tmp_path, monkeypatch):
    out = tmp_path / "session.zip"
    assert shell(*typed(session_id, out), typed=PASSWORD + "\n") == 0, shell.err
    assert "taken by Ada clinician" in shell.out
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert shell("audit", "anchor") == 0
    anchors = tmp_path / "anchors.jsonl"
    anchors.write_text(shell.out)
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/at/all.db")
    assert shell("verify", str(out)) == 0, shell.err
    assert shell.out.endswith("Every check holds.\n")
    assert shell("verify", str(out), "--anchor", str(anchors)) == 0
    assert "held by an anchor kept elsewhere" in shell.out

    lines = [json.loads(line) for line in anchors.read_text().splitlines()]
    for line in lines:
        line["hash"] = "0" * 64
    anchors.write_text("\n".join(map(json.dumps, lines)))
    assert "audit chain" in shell.fails("verify", str(out), "--anchor", str(anchors))


def test_the_page_that_checks_a_pack_is_laid_beside_it(shell, session_id, tmp_path, monkeypatch):
    built = tmp_path / "dist"
    monkeypatch.setattr("app.commands.packs.DIST", built)
    out = tmp_path / "taken" / "session.zip"
    out.parent.mkdir()
    assert "has not been built" in shell.fails(*typed(session_id, out), "--with-verifier", typed=PASSWORD + "\n")
    assert not out.exists()
    built.mkdir()
    (built / "verify.html").write_text("<!doctype html>")
    assert shell(*typed(session_id, out), "--with-verifier", typed=PASSWORD + "\n") == 0, shell.err
    assert sorted(path.name for path in out.parent.iterdir()) == ["session.zip", "verify.html"]
    assert (out.parent / "verify.html").read_text() == "<!doctype html>"


def test_a_changed_byte_ends_in_a_code_and_the_parts_name(shell, session_id, tmp_path):
    out = tmp_path / "session.zip"
    assert shell(*typed(session_id, out), typed=PASSWORD + "\n") == 0
    data = bytearray(out.read_bytes())
    data[data.index(b"%PDF") + 1000] ^= 1
    out.write_bytes(data)
    assert "session.pdf" in shell.fails("verify", str(out))
    assert "FAILED      session.pdf: " in shell.out
    assert "holds       bundle.json: " in shell.out


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"typed": "a wrong pass phrase\n"}, "username or password is wrong"),
        ({"username": "nobody"}, "username or password is wrong"),
        ({"username": "nurse"}, "takes a auditor or clinician or lead"),
    ],
)
def test_who_may_not_take_it_leaves_no_file(shell, session_id, tmp_path, change, says):
    out = tmp_path / "session.zip"
    arguments = typed(session_id, out, username=change.get("username", "clinician"))
    assert says in shell.fails(*arguments, typed=change.get("typed", PASSWORD + "\n"))
    assert not out.exists()


def test_an_unknown_session_and_a_file_that_is_there(shell, session_id, tmp_path):
    out = tmp_path / "session.zip"
    assert "no session" in shell.fails(*typed(uuid4(), out), typed=PASSWORD + "\n")
    out.write_bytes(b"kept")
    shell.fails(*typed(session_id, out), typed=PASSWORD + "\n")
    assert out.read_bytes() == b"kept"


@pytest.mark.parametrize("data", [b"", b"no zip at all"])
def test_what_is_no_pack_is_refused(shell, tmp_path, data):
    (tmp_path / "other.zip").write_bytes(data)
    assert "does not hold" in shell.fails("verify", str(tmp_path / "other.zip"))
    shell.fails("verify", str(tmp_path / "missing.zip"))
