"""What the operator types, in this process: each command does its work, each failure is one clear line."""

import json
import re
import tomllib
from pathlib import Path
from uuid import uuid4

import pytest

import app
from app.commands.running import running
from app.db.work import service_actor
from app.services.audit import Filters, read_page
from tests.commands.shell import Shell
from tests.factories import PASSWORD

SHIPPED = Path(app.__file__).parent / "protocols" / "iv-infusion-example.toml"


def approve(shell: Shell, *, username: str = "clinician", protocol: str = "iv-infusion-example", **other: str) -> tuple:
    return (
        (
            *("protocol", "approve", protocol, "1", "--clinic", other.get("clinic", "Lakeside")),
            *("--username", username, "--revision", other.get("revision", "1")),
        ),
        other.get("typed", PASSWORD + "\n"),
    )


def test_a_clinic_its_staff_and_an_approved_protocol(clinic: Shell) -> None:
    arguments, typed = approve(clinic)
    assert clinic(*arguments, typed=typed) == 0
    assert clinic.out == "iv-infusion-example version 1 is approved by Clinician.\n"
    assert clinic("protocol", "list") == 0
    assert "Lakeside" in clinic.out
    [line] = [line for line in clinic.out.splitlines() if "iv-infusion" in line]
    assert "approved by Clinician" in line
    assert "EXAMPLE" in line
    [other] = [line for line in clinic.out.splitlines() if "intranasal" in line]
    assert "draft" in other


def test_a_password_on_standard_input_opens_nothing_until_it_is_changed(clinic: Shell) -> None:
    who = ("--clinic", "Lakeside", "--role", "clinician", "--username", "cleo")
    assert clinic("staff", "add", *who, typed=PASSWORD + "\n") == 0
    assert "has to be changed at the first sign-in" in clinic.out
    arguments, typed = approve(clinic, username="cleo")
    assert "has to be changed" in clinic.fails(*arguments, typed=typed)
    who = (*who[:-1], "cloe", "--keep-password")
    assert clinic("staff", "add", *who, typed=PASSWORD + "\n") == 0
    arguments, typed = approve(clinic, username="cloe")
    assert clinic(*arguments, typed=typed) == 0


def test_that_a_first_password_may_be_kept_is_on_record(clinic: Shell) -> None:
    who = ("--clinic", "Lakeside", "--role", "nurse")
    for name, more in (("kept", ("--keep-password",)), ("changed", ())):
        clinic("staff", "add", *who, "--username", name, *more, typed=PASSWORD + "\n")
    with running() as run:
        (home,) = run.clinics()
        page, _ = run.database.read_now(read_page, service_actor(home.id), run.now(), Filters(), None, 20)
    given = [event for event in page if event.action == "password.given"][:2]
    assert [(event.after, event.actor_name) for event in given] == [
        ({"must_change": True}, "operator at the console"),
        ({"must_change": False}, "operator at the console"),
    ]


def test_an_invitation_is_printed_once_for_a_new_account_and_for_a_forgotten_password(clinic: Shell) -> None:
    new = ("--clinic", "Lakeside", "--role", "clinician", "--name", "Cleo Example")
    assert clinic("staff", "invite", "cleo", *new) == 0
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/#invitation=[A-Za-z0-9_-]{43}\n", clinic.out)
    first = clinic.out
    assert "Good once, until" in clinic.err
    assert clinic("staff", "invite", "clinician") == 0
    assert clinic.out != first
    arguments, typed = approve(clinic)
    assert "nothing was approved" in clinic.fails(*arguments, typed=typed), "the old password is over"
    assert "takes --clinic and --role" in clinic.fails("staff", "invite", "nobody")
    assert 'no clinic "Seaside"' in clinic.fails(*("staff", "invite", "ida"), *("--clinic", "Seaside"), *new[2:])


def test_a_clinic_name_is_taken_once_and_a_zone_exists(clinic: Shell) -> None:
    assert "already" in clinic.fails("clinic", "create", "Lakeside")
    assert "time zone" in clinic.fails("clinic", "create", "Hillside", "--timezone", "Europe/Nowhere")
    assert clinic("clinic", "list") == 0
    assert len(clinic.out.splitlines()) == 1


@pytest.mark.parametrize(
    ("change", "typed", "says"),
    [
        ({"--clinic": "Seaside"}, PASSWORD, 'no clinic "Seaside"'),
        ({"--username": "NURSE"}, PASSWORD, "taken"),
        ({"--username": "i da"}, PASSWORD, "username"),
        ({}, "short\n", "at least 15"),
        ({}, "", "no password on standard input"),
    ],
)
def test_staff_that_cannot_be_added(clinic: Shell, change: dict, typed: str, says: str) -> None:
    options = {"--clinic": "Lakeside", "--role": "nurse", "--username": "ida"} | change
    assert says in clinic.fails("staff", "add", *(part for pair in options.items() for part in pair), typed=typed)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"typed": "a wrong pass phrase\n"}, "nothing was approved"),
        ({"username": "nobody"}, "nothing was approved"),
        ({"username": "nurse"}, "takes a clinician or lead"),
        ({"protocol": "other"}, "no protocol"),
        ({"revision": "2"}, "moved on"),
        ({"clinic": "Seaside"}, 'no clinic "Seaside"'),
    ],
)
def test_an_approval_that_cannot_be(clinic: Shell, change: dict, says: str) -> None:
    arguments, typed = approve(clinic, **change)
    assert says in clinic.fails(*arguments, typed=typed)
    clinic("protocol", "list")
    assert "approved" not in clinic.out


