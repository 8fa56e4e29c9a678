"""Wrong passwords by where they came from, and the places that are known to be good. Housekeeping, not record.

Keys are hashes: what was typed as a username may be a password. Rows belong to no clinic, as an unknown name does not,
and are shared by every process of the installation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select, update

from app.db.tables import attempts, known_places
from app.db.work import Work


@dataclass(frozen=True, slots=True)
class Failures:
    """So many wrong ones, the first of them `since`."""

    count: int
    since: datetime


WINDOW = timedelta(minutes=15)
"""How long a wrong password counts."""
REMEMBERED = timedelta(days=180)
"""How long a place stays known without a sign-in from it."""
_A, _K = attempts.c, known_places.c
_THESE = select(attempts).where(_A.key.in_(bindparam("these", expanding=True)))
_KNOWN = select(_K.key).where(_K.key.in_(bindparam("these", expanding=True)))
_ONE_MORE = (
    update(attempts)
    .where(_A.key == bindparam("this"), _A.since > bindparam("over_by"))
    .values(failures=_A.failures + 1)
)
_ANEW = update(attempts).where(_A.key == bindparam("this")).values(failures=1, since=bindparam("wall"))
_FIRST = insert(attempts)
_FORGIVE = delete(attempts).where(_A.key == bindparam("this"))
_SEEN = update(known_places).where(_K.key == bindparam("this")).values(seen_at=bindparam("wall"))
_ADD_PLACE = insert(known_places)


def failures(work: Work, keys: Iterable[str]) -> dict[str, Failures]:
    """What is counted under these keys."""
    return {row.key: Failures(row.failures, row.since) for row in work.all(_THESE, these=list(keys))}


def known(work: Work, keys: Iterable[str]) -> bool:
    """Whether one of these places is known."""
    return work.first(_KNOWN, these=list(keys)) is not None


def count(work: Work, key: str, wall: datetime, over_by: datetime) -> None:
    """One more wrong one; where those before began by `over_by`, it is the first of new ones."""
    if work.change(_ONE_MORE, {"this": key, "over_by": over_by}) or work.change(_ANEW, {"this": key, "wall": wall}):
        return
    work.change(_FIRST, {"key": key, "failures": 1, "since": wall})


def forgive(work: Work, key: str) -> None:
    """Nothing counts under this key any more."""
    work.change(_FORGIVE, {"this": key})


def know(work: Work, key: str, wall: datetime) -> None:
    """This place is known from now on."""
    if not work.change(_SEEN, {"this": key, "wall": wall}):
        work.change(_ADD_PLACE, {"key": key, "seen_at": wall})
