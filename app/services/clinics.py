"""Clinics of the installation: made by the operator, or by the first run."""

from functools import cache
from uuid import UUID
from zoneinfo import available_timezones

from app.db import clinics
from app.db.work import Work
from app.domain.errors import Conflict, FieldError, Invalid
from app.domain.people import Clinic
from app.domain.texts import LINE, text_faults
from app.services import protocols


class ClinicExists(Conflict):
    """There is a clinic of this name already. Choose another name, so that nobody mistakes them."""

    code = "clinic-exists"


class BadClinic(Invalid):
    """A clinic needs a name and a time zone that exist."""

    code = "bad-clinic"


_NO_PLACES = frozenset({"Factory", "localtime"})
"""Files beside the zones that name no place."""


@cache
def known_zones() -> frozenset[str]:
    """The IANA names that a clinic may have, by this machine's data or the package's.

    A list, and not whatever a file can be opened for: what lies beside it (`right/`, counting leap seconds, or another
    spelling of capitals) would be read here, and stop every clock of a browser, which knows it not.
    """
    return frozenset(available_timezones() - _NO_PLACES)


def check_clinic(name: str, timezone: str) -> None:
    """Raises `BadClinic`, naming the field."""
    faults = text_faults("clinic", name, longest=LINE)
    if timezone not in known_zones():
        faults.append(FieldError("timezone", "is not an IANA time zone, such as Europe/Vienna"))
    if faults:
        raise BadClinic(errors=faults)


def create(work: Work, clinic: Clinic) -> None:
    """Keep a new clinic, with the shipped example protocols as drafts nobody has approved. `work` acts in it."""
    check_clinic(clinic.name, clinic.timezone)
    assert work.clinic_id == clinic.id
    if clinics.find_by_name(work, clinic.name) is not None:
        raise ClinicExists(errors=[FieldError("clinic", "is taken")])
    clinics.add(work, clinic)
    protocols.keep_shipped(work)


def begin_anew(work: Work, epoch: UUID) -> None:
    """The database was brought back from a backup: places in the feed that were given before hold no longer."""
    before = clinics.installation(work).epoch
    clinics.change_epoch(work, epoch)
    work.audit(
        "installation.restored",
        subject="installation",
        subject_id=epoch,
        before={"epoch": str(before)},
        after={"epoch": str(epoch)},
    )


def probe(work: Work) -> bool:
    """Whether the database is there: reads one row, and returns whether this is a demo."""
    return clinics.installation(work).demo
