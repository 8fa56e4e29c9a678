"""Addresses that somebody registers with us: whether they can be right. Nothing is asked here; `pinned` fetches."""

from urllib.parse import SplitResult, urlsplit

LONGEST = 500
"""Characters of an address."""


class BadAddress(Exception):
    """This address cannot be fetched from. The text says why in one sentence."""


def check_address(url: str) -> SplitResult:
    """The parts of an address we would fetch from. Raises `BadAddress`."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise BadAddress("the address holds characters that none has, or is too long")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadAddress("the address cannot be read") from None
    if parts.scheme != "https" or not parts.hostname or port == 0:
        raise BadAddress("the address must begin with https:// and name a host")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadAddress("the address must not carry a user, a password or a fragment")
    return parts


def check_issuer(issuer: str) -> None:
    """Raises `BadAddress` for what can be no issuer."""
    if check_address(issuer).query or "?" in issuer:
        raise BadAddress("an issuer's address has no query")
