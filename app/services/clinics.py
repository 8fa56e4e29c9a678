"""Clinics of the installation: made by the operator, or by the first run."""

from datetime import datetime
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from app.db import clinics
from app.db import signing as kept_signing
from app.db.work import Work
from app.domain.canonical import Document
from app.domain.errors import Conflict, FieldError, Invalid
from app.domain.instants import to_text
from app.domain.people import Clinic
from app.domain.signatures import Signing, SigningPolicy
from app.domain.tablets import KEPT_ON_TABLETS
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


def zone_of(work: Work) -> ZoneInfo:
    """Where the clinic is."""
    found = clinics.get(work)
    return ZoneInfo(found.timezone if found else "UTC")


def create(work: Work, clinic: Clinic, signing: Signing = Signing.SECOND_FACTOR) -> None:
    """Keep a new clinic, and the shipped example protocols as drafts nobody has approved. `work` acts in it.

    `signing`: what a signature takes there.
    """
    check_clinic(clinic.name, clinic.timezone)
    assert work.clinic_id == clinic.id
    if clinics.find_by_name(work, clinic.name) is not None:
        raise ClinicExists(errors=[FieldError("clinic", "is taken")])
    clinics.add(work, clinic)
    kept_signing.keep(work, SigningPolicy(signing), 1)
    protocols.keep_shipped(work)


def begin_anew(work: Work, epoch: UUID, wall: datetime, as_of: datetime | None = None) -> None:
    """The database was brought back from a backup: places in the feed that were given before hold no longer.

    `as_of`: when the backup was begun; where nobody says, as long ago as tablets keep what they have sent; by the
    wall clock. Where it was brought back a short while before too, what was lost then may still lie on a tablet.
    """
    stood = clinics.installation(work)
    lost_from = min(as_of or wall - KEPT_ON_TABLETS, wall)
    if stood.restored_at is not None and stood.lost_from is not None and stood.restored_at > work.now - KEPT_ON_TABLETS:
        lost_from = min(lost_from, stood.lost_from)
    before = stood.epoch
    clinics.change_epoch(work, epoch, lost_from)
    work.audit(
        "installation.restored",
        subject="installation",
        subject_id=epoch,
        before={"epoch": str(before)},
        after={"epoch": str(epoch), "lost_from": to_text(lost_from)},
    )


life = clinics.installation


def epoch(work: Work) -> UUID:
    """Which life of this database it is: another one after each restore."""
    return clinics.installation(work).epoch


def record_backup(work: Work, wall: datetime, said: Document) -> None:
    """That a backup was taken at this instant of the wall clock, and proven by bringing it back."""
    clinics.backed_up(work, wall)
    work.audit("installation.backed-up", subject="installation", subject_id=epoch(work), after=said)


def probe(work: Work) -> bool:
    """Whether the database is there: reads one row, and returns whether this is a demo."""
    return clinics.installation(work).demo
