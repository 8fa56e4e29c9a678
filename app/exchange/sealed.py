"""Documents that leave us and come back, which nobody on the way can read or change (JWE, AES-256-GCM; RFC 7516)."""

import json
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

_HEADER = {"alg": "dir", "enc": "A256GCM"}


class NotSealedHere(Exception):
    """This key has not sealed this text."""


def looks_sealed(text: str) -> bool:
    """Whether it has the five parts that `seal` gives."""
    return text.count(".") == 4


def seal(key: bytes, document: Any) -> str:
    """The text to hand out, safe in an address."""
    return jwe.encrypt_compact(_HEADER, json.dumps(document).encode(), OctKey.import_key(key))


def unseal(key: bytes, text: str) -> Any:
    """The document. Raises `NotSealedHere`."""
    try:
        opened = jwe.decrypt_compact(text, OctKey.import_key(key), algorithms=list(_HEADER.values())).plaintext
    except (JoseError, ValueError):
        raise NotSealedHere from None
    return json.loads(opened or b"null")
