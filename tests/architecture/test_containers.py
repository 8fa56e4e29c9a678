"""docker-compose.yml and Dockerfile, read as data: what they promise about secrets, doors, order and rights."""

import copy
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import yaml

import app
from app.settings import UnsafeSetting, read_settings
from tests.architecture.tree import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()

PINNED = re.compile(r"[\w./-]+:\d+(\.\d+)+(-[\w.-]+)?")
SECRET = re.compile(r"\$\{[A-Z_]+:\?[^}]+\}")


def instructions(text: str) -> list[tuple[str, str]]:
    """A Dockerfile's instructions in order, continued lines joined."""
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


INSTRUCTIONS = instructions(DOCKERFILE)


def of(kind: str) -> list[str]:
    return [rest for word, rest in INSTRUCTIONS if word == kind]


def faults(compose: dict) -> list[str]:
    """What must not be so, in words. Each has a planted twin below."""
    services = compose["services"]
    own = [f"{name}: {fault}" for name, service in services.items() for fault in faults_of(name, service)]
    return own + list(faults_between(services))


def faults_of(name: str, service: dict) -> Iterator[str]:
    """What must not be so within one service."""
    if not PINNED.fullmatch(service["image"]):
        yield "its image has no exact version"
    for key, value in service.get("environment", {}).items():
        if "PASSWORD" in key and not SECRET.fullmatch(value):
            yield f"{key} is not a required variable"
        if key.endswith("DATABASE_URL") and not SECRET.fullmatch(credentials(value)[1]):
            yield f"the password in {key} is not a required variable"
    if name != "app" and service.get("ports"):
        yield "a door to the outside"
    for port in service.get("ports", []):
        if not str(port).startswith("127.0.0.1:"):
            yield f"{port} is open to the network"
    if service.get("privileged") or str(service.get("user", "")).split(":")[0] in {"root", "0"}:
        yield "runs as root"


def faults_between(services: dict) -> Iterator[str]:
    """What must not be so in how the services lean on each other."""
    if order(services, "migrate", "db") != "service_healthy":
        yield "migrate does not wait for a healthy database"
    if order(services, "app", "migrate") != "service_completed_successfully":
        yield "app does not wait for migrate"
    environment = services["app"]["environment"]
    owner = services["db"]["environment"]["POSTGRES_USER"]
    if "OWNER_DATABASE_URL" in environment or credentials(environment["DATABASE_URL"])[0] == owner:
        yield "app has the owner's rights"


def order(services: dict, later: str, earlier: str) -> str | None:
    return services[later].get("depends_on", {}).get(earlier, {}).get("condition")


def credentials(url: str) -> tuple[str, str]:
    """The user and the password in an address whose password may be a variable with a colon in it."""
    user, _, rest = url.partition("://")[2].partition(":")
    return user, rest.rpartition("@")[0]


def test_the_composition_has_no_fault():
    assert faults(COMPOSE) == []


OWNER_URL = COMPOSE["services"]["migrate"]["environment"]["OWNER_DATABASE_URL"]


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("db.image", "postgres", "db: its image has no exact version"),
        ("db.image", "postgres:latest", "db: its image has no exact version"),
        ("db.environment.POSTGRES_PASSWORD", "postgres", "db: POSTGRES_PASSWORD is not a required variable"),
        ("db.environment.POSTGRES_PASSWORD", "${P:-postgres}", "db: POSTGRES_PASSWORD is not a required variable"),
        (
            "app.environment.DATABASE_URL",
            "postgresql://infusion_app:secret@db:5432/infusion_vitals",
            "app: the password in DATABASE_URL is not a required variable",
        ),
        ("db.ports", ["127.0.0.1:5432:5432"], "db: a door to the outside"),
        ("app.ports", ["8000:8000"], "app: 8000:8000 is open to the network"),
        ("app.user", "root", "app: runs as root"),
        ("app.user", "0:0", "app: runs as root"),
        ("app.privileged", True, "app: runs as root"),
        ("migrate.depends_on", {}, "migrate does not wait for a healthy database"),
        ("app.depends_on.migrate.condition", "service_started", "app does not wait for migrate"),
        ("app.environment.DATABASE_URL", OWNER_URL, "app has the owner's rights"),
        ("app.environment.OWNER_DATABASE_URL", OWNER_URL, "app has the owner's rights"),
    ],
)
def test_a_planted_fault_of_the_composition_is_seen(path, value, fault):
    planted = copy.deepcopy(COMPOSE)
    *way, last = path.split(".")
    place = planted["services"]
    for step in way:
        place = place[step]
    place[last] = value
    assert fault in faults(planted)


