"""Assessments, signatures, notices and the discharge."""

import base64
import json
from datetime import datetime
from uuid import UUID

from app.domain.records import (
    Confirmation,
    Decision,
    Discharge,
    FlagChange,
    Kept,
    KeptAssessment,
    Notice,
    NoticeHistory,
    NoticeKind,
    ScreeningOverride,
)
from app.domain.screening import Exclusion
from app.domain.sentences import because_of
from app.domain.signatures import ProofKind, SignatureProof
from tests.exchange.rebuild.found import (
    Found,
    code_of,
    extensions,
    kept,
    kept_as,
    parts,
    when,
)
from tests.exchange.rebuild.sheets import same_day_items


def assessment(one: Found, raised_at: datetime | None) -> KeptAssessment:
    """From the document that the digest covers and from what was shown; `raised_at`: of the one before it."""
    given = {p["name"]: p for p in one["contained"][0]["parameter"]}
    document, shown = (json.loads(base64.b64decode(given[n]["valueBase64Binary"])) for n in ("document", "shown"))
    for finding in document["findings"]:
        told = {p["name"]: p.get("valueCode") or p.get("valueString") for p in given[finding["criterion"]]["part"]}
        assert (told["outcome"], told["code"]) == (finding["outcome"], finding["code"])
        assert told["because"] == because_of(finding)
    held = parts(extensions(one, "assessment")[0])
    as_of, change = when(one["occurrenceDateTime"]), FlagChange(held["change"]) if "change" in held else None
    assert as_of is not None
    rebuilt = KeptAssessment(
        number=int(one["id"].rsplit("-", 1)[1]),
        as_of=as_of,
        recorded_at=when(held["recorded-at"]),
        status=held["status"],
        digest=one["identifier"][0]["value"],
        rules=document["rules"],
        protocol=document["protocol"],
        judged=0,
        inputs=document["inputs"],
        tablets=document["tablets"],
        findings={finding["criterion"]: finding for finding in document["findings"]},
        baseline=shown["baseline"],
        lapses_at=when(held.get("lapses-at")),
        earliest_met_at=when(shown["earliest_met_at"]),
        next_change_at=None,
        change=change,
        raised_at=as_of if change is FlagChange.RAISED else raised_at,
    )
    # whatever else the two documents said would be lost in the value
    assert rebuilt.document == document
    assert rebuilt.display == {**shown, "findings": document["findings"]}
    return rebuilt


def assessments(told: list[Found]) -> tuple[KeptAssessment, ...]:
    """All of a session, in the order they were kept."""
    found: list[KeptAssessment] = []
    for one in told:
        found.append(assessment(one, found[-1].raised_at if found else None))
    return tuple(found)


def proof(one: Found) -> SignatureProof | None:
    for extension in extensions(one, "proof"):
        held = parts(extension)
        return SignatureProof(ProofKind(held["kind"]), held.get("credential"))
    return None


def confirmation(one: Found) -> Kept[Confirmation]:
    extension = extensions(one, "confirmation")[0]
    held = parts(extension)
    signature = one["signature"][0]
    return kept(
        one,
        Confirmation(
            UUID(one["id"]),
            Decision(code_of(one["activity"])),
            one["entity"][0]["what"]["identifier"]["value"],
            held["own-assessment"],
            held.get("reason"),
            tuple(p["valueCode"] for p in extension["extension"] if p["url"] == "named"),
            base64.b64decode(signature["data"]).decode(),
            when(signature["when"]),
            when(held.get("had-left-at")),
            held.get("examined-by"),
            proof(one),
        ),
    )


def override(one: Found) -> Kept[ScreeningOverride]:
    reason = one["reason"][0]
    excluded = tuple(Exclusion(coding["code"]) for coding in reason.get("coding", ()))
    return kept(one, ScreeningOverride(excluded, reason["text"], proof(one), same_day_items(one)))


def notice(one: Found) -> NoticeHistory:
    extension = extensions(one, "notice")
    held = parts(extension[0]) if extension else {}
    signer_id, confirmation_id = (UUID(held[n]) if n in held else None for n in ("signer", "confirmation"))
    acknowledged = extensions(one, "acknowledged")
    answer = None
    if acknowledged:
        answer = kept_as(parts(acknowledged[0]), parts(acknowledged[0]).get("note"))
    kind, raised = NoticeKind(code_of(one["code"])), when(one["period"]["start"])
    text = one["code"]["text"]
    return NoticeHistory(
        Notice(UUID(one["id"]), kind, text, raised, signer_id, confirmation_id, held.get("digest")), answer
    )


def discharge(one: Found) -> Kept[Discharge] | None:
    found = extensions(one, "discharge")
    if not found:
        return None
    held = parts(found[0])
    return kept_as(
        held,
        Discharge(
            when(held["left-at"]),
            held["instructions-given"],
            held.get("note"),
            when(held.get("ready-at")),
            held["signed-afterwards"],
        ),
    )
