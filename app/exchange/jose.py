"""What others prove something with: sets of public keys (JWKS) and signed texts (JWT), read strictly.

Record systems sign with RS384 and ES384 and nothing else: SMART asks for these two, and every algorithm more is one
more way in. PS384, which it allows, is asked for by no client that could not sign with one of them. Those who vouch for
people (`openid`) sign with RS256 and ES256. Nothing in a signed text chooses its own key but `kid`.
Sources: RFC 7515, 7517, 7519, 7523, 8725; SMART App Launch 2.2, asymmetric client authentication.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from app.domain.strict_json import Unreadable, read_json
from app.exchange.base64url import decoded


@dataclass(frozen=True, slots=True)
class Suite:
    """The two algorithms of one kind of signer, and the curve of the second: its name, and bytes of a coordinate."""

    rsa: str
    ec: str
    curve: str
    octets: int

    def algorithm(self, kty: str) -> str | None:
        """What a key of this type signs with; None where it signs nothing here."""
        return {"RSA": self.rsa, "EC": self.ec}.get(kty)


MACHINES = Suite("RS384", "ES384", "P-384", 48)
PROVIDERS = Suite("RS256", "ES256", "P-256", 32)
ALGORITHMS = (MACHINES.rsa, MACHINES.ec)
LONGEST_SET = 64 * 1024
"""Bytes of a key set."""
MOST_KEYS = 32
LONGEST_ASSERTION = 8 * 1024
"""Characters of an assertion; a usual one has some 700."""
LIFE = timedelta(minutes=5)
"""How far ahead an assertion may end."""
SKEW = timedelta(seconds=30)
"""How far the client's clock may be off ours."""

_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class Unusable(Exception):
    """What was fetched is not what it should be. `because` is a short word for the audit."""

    because = "not usable"


class BadKeys(Unusable):
    """This is not a set of public keys that can be used. The text is one sentence without any key."""

    because = "not a usable set"


class Unproven(Exception):
    """A signed text proves nothing. `because` is a short word for the audit, never for whoever sent it."""

    def __init__(self, because: str) -> None:
        super().__init__(because)
        self.because = because


# --- JSON and base64 as they must be ---------------------------------------------------------------------------------


def read_object(raw: bytes) -> dict[str, Any]:
    """A JSON object without repeated names. Raises `ValueError`."""
    try:
        found = read_json(raw.decode("utf-8"))
    except Unreadable as refusal:
        raise ValueError(refusal.detail) from None
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004  # one kind for whatever is wrong with the text
    return found


def _bytes(text: object) -> bytes:
    """Base64url in its one spelling. Raises `ValueError`."""
    if not isinstance(text, str):
        raise ValueError("not base64url")  # noqa: TRY004  # one kind for whatever is wrong with the text
    return decoded(text)


# --- key sets --------------------------------------------------------------------------------------------------------

Keys = Mapping[str, Mapping[str, str]]
"""Usable public keys by their `kid`, each with only the members that make the key."""


def read_keys(raw: bytes, suite: Suite = MACHINES) -> Keys:
    """The keys of a set that can check the suite's two algorithms; others in it are for other uses.

    Raises `BadKeys` where it is no set, holds a private or a shared key, names two keys alike, or none can be used.
    """
    if len(raw) > LONGEST_SET:
        raise BadKeys(f"the key set is larger than {LONGEST_SET} bytes")
    try:
        entries = read_object(raw).get("keys")
    except ValueError:
        raise BadKeys("the key set is not a JSON object without repeated names") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadKeys('the key set has no list "keys" of objects')
    if len(entries) > MOST_KEYS:
        raise BadKeys(f"the key set holds more than {MOST_KEYS} keys")
    if any(_PRIVATE & set(entry) for entry in entries):
        raise BadKeys("the key set holds a private or a shared key: send the public keys alone, and make new ones")
    found: dict[str, Mapping[str, str]] = {}
    for entry in entries:
        key = _usable(entry, suite)
        if key is None:
            continue
        if entry["kid"] in found:
            raise BadKeys("two keys of the set have the same kid")
        found[entry["kid"]] = key
    if not found:
        raise BadKeys(
            "no key of the set can be used: each needs a kid, and is RSA of 2048 to 8192 bits or EC on "
            f"{suite.curve}, for signing with {suite.rsa} or {suite.ec}"
        )
    return found


def _usable(entry: Mapping[str, Any], suite: Suite) -> Mapping[str, str] | None:
    kid, kty = entry.get("kid"), entry.get("kty")
    algorithm = suite.algorithm(kty) if isinstance(kty, str) else None
    if not isinstance(kid, str) or not 0 < len(kid) <= 200 or algorithm is None:
        return None
    operations = entry.get("key_ops", ["verify"])
    if entry.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        return None
    if entry.get("alg", algorithm) != algorithm:
        return None
    try:
        if kty == "RSA":
            modulus, exponent = _bytes(entry.get("n")), _bytes(entry.get("e"))
            bits = int.from_bytes(modulus).bit_length()
            if not 2048 <= bits <= 8192 or int.from_bytes(exponent) != 65537:
                return None
            key = {"kty": "RSA", "n": entry["n"], "e": entry["e"]}
        else:
            sizes = {len(_bytes(entry.get(name))) for name in ("x", "y")}
            if entry.get("crv") != suite.curve or sizes != {suite.octets}:
                return None
            key = {"kty": "EC", "crv": suite.curve, "x": entry["x"], "y": entry["y"]}
        _made(key)
    except (ValueError, JoseError):
        return None
    return key


