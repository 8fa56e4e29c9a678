"""Screening, its signed override, and a clinician's clearance of one session."""

from functools import partial
from uuid import UUID

from app.db.work import Work
from app.domain.deciding import sheets as deciding
from app.domain.people import Act, check_may
from app.domain.records import Clearance, Kept, Screening, ScreeningOverride
from app.services.session_work import carry_out


def put(work: Work, session_id: UUID, screening: Screening, expected: int | None) -> tuple[Kept[Screening], bool]:
    """Keeps the eight answers, and those of the same-day check. Returns the sheet, and whether it is new."""
    check_may(work.actor, Act.CHART)
    done = carry_out(work, session_id, partial(deciding.screen, screening=screening, expected=expected))
    kept = done.record.screenings[-1]
    return kept, done.new and kept.revision == 1


def override(work: Work, session_id: UUID, value: ScreeningOverride) -> tuple[Kept[ScreeningOverride], bool]:
    """Keeps a clinician's signed override. `value` says what proved them. A repeat changes nothing."""
    check_may(work.actor, Act.SIGN)
    done = carry_out(work, session_id, partial(deciding.override, value=value))
    mine = [one for one in done.record.overrides if one.value.says_as(value) and one.by.staff_id == work.actor.staff_id]
    return mine[0], done.new


def clear(
    work: Work, session_id: UUID, note: str | None, expected: int | None, same_day: tuple[str, ...] = ()
) -> tuple[Kept[Clearance], bool]:
    """A clinician clears this one session, and with it these items of its same-day check."""
    check_may(work.actor, Act.CLEAR)
    done = carry_out(work, session_id, partial(deciding.clear, note=note, same_day=same_day, expected=expected))
    kept = done.record.clearances[-1]
    return kept, done.new and kept.revision == 1
