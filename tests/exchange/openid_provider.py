"""A real OpenID provider on this machine: the code flow with PKCE, honest unless a test tells it to misbehave.

It signs with PyJWT, which shares no code with our own side, and holds whoever redeems a code to the challenge, the
client's secret, the redirect address and one use.
"""

import base64
import hashlib
import hmac
import json
import secrets
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.exchange.keys import Key, key_set, signed

CLIENT, SECRET = "infusion vitals/1", "a secret: with % and :"
"""Names that have to be spelt right in a header."""


def rs256(kid: str = "rsa") -> Key:
    return Key(kid, "RS256", rsa.generate_private_key(65537, 2048))


def es256(kid: str = "ec") -> Key:
    return Key(kid, "ES256", ec.generate_private_key(ec.SECP256R1()))


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class OpenIdProvider:
    """`subject`: who says they are there next. What it tells and how it signs can be made wrong, each by itself.

    `claims` and `header` change the next ID tokens; None leaves one out. `metadata` changes what it says of itself.
    """

    port: int
    wall: Callable[[], datetime] = _now
    key: Key = field(default_factory=es256)
    subject: str = "somebody"
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    signs_with: Key | None = None
    make_token: Callable[["OpenIdProvider", dict[str, Any]], str] | None = None
    answers_as: str | None = None
    honest: bool = True
    """False: it takes any code again and again, and asks for no verifier."""
    refuses: bool = False
    asked: list[str] = field(default_factory=list)
    posted: list[dict[str, str]] = field(default_factory=list)
    said_no: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return f"https://localhost:{self.port}/realm"

    def well_known(self) -> dict[str, Any]:
        usual = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?theme=plain",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [self.key.algorithm],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
        return {name: value for name, value in (usual | self.metadata).items() if value is not None}

    # --- what a browser sees ------------------------------------------------------------------------------------------

    def authorize(self, query: dict[str, str]) -> str:
        """Somebody says there who they are: where their browser goes next."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert "openid" in query["scope"].split()
        assert query["code_challenge_method"] == "S256"
        assert len(query["state"]) >= 32
        assert len(query["nonce"]) >= 32
        back = {"state": query["state"], "iss": self.answers_as or self.issuer, "session_state": "of no use to us"}
        if self.refuses:
            back |= {"error": "access_denied", "error_description": "not today"}
        else:
            code = secrets.token_urlsafe(24)
            self.codes[code] = query | {"subject": self.subject}
            back["code"] = code
        if self.answers_as == "":
            del back["iss"]
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def way_back(self, address: str) -> dict[str, str]:
        """The same for a test without a browser: what stands in the address that it is sent back to."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        back = urlsplit(self.authorize(query))
        return {name: values[0] for name, values in parse_qs(back.query).items()}

    # --- what we see --------------------------------------------------------------------------------------------------

    def redeem(self, form: dict[str, str], authorization: str | None) -> dict[str, Any] | None:
        """The answer to whoever redeems a code; None where it is refused."""
        self.posted.append(form)
        asked = self.codes.get(form.get("code", ""))
        if self.honest and not self._is_right(form, authorization, asked):
            return None
        if asked is None:
            asked = next(iter(self.codes.values()))
        if self.honest:
            del self.codes[form["code"]]
        usual = {
            "iss": self.issuer,
            "sub": asked["subject"],
            "aud": CLIENT,
            "exp": int((self.wall() + timedelta(minutes=5)).timestamp()),
            "iat": int(self.wall().timestamp()),
            "nonce": asked["nonce"],
        }
        payload = {name: value for name, value in (usual | self.claims).items() if value is not None}
        return {"access_token": "of no use to us", "token_type": "Bearer", "id_token": self._token(payload)}

    def logout_token(self, subject: str | None, **other: Any) -> str:
        """That somebody has signed out here. `other` changes claims; None leaves one out."""
        usual = {
            "iss": self.issuer,
            "sub": subject,
            "aud": CLIENT,
            "iat": int(self.wall().timestamp()),
            "exp": int((self.wall() + timedelta(minutes=2)).timestamp()),
            "jti": secrets.token_urlsafe(16),
            "sid": secrets.token_urlsafe(16),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        }
        payload = {name: value for name, value in (usual | self.claims | other).items() if value is not None}
        if self.make_token is not None:
            return self.make_token(self, payload)
        return signed(self.signs_with or self.key, payload, **({"typ": "logout+jwt"} | self.header))

    def _token(self, payload: dict[str, Any]) -> str:
        if self.make_token is not None:
            return self.make_token(self, payload)
        return signed(self.signs_with or self.key, payload, **self.header)

    def _is_right(self, form: dict[str, str], authorization: str | None, asked: dict[str, str] | None) -> bool:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        checks = {
            "client": self._knows(form, authorization),
            "grant": form.get("grant_type") == "authorization_code",
            "code": asked is not None,
            "redirect": asked is not None and asked["redirect_uri"] == form.get("redirect_uri"),
            "verifier": asked is not None and asked["code_challenge"] == challenge.rstrip(b"=").decode(),
        }
        self.said_no += [name for name, holds in checks.items() if not holds]
        return all(checks.values())

    def _knows(self, form: dict[str, str], authorization: str | None) -> bool:
        if authorization is None:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        kind, _, both = authorization.partition(" ")
        name, _, secret = base64.b64decode(both).decode().partition(":")
        return (kind, unquote(name), unquote(secret)) == ("Basic", CLIENT, SECRET)


