"""Tablets in step: heartbeats, and a lead's release of one that will not be heard of again."""

from dataclasses import replace
from uuid import UUID

from app.db import enrolments, tablets
from app.db.work import Work
from app.domain.errors import NotFound
from app.domain.people import Act, check_may
from app.domain.tablets import Contact
from app.services.session_work import open_session, settle


class TabletNotOpen(NotFound):
    """This tablet does not have this session open."""

    code = "tablet-not-open"


def contact(work: Work, tablet_id: UUID, said: Contact) -> str | None:
    """Takes a heartbeat: what the tablet holds unsent, and which sessions it has open. The name it is enrolled under.

    A session it no longer names stays open at it while it holds unsent items: one of them may be that session's. Ids
    the clinic does not know are passed over: a session made offline arrives later. What was due by the tablet's silence
    until now is kept at its own instant before the heartbeat counts.
    """
    before = tablets.open_at(work, tablet_id)
    named = tablets.known(work, said.open_sessions)
    gone = before - named if said.unsent == 0 else set()
    # in one order, so that two heartbeats never wait for each other's sessions
    caught_up = [open_session(work, session_id) for session_id in sorted(before | named)]
    tablets.heard(work, tablet_id, said)
    for session_id in sorted(named - before):
        tablets.opened(work, tablet_id, session_id)
    for session_id in sorted(gone):
        tablets.left(work, tablet_id, session_id)
    for session in caught_up:
        heard = replace(session.record, tablets=tablets.of_session(work, session.id))
        settle(work, session, heard, arrived=None)
    return enrolments.name_of(work, tablet_id)


def release(work: Work, tablet_id: UUID, session_id: UUID, reason: str) -> None:
    """A lead's word that nothing more will come from this tablet for this session. Raises `TabletNotOpen`."""
    check_may(work.actor, Act.MANAGE_TABLETS)
    session = open_session(work, session_id)
    if not tablets.left(work, tablet_id, session_id):
        raise TabletNotOpen
    work.audit("tablet.released", subject="tablet", subject_id=tablet_id, session_id=session_id, reason=reason)
    settle(work, session, replace(session.record, tablets=tablets.of_session(work, session_id)), arrived=None)
