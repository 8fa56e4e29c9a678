"""Assessments, and what clinicians signed of them.

An assessment is a GuidanceResponse: what a module of rules answered when it was asked about this patient, with
everything it rests on. Its findings are in a contained Parameters, one parameter a criterion; each says `met`,
`not-met` or `unknown` in so many words. The document that the digest covers goes with it byte for byte, so that anybody
can add it up again: SHA-256 of those bytes is the digest, and the digest is what a clinician signed.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Final

from app.domain.assessment import Status
from app.domain.canonical import Document, Json, canonical_json
from app.domain.records import Confirmation, Decision, Kept, KeptAssessment, ScreeningOverride
from app.domain.screening import LABELS
from app.domain.sentences import because_of
from app.domain.signatures import SignatureProof
from app.exchange.fhir.context import Context
from app.exchange.fhir.parts import (
    coding,
    concept,
    instant,
    instant_or_none,
    kept,
    meta,
    ours,
    part,
    parted,
    reference,
    signer,
)
from app.exchange.fhir.sheets import same_day_items
from app.exchange.fhir.systems import BASE, Resource, local

_STATUS = {Status.MET: "success", Status.NOT_MET: "success", Status.CANNOT_TELL: "data-required"}
"""FHIR's `data-required` is our cannot-tell: more must be known before an answer can be given."""

VERIFICATION: Final = coding("urn:iso-astm:E1762-95:2013", "1.2.840.10065.1.12.1.5", "Verification Signature")


def assessment_id(context: Context, number: int) -> str:
    """The id of the session's n-th kept assessment."""
    return f"{context.session_id}-assessment-{number}"


def _mapping(value: Json) -> Mapping[str, Json]:
    assert isinstance(value, Mapping)
    return value


def _sequence(value: Json) -> Sequence[Json]:
    assert isinstance(value, Sequence)
    return value


def base64_text(value: bytes) -> str:
    """As FHIR writes base64Binary."""
    return base64.b64encode(value).decode("ascii")


def _bytes(name: str, value: bytes) -> Resource:
    return {"name": name, "valueBase64Binary": base64_text(value)}


def _finding(one: Mapping[str, Json]) -> Resource:
    """One criterion: its outcome in so many words, why, and which facts it rests on, each with its revision."""
    parts: list[Resource] = [
        {"name": "outcome", "valueCode": one["outcome"]},
        {"name": "code", "valueCode": one["code"]},
        {"name": "because", "valueString": because_of(one)},
    ]
    for fact in _sequence(one["rests_on"]):
        on = _mapping(fact)
        parts.append(
            {
                "name": "rests-on",
                "part": [
                    {"name": "kind", "valueCode": on["kind"]},
                    {"name": "id", "valueString": on["id"]},
                    {"name": "revision", "valueInteger": on["revision"]},
                ],
            }
        )
    return {"name": one["criterion"], "part": parts}


def _parameters(assessment: KeptAssessment) -> Resource:
    document: Document = assessment.document
    # what was shown repeats the findings: once is enough
    shown = {name: value for name, value in assessment.display.items() if name != "findings"}
    found: list[Resource] = [
        {"name": "status", "valueCode": assessment.status},
        {"name": "digest", "valueString": assessment.digest},
        {"name": "rules", "valueString": document["rules"]},
        *(_finding(_mapping(one)) for one in _sequence(document["findings"])),
        _bytes("document", canonical_json(document)),
        _bytes("shown", canonical_json(shown)),
    ]
    return {"resourceType": "Parameters", "id": "findings", "parameter": found}


