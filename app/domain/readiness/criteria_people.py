"""Criteria that people settle: concerns, the escort, tablets in step."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.assessment import RestsOn
from app.domain.canonical import Json
from app.domain.codes import Code
from app.domain.facts import TabletContact
from app.domain.protocol.values import Protocol
from app.domain.readiness.evidence import Evidence
from app.domain.readiness.findings import at_of, of_events, text
from app.domain.readiness.verdicts import Verdict, met, not_met, unknown


def concerns_acknowledged(evidence: Evidence, _as_of: datetime) -> Verdict:
    """Each concern that the protocol wants acknowledged is."""
    wanted = [concern for concern in evidence.concerns if concern.must_be_acknowledged]
    waiting: list[Json] = [concern.reason.document() for concern in wanted if concern.waits]
    seen: dict[str, Json] = {
        "acknowledged": [concern.id for concern in wanted if not concern.waits],
        "waiting": waiting,
    }
    on = [RestsOn("reading", str(concern.reading_id), concern.revision) for concern in wanted]
    on += [RestsOn("event", str(c.acknowledged_by), 1) for c in wanted if c.acknowledged_by is not None]
    if waiting:
        return not_met(Code.CONCERN_WAITS, seen, on)
    if wanted:
        return met(Code.EVERY_CONCERN_SEEN, seen, on)
    return met(Code.NO_CONCERN, seen)


def escort_present(evidence: Evidence, _as_of: datetime) -> Verdict:
    """An escort is named, and was seen present after the dose end."""
    escort, ended = evidence.facts.escort, evidence.timeline.ended
    if escort is None:
        return unknown(Code.NO_ESCORT)
    seen = {"present": escort.present, "present_at": text(escort.present_at), "dose_ended_at": at_of(ended)}
    on = (RestsOn("escort", str(evidence.facts.session_id), escort.revision), *of_events(ended))
    if not escort.name.strip():
        return not_met(Code.ESCORT_WITHOUT_NAME, seen, on)
    if not escort.present or escort.present_at is None:
        return not_met(Code.ESCORT_NOT_SEEN, seen, on)
    if ended is None:
        return not_met(Code.ESCORT_BEFORE_THE_END, seen, on)
    if escort.present_at <= ended.at:
        return not_met(Code.ESCORT_SEEN_TOO_EARLY, seen, on)
    return met(Code.ESCORT_SEEN, seen, on)


def silent_from(tablet: TabletContact, seconds: int) -> datetime | None:
    """The instant from which a tablet counts as silent if nothing more is heard; None for a browser nobody enrolled.

    The protocol's seconds are the wall clock's: by the clinic's clock as many more as it goes faster.
    """
    if not tablet.enrolled:
        return None
    return tablet.heard_at + timedelta(seconds=seconds * tablet.pace)


def first_silence(tablets: Iterable[TabletContact], seconds: int) -> datetime | None:
    """From when on the first of these tablets counts as silent, if nothing more is heard of any."""
    return min((at for tablet in tablets if (at := silent_from(tablet, seconds)) is not None), default=None)


def holds_something(tablet: TabletContact) -> bool:
    """Whether something lies on it, by its last word, that is not in the record."""
    return tablet.unsent > 0 or tablet.draft


def in_step(tablet: TabletContact, seconds: int, as_of: datetime) -> bool:
    """Whether a tablet holds nothing back and, where it is enrolled, was heard of lately."""
    silent_at = silent_from(tablet, seconds)
    return not holds_something(tablet) and (silent_at is None or as_of < silent_at)


def tablet_states(tablets: Iterable[TabletContact], protocol: Protocol, as_of: datetime) -> dict[UUID, bool]:
    """Whether each tablet is in step, by id. Of two contacts of one tablet the worse wins.

    A browser that nobody enrolled and that holds nothing only looks: it is not among them.
    """
    states: dict[UUID, bool] = {}
    for tablet in tablets:
        if tablet.enrolled or holds_something(tablet):
            fine = in_step(tablet, protocol.tablet_seconds, as_of)
            states[tablet.id] = states.get(tablet.id, True) and fine
    return dict(sorted(states.items()))


def tablets_in_step(evidence: Evidence, as_of: datetime) -> Verdict:
    """Nothing of this session is held back, and no enrolled tablet that has it open is silent.

    Of a tablet the finding keeps only whether it is in step, as the record does: a replay has no heartbeats.
    """
    states = tablet_states(evidence.facts.tablets, evidence.protocol, as_of)
    behind: list[Json] = [str(tablet_id) for tablet_id, fine in states.items() if not fine]
    seen: dict[str, Json] = {
        "in_step": [str(tablet_id) for tablet_id, fine in states.items() if fine],
        "behind": behind,
    }
    on = [RestsOn("tablet", str(tablet_id), 1) for tablet_id in states]
    if behind:
        return not_met(Code.TABLET_BEHIND, seen, on)
    if states:
        return met(Code.EVERY_TABLET_IN_STEP, seen, on)
    return met(Code.NO_TABLET, seen)
