"""Whether the database is there."""

from app.db import clinics
from app.db.work import Work


def probe(work: Work) -> bool:
    """Reads one row; returns whether this is a demo database."""
    return clinics.installation(work).demo
