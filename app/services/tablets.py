"""Tablets in step: heartbeats, and a lead's release of one that will not be heard of again."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db import enrolments, journal, tablets
from app.db.work import Work
from app.domain.assessment import Status
from app.domain.errors import NotFound
from app.domain.journal import Fact, Kind
from app.domain.people import Act, check_may
from app.domain.tablets import Contact
from app.services.session_work import OpenSession, open_session


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
    until now is kept at its own instant before the heartbeat counts.
    """
    # what it has open is read under a lock, and then stays so until this work ends
    tablets.lock(work, tablet_id)
    before = tablets.open_at(work, tablet_id)
    named = tablets.known(work, {*said.open_sessions, *said.drafts})
    caught_up = hold(work, before.keys() | named)
    tablets.heard(work, tablet_id, said, max(1, pace))
    for session_id in sorted(before.keys() | named):
        draft = session_id in said.drafts
        if session_id not in before:
            tablets.opened(work, tablet_id, session_id, draft=draft)
        elif session_id not in named and said.unsent == 0:
            tablets.left(work, tablet_id, session_id)
        elif draft is not before[session_id]:
            tablets.set_draft(work, tablet_id, session_id, draft=draft)
    settled = {session.id: session for session in settle_again(work, caught_up)}
    on_screen = [session_id for session_id in dict.fromkeys(said.open_sessions) if session_id in named]
    name = enrolments.name_of(work, tablet_id)
    return Heard(name, tuple(_standing(settled[session_id]) for session_id in on_screen))


def hold(work: Work, session_ids: Collection[UUID]) -> list[OpenSession]:
    """Locks and catches up sessions before what is known of a tablet changes.

    In one order, so that two heartbeats never wait for each other's sessions.
    """
    return [open_session(work, session_id) for session_id in sorted(session_ids)]


def settle_again(work: Work, held: Iterable[OpenSession]) -> list[OpenSession]:
    """Runs the rules on held sessions with what is known of their tablets now."""
    found = list(held)
    for session in found:
        session.hear(tablets.of_session(work, session.id))
        session.settle(session.record, was_closed=session.closed, arrived=None)
    return found


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


def _standing(session: OpenSession) -> SessionOnScreen:
    latest = session.record.assessment
    if latest is None:
        return SessionOnScreen(session.id, None, None, None, None)
    # where all is met the next change is a change for the worse
    lapses = latest.status == Status.MET.value and not session.closed
    return SessionOnScreen(
        session.id, latest.status, latest.as_of, session.next_change_at if lapses else None, latest.digest
    )
