"""A database on another machine is reached under TLS that proves who it is, or not at all."""

import select
import socket
import socketserver
import ssl
import threading
from contextlib import ExitStack

import pytest
from sqlalchemy import make_url

from app.db import wire
from app.db.engine import UnsafeDatabase, open_database
from app.settings import UnsafeSetting, read_settings
from tests import postgres
from tests.exchange.authority import certificate


@pytest.fixture(autouse=True)
def nothing_elsewhere(monkeypatch):
    for name in ("PGHOST", "PGHOSTADDR", "PGSSLMODE", "PGSERVICE", "OWNER_DATABASE_URL", "BACKUP_SCRATCH_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


FAR = "postgresql://app:secret@db.clinic.example/name"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///var/infusion-vitals.db",
        "postgresql://app:secret@127.0.0.1/name",
        "postgresql://app:secret@localhost:5433/name",
        "postgresql://app:secret@[::1]/name",
        "postgresql:///name",
        "postgresql://app:secret@/name?host=/var/run/postgresql",
        f"{FAR}?sslmode=verify-full&sslrootcert=/etc/authority.pem",
        f"{FAR}?sslmode=verify-ca&sslrootcert=/etc/authority.pem",
    ],
)
def test_this_machine_and_checked_tls_are_taken(url):
    assert read_settings(database_url=url).database_url == url


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (FAR, "db.clinic.example"),
        *((f"{FAR}?sslmode={mode}", "db.clinic.example") for mode in ("disable", "allow", "prefer", "require")),
        ("postgres://app:secret@10.0.0.7/name", "10.0.0.7"),
        ("postgresql+psycopg://app:secret@db/name", "db"),
        ("postgresql://app:secret@/name?host=127.0.0.1:5432&host=db:5432", "db"),
        ("postgresql://app:secret@localhost/name?hostaddr=10.0.0.7", "10.0.0.7"),
    ],
)
def test_another_machine_without_it_is_refused_with_what_to_write(url, server):
    for setting in ("database_url", "owner_database_url", "backup_scratch_database_url"):
        with pytest.raises(UnsafeSetting) as refusal:
            read_settings(**{setting: url})
        said = str(refusal.value)
        assert said.startswith(f"{setting.upper()} leads to {server} over a network")
        assert "?sslmode=verify-full&sslrootcert=FILE" in said
        assert "secret" not in said
        assert "\n" not in said


def test_what_the_driver_would_take_from_elsewhere_counts(monkeypatch):
    monkeypatch.setenv("PGHOST", "db.clinic.example")
    with pytest.raises(UnsafeSetting, match=r"leads to db\.clinic\.example"):
        read_settings(database_url="postgresql:///name")
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    read_settings(database_url="postgresql:///name")
    with pytest.raises(UnsafeSetting, match="names a service"):
        read_settings(database_url="postgresql:///name?service=clinic")


def test_an_operator_is_told_how_it_is_reached():
    assert wire.said("sqlite:///var/infusion-vitals.db") == "on this machine"
    assert wire.said("postgresql://127.0.0.1/name") == "on this machine"
    assert wire.said(f"{FAR}?sslmode=verify-full") == "over TLS to db.clinic.example (verify-full)"


# --- a server under TLS ----------------------------------------------------------------------------------------------

ASKS_FOR_TLS = (8).to_bytes(4) + (80877103).to_bytes(4)


class UnderTls(socketserver.ThreadingTCPServer):
    """Ends TLS before the run's PostgreSQL, whose build has none: what the driver checks is checked all the same."""

    daemon_threads = True

    def __init__(self, chain):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(chain)
        super().__init__(("127.0.0.1", 0), Passing)


class Passing(socketserver.BaseRequestHandler):
    def handle(self):
        while (asked := self.request.recv(8)) != ASKS_FOR_TLS:
            if not asked:
                return
            self.request.sendall(b"N")
        self.request.sendall(b"S")
        try:
            with self.server.context.wrap_socket(self.request, server_side=True) as client:
                self.pass_on(client)
        except OSError:
            return  # whoever asked does not trust us, or has gone

    def pass_on(self, client):
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(str(postgres.folder() / "data" / ".s.PGSQL.5432"))
            while True:
                ready = [client] if client.pending() else select.select([client, server], [], [])[0]
                for one in ready:
                    data = one.recv(65536)
                    if not data:
                        return
                    (server if one is client else client).sendall(data)


@pytest.fixture
def under_tls(tmp_path, database_url):
    """An address of this test's database by way of TLS, and the authority that signed for it; by the name it has."""
    with ExitStack() as opened:

        def serve(*names):
            folder = tmp_path / "-".join(("of", *names))
            folder.mkdir()
            authority, chain = certificate(folder, *names)
            server = opened.enter_context(UnderTls(chain))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            opened.callback(server.shutdown)
            return make_url(database_url).set(host="127.0.0.1", port=server.server_address[1]), authority

        yield serve


def opening(address, authority, mode="verify-full"):
    url = address.set(query={"sslmode": mode, "sslrootcert": str(authority)}).render_as_string(hide_password=False)
    assert read_settings(database_url=url)
    return open_database(url)


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_server_that_proves_itself_is_opened_under_tls(under_tls):
    address, authority = under_tls()
    for mode in wire.CHECKED:
        database = opening(address, authority, mode)
        with database._connections._engine.connect() as connection:
            assert connection.connection.dbapi_connection.pgconn.ssl_in_use
        database.close()


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_server_that_another_vouches_for_or_of_another_name_is_refused(under_tls):
    address, authority = under_tls()
    elsewhere, other = under_tls("elsewhere.example")
    with pytest.raises(UnsafeDatabase, match="certificate verify failed"):
        opening(address, other)
    with pytest.raises(UnsafeDatabase, match="does not match host name"):
        opening(elsewhere, other)
    opening(elsewhere, other, "verify-ca").close()  # the control: it is reached, and whoever signed for it is known
    opening(address, authority).close()
