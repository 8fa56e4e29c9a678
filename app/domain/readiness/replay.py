"""Replay: a kept assessment made anew from the facts it names, by the rules of its version."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from app.domain.assessment import Assessment
from app.domain.canonical import Document
from app.domain.errors import Conflict
from app.domain.events import Event
from app.domain.facts import Escort, Facts, TabletContact
from app.domain.instants import from_text
from app.domain.protocol.values import Protocol
from app.domain.readiness.assess import RULES_VERSION, assess
from app.domain.readiness.record import items_of, names_of, part_of
from app.domain.readings import Reading

RULES_BY_VERSION: dict[str, Callable[[Facts, Protocol, datetime], Assessment]] = {RULES_VERSION: assess}
"""Every version that a record may name."""


class NotReplayable(Conflict):
    """The assessment cannot be replayed: a fact, the protocol or the rules it names are not at hand."""

    code = "not-replayable"


def facts_named(
    document: Document,
    session_id: UUID,
    readings: Iterable[Reading],
    events: Iterable[Event],
    escorts: Iterable[Escort],
) -> Facts:
    """The facts a kept document names, chosen from all revisions of the session's readings, events and escort.

    Tablets come back as they were seen: enrolled, and heard of at that very instant where they were in step, else with
    one item unsent. Raises `NotReplayable` where one is missing.
    """
    inputs = part_of(document, "inputs")
    by_revision = {(str(reading.id), reading.revision): reading for reading in readings}
    by_id = {str(event.id): event for event in events}
    by_sheet = {escort.revision: escort for escort in escorts}
    as_of = from_text(str(document["as_of"]))
    try:
        return Facts(
            session_id=session_id,
            events=tuple(by_id[name] for name in names_of(inputs, "events")),
            readings=tuple(
                by_revision[str(one["id"]), int(str(one["revision"]))] for one in items_of(inputs, "readings")
            ),
            escort=None if inputs["escort"] is None else by_sheet[int(str(inputs["escort"]))],
            tablets=tuple(
                TabletContact(
                    UUID(str(one["id"])), as_of, 0 if one["in_step"] else 1, draft=False, enrolled=True, pace=1
                )
                for one in items_of(inputs, "tablets")
            ),
        )
    except KeyError as missing:
        raise NotReplayable(f"The assessment names a fact that is not at hand: {missing.args[0]}") from missing


def replay(document: Document, facts: Facts, protocol: Protocol) -> Assessment:
    """Assess `facts` (from `facts_named`) again as the document says. The digests must agree; the caller compares.

    Raises `NotReplayable` where `protocol` is another content than the one named, or the rules version is unknown.
    """
    rules = RULES_BY_VERSION.get(str(document["rules"]))
    if rules is None:
        raise NotReplayable(f"Rules version {document['rules']} is not in this release")
    named = part_of(document, "protocol")
    if (named["id"], named["version"], named["hash"]) != (protocol.id, protocol.version, protocol.content_hash):
        raise NotReplayable("The protocol at hand is not the one the assessment names")
    return rules(facts, protocol, from_text(str(document["as_of"])))
