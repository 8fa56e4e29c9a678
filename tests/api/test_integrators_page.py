"""The calls of docs/integrators.md to `/v1` are sent as they stand, to a real service over a real connection."""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

import httpx2
import pytest
from pydantic import SecretStr

from app.demo.server import Service as Server
from app.main import create_app
from app.server import listening
from app.settings import Settings
from tests import keys
from tests.api.clinic import clinic_on

PAGE = (Path(__file__).parents[2] / "docs" / "integrators.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CALLS = [
    line
    for block in BLOCK.findall(PAGE)
    for line in block.replace("\\\n", " ").splitlines()
    if line.startswith("curl ") and ("$BASE/v1/" in line or "/.well-known/" in line)
]


@dataclass
class Call:
    """One line of curl, as far as the page uses curl; any other option is a fault of the page."""

    method: str = "GET"
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    out: str | None = None


def read(line: str, known: dict[str, str]) -> Call:
    call = Call()
    words = iter(shlex.split(Template(line).substitute(known), comments=True)[1:])
    for word in words:
        match word:
            case "-s" | "-sS" | "-i" | "-f" | "-sSf":
                pass
            case "-X":
                call.method = next(words)
            case "-H":
                name, _, value = next(words).partition(":")
                call.headers[name.strip()] = value.strip()
            case "-d" | "--data":
                call.method, call.body = "POST", next(words)
                call.headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
            case "-o":
                call.out = next(words)
            case _ if word.startswith("-"):
                raise ValueError(f"the page asks curl for {word}")
            case _:
                call.url = word
    return call


@pytest.fixture(scope="module")
def known(tmp_path_factory, sqlite_template):
    """What the page's words stand for: its service, a sign-in, and an intranasal session."""
    with clinic_on("sqlite", tmp_path_factory, sqlite_template) as clinic:
        session = clinic.plan(nasal=True)
        clinic.event(session, -30, "checked-in")
        clinic.reading(session, -20)
        clinic.event(session, 0, "nasal-device-given", {"dose_mg": 56})
        clinic.reading(session, 40)
        settings = Settings.model_construct(
            database_url=clinic.service.url,
            secrets_key=keys.SETTING,
            export_key=SecretStr("a key of chance, for these tests only"),
            export_folder=tmp_path_factory.mktemp("exports"),
        )
        with Server(create_app(settings, clinic.service.clock), listening("127.0.0.1", 0)) as server:
            yield {"BASE": server.url, "TOKEN": clinic.lead.token, "SESSION": session}


def test_the_page_has_calls_to_send():
    assert len(CALLS) > 8


@pytest.mark.parametrize("line", CALLS)
def test_a_call_of_the_page_is_answered(line: str, known: dict[str, str], tmp_path: Path):
    call = read(line, known)
    answer = httpx2.request(call.method, call.url, headers=call.headers, content=call.body, timeout=60)
    assert answer.status_code in {200, 202}, answer.text
    assert answer.content or answer.status_code == 202
    assert call.out is None or Path(call.out).name == call.out


def test_control_a_call_that_nobody_serves_is_noticed(known: dict[str, str]):
    call = read('curl -s "$BASE/v1/feeds" -H "Authorization: Bearer $TOKEN"', known)
    assert httpx2.request(call.method, call.url, headers=call.headers).status_code == 404
    with pytest.raises(ValueError, match="asks curl for --insecure"):
        read("curl --insecure $BASE", known)
