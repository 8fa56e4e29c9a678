"""docs/systemd, read as data: what the units start, as whom, with what rights and times; the settings beside them."""

import copy
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import app
from app.commands import PARTS, doctor, serving, workers
from app.settings import Settings, UnsafeSetting, read_settings
from app.sockets import OTHER_FILES
from tests.architecture.command_lines import commands_in, fault
from tests.architecture.tree import ROOT

FOLDER = ROOT / "docs" / "systemd"
PAGE = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
PROGRAM = "/opt/infusion-vitals/current/.venv/bin/infusion-vitals"
STATE, SETTINGS = "/var/lib/infusion-vitals", "/etc/infusion-vitals"

Unit = dict[str, dict[str, list[str]]]

HARDENED = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectClock": "yes",
    "ProtectHostname": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectControlGroups": "yes",
    "ProtectProc": "invisible",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "SystemCallArchitectures": "native",
    "SystemCallFilter": "@system-service",
    "SystemCallErrorNumber": "EPERM",
    "UMask": "0077",
    "LimitCORE": "0",
    "StateDirectoryMode": "0700",
}


def read_unit(text: str) -> Unit:
    """Each section's keys, each with its values in order."""
    unit: Unit = {}
    section: dict[str, list[str]] = {}
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        if not line or line[0] in "#;":
            continue
        if header := re.fullmatch(r"\[(\w+)\]", line):
            section = unit.setdefault(header[1], {})
            continue
        key, equals, value = line.partition("=")
        assert equals, line
        section.setdefault(key, []).append(value)
    return unit


def read_file_of_settings(name: str, *, other: bool = False) -> dict[str, str]:
    """The settings of a file; `other`: those that are switched off in it, on top."""
    found = {}
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        match = re.fullmatch(r"(#?)([A-Z_]+)='([^']*)'", line)
        assert match or not line or line.startswith("# "), line
        if match and (other or not match[1]):
            found[match[2]] = match[3]
    return found


UNITS = {
    path.name: read_unit(path.read_text(encoding="utf-8"))
    for path in sorted(FOLDER.iterdir())
    if path.suffix in {".service", ".timer"}
}
SERVICES = {name: unit for name, unit in UNITS.items() if name.endswith(".service")}
TIMERS = {name: unit for name, unit in UNITS.items() if name.endswith(".timer")}


def started(unit: Unit) -> list[str]:
    """What a unit hands to a shell, or starts itself, as a text for a shell."""
    lines = []
    for value in [*unit["Service"]["ExecStart"], *unit["Service"].get("ExecStartPost", [])]:
        words = [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(value)]
        lines.append(words[2] if words[:2] == ["/bin/sh", "-c"] else shlex.join(words))
    return lines


def seconds(text: str) -> float:
    """A span as systemd writes it."""
    number, unit = re.fullmatch(r"(\d+)(s|min|h|)", text).groups()
    return int(number) * {"": 1, "s": 1, "min": 60, "h": 3600}[unit]


def faults(unit: Unit) -> Iterator[str]:
    """What must not be so in a service. Each has a planted twin below."""
    service = unit["Service"]
    for key, value in HARDENED.items():
        if service.get(key) != [value]:
            yield f"{key} is not {value or 'empty'}"
    if service.get("User") != ["infusion-vitals"] or service.get("Group") != ["infusion-vitals"]:
        yield "runs as somebody else"
    if "Environment" in service:
        yield "a setting stands in the unit, where everybody can read it"
    asked = [arguments for text in started(unit) for arguments in commands_in(text)]
    yield from filter(None, map(fault, asked))
    if not asked:
        yield "starts nothing of ours"
    files = {value.lstrip("-") for value in service.get("EnvironmentFile", [])}
    if f"{SETTINGS}/service.env" not in files:
        yield "does not read the settings"
    if f"{SETTINGS}/owner.env" in files and not all(words[0] in {"backup", "audit"} for words in asked):
        yield "has the owner's rights"
    if service["StateDirectory"][0].split()[0] != "infusion-vitals":
        yield "has no folder of its own"
    if service["Type"] == ["exec"]:
        yield from faults_of_what_goes_on(unit)


