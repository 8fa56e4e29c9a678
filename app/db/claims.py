"""Which process does a clinic's next piece of a duty, where several serve one database."""

from sqlalchemy import bindparam, func, select

from app.db.work import Work

_CLAIM = select(func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("piece"), 0)))


def claim(work: Work, duty: str) -> bool:
    """Whether this work may do the clinic's piece of a duty. Until it ends no other may; it ends with its process.

    A file has one writer at a time.
    """
    if work.dialect != "postgresql":
        return True
    row = work.first(_CLAIM, piece=f"{duty} {work.clinic_id}")
    assert row is not None, "it says yes or no"
    found: bool = row[0]
    return found