def _made(key: Mapping[str, str]) -> RSAKey | ECKey:
    """The key itself. Raises `ValueError` or `JoseError` where it is none, such as a point beside the curve."""
    plain: dict[str, str | list[str]] = dict(key)
    made = RSAKey.import_key(plain) if key["kty"] == "RSA" else ECKey.import_key(plain)
    # the numbers are looked at only now
    _ = made.public_key
    return made


# --- signed texts ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SignedText:
    """A compact JWT, taken apart: nothing of it is proved."""

    compact: str
    algorithm: str
    kid: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]


def read_signed(compact: str, suite: Suite, longest: int, kinds: frozenset[str] = frozenset({"JWT"})) -> SignedText:
    """The parts, each of its kind; `kinds`: what its `typ` may be, in capitals. Raises `Unproven`."""
    if len(compact) > longest:
        raise Unproven("too-long")
    parts = compact.split(".")
    if len(parts) != 3:
        raise Unproven("not-a-jwt")
    try:
        header, claims = read_object(_bytes(parts[0])), read_object(_bytes(parts[1]))
        _bytes(parts[2])
    except ValueError:
        raise Unproven("not-a-jwt") from None
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if algorithm not in (suite.rsa, suite.ec):
        raise Unproven("algorithm")
    if not isinstance(kid, str) or not 0 < len(kid) <= 200:
        raise Unproven("no-kid")
    if not isinstance(kind, str) or kind.upper() not in kinds or "crit" in header:
        raise Unproven("header")
    return SignedText(compact, algorithm, kid, header, claims)


def instant_in(claims: Mapping[str, Any], name: str) -> datetime | None:
    """A NumericDate: seconds since 1970, perhaps with a fraction. Raises `Unproven`."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 < value < 2**35:
        raise Unproven(f"{name}-is-no-time")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(value * 1_000_000))


def check_signed(compact: str, kid: str, algorithm: str, keys: Keys, suite: Suite) -> None:
    """Whether the key it names signed it. Raises `Unproven`; `unknown-kid` where no such key is in the set."""
    key = keys.get(kid)
    if key is None:
        raise Unproven("unknown-kid")
    if suite.algorithm(key["kty"]) != algorithm:
        raise Unproven("algorithm")
    try:
        jws.deserialize_compact(compact, _made(key), algorithms=[algorithm])
    except (JoseError, ValueError):
        raise Unproven("signature") from None


# --- assertions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Assertion:
    """What an assertion says of itself, before anything of it is proved."""

    compact: str
    algorithm: str
    kid: str
    key_url: str | None
    client: str
    audience: object
    expires_at: datetime
    issued_at: datetime | None
    not_before: datetime | None
    jti: str


def read_assertion(compact: str) -> Assertion:
    """The parts of a compact JWT, each of its kind. Raises `Unproven`."""
    signed = read_signed(compact, MACHINES, LONGEST_ASSERTION)
    claims, key_url = signed.claims, signed.header.get("jku")
    if key_url is not None and not isinstance(key_url, str):
        raise Unproven("header")
    client, jti = claims.get("iss"), claims.get("jti")
    if not isinstance(client, str) or client != claims.get("sub"):
        raise Unproven("issuer-and-subject")
    if not isinstance(jti, str) or not 0 < len(jti) <= 200:
        raise Unproven("no-jti")
    expires_at = instant_in(claims, "exp")
    if expires_at is None:
        raise Unproven("no-exp")
    return Assertion(
        compact,
        signed.algorithm,
        signed.kid,
        key_url,
        client,
        claims.get("aud"),
        expires_at,
        instant_in(claims, "iat"),
        instant_in(claims, "nbf"),
        jti,
    )


def check_claims(assertion: Assertion, audience: str, wall: datetime) -> None:
    """Whether it is meant for `audience`, alone, and holds at `wall`. Raises `Unproven`."""
    if assertion.audience not in (audience, [audience]):
        raise Unproven("audience")
    if wall >= assertion.expires_at + SKEW:
        raise Unproven("expired")
    if assertion.expires_at > wall + LIFE + SKEW:
        raise Unproven("ends-too-late")
    if assertion.not_before is not None and assertion.not_before > wall + SKEW:
        raise Unproven("not-yet")
    issued = assertion.issued_at
    if issued is not None and not wall - LIFE - SKEW <= issued <= wall + SKEW:
        raise Unproven("issued-at")


def check_signature(assertion: Assertion, keys: Keys) -> None:
    """Whether the key it names signed it. Raises `Unproven`; `unknown-kid` where no such key is in the set."""
    check_signed(assertion.compact, assertion.kid, assertion.algorithm, keys, MACHINES)