def test_protocol_check_says_what_is_wrong(shell: Shell, tmp_path: Path) -> None:
    assert shell("protocol", "check", str(SHIPPED)) == 0
    assert "iv-infusion-example version 1" in shell.out
    assert "EXAMPLE" in shell.out
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(SHIPPED.read_text().replace("spacing", "spacign"))
    shell.fails("protocol", "check", str(wrong))
    assert any(line.startswith("baseline.spac") for line in shell.out.splitlines())
    wrong.write_text("a = = b")
    assert "line 1" in shell.fails("protocol", "check", str(wrong)) + shell.out
    wrong.write_bytes(b"\xff\xfe")
    assert "UTF-8" in shell.fails("protocol", "check", str(wrong))
    assert "No such file" in shell.fails("protocol", "check", str(tmp_path / "absent.toml"))
    assert tomllib.loads(SHIPPED.read_text())["id"] == "iv-infusion-example"


def test_a_trail_that_holds_and_its_anchors(clinic: Shell, tmp_path: Path) -> None:
    assert clinic("audit", "anchor") == 0
    anchors = tmp_path / "anchors"
    anchors.write_text(clinic.out)
    assert all(set(json.loads(line)) == {"clinic", "stream", "position", "hash"} for line in clinic.out.splitlines())
    assert clinic("audit", "verify", "--anchor", str(anchors)) == 0
    assert "every link holds" in clinic.out
    assert clinic("audit", "verify", "--clinic", "Lakeside") == 0
    assert "not sealed yet" not in clinic.out, "a command seals what it kept"


def test_an_anchor_that_the_trail_contradicts(clinic: Shell, tmp_path: Path) -> None:
    assert clinic("audit", "anchor") == 0
    [line] = [json.loads(line) for line in clinic.out.splitlines() if json.loads(line)["position"] > 1][-1:]
    anchors = tmp_path / "anchors"
    for change, says in (
        ({"hash": "0" * 64}, "another hash"),
        ({"position": line["position"] + 1000}, "tail was cut off"),
        ({"stream": f"session:{uuid4()}"}, "tail was cut off"),
        ({"clinic": str(uuid4())}, "the database does not"),
    ):
        anchors.write_text(json.dumps(line | change))
        assert "does not hold" in clinic.fails("audit", "verify", "--anchor", str(anchors))
        assert says in clinic.out
    for text in ("{}", "x", '{"clinic": 1}', json.dumps(line | {"position": "1"})):
        anchors.write_text(text)
        assert "not an anchor" in clinic.fails("audit", "verify", "--anchor", str(anchors))


def test_assess_and_replay_without_sessions(clinic: Shell) -> None:
    assert "no session" in clinic.fails("assess", str(uuid4()), "--break-glass", "a complaint")
    assert "not an instant" in clinic.fails("assess", str(uuid4()), "--at", "2026-03-08T09:30:00")
    assert clinic("assess", "not-an-id") == 2
    assert clinic("protocol", "replay", str(SHIPPED)) == 0
    assert clinic.out.startswith("0 past sessions")


def test_migrate_again_changes_nothing(shell: Shell) -> None:
    assert shell("migrate") == 0
    assert "already" in shell.out


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("HOST", "0.0.0.0", "in the clear"),
        ("HOST", "example.org", "in the clear"),
        ("PORT", "http", "PORT: must be a whole number"),
        ("PORT", "70000", "PORT"),
        ("MAX_BODY_BYTES", "5", "MAX_BODY_BYTES"),
        ("DATABASE_URL", "mysql://x/y", "mysql"),
        ("DATABASE_URL", "nonsense", ""),
        ("DATABASE_URL", "postgresql://nobody:x@127.0.0.1:1/none", "database"),
        ("DATABASE_URL", "sqlite:////proc/nowhere/x.db", "/proc/nowhere"),
    ],
)
def test_a_setting_that_cannot_be_ends_in_one_line(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, says: str
) -> None:
    monkeypatch.setenv(setting, value)
    assert says in shell.fails("serve", "--port", "0") if setting != "PORT" else shell.fails("serve")


def test_help_and_version_read_well(shell: Shell) -> None:
    assert shell("--version") == 0
    assert shell.out == f"infusion-vitals {app.__version__}\n"
    assert shell("--help") == 0
    whole = shell.out
    assert "infusion-vitals" in whole
    for command in ("serve", "demo", "migrate", "clinic", "staff", "protocol", "audit", "assess"):
        assert command in whole
        assert shell(command, "--help") == 0
        assert len(shell.out) > 100
    assert shell("protocol", "--help") == 0
    for command in ("check", "list", "approve", "replay"):
        assert command in shell.out
    assert shell("no-such-command") == 2


def test_a_clinic_asks_for_a_second_factor_unless_it_is_told_otherwise(clinic):
    assert clinic("clinic", "create", "Strict") == 0
    arguments = ("staff", "add", "--clinic", "Strict", "--role", "lead", "--username", "stricter", "--keep-password")
    assert clinic(*arguments, typed=PASSWORD + "\n") == 0
    approve = (
        "protocol",
        "approve",
        "iv-infusion-example",
        "1",
        "--clinic",
        "Strict",
        "--username",
        "stricter",
        "--revision",
        "1",
    )
    assert "six digits" in clinic.fails(*approve, typed=PASSWORD + "\n")
    assert "nothing was approved" in clinic.fails(*approve, typed=PASSWORD + "\n000000\n")


def test_the_operator_vouches_for_an_account_that_there_is(clinic):
    assert clinic("staff", "vouch", "clinician") == 0
    assert "no account" in clinic.fails("staff", "vouch", "nobody")
