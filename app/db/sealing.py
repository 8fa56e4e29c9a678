"""The key by which the service seals what it hands out and is handed back: made with the database, never told."""

from sqlalchemy import select

from app.db.tables import sealing
from app.db.work import Work

_KEY = select(sealing.c.key)


def key(work: Work) -> bytes:
    """32 bytes."""
    row = work.first(_KEY)
    assert row is not None, "the migration makes this row"
    return bytes.fromhex(row.key)
