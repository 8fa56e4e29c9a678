"""The tablet app's files: served as they are, under a policy that lets nothing in, and no others."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.api import pages
from app.api.middleware import Counts, Gate
from app.main import create_app
from app.settings import Settings

DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "font-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    for name, text in {
        "index.html": "<!doctype html><title>The app</title>",
        "sw.js": "self",
        "manifest.webmanifest": "{}",
        "icon.svg": "<svg/>",
        "verify.html": "<!doctype html><title>The verifier</title>",
        ".built-from": "a hash",
        "assets/main-1a2b.js": "1",
        "assets/main-1a2b.css": "a{}",
    }.items():
        (built / name).write_text(text)
    (tmp_path / "secret.txt").write_text("outside")
    return built


def serving(folder: Path) -> TestClient:
    app = Starlette(routes=pages.routes(folder, downloads=("verify.html",)))
    return TestClient(
        Gate(app, max_body_bytes=1024, files={}, https=False, counts=Counts()), raise_server_exceptions=True
    )


def policy(text: str) -> dict[str, str]:
    pairs = (part.strip().partition(" ") for part in text.split(";"))
    return {name: value for name, _, value in pairs}


@pytest.mark.parametrize(
    ("path", "kind", "cache"),
    [
        ("/", "text/html; charset=utf-8", "no-cache"),
        ("/index.html", "text/html; charset=utf-8", "no-cache"),
        ("/sw.js", "text/javascript; charset=utf-8", "no-cache"),
        ("/manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("/icon.svg", "image/svg+xml", "no-cache"),
        ("/assets/main-1a2b.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/assets/main-1a2b.css", "text/css; charset=utf-8", "public, max-age=31536000, immutable"),
    ],
)
def test_each_file_has_its_type_its_policy_and_its_time(folder: Path, path: str, kind: str, cache: str):
    answer = serving(folder).get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == kind
    assert answer.headers["cache-control"] == cache
    assert policy(answer.headers["content-security-policy"]) == DIRECTIVES
    assert answer.headers.get_list("content-security-policy") == [pages.POLICY]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_policy_lets_no_inline_script_or_style_in():
    assert "unsafe" not in pages.POLICY
    assert "http" not in pages.POLICY
    assert "*" not in pages.POLICY


def test_what_the_browser_has_is_not_sent_again(folder: Path):
    client = serving(folder)
    first = client.get("/")
    again = client.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head("/").status_code == 200
    assert client.post("/").status_code == 405


def test_text_goes_compressed_to_those_who_take_it_so(folder: Path):
    (folder / "assets" / "main-1a2b.js").write_text("let a = 1;\n" * 1000)
    (folder / "icon.png").write_bytes(b"\x89PNG" * 500)
    client = serving(folder)
    plain = client.get("/assets/main-1a2b.js", headers={"Accept-Encoding": "identity"})
    small = client.get("/assets/main-1a2b.js", headers={"Accept-Encoding": "gzip, br"})
    assert "content-encoding" not in plain.headers
    assert (small.headers["content-encoding"], small.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert int(small.headers["content-length"]) < int(plain.headers["content-length"]) / 10
    assert small.content == plain.content
    assert small.headers["content-security-policy"] == pages.POLICY
    assert small.headers["content-type"] == plain.headers["content-type"]
    again = client.get("/assets/main-1a2b.js", headers={"If-None-Match": small.headers["etag"]})
    assert again.status_code == 304
    assert "content-encoding" not in client.get("/icon.png").headers
    (folder / "assets" / "main-1a2b.js").write_text("let b = 22;\n" * 1000)
    assert client.get("/assets/main-1a2b.js").text.startswith("let b")


@pytest.mark.parametrize(
    "path",
    [
        "/secret.txt",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/../../secret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/..%5c..%5csecret.txt",
        "/assets//etc/passwd",
        "/assets/%2fetc/passwd",
        "/assets/%00",
        "/assets/" + "a" * 5000,
        "/assets/",
        "/assets",
        "/.built-from",
        "/assets/link.txt",
        "/nothing",
    ],
)
def test_nothing_else_is_served(folder: Path, path: str):
    (folder / "assets" / "link.txt").symlink_to(folder.parent / "secret.txt")
    client = serving(folder)
    request = client.build_request("GET", "http://testserver/")
    request.url = request.url.copy_with(raw_path=path.encode())
    answer = client.send(request)
    assert answer.status_code == 404
    assert "outside" not in answer.text


def test_without_a_build_the_page_says_how_to_make_one(tmp_path: Path):
    answer = serving(tmp_path / "dist").get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert "python -m app.web.build" in answer.text


def test_the_service_serves_the_app_beside_its_api(tmp_path: Path):
    settings = Settings(database_url=f"sqlite:///{tmp_path}/clinic.db")
    with TestClient(create_app(settings)) as client:
        page = client.get("/")
        assert page.status_code == 200
        assert client.get("/v1/clock").headers["content-security-policy"].startswith("default-src 'none'; frame")
        missing = client.get("/nothing")
        assert (missing.status_code, missing.json()["code"]) == (404, "not-found")
        assert "/" not in client.app.openapi()["paths"]  # type: ignore[attr-defined]


def test_what_is_to_be_taken_along_is_handed_out_as_a_file(folder: Path):
    with serving(folder) as client:
        taken = client.get("/verify.html")
        assert taken.headers["content-disposition"] == 'attachment; filename="verify.html"'
        assert "content-disposition" not in client.get("/").headers