def faults_of_what_goes_on(unit: Unit) -> Iterator[str]:
    """What must not be so in a service that has no end."""
    service = unit["Service"]
    if service.get("Restart") != ["always"] or unit["Unit"].get("StartLimitIntervalSec") != ["0"]:
        yield "is not started again for as long as it takes"
    if seconds(service["TimeoutStopSec"][0]) <= max(workers.LEAVE, serving.GRACE) + 5:
        yield "is killed before it has let everybody go"
    if service.get("KillMode") != ["mixed"]:
        yield "its workers are ended by another than it"
    if int(service["LimitNOFILE"][0]) < Settings.model_fields["most_connections"].default + OTHER_FILES:
        yield "may open too few files"


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_has_no_fault(name: str):
    assert list(faults(SERVICES[name])) == []


SERVICE, BACKUP = "infusion-vitals.service", "infusion-vitals-backup.service"


@pytest.mark.parametrize(
    ("name", "key", "values", "expected"),
    [
        *((SERVICE, key, None, f"{key} is not {value or 'empty'}") for key, value in HARDENED.items()),
        (BACKUP, "ProtectSystem", ["full"], "ProtectSystem is not strict"),
        (SERVICE, "User", ["root"], "runs as somebody else"),
        (SERVICE, "User", None, "runs as somebody else"),
        (SERVICE, "Environment", ["SECRETS_KEY=1:x"], "a setting stands in the unit, where everybody can read it"),
        (SERVICE, "ExecStart", [f"{PROGRAM} sreve"], "No such command 'sreve'."),
        (SERVICE, "ExecStart", [f"{PROGRAM} serve --wrokers 2"], "No such option: --wrokers"),
        (BACKUP, "ExecStart", [f"/bin/sh -c 'exec {PROGRAM} audit anchr > x'"], "No such command 'anchr'."),
        (BACKUP, "ExecStart", ["/bin/true"], "starts nothing of ours"),
        (SERVICE, "EnvironmentFile", [f"{SETTINGS}/other.env"], "does not read the settings"),
        (SERVICE, "EnvironmentFile", [f"{SETTINGS}/service.env", f"-{SETTINGS}/owner.env"], "has the owner's rights"),
        (SERVICE, "StateDirectory", ["elsewhere"], "has no folder of its own"),
        (SERVICE, "Restart", ["no"], "is not started again for as long as it takes"),
        (SERVICE, "TimeoutStopSec", ["15"], "is killed before it has let everybody go"),
        (SERVICE, "KillMode", None, "its workers are ended by another than it"),
        (SERVICE, "LimitNOFILE", ["1024"], "may open too few files"),
    ],
)
def test_a_planted_fault_of_a_unit_is_seen(name: str, key: str, values: list[str] | None, expected: str):
    planted = copy.deepcopy(SERVICES[name])
    if values is None:
        del planted["Service"][key]
    else:
        planted["Service"][key] = values
    [found] = faults(planted)
    assert found.startswith(expected)


def test_each_unit_does_what_it_is_named_for():
    asked = {
        name: [words[:2] for text in started(unit) for words in commands_in(text)] for name, unit in SERVICES.items()
    }
    assert asked[SERVICE] == [["serve"]]
    assert [words[0] for words in asked[BACKUP]] == ["audit", "backup"]
    assert [words[0] for words in asked["infusion-vitals-downtime.service"]] == ["downtime-sheet"]