def guidance_response(context: Context, assessment: KeptAssessment) -> Resource:
    """One kept assessment: it never changes, so it has one version.

    When it is to be looked at next is left out: that moves on with the record, and is nobody's but the service's.
    """
    protocol = _mapping(assessment.document["protocol"])
    clocks = [
        part("status", valueCode=assessment.status),
        part("change", valueCode=assessment.change.value if assessment.change else None),
        part("lapses-at", valueInstant=instant_or_none(assessment.lapses_at)),
        part("recorded-at", valueInstant=instant(assessment.recorded_at)),
    ]
    return {
        "resourceType": "GuidanceResponse",
        "id": assessment_id(context, assessment.number),
        "meta": meta(1, assessment.recorded_at),
        "contained": [_parameters(assessment)],
        "extension": [parted("assessment", *clocks)],
        "identifier": [{"system": f"{BASE}/sid/assessment-digest", "value": assessment.digest}],
        "moduleUri": f"{BASE}/protocol/{protocol['id']}/{protocol['version']}",
        "status": _STATUS[Status(assessment.status)],
        "subject": context.subject,
        "encounter": context.encounter,
        "occurrenceDateTime": instant(assessment.as_of),
        "outputParameters": {"reference": "#findings"},
    }


def _signature(by: Resource, when: str, text: str) -> Resource:
    """What was signed, word for word. Who signed had proven themselves to the service; no key of theirs signed this."""
    return {
        "type": [VERIFICATION],
        "when": when,
        "who": by,
        "sigFormat": "text/plain",
        "data": base64_text(text.encode("utf-8")),
    }


def confirmation_provenance(
    context: Context, one: Kept[Confirmation], assessments: Sequence[KeptAssessment] = ()
) -> Resource:
    """A clinician's signed decision: who, when, what it means, and the digest of exactly what they saw.

    It points at the assessment where that is among `assessments`, and always at the session.
    """
    signed = one.value
    seen = [
        reference("GuidanceResponse", assessment_id(context, held.number))
        for held in assessments
        if held.digest == signed.digest
    ]
    who = signer(one.by)
    when = instant(signed.signed_at)
    said = [
        part("own-assessment", valueString=signed.own_assessment),
        part("reason", valueString=signed.reason),
        part("digest", valueString=signed.digest),
        *(part("named", valueCode=criterion) for criterion in signed.named),
        part("had-left-at", valueInstant=instant_or_none(signed.had_left_at)),
        part("examined-by", valueString=signed.examined_by),
    ]
    return {
        "resourceType": "Provenance",
        "id": str(signed.id),
        "meta": meta(1, one.recorded_at),
        "extension": [kept(one), parted("confirmation", *said), *_proof(signed.proof)],
        "target": [*seen[-1:], context.encounter],
        "occurredDateTime": when,
        "recorded": instant(one.recorded_at),
        "activity": ours("decision", signed.decision.value),
        "agent": [{"type": ours("agent", "signer"), "who": who}],
        "entity": [
            {
                "role": "source",
                "what": {"identifier": {"system": f"{BASE}/sid/assessment-digest", "value": signed.digest}},
            }
        ],
        "signature": [_signature(who, when, signed.signed_text)],
    }


def _proof(proof: SignatureProof | None) -> list[Resource]:
    if proof is None:
        return []
    return [parted("proof", part("kind", valueCode=proof.kind.value), part("credential", valueString=proof.credential))]


def override_provenance(context: Context, number: int, one: Kept[ScreeningOverride]) -> Resource:
    """A clinician's signed word that exclusions, though present, do not stop this session: the n-th of the session."""
    who, when = signer(one.by), instant(one.recorded_at)
    return {
        "resourceType": "Provenance",
        "id": f"{context.session_id}-override-{number}",
        "meta": meta(1, one.recorded_at),
        "extension": [kept(one), *_proof(one.value.proof), *same_day_items(one.value.same_day)],
        "target": [reference("Observation", f"{context.session_id}-screening"), context.encounter],
        "recorded": when,
        "reason": [
            concept(
                *(coding(local("exclusion"), exclusion.value, LABELS[exclusion]) for exclusion in one.value.exclusions),
                text=one.value.reason,
            )
        ],
        "activity": ours("decision", "screening-override"),
        "agent": [{"type": ours("agent", "signer"), "who": who}],
        "signature": [_signature(who, when, one.value.reason)],
    }


DECISIONS: Final = (*(decision.value for decision in Decision), "screening-override")