def unsigned(_provider: OpenIdProvider, payload: dict[str, Any]) -> str:
    """An ID token with `alg: none`."""
    return jwt.encode(payload, "", "none", {"kid": "ec", "typ": "JWT"})


def by_secret(provider: OpenIdProvider, payload: dict[str, Any]) -> str:
    """One that is signed with what is no secret at all: the public key, taken for a shared one."""
    header, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": "HS256", "kid": provider.key.kid}, payload)
    )
    mac = hmac.new(provider.key.pem, header + b"." + body, hashlib.sha256).digest()
    return b".".join([header, body, base64.urlsafe_b64encode(mac).rstrip(b"=")]).decode()


def _handler(provider: OpenIdProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _send(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            provider.asked.append(parts.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            match parts.path:
                case "/realm/.well-known/openid-configuration":
                    self._send(200, json.dumps(provider.well_known()).encode())
                case "/realm/keys":
                    self._send(200, key_set(provider.key).encode())
                case "/realm/authorize":
                    there = escape(provider.authorize(query))
                    page = f'<!doctype html><title>Provider</title><h1>Who are you?</h1><a href="{there}">It is me</a>'
                    self._send(200, page.encode(), "text/html; charset=utf-8")
                case _:
                    self._send(404, b"{}")

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(text).items()}
            found = provider.redeem(form, self.headers["Authorization"]) if self.path == "/realm/token" else None
            if found is None:
                self._send(400, b'{"error": "invalid_grant"}')
            else:
                self._send(200, json.dumps(found).encode(), **{"Cache-Control": "no-store"})

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    return Handler


@contextmanager
def openid_provider(chain: Path, wall: Callable[[], datetime] = _now) -> Iterator[OpenIdProvider]:
    """A provider that listens while the block runs. `chain`: its certificate with its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def finish_request(self, request: Any, client_address: Any) -> None:
            with suppress(OSError), context.wrap_socket(request, server_side=True) as wrapped:
                self.RequestHandlerClass(wrapped, client_address, self)  # type: ignore[arg-type]  # it is one

    server = Server(("127.0.0.1", 0), BaseHTTPRequestHandler)
    provider = OpenIdProvider(server.server_address[1], wall)
    server.RequestHandlerClass = _handler(provider)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
