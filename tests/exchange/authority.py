"""An authority of our own and a real HTTPS server on this machine, for what is fetched from others."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.exchange.reaching import trust

NAME = "localhost"


@dataclass
class Place:
    """What a server answers, and how often it was asked."""

    url: str
    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _signs_certificates() -> x509.KeyUsage:
    nothing_else = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(key_cert_sign=True, crl_sign=True, **nothing_else)


def certificate(folder: Path, *names: str) -> tuple[Path, Path]:
    """(authority to trust, certificate with its key) for these host names, or for this machine where none is given."""
    start, end = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)
    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    usual = x509.CertificateBuilder().not_valid_before(start).not_valid_after(end)
    issued_by = usual.issuer_name(_name("Authority of a test"))
    authority = (
        issued_by.subject_name(_name("Authority of a test"))
        .serial_number(1)
        .public_key(root.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root.public_key()), critical=False)
        # Python 3.13 and newer ask for it
        .add_extension(_signs_certificates(), critical=True)
        .sign(root, hashes.SHA256())
    )
    others: list[x509.GeneralName] = [x509.DNSName(name) for name in names] or [
        x509.DNSName(NAME),
        x509.IPAddress(ip_address("127.0.0.1")),
    ]
    own = (
        issued_by.subject_name(_name("A server of a test"))
        .serial_number(2)
        .public_key(key.public_key())
        .add_extension(x509.SubjectAlternativeName(others), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), critical=False)
        .sign(root, hashes.SHA256())
    )
    trusted, chain = folder / "authority.pem", folder / "server.pem"
    form = serialization.Encoding.PEM
    trusted.write_bytes(authority.public_bytes(form))
    secret = key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain.write_bytes(own.public_bytes(form) + secret)
    return trusted, chain


@contextmanager
def believed(folder: Path) -> Iterator[Path]:
    """A certificate whose authority this process trusts meanwhile, as an operator makes it trusted."""
    authority, chain = certificate(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(authority))
        trust.cache_clear()
        yield chain
    trust.cache_clear()


@contextmanager
def serving(chain: Path) -> Iterator[Place]:
    """A server that answers every GET with what the test last put into its `Place`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place.asked.append(f"{self.headers['Host']} {self.path}")
            self.send_response(place.status)
            for name, value in {"Content-Length": str(len(place.body)), **place.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(place.body)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request: Any, client_address: Any) -> None:
            try:
                with context.wrap_socket(request, server_side=True) as wrapped:
                    self.RequestHandlerClass(wrapped, client_address, self)  # type: ignore[arg-type]  # it is one
            except OSError:
                return  # whoever asked has gone, or does not trust us

    server = Server(("127.0.0.1", 0), Handler)
    place = Place(f"https://{NAME}:{server.server_address[1]}/keys")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
