"""Criteria that people settle: concerns, the escort, tablets in step."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.assessment import Criterion, Finding, Outcome, RestsOn
from app.domain.canonical import Json
from app.domain.facts import TabletContact
from app.domain.instants import to_text
from app.domain.protocol.values import Protocol
from app.domain.readiness.evidence import Evidence
from app.domain.readiness.findings import finding


def concerns_acknowledged(evidence: Evidence, _as_of: datetime) -> Finding:
    """Each concern that the protocol wants acknowledged is."""
    wanted = [concern for concern in evidence.concerns if concern.must_be_acknowledged]
    waiting = [concern for concern in wanted if concern.waits]
    if waiting:
        outcome = Outcome.NOT_MET
        because = f"{'; '.join(concern.because for concern in waiting)}: a clinician must acknowledge it"
    elif wanted:
        outcome, because = Outcome.MET, "A clinician has acknowledged every concern that needs it"
    else:
        outcome, because = Outcome.MET, "No reading raised a concern that a clinician must acknowledge"
    rests_on = [RestsOn("reading", str(concern.reading_id), concern.revision) for concern in wanted]
    rests_on += [RestsOn("event", str(c.acknowledged_by), 1) for c in wanted if c.acknowledged_by is not None]
    limits: dict[str, Json] = {
        vital.value: {"floor": one.floor, "ceiling": one.ceiling, "delta": one.delta}
        for vital, one in sorted(evidence.protocol.concerns.items())
        if one.acknowledge
    }
    values: dict[str, Json] = {
        "acknowledged": [concern.id for concern in wanted if not concern.waits],
        "waiting": [concern.id for concern in waiting],
    }
    return finding(Criterion.CONCERNS_ACKNOWLEDGED, outcome, because, rests_on=rests_on, values=values, limits=limits)


def escort_present(evidence: Evidence, _as_of: datetime) -> Finding:
    """An escort is named, and was seen present after the dose end."""
    escort, ended = evidence.facts.escort, evidence.timeline.ended
    if escort is None:
        because = "Nothing was entered about an escort: enter who takes the patient home, once they are seen here"
        return finding(Criterion.ESCORT_PRESENT, Outcome.UNKNOWN, because)
    rests_on = [RestsOn("escort", str(evidence.facts.session_id), escort.revision)]
    rests_on += [RestsOn("event", str(ended.id), 1)] if ended else []
    seen_at = escort.present_at if escort.present else None
    values: dict[str, Json] = {
        "present": escort.present,
        "present_at": to_text(escort.present_at) if escort.present_at else None,
        "dose_ended_at": to_text(ended.at) if ended else None,
    }
    outcome = Outcome.NOT_MET
    if not escort.name.strip():
        because = "The escort has no name: enter it"
    elif seen_at is None:
        because = "The escort was not seen present: enter it when they are here"
    elif ended is None:
        because = "The dose has not ended: the escort must be seen present after it has"
    elif seen_at <= ended.at:
        because = (
            f"The escort was seen at {to_text(seen_at)}, not after the dose end at {to_text(ended.at)}: "
            "look again and enter it"
        )
    else:
        outcome = Outcome.MET
        because = f"The escort was seen present at {to_text(seen_at)}, after the dose end at {to_text(ended.at)}"
    return finding(Criterion.ESCORT_PRESENT, outcome, because, rests_on=rests_on, values=values)


def silent_from(tablet: TabletContact, protocol: Protocol) -> datetime | None:
    """The instant from which a tablet counts as silent if nothing more is heard; None for a browser nobody enrolled.

    The protocol's seconds are the wall clock's: by the clinic's clock as many more as it goes faster.
    """
    if not tablet.enrolled:
        return None
    return tablet.heard_at + timedelta(seconds=protocol.tablet_seconds * tablet.pace)


def holds_something(tablet: TabletContact) -> bool:
    """Whether something lies on it, by its last word, that is not in the record."""
    return tablet.unsent > 0 or tablet.draft


def in_step(tablet: TabletContact, protocol: Protocol, as_of: datetime) -> bool:
    """Whether a tablet holds nothing back and, where it is enrolled, was heard of lately."""
    silent_at = silent_from(tablet, protocol)
    return not holds_something(tablet) and (silent_at is None or as_of < silent_at)


def tablet_states(tablets: Iterable[TabletContact], protocol: Protocol, as_of: datetime) -> dict[UUID, bool]:
    """Whether each tablet is in step, by id. Of two contacts of one tablet the worse wins.

    A browser that nobody enrolled and that holds nothing only looks: it is not among them.
    """
    states: dict[UUID, bool] = {}
    for tablet in tablets:
        if tablet.enrolled or holds_something(tablet):
            states[tablet.id] = states.get(tablet.id, True) and in_step(tablet, protocol, as_of)
    return dict(sorted(states.items()))


def tablets_in_step(evidence: Evidence, as_of: datetime) -> Finding:
    """Nothing of this session is held back, and no enrolled tablet that has it open is silent.

    Of a tablet the finding keeps only whether it is in step, as the record does: a replay has no heartbeats.
    """
    states = tablet_states(evidence.facts.tablets, evidence.protocol, as_of)
    behind = [str(tablet_id) for tablet_id, fine in states.items() if not fine]
    if behind:
        outcome = Outcome.NOT_MET
        because = (
            f"Tablet {', '.join(behind)} has this session open and holds unsent items or an unfinished set, "
            "or is silent: bring it into reach, or release it with a reason"
        )
    elif states:
        outcome, because = Outcome.MET, "Every tablet that has this session open is in step"
    else:
        outcome, because = Outcome.MET, "No tablet has this session open, and nothing of it is held elsewhere"
    return finding(
        Criterion.TABLETS_IN_STEP,
        outcome,
        because,
        rests_on=[RestsOn("tablet", str(tablet_id), 1) for tablet_id in states],
        values={"in_step": [str(one) for one, fine in states.items() if fine], "behind": list(behind)},
        limits={"seconds": evidence.protocol.tablet_seconds},
    )
