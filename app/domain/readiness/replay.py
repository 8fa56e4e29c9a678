"""Replay: a kept assessment made anew from the facts it names, by the rules of its version."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.domain.assessment import Assessment
from app.domain.canonical import Document
from app.domain.errors import Conflict
from app.domain.facts import Facts, TabletContact
from app.domain.instants import from_text
from app.domain.protocol.values import Protocol
from app.domain.readiness.assess import RULES_VERSION, assess
from app.domain.readiness.inputs import inputs_digest
from app.domain.readiness.record import items_of, part_of

RULES_BY_VERSION: dict[str, Callable[[Facts, Protocol, datetime], Assessment]] = {RULES_VERSION: assess}
"""Every version that a record may name."""


class NotReplayable(Conflict):
    """The assessment cannot be replayed: a fact, the protocol or the rules it names are not at hand."""

    code = "not-replayable"


def as_judged(document: Document, facts: Facts) -> Facts:
    """The facts that a kept assessment looked at: those in force where it looked, and its tablets.

    Tablets come back as they were seen: enrolled, and heard of at that very instant where they were in step, else with
    one item unsent. Raises `NotReplayable` where `facts` are not those that it looked at.
    """
    as_of = from_text(str(document["as_of"]))
    if document["inputs"] != inputs_digest(facts):
        raise NotReplayable("What the journal holds there is not what the assessment looked at")
    return replace(
        facts,
        tablets=tuple(
            TabletContact(UUID(str(one["id"])), as_of, 0 if one["in_step"] else 1, draft=False, enrolled=True, pace=1)
            for one in items_of(document, "tablets")
        ),
    )


def replay(document: Document, facts: Facts, protocol: Protocol) -> Assessment:
    """Assess `facts` (from `as_judged`) again as the document says. The digests must agree; the caller compares.

    Raises `NotReplayable` where `protocol` is another content than the one named, or the rules version is unknown.
    """
    rules = RULES_BY_VERSION.get(str(document["rules"]))
    if rules is None:
        raise NotReplayable(f"Rules version {document['rules']} is not in this release")
    named = part_of(document, "protocol")
    if (named["id"], named["version"], named["hash"]) != (protocol.id, protocol.version, protocol.content_hash):
        raise NotReplayable("The protocol at hand is not the one the assessment names")
    return rules(facts, protocol, from_text(str(document["as_of"])))
