"""The whole assessment: gather the evidence, ask every criterion, and say when it changes."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from app.domain.assessment import Assessment, Baseline, BaselineVital, Criterion, Finding, Outcome, Status
from app.domain.canonical import Document, canonical_json, digest
from app.domain.codes import Code
from app.domain.facts import Facts
from app.domain.instants import to_text, utc
from app.domain.protocol.values import Protocol
from app.domain.readiness.evidence import Evidence, PartFailed, gather, in_one_order
from app.domain.readiness.inputs import inputs_digest
from app.domain.readiness.record import assessment_document
from app.domain.readiness.rules import could_not_be_evaluated, evaluate
from app.domain.readiness.times import Times, status_of, times
from app.domain.sentences import Reason
from app.domain.vitals import Vital

RULES_VERSION = "1"
"""Goes up with every change that could alter an outcome, a code or a parameter; older ones stay while named."""


def _no_baseline(failed: PartFailed) -> Baseline:
    reason = Reason(Code.COULD_NOT_BE_EVALUATED, {"where": failed.part})
    nothing = dict.fromkeys(Vital, BaselineVital(0, 0, reason, ()))
    return Baseline(nothing, None, None, accepted=False, reason=reason, rests_on=())


def evidence_of(facts: Facts, protocol: Protocol, known: Evidence | None = None) -> Evidence | PartFailed:
    """The evidence of facts that are in one order, or the part of it that failed; `known`: see `gather`."""
    try:
        return gather(facts, protocol, known)
    except PartFailed as failed:
        return failed
    except Exception as error:  # noqa: BLE001 - whatever fails, every answer that rests on it is unknown
        return PartFailed("evidence", error)


def assess(facts: Facts, protocol: Protocol, as_of: datetime) -> Assessment:
    """All findings on one session at one instant.

    `facts`: what is in force, in any order; every fact counts, also one that lies after `as_of`. `as_of`: an aware
    instant. Pure: the same arguments give the same digest. Raises `NaiveInstant` for an `as_of` without offset.
    """
    as_of, facts = utc(as_of), in_one_order(facts)
    return judge(facts, protocol, as_of, evidence_of(facts, protocol))


def judge(facts: Facts, protocol: Protocol, as_of: datetime, evidence: Evidence | PartFailed) -> Assessment:
    """All findings, from the evidence of these facts; where a part of it failed, every one of them is unknown."""
    findings: Mapping[Criterion, Finding]
    if isinstance(evidence, PartFailed):
        why, where = evidence.error, evidence.part
        findings = {criterion: could_not_be_evaluated(criterion, why, where) for criterion in Criterion}
        when, reference = Times(), _no_baseline(evidence)
    else:
        findings = {criterion: evaluate(criterion, evidence, as_of) for criterion in Criterion}
        reference = evidence.baseline
        try:
            when = times(evidence, as_of, findings)
        except Exception as error:  # noqa: BLE001 - a flag that cannot say when it lapses is not raised
            findings = {**findings, Criterion.FRESH: could_not_be_evaluated(Criterion.FRESH, error, "times")}
            when = Times()
    in_order = tuple(findings[criterion] for criterion in Criterion)
    inputs = inputs_digest(facts, None if isinstance(evidence, PartFailed) else evidence.inputs)
    document = assessment_document(RULES_VERSION, facts, inputs, protocol, as_of, in_order)
    return Assessment(
        status=status_of(one.outcome for one in in_order),
        as_of=as_of,
        findings=in_order,
        baseline=reference,
        rules=RULES_VERSION,
        protocol_id=protocol.id,
        protocol_version=protocol.version,
        protocol_hash=protocol.content_hash,
        lapses_at=when.lapses_at,
        earliest_met_at=when.earliest_met_at,
        next_change_at=when.next_change_at,
        next_if_heard_at=when.next_if_heard_at,
        document=document,
        digest=digest(document),
    )


def nothing_known(protocol: Protocol, as_of: datetime, position: int, part: str, kind: str) -> Assessment:
    """What is said where not even `judge` came to an end: every criterion is unknown.

    Written out by itself, as whatever it shared with `judge` could be what failed. `position`: up to where the
    journal was looked at, in place of what was found there; `part` and `kind`: what failed, and how.
    """
    params: Document = {"failure": kind, "where": part}
    code = Code.COULD_NOT_BE_EVALUATED
    findings = tuple(Finding(one, Outcome.UNKNOWN, code, params, (), {}) for one in Criterion)
    document: Document = {
        "rules": RULES_VERSION,
        "protocol": {"id": protocol.id, "version": protocol.version, "hash": protocol.content_hash},
        "as_of": to_text(as_of),
        "inputs": f"unknown, up to {position}",
        "tablets": [],
        "findings": [
            {
                "criterion": one.criterion.value,
                "outcome": one.outcome.value,
                "code": code.value,
                "params": params,
                "rests_on": [],
                "limits": {},
            }
            for one in findings
        ],
    }
    return Assessment(
        status=Status.CANNOT_TELL,
        as_of=as_of,
        findings=findings,
        baseline=_no_baseline(PartFailed(part, Exception(kind))),
        rules=RULES_VERSION,
        protocol_id=protocol.id,
        protocol_version=protocol.version,
        protocol_hash=protocol.content_hash,
        lapses_at=None,
        earliest_met_at=None,
        next_change_at=None,
        next_if_heard_at=None,
        document=document,
        digest=sha256(canonical_json(document)).hexdigest(),
    )