def test_postgresql_keeps_what_it_acknowledged():
    db = COMPOSE["services"]["db"]
    settings = dict(word.split("=") for word in db["command"][2::2])
    assert settings == {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_sync_retry": "off",
    }
    assert set(db["command"][1::2]) == {"-c"}
    assert "--data-checksums" in db["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert "--auth-host=scram-sha-256" in db["environment"]["POSTGRES_INITDB_ARGS"].split()
    # who shares the socket has a password all the same
    assert "--auth-local=scram-sha-256" in db["environment"]["POSTGRES_INITDB_ARGS"].split()


def test_the_record_is_on_a_named_volume():
    volume, folder = COMPOSE["services"]["db"]["volumes"][0].split(":")
    assert volume in COMPOSE["volumes"]
    assert folder == "/var/lib/postgresql", "since version 18 the image keeps its data in a folder of this one"


SOCKET = "/var/run/postgresql"


def test_the_database_is_on_no_network_and_reached_by_its_socket():
    assert COMPOSE["services"]["db"]["network_mode"] == "none"
    assert "networks" not in COMPOSE["services"]["db"]
    assert f"socket:{SOCKET}" in COMPOSE["services"]["db"]["volumes"]
    for service in ("app", "migrate"):
        assert f"socket:{SOCKET}:ro" in COMPOSE["services"][service]["volumes"]


@pytest.mark.parametrize("service", ["app", "migrate"])
def test_the_addresses_are_such_as_the_settings_take(service):
    given = COMPOSE["services"][service]["environment"]
    addresses = {key.lower(): SECRET.sub("x", url) for key, url in given.items() if key.endswith("DATABASE_URL")}
    read_settings(**addresses)
    with pytest.raises(UnsafeSetting, match="verify-full"):
        read_settings(database_url="postgresql://infusion_app:x@db:5432/infusion_vitals")


@pytest.mark.parametrize("service", ["app", "migrate"])
def test_our_services_hold_as_few_rights_as_they_can(service):
    ours = COMPOSE["services"][service]
    assert ours["read_only"] is True
    assert ours["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in ours["security_opt"]
    assert ours["image"] == f"infusion-vitals:{app.__version__}"


def test_addresses_name_the_database_that_is_made():
    db = COMPOSE["services"]["db"]["environment"]
    for service in ("app", "migrate"):
        for key, url in COMPOSE["services"][service]["environment"].items():
            if key.endswith("DATABASE_URL"):
                parts = urlsplit(SECRET.sub("x", url))
                assert (parts.scheme, parts.hostname, parts.path) == ("postgresql", None, f"/{db['POSTGRES_DB']}")
                assert parts.query == f"host={SOCKET}"


def commands() -> set[str]:
    """What the command line can be asked to do, as its own help says."""
    done = subprocess.run([sys.executable, "-m", "app", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(re.findall(r"^[\s│|]*([a-z][a-z-]+)\s{2,}", done.stdout, re.MULTILINE))


def test_the_containers_ask_for_commands_that_exist():
    asked = {COMPOSE["services"][name]["command"][0] for name in ("app", "migrate")} | set(json.loads(of("CMD")[-1]))
    assert asked == {"serve", "migrate"}
    assert asked <= commands()
    assert "planted" not in commands()


def test_the_containers_set_only_what_is_read():
    from app.settings import Settings

    read = {name.upper() for name in Settings.model_fields}
    asked = {word.split("=")[0] for line in of("ENV") for word in line.split()}
    given = {key for name in ("app", "migrate") for key in COMPOSE["services"][name]["environment"]}
    assert {one for one in asked | given if not one.startswith(("PYTHON", "PIP"))} - {"OWNER_DATABASE_URL"} <= read


def test_the_image_is_pinned_and_does_not_run_as_root():
    assert all(PINNED.fullmatch(image) for image in of("FROM"))
    kinds = [word for word, _ in INSTRUCTIONS]
    last_user = of("USER")[-1]
    assert last_user not in {"root", "0"}
    assert f" {last_user}" in next(rest for rest in of("RUN") if "useradd" in rest)
    assert kinds.index("USER") < kinds.index("ENTRYPOINT")
    assert "RUN" not in kinds[kinds.index("USER") :]


def test_the_image_installs_by_hash():
    (install,) = [rest for rest in of("RUN") if "pip install" in rest]
    assert "--no-deps --only-binary :all: --require-hashes --requirement /tmp/${LOCK}" in install
    assert "pip check" in install
    assert of("ARG") == ["LOCK=requirements.txt"]
    assert "requirements.txt requirements-parquet.txt /tmp/" in of("COPY")


def test_the_image_says_whether_it_is_ready():
    (check,) = of("HEALTHCHECK")
    command = json.loads(check[check.index("[") :])
    assert command[:2] == ["python", "-c"]
    compile(command[2], "healthcheck", "exec")
    assert "/health/ready" in command[2]


def test_the_image_gets_only_what_it_needs():
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = {source.removeprefix("./") for line in of("COPY") for source in line.split()[:-1]}
    assert rules[0] == "*"
    assert copied == let_in
    assert all((ROOT / name).exists() for name in let_in)


def test_the_image_is_of_a_python_the_project_supports():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    version = re.search(r"python:(\d+)\.(\d+)", of("FROM")[0])
    assert version
    assert project["requires-python"] == ">=3.11"
    assert (int(version[1]), int(version[2])) >= (3, 11)
