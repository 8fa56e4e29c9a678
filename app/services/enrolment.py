"""Enrolled tablets: a lead gives one its name, and sees what each last said. A PIN works on an enrolled one alone."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.db import enrolments, pins, push, sign_ins, tablet_numbers, tablets
from app.db.enrolments import TabletPlace
from app.db.tablets import Heartbeat
from app.db.work import Work
from app.domain.deciding import Change, decide_sheet
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.records import Kept
from app.domain.tablets import MOST_IN_USE, Tablet
from app.domain.texts import LINE, text_faults
from app.services.tablets import hold, settle_again, silence_counts


class NoSuchTablet(NotFound):
    """No tablet is enrolled under this id. A lead enrols it by giving it a name."""

    code = "no-such-tablet"


class TabletNotInUse(Forbidden):
    """This tablet is no longer in use at this clinic, and stays shut. Bring it to the lead."""

    code = "tablet-not-in-use"


class TooManyTablets(Conflict):
    """This clinic has as many tablets in use as it may have: take one that is not used any more out of use."""

    code = "too-many-tablets"


@dataclass(frozen=True, slots=True)
class TabletLine:
    """One tablet of the clinic. `revision` 0 and no `tablet`: heard of, but not enrolled. `said` None: never heard."""

    id: UUID
    revision: int
    tablet: Tablet | None
    said: Heartbeat | None
    open_sessions: tuple[UUID, ...]


def put(
    work: Work, tablet_id: UUID, tablet: Tablet, expected: int | None, wall: datetime
) -> tuple[Change, Kept[Tablet]]:
    """Enrol a tablet, give it another name or key, or take it out of use: then its PINs and its sign-ins are over.

    A key is left out where it stays. Raises `TooManyTablets`.
    """
    faults = text_faults("name", tablet.name, longest=LINE)
    if faults:
        raise Invalid(errors=faults)
    current = enrolments.find(work, tablet_id)
    was = current.value if current else None
    if tablet.public_key is None and was is not None:
        tablet = replace(tablet, public_key=was.public_key)
    change = decide_sheet(current, tablet, expected)
    if change.changed:
        if tablet.in_use and not (was and was.in_use) and enrolments.in_use(work) >= MOST_IN_USE:
            raise TooManyTablets
        # from the first name on its silence counts, in whatever it has open
        tablets.lock(work, tablet_id)
        held = hold(work, tablets.open_at(work, tablet_id)) if change.created else []
        enrolments.keep(work, tablet_id, tablet, change.revision)
        if tablet.public_key is not None and (was is None or was.public_key != tablet.public_key):
            tablet_numbers.begin(work, tablet_id, tablet.public_key)
            # what opened them lay beside the key that is gone
            pins.forget_tablet(work, tablet_id)
        if not tablet.in_use:
            pins.forget_tablet(work, tablet_id)
            push.forget(work, tablet_id)
            sign_ins.end_on(work, tablet_id, wall)
        settle_again(work, held)
        if change.created:
            silence_counts(work, tablet_id)
    return change, find(work, tablet_id)


def find(work: Work, tablet_id: UUID) -> Kept[Tablet]:
    """One enrolled tablet. Raises `NoSuchTablet`."""
    found = enrolments.find(work, tablet_id)
    if found is None:
        raise NoSuchTablet
    return found


def check_in_use(work: Work, tablet_id: UUID) -> None:
    """Raises `TabletNotInUse` where a lead has taken the tablet out of use; one nobody enrolled is let pass."""
    in_use(work, tablet_id)


def in_use(work: Work, tablet_id: UUID) -> Tablet | None:
    """A tablet as it is enrolled; None where it is not. Raises `TabletNotInUse`."""
    found = enrolments.row(work, tablet_id)
    if found is not None and not found.in_use:
        raise TabletNotInUse
    return found


def read_history(work: Work, tablet_id: UUID, after: int | None, limit: int) -> tuple[Kept[Tablet], ...]:
    """The next revisions of one enrolment, oldest first; audited as read."""
    find(work, tablet_id)
    work.audit("tablet.read", subject="tablet", subject_id=tablet_id)
    return enrolments.history(work, tablet_id, after, limit)


def read_page(work: Work, after: TabletPlace | None, limit: int) -> list[TabletLine]:
    """The next tablets enrolled or heard of, by name, those without one last; audited as read."""
    work.audit("tablet.listed", subject="clinic", subject_id=work.clinic_id)
    among_nameless = after is not None and not after.name
    named = {} if among_nameless else enrolments.page(work, after, limit)
    others = tablets.nameless(work, after.id if after and among_nameless else None, limit - len(named))
    these = [*named, *others]
    heard, opened = tablets.said(work, these), tablets.open_at_several(work, these)
    lines = []
    for this in these:
        revision, tablet = named.get(this, (0, None))
        lines.append(TabletLine(this, revision, tablet, heard.get(this), tuple(opened.get(this, ()))))
    return lines
