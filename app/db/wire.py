"""What lies between the service and its database: this machine alone, or a network, and then TLS that is checked."""

from collections.abc import Mapping

from sqlalchemy import URL

from app.db.refusals import UnsafeDatabase
from app.db.schema import parsed
from app.domain.addresses import is_loopback

CHECKED = ("verify-full", "verify-ca")
"""The values of `sslmode` under which a server has to prove who it is before it hears a password."""


def fault(text: str) -> str | None:
    """Why nothing may be sent to a database at this address, in one sentence; None where it may.

    What an address leaves open is taken from where the driver takes it: variables such as PGHOST and PGSSLMODE.
    """
    given = _given(text)
    if given is None:
        return None
    if given.get("service"):
        return "names a service of libpq, and so not where it leads: write host, database and sslmode into the address"
    far = _far(given)
    if far is None or given.get("sslmode") in CHECKED:
        return None
    return (
        f"leads to {far} over a network, and nothing in it makes that server prove who it is (sslmode is"
        f" {given.get('sslmode') or 'prefer'}): write ?sslmode=verify-full&sslrootcert=FILE at its end, where FILE"
        " holds the certificate of the authority that signed the server's"
    )


def said(text: str) -> str:
    """How a database at this address is reached, in a few words."""
    given = _given(text) or {}
    far = _far(given)
    return "on this machine" if far is None else f"over TLS to {far} ({given.get('sslmode')})"


def _given(text: str) -> Mapping[str, str] | None:
    """What the driver is told, and what it takes from elsewhere where it is told nothing; None of a SQLite file."""
    try:
        address = parsed(text)
    except UnsafeDatabase:
        return None  # whoever opens it says what is wrong with it
    if address.get_backend_name() == "sqlite":
        return None
    return _elsewhere() | _told(address)


def _told(address: URL) -> dict[str, str]:
    chosen = address.set(drivername="postgresql+psycopg")
    _, told = chosen.get_dialect()().create_connect_args(chosen)
    return {name: str(value) for name, value in told.items()}


def _elsewhere() -> dict[str, str]:
    from psycopg.pq import Conninfo  # noqa: PLC0415  # a SQLite file needs no driver

    found = ((each.keyword, each.val) for each in Conninfo.get_defaults())
    return {name.decode(): value.decode() for name, value in found if value}


def _far(given: Mapping[str, str]) -> str | None:
    """The first server that is not on this machine."""
    # an address is where it goes, whatever name is given beside it
    named = (given.get("hostaddr") or given.get("host") or "").split(",")
    return next((one for one in named if not (one == "" or one[0] in "/@" or is_loopback(one))), None)
