"""Tablets in step: heartbeats, and a lead's release of one that will not be heard of again.

A heartbeat is a row of its own and touches nothing of a record. A session is worked out again only where its answer
could change by it; of all others is said where their line stands.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar
from uuid import UUID

from app.db import enrolments, journal, tablets
from app.db import sessions as kept_sessions
from app.db.tablets import OpenHere, SilentTablet
from app.db.work import Work
from app.domain.assessment import Criterion, Status
from app.domain.errors import NotFound
from app.domain.facts import TabletContact
from app.domain.journal import Fact, Kind
from app.domain.people import Act, check_may
from app.domain.protocol.bands import TABLET_SECONDS
from app.domain.readiness.criteria_people import first_silence, holds_something, in_step, silent_from
from app.domain.tablets import Contact, NotEntered
from app.services.session_work import OpenSession, open_session

T = TypeVar("T")
OVER = frozenset({"closed", "afterwards"})
"""Lists of sessions that silence changes nothing in any more."""

log = logging.getLogger(__name__)


class TabletNotOpen(NotFound):
    """This tablet does not have this session open."""

    code = "tablet-not-open"


@dataclass(frozen=True, slots=True)
class SessionOnScreen:
    """Where a session on a tablet's screen stands now: what a heartbeat may have moved. None: never assessed.

    `lapses_at`: when met, the first instant at which time alone ends it. `digest`: the latest kept assessment's.
    """

    session_id: UUID
    status: str | None
    as_of: datetime | None
    lapses_at: datetime | None
    digest: str | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What a heartbeat is answered: the name the tablet is enrolled under, and the sessions it said it has open."""

    name: str | None
    sessions: tuple[SessionOnScreen, ...]


def contact(work: Work, tablet_id: UUID, said: Contact, pace: int) -> Heard:
    """Takes a heartbeat: what the tablet holds unsent or unfinished, and which sessions it has open.

    `pace`: clinic seconds in one of the wall's; a clock that stands is set by hand, and counts as the wall's.

    A session it no longer names stays open at it while it holds unsent items: one of them may be that session's. Ids
    the clinic does not know are passed over: a session made offline arrives later. What was due by the tablet's silence
    until now is kept at its own instant before the heartbeat counts. A session that fails is set apart: the heartbeat
    is taken, and no flag of that session is met until it has been worked out.
    """
    # what it has open is read under a lock, and then stays so until this work ends
    held = tablets.lock(work, tablet_id)
    before = tablets.open_at(work, tablet_id)
    name = held.name if held else enrolments.name_of(work, tablet_id)
    it_is = TabletContact(tablet_id, work.now, said.unsent, draft=False, enrolled=name is not None, pace=max(1, pace))
    named = {*said.open_sessions, *said.drafts}
    named = (named & before.keys()) | tablets.known(work, named - before.keys())
    stays = named | (before.keys() if said.unsent else set())
    after = {session_id: replace(it_is, draft=session_id in said.drafts) for session_id in stays}
    around = tablets.of_sessions(work, before.keys())
    moved = {
        session_id
        for session_id in before.keys() | after.keys()
        if _may_change(work.now, before.get(session_id), after.get(session_id), around.get(session_id, ()))
    }
    caught_up = _each(work, moved, lambda session_id: open_session(work, session_id))
    seconds = {session_id: before[session_id].seconds for session_id in after.keys() & before.keys()}
    for session_id in after.keys() - before.keys():
        opened = caught_up.get(session_id)
        seconds[session_id] = opened.protocol.tablet_seconds if opened else TABLET_SECONDS.low
    tablets.heard(work, tablet_id, said, it_is.pace, _silent_at(it_is, seconds, before))
    for session_id in sorted(moved):
        if session_id not in after:
            tablets.left(work, tablet_id, session_id)
            work.audit("tablet.session-left", subject="tablet", subject_id=tablet_id, session_id=session_id)
        elif session_id not in before:
            work.audit("tablet.session-opened", subject="tablet", subject_id=tablet_id, session_id=session_id)
            tablets.opened(work, tablet_id, session_id, seconds[session_id], draft=after[session_id].draft)
        elif after[session_id].draft is not before[session_id].draft:
            tablets.set_draft(work, tablet_id, session_id, draft=after[session_id].draft)
    settled = _each(work, caught_up.keys(), lambda session_id: _settled(work, caught_up[session_id]))

    def standing(session_id: UUID) -> SessionOnScreen:
        if session_id in settled:
            return _standing(settled[session_id])
        if session_id in moved:
            return SessionOnScreen(session_id, Status.CANNOT_TELL.value, work.now, None, None)
        others = [each for each in around[session_id] if each.id != tablet_id]
        return _as_it_stood(session_id, before[session_id], [*others, after[session_id]])

    on_screen = [session_id for session_id in dict.fromkeys(said.open_sessions) if session_id in named]
    return Heard(name, tuple(standing(session_id) for session_id in on_screen))


def _may_change(
    now: datetime, before: OpenHere | None, after: TabletContact | None, around: Collection[TabletContact]
) -> bool:
    """Whether a heartbeat may change what a session comes to. `around`: its tablets' last words until now.

    It does not where the session was and stays open there, the tablet holds as much of it as before (something, or
    nothing), nothing has lapsed, and all tablets are in step or not exactly as was last kept.
    """
    if before is None or after is None:
        return True
    was = [each for each in around if each.id == after.id]
    if any(each.draft is not after.draft for each in was):
        return True
    if before.listing == "closed":
        return False
    if any(holds_something(each) is not holds_something(after) for each in was):
        return True
    they_are = [*(each for each in around if each.id != after.id), after]
    kept = _kept_in_step(before)
    if before.listing in OVER:
        return kept is any(map(holds_something, they_are))
    due = [before.next_change_at, first_silence(was, before.seconds)]
    if any(at is not None and at <= now for at in due):
        return True
    return kept is not all(in_step(each, before.seconds, now) for each in they_are)


