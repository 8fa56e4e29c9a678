"""What of an assessment is kept: what changed, at every change of an outcome or of what it rests on."""

from collections.abc import Mapping

from app.domain import keeping
from app.domain.assessment import Assessment, Baseline, Status
from app.domain.canonical import Document, Json
from app.domain.changes import change as change_of
from app.domain.documents import oxygen_document
from app.domain.instants import to_text
from app.domain.journal import Fact
from app.domain.readiness import is_to_be_kept
from app.domain.readiness.record import items_of, part_of
from app.domain.records import FlagChange, KeptAssessment, SessionRecord


def assessment_facts(record: SessionRecord, assessment: Assessment, *, flags: bool) -> tuple[Fact, ...]:
    """The facts to keep of an assessment: none where the last kept one says the same.

    A baseline that became known or changed is a fact of its own. `flags`: whether it may raise or withdraw the flag.
    """
    latest = record.assessment
    if latest is not None and not is_to_be_kept(latest.document, assessment.document):
        return ()
    change = _change(latest, assessment) if flags else None
    number = latest.number + 1 if latest else 1
    baseline = baseline_document(assessment.baseline)
    action = f"readiness.{change.value}" if change else "assessment.kept"
    document = _kept(record, assessment, baseline, change, number)
    kept = keeping.assessment(record.id, document, number, assessment.as_of, action)
    known = _references(baseline)
    if known == (_references(latest.baseline) if latest else {}):
        return (kept,)
    return (kept, keeping.baseline(record.id, known, record.baselines + 1))


def _kept(
    record: SessionRecord, assessment: Assessment, baseline: Document, change: FlagChange | None, number: int
) -> Document:
    """What changed since the last kept one; `Folding` puts it together again."""
    latest = record.assessment
    found = assessment.document
    said: Document = {
        "rules": found["rules"],
        "protocol": found["protocol"],
        "findings": {str(one["criterion"]): one for one in items_of(found, "findings")},
        "baseline": baseline,
    }
    raised_at = latest.raised_at if latest else None
    if change is FlagChange.RAISED:
        raised_at = assessment.as_of
    return {
        "number": number,
        "status": assessment.status.value,
        "as_of": to_text(assessment.as_of),
        "digest": assessment.digest,
        "judged": record.position,
        "inputs": found["inputs"],
        "tablets": found["tablets"],
        "changed": change_of(latest.said if latest else {}, said),
        **clocks(assessment),
        "next_change_at": to_text(assessment.next_change_at) if assessment.next_change_at else None,
        "change": change.value if change else None,
        "raised_at": to_text(raised_at) if raised_at else None,
    }


def _references(baseline: Document) -> dict[str, Json]:
    """The reference values that are known, by vital, and the oxygen they were measured with; empty where none is."""
    known: dict[str, Json] = {
        vital: {"sum": reference["sum"], "count": reference["count"]}
        for vital, reference in part_of(baseline, "vitals").items()
        if isinstance(reference, Mapping) and reference["count"]
    }
    return {"vitals": known, "oxygen": baseline["oxygen"]} if known else {}


def _change(latest: KeptAssessment | None, assessment: Assessment) -> FlagChange | None:
    was_met = latest is not None and latest.status == Status.MET.value
    is_met = assessment.status is Status.MET
    if is_met == was_met:
        return None
    return FlagChange.RAISED if is_met else FlagChange.WITHDRAWN


def baseline_document(baseline: Baseline) -> Document:
    """The baseline as it is shown with an assessment."""
    return {
        "sound": baseline.sound,
        "accepted": baseline.accepted,
        "because": baseline.because,
        "oxygen": oxygen_document(baseline.oxygen) if baseline.oxygen else None,
        "vitals": {
            vital.value: {
                "sum": reference.sum,
                "count": reference.count,
                "shown": reference.shown,
                "because": reference.because,
                "rests_on": [{"kind": on.kind, "id": on.id, "revision": on.revision} for on in reference.rests_on],
            }
            for vital, reference in baseline.vitals.items()
        },
    }


def clocks(assessment: Assessment) -> dict[str, Json]:
    """The two forward-looking instants, as text."""
    return {
        "lapses_at": to_text(assessment.lapses_at) if assessment.lapses_at else None,
        "earliest_met_at": to_text(assessment.earliest_met_at) if assessment.earliest_met_at else None,
    }
