"""What of an assessment is kept, and how a kept one is compared.

The document is what the digest covers and what a clinician signs. Of tablets it holds only whether each was in step:
heartbeats are not facts, and an unchanged verdict is an unchanged text. Of each finding it holds the code, its
parameters and limits; the sentence is formed where it is shown, so that wording is no part of what was signed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from app.domain.assessment import Finding
from app.domain.canonical import Document, Json
from app.domain.facts import Facts
from app.domain.instants import to_text
from app.domain.protocol.values import Protocol
from app.domain.readiness.criteria_people import tablet_states
from app.domain.sentences import because_of


def _finding_document(one: Finding) -> Document:
    return {
        "criterion": one.criterion._value_,  # asked sixty times an assessment: `value` takes ten times as long
        "outcome": one.outcome._value_,
        "code": one.code._value_,
        "params": dict(one.params),
        "rests_on": [{"kind": fact.kind, "id": fact.id, "revision": fact.revision} for fact in one.rests_on],
        "limits": dict(one.limits),
    }


def finding_shown(kept: Document) -> Document:
    """A kept finding as it is shown: with its sentence. `values` is the contract's older name for the parameters."""
    return {**kept, "because": because_of(kept), "values": kept["params"]}


def assessment_document(
    rules: str, facts: Facts, inputs: str, protocol: Protocol, as_of: datetime, findings: Iterable[Finding]
) -> Document:
    """Everything the digest covers, in one order. Holds no age, no heartbeat, and no time of arrival."""
    tablets = tablet_states(facts.tablets, protocol, as_of).items()
    return {
        "rules": rules,
        "protocol": {"id": protocol.id, "version": protocol.version, "hash": protocol.content_hash},
        "as_of": to_text(as_of),
        "inputs": inputs,
        "tablets": [{"id": str(name), "in_step": fine} for name, fine in tablets],
        "findings": [_finding_document(one) for one in findings],
    }


def items_of(document: Document, name: str) -> list[Document]:
    """The objects in a list of a document."""
    value = document[name]
    assert isinstance(value, list | tuple)
    return [one for one in value if isinstance(one, Mapping)]


def names_of(document: Document, name: str) -> list[str]:
    """The texts in a list of a document."""
    value = document[name]
    assert isinstance(value, list | tuple)
    return [one for one in value if isinstance(one, str)]


def part_of(document: Document, name: str) -> Document:
    """An object in a document."""
    value = document[name]
    assert isinstance(value, Mapping)
    return value


def outcomes_of(document: Document) -> dict[Json, Json]:
    """Each criterion's outcome in a kept document, by their permanent names."""
    return {one["criterion"]: one["outcome"] for one in items_of(document, "findings")}


def is_to_be_kept(kept: Document | None, now: Document) -> bool:
    """Whether an assessment says something that the last kept one of its session does not.

    That is: the outcome of a finding changed, or what the rules look at did (a reading, an event, a void, the escort's
    sheet), or it was made by other rules or another protocol. Heartbeats and the passing of time that change no outcome
    are not.
    """
    if kept is None or outcomes_of(kept) != outcomes_of(now):
        return True
    return any(kept[name] != now[name] for name in ("rules", "protocol", "inputs"))
