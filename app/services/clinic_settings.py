"""The clinic's settings: a lead settles them, and every tablet of the clinic keeps to them."""

from app.db.settled import SETTINGS
from app.db.work import Work
from app.domain.alerting import ClinicSettings, check_settings
from app.domain.deciding import Change
from app.domain.records import Kept
from app.services.settling import settle

find = SETTINGS.find


def in_force(work: Work) -> ClinicSettings:
    """As they are now, whether or not anybody has settled them."""
    found = find(work)
    return SETTINGS.unsettled if found is None else found.value


def put(work: Work, settings: ClinicSettings, expected: int | None) -> tuple[Change, Kept[ClinicSettings]]:
    """Settle them. Raises `BadClinicSettings`."""
    check_settings(settings)
    return settle(work, SETTINGS, settings, expected)
