"""Two clinics in one database, one many times as large as the other: filled once, used by several rows."""

from dataclasses import dataclass

from app.domain.people import Clinic as ClinicValue
from tests.api.clinic import another_clinic, first_clinic, running
from tests.bench.filling import fill_board
from tests.bench.servers import Place
from tests.export.filling import READINGS, fill

SMALL, LARGE = 10_000, 100_000
"""Readings by default; each is told as ten Observations: a hundred thousand and a million."""
SMALL_OF_FULL, LARGE_OF_FULL = 100_000, 10_000_000
BOARD = 120
"""Sessions under way in the large one."""


@dataclass(frozen=True)
class Member:
    """A clinic of the tables, and the username of its lead (all have the password of tests)."""

    clinic: ClinicValue
    lead: str
    readings: int


@dataclass(frozen=True)
class Tables:
    """Where they lie."""

    where: Place
    small: Member
    large: Member

    @property
    def of(self) -> str:
        return f"{self.where.engine}, {self.large.readings:,} / {self.small.readings:,}"


def filled(where: Place, *, full: bool) -> Tables:
    """Both clinics with their people, their sessions kept by the work that keeps entries."""
    sizes = (SMALL_OF_FULL, LARGE_OF_FULL) if full else (SMALL, LARGE)
    members = []
    with running(where.url) as service:
        for make, many in zip((first_clinic, another_clinic), sizes, strict=True):
            clinic = make(service)
            value = ClinicValue(clinic.id, clinic.name)
            fill(service.database, many // READINGS, seed=many, into=value)
            members.append(Member(value, clinic.lead.username, many))
        fill_board(service.database, members[1].clinic.id, BOARD, service.clock.now())
    if where.cluster is not None:
        # as the server's own housekeeping would have it after a while
        with where.cluster.as_owner(where.database) as owner:
            owner.execute("VACUUM ANALYZE")
    return Tables(where, *members)