def _kept_in_step(before: OpenHere) -> bool | None:
    """Whether the last kept assessment found all tablets in step, by its line; None where that cannot be read."""
    if before.board is None:
        return None
    return not any(Criterion.TABLETS_IN_STEP.value in before.board.get(name, ()) for name in ("not_met", "unknown"))


def _silent_at(tablet: TabletContact, seconds: Mapping[UUID, int], lines: Mapping[UUID, OpenHere]) -> datetime | None:
    """From when on a tablet counts as silent in the first of the sessions that it has open."""
    counted = [each for this, each in seconds.items() if this not in lines or lines[this].listing not in OVER]
    return silent_from(tablet, min(counted)) if counted else None


def _each(work: Work, session_ids: Collection[UUID], act: Callable[[UUID], T]) -> dict[UUID, T]:
    """What came of each session, in one order, so that two heartbeats never wait for each other's sessions.

    One that fails is set apart: it is due from now on, and whoever keeps what is due tries it again.
    """
    found: dict[UUID, T] = {}
    for session_id in sorted(session_ids):
        done = work.apart(partial(act, session_id))
        if isinstance(done, Exception):
            told = {"job": "heartbeats", "kind": type(done).__name__, "session": str(session_id)}
            log.error("item-failed", extra=told)
            kept_sessions.is_due(work, session_id, work.now)
        else:
            found[session_id] = done[0]
    return found


def hold(work: Work, session_ids: Collection[UUID]) -> list[OpenSession]:
    """Locks and catches up sessions before what is known of a tablet changes.

    In one order, so that two heartbeats never wait for each other's sessions.
    """
    return [open_session(work, session_id) for session_id in sorted(session_ids)]


def settle_again(work: Work, held: Iterable[OpenSession]) -> None:
    """Runs the rules on held sessions with what is known of their tablets now."""
    for session in held:
        _settled(work, session)


def _settled(work: Work, session: OpenSession) -> OpenSession:
    session.hear(tablets.of_session(work, session.id))
    session.settle(session.record, was_closed=session.closed, arrived=None)
    return session


def silence_counts(work: Work, tablet_id: UUID) -> None:
    """Its silence counts from now on: it has just been enrolled."""
    last = tablets.last_heard(work, tablet_id)
    if last is not None:
        here = tablets.open_at(work, tablet_id)
        it_is = TabletContact(tablet_id, last[0], 0, draft=False, enrolled=True, pace=last[1])
        silent_at = _silent_at(it_is, {session_id: each.seconds for session_id, each in here.items()}, here)
        tablets.counts_as_silent(work, tablet_id, it_is.heard_at, silent_at)


def falls_silent(work: Work, silent: SilentTablet) -> None:
    """The sessions in which a tablet counts as silent by now are due from that instant on; the others wait longer.

    Nothing where it was heard of meanwhile.
    """
    since = silent.since()
    later = [at for at in since.values() if at > work.now]
    if tablets.counts_as_silent(work, silent.id, silent.heard_at, min(later, default=None)):
        for session_id, at in sorted(since.items()):
            if at <= work.now:
                kept_sessions.is_due(work, session_id, at)


def release(work: Work, tablet_id: UUID, session_id: UUID, reason: str) -> None:
    """A lead's word that nothing more will come from this tablet for this session. Raises `TabletNotOpen`."""
    check_may(work.actor, Act.MANAGE_TABLETS)
    tablets.lock(work, tablet_id)
    held = hold(work, [session_id])
    if not tablets.left(work, tablet_id, session_id):
        raise TabletNotOpen
    number = journal.next_revision(work, Kind.TABLET_RELEASE, f"{tablet_id}/{session_id}")
    for session in held:
        session.keep(Fact(Kind.TABLET_RELEASE, f"{tablet_id}/{session_id}", {}, number, reason=reason))
    settle_again(work, held)


def not_entered(work: Work, tablet_id: UUID, said: NotEntered) -> None:
    """Notes in the log what is not entered, with both versions and the reason: nothing typed goes without a trace.

    It may name a session that the clinic never came to know, because that was what was refused. Said twice it is noted
    twice, under the same item.
    """
    check_may(work.actor, Act.CHART)
    both = {"item": str(said.item), "about": said.about, "typed": said.typed, "refused": said.refused}
    work.audit(
        "item.not-entered",
        subject="tablet",
        subject_id=tablet_id,
        session_id=said.session_id,
        after=both,
        reason=said.reason,
    )


def _standing(session: OpenSession) -> SessionOnScreen:
    latest = session.record.assessment
    if latest is None:
        return SessionOnScreen(session.id, None, None, None, None)
    # where all is met the next change is a change for the worse
    lapses = latest.status == Status.MET.value and not session.closed
    return SessionOnScreen(
        session.id, latest.status, latest.as_of, session.next_change_at if lapses else None, latest.digest
    )


def _as_it_stood(session_id: UUID, line: OpenHere, they_are: Collection[TabletContact]) -> SessionOnScreen:
    """The same of a session that was not worked out again, by its line and its tablets."""
    lapses_at = None
    if line.status == Status.MET and line.listing not in OVER:
        both = (line.next_change_at, first_silence(they_are, line.seconds))
        lapses_at = min((at for at in both if at is not None), default=None)
    return SessionOnScreen(session_id, line.status, line.status_since, lapses_at, line.digest)