def test_a_timer_starts_a_unit_that_is_there_and_often_enough():
    assert {Path(name).stem for name in TIMERS} == {Path(name).stem for name in SERVICES} - {"infusion-vitals"}
    backup, downtime = (
        TIMERS["infusion-vitals-backup.timer"]["Timer"],
        TIMERS["infusion-vitals-downtime.timer"]["Timer"],
    )
    # once a day, and what was missed is made up for: `doctor` and the alert rules ask for another after that
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:\d\d", backup["OnCalendar"][0])
    assert backup["Persistent"] == ["true"]
    assert doctor.BACKED_UP > 24 * 3600
    assert downtime["OnCalendar"] == ["*:0/15"]
    assert "every quarter of an hour" in (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert seconds(SERVICES["infusion-vitals-downtime.service"]["Service"]["TimeoutStartSec"][0]) < 15 * 60


def test_the_alert_asks_for_a_backup_when_doctor_does():
    rules = yaml.safe_load((ROOT / "docs" / "operations" / "alerts.yml").read_text(encoding="utf-8"))
    [rule] = [each for group in rules["groups"] for each in group["rules"] if each["alert"] == "NoBackup"]
    assert f"backup_age_seconds > {doctor.BACKED_UP:.0f}" in rule["expr"]


def test_old_backups_go_only_after_a_new_one_and_only_those_of_the_timer():
    service = SERVICES[BACKUP]["Service"]
    [find] = service["ExecStartPost"]
    words = shlex.split(find)
    assert service["WorkingDirectory"] == [words[1]] == [f"{STATE}/backups"]
    assert (words[words.index("-name") + 1], words[-1]) == ("20*.a*", "-delete")
    assert "date -u +%Y-" in started(SERVICES[BACKUP])[0]


def test_a_shell_within_a_unit_knows_every_variable_it_uses():
    for name, unit in SERVICES.items():
        given = {"CREDENTIALS_DIRECTORY"} if "LoadCredential" in unit["Service"] else set()
        for file in unit["Service"]["EnvironmentFile"]:
            given |= set(read_file_of_settings(Path(file).name))
        for text in started(unit):
            used, made = set(re.findall(r"\$(\w+)", text)), set(re.findall(r"\b(\w+)=", text))
            assert used - made <= given, name
        # systemd itself puts in nothing: each of these is the shell's
        assert all("$" not in one.replace("$$", "") for one in unit["Service"]["ExecStart"])


def test_the_settings_are_such_as_the_service_takes(monkeypatch):
    monkeypatch.delenv("SECRETS_KEY")  # the tests' own
    known = {name.upper() for name in Settings.model_fields}
    sqlite = read_file_of_settings("service.env")
    server = read_file_of_settings("service.env", other=True)
    owner = read_file_of_settings("owner.env")
    assert set(sqlite) | set(server) | set(owner) <= known
    assert "OWNER_DATABASE_URL" not in server
    found = read_settings(**{name.lower(): value for name, value in sqlite.items()})
    assert found.database_url == f"sqlite:///{STATE}/infusion-vitals.db"
    assert (found.behind_tls_proxy, found.host, found.address()) == (True, "127.0.0.1", "https://clinic.example")
    assert str(found.exports()).startswith(f"{STATE}/")
    both = read_settings(**{name.lower(): value for name, value in (server | owner).items()})
    assert str(both.keys()) == f"{STATE}/secrets-key"
    assert both.metrics is True
    with pytest.raises(UnsafeSetting, match="verify-full"):
        read_settings(database_url=server["DATABASE_URL"].replace("127.0.0.1", "db.example"))


def test_no_file_holds_a_secret():
    given = [
        value for name in ("service.env", "owner.env") for value in read_file_of_settings(name, other=True).values()
    ]
    secret = [found[1] for value in given if (found := re.search(r"://\w+:([^@]+)@", value))]
    assert secret == ["PASSWORD", "PASSWORD"]


# --- the command by hand ---------------------------------------------------------------------------------------------

BY_HAND = FOLDER / "infusion-vitals"


def test_the_owner_is_read_for_commands_that_there_are_and_need_one():
    [cases] = re.findall(r"^([a-z| -]+)\)$", BY_HAND.read_text(encoding="utf-8"), re.MULTILINE)
    assert {one.strip() for one in cases.split("|")} == {"migrate", "backup", "restore"}
    assert {"migrate", "backup", "restore"} <= set(PARTS)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
@pytest.mark.parametrize(("command", "is_read"), [("clinic", False), ("backup", True)])
def test_by_hand_it_runs_with_the_settings_of_the_service(tmp_path: Path, command: str, is_read: bool):
    """The script, but for its folders and for who the service's user is; `runuser` and the program are real."""
    for folder in ("etc", "state", "bin"):
        (tmp_path / folder).mkdir()
    program = tmp_path / "bin" / "infusion-vitals"
    program.write_text(f'#!/bin/sh\ncd {ROOT} && exec {shlex.quote(sys.executable)} -P -m app "$@"\n')
    program.chmod(0o755)
    text = BY_HAND.read_text(encoding="utf-8")
    for there, here in ((SETTINGS, "etc"), (PROGRAM, "bin/infusion-vitals"), (STATE, "state")):
        assert there in text
        text = text.replace(there, str(tmp_path / here))
    text = text.replace("runuser -u infusion-vitals", "runuser -u root")
    (tmp_path / "script").write_text(text)
    (tmp_path / "etc" / "service.env").write_text(f"DATABASE_URL='sqlite:///{tmp_path}/state/clinic.db'\n")
    # a setting that cannot be right: whoever reads it says so
    (tmp_path / "etc" / "owner.env").write_text("OWNER_DATABASE_URL='postgresql://owner:x@far.example/clinic'\n")
    words = {"clinic": ["clinic", "create", "North Clinic"], "backup": ["backup", "x.age", "--unencrypted"]}[command]
    surroundings = {"PATH": os.environ["PATH"]}
    line = ["sh", tmp_path / "script", *words]
    done = subprocess.run(line, env=surroundings, capture_output=True, text=True, check=False)
    assert ("OWNER_DATABASE_URL leads to far.example" in done.stderr) == is_read, done.stderr
    if not is_read:
        assert 'Clinic "North Clinic" created' in done.stdout
        assert (tmp_path / "state" / "clinic.db").stat().st_mode & 0o777 == 0o600


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_page_names_every_file_of_the_folder():
    for path in FOLDER.iterdir():
        assert f"[{path.name}](systemd/{path.name})" in PAGE


def test_the_page_installs_this_version_where_the_units_look_for_it():
    assert set(re.findall(r"/opt/infusion-vitals/(\d+\.\d+\.\d+)", PAGE)) == {app.__version__}
    assert f"ln -sfn {app.__version__} /opt/infusion-vitals/current" in PAGE
    programs = {
        name for path in FOLDER.iterdir() for name in re.findall(r"/\S*/bin/infusion-vitals\b", path.read_text())
    }
    assert programs - {"/usr/local/sbin/infusion-vitals"} == {PROGRAM}
    for place in (f"{SETTINGS}/", f"{STATE} ", f"{STATE}/backups", "/usr/local/sbin/", "/etc/systemd/system/"):
        assert place in PAGE


def test_the_page_starts_units_that_there_are():
    named = set(re.findall(r"\binfusion-vitals(?:-\w+)?\.(?:service|timer|socket)\b", PAGE))
    assert named == set(UNITS)


# --- systemd's own opinion, where there is a systemd -----------------------------------------------------------------

ANALYZE = shutil.which("systemd-analyze")


@pytest.fixture
def verified(tmp_path: Path) -> Path:
    """The units with a program that this machine has."""
    for name in UNITS:
        text = (FOLDER / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace(PROGRAM, "/bin/true"))
    return tmp_path


@pytest.mark.skipif(ANALYZE is None, reason="no systemd here")
def test_systemd_takes_the_units(verified: Path):
    def said() -> list[str]:
        command = [ANALYZE, "verify", "--man=no", "--recursive-errors=no", *sorted(verified.glob("infusion-vitals*"))]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return [line for line in done.stderr.splitlines() if "infusion-vitals" in line]

    assert said() == []
    service = verified / "infusion-vitals.service"
    service.write_text(service.read_text().replace("Restart=always", "Restart=sometimes"))
    assert said() != []


@pytest.mark.skipif(ANALYZE is None, reason="no systemd here")
@pytest.mark.parametrize("name", SERVICES)
def test_systemd_finds_little_exposed(verified: Path, name: str):
    command = [ANALYZE, "security", "--offline=true", "--no-pager", "--threshold=20", verified / name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
