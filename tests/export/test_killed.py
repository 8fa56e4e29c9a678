"""The whole service is killed in the middle of an export: the next one goes on, and nothing is lost or told twice."""

import json
import time
import urllib.request
from http.client import HTTPResponse

from tests.export.served import process_on, served

SESSIONS, READINGS = 100, 4
ORDER = "/fhir/$export?_type=Observation"


def ask(address: str, token: str, **headers: str) -> HTTPResponse:
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}", **headers})
    answer: HTTPResponse = urllib.request.urlopen(request, timeout=60)
    return answer


def ordered(base: str, token: str) -> str:
    """The address at which to ask how far it is, without the host: the next process has another one."""
    with ask(base + ORDER, token, Accept="application/fhir+json", Prefer="respond-async") as answer:
        assert answer.status == 202
        return answer.headers["Content-Location"].removeprefix(base)


def until(base: str, token: str, status: str, *, some: bool = False) -> bytes | None:
    """The manifest, or None as soon as `some` of it is known to be written."""
    for _ in range(600):
        with ask(base + status, token) as answer:
            if answer.status == 200:
                return answer.read()
            if some and not answer.headers["X-Progress"].startswith("0 "):
                return None
        time.sleep(0.2)
    raise AssertionError("it comes to no end")


def lines(base: str, token: str, manifest: bytes | None) -> list[str]:
    assert manifest is not None
    found: list[str] = []
    for file in json.loads(manifest)["output"]:
        path = file["url"].partition("/fhir/")[2]
        with ask(f"{base}/fhir/{path}", token) as answer:
            told = answer.read().decode().splitlines()
        assert len(told) == file["count"]
        found += told
    return found


def test_a_killed_service_s_export_is_gone_on_with(database_url):
    with served(database_url, sessions=SESSIONS, readings_each=READINGS, module="tests.export.slowly") as first:
        status = ordered(first.base, first.token)
        assert until(first.base, first.token, status, some=True) is None, "it ended before it could be killed"
        first.process.kill()
        first.process.wait()
        with process_on(database_url) as (_, base):
            went_on = lines(base, first.token, until(base, first.token, status))
            undisturbed = lines(base, first.token, until(base, first.token, ordered(base, first.token)))
    assert len(went_on) > SESSIONS * READINGS * 9
    assert sorted(went_on) == sorted(undisturbed)
