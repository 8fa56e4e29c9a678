"""Where the service says it is: what the operator set, or where it listens; never what a request says."""

import pytest

from app.settings import UnsafeSetting, read_settings
from tests.api.clinic import empty_database, running


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"host": "localhost", "port": 81}, "http://localhost:81"),
        ({"host": "::1"}, "http://[::1]:8000"),
        ({"behind_tls_proxy": True, "host": "0.0.0.0"}, None),
        ({"behind_tls_proxy": True, "public_url": "https://clinic.example"}, "https://clinic.example"),
        ({"public_url": "https://clinic.example:8443"}, "https://clinic.example:8443"),
        ({"public_url": "http://127.0.0.1:9000"}, "http://127.0.0.1:9000"),
        ({"public_url": "http://[::1]:9000"}, "http://[::1]:9000"),
    ],
)
def test_where_it_is(monkeypatch, given, address):
    for name in ("PUBLIC_URL", "HOST", "PORT", "BEHIND_TLS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert read_settings(**given).address() == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "clinic.example",
        "http://clinic.example",
        "http://10.0.0.1",
        "https://clinic.example/",
        "https://clinic.example/fhir",
        "https://clinic.example?x",
        "https://clinic.example#x",
        "https://user@clinic.example",
        "https://Clinic.example",
        "https://clinic.example:0",
        "https://clinic.example\n",
        "https://clinic.example\\@evil.example",
        "javascript:alert(1)",
        "http://127.0.0.1@evil.example",
    ],
)
def test_what_is_no_address_is_refused_at_the_start(url):
    with pytest.raises(UnsafeSetting, match="PUBLIC_URL"):
        read_settings(public_url=url)


def test_behind_a_proxy_that_nobody_named_machines_do_not_sign_in(tmp_path_factory, sqlite_template):
    folder = tmp_path_factory.mktemp("unnamed")
    with empty_database("sqlite", folder, sqlite_template) as url, running(url, behind_tls_proxy=True) as service:
        for method, path in (
            ("GET", "/.well-known/smart-configuration"),
            ("GET", "/fhir/.well-known/smart-configuration"),
            ("POST", "/oauth/token"),
        ):
            answer = service.send(method, path, headers={"Host": "clinic.example"})
            assert (answer.status_code, answer.json()["code"]) == (404, "no-public-url")


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("localhost:9000", "http://localhost:9000"),
        ("evil.example", "http://127.0.0.1:8000"),
    ],
)
def test_links_of_a_service_of_this_machine_name_this_machine(tmp_path_factory, sqlite_template, host, told):
    folder = tmp_path_factory.mktemp("hosts")
    with empty_database("sqlite", folder, sqlite_template) as url, running(url) as service:
        answer = service.send("GET", "/fhir/metadata", headers={"Host": host})
        assert answer.json()["implementation"]["url"] == f"{told}/fhir"
