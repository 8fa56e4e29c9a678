"""What the clinic's papers say: a lead settles it once, and the monitoring form and the after-visit sheet carry it."""

from zoneinfo import ZoneInfo

from app.db import clinics
from app.db.settled import PAPERS
from app.db.work import Work
from app.domain.deciding import Change
from app.domain.monitoring import Site
from app.domain.papers import ClinicPapers, check_papers
from app.domain.records import Kept
from app.services.settling import settle

find = PAPERS.find


def put(work: Work, papers: ClinicPapers, expected: int | None) -> tuple[Change, Kept[ClinicPapers]]:
    """Settle them. Raises `BadPapers`."""
    check_papers(papers)
    return settle(work, PAPERS, papers, expected)


def site(work: Work) -> Site:
    """The clinic as its papers name it."""
    clinic = clinics.sheet(work)
    assert clinic is not None, "work of a clinic"
    return Site(clinic, find(work), ZoneInfo(clinic.value.timezone))
