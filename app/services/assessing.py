"""What of an assessment is kept: what changed, at every change of an outcome or of what it rests on."""

from collections.abc import Mapping
from typing import Final

from app.domain import keeping
from app.domain.assessment import Assessment, Baseline, Status
from app.domain.canonical import Document, Json
from app.domain.changes import change as change_of
from app.domain.derive import Derived
from app.domain.documents import oxygen_document
from app.domain.instants import to_text, to_text_or_none
from app.domain.journal import Fact
from app.domain.readiness import is_to_be_kept
from app.domain.readiness.record import items_of, part_of
from app.domain.records import FlagChange, SessionRecord

Moves = frozenset[FlagChange]
UP_AND_DOWN: Final = frozenset(FlagChange)
ONLY_DOWN: Final = frozenset({FlagChange.WITHDRAWN})
NEITHER: Final[Moves] = frozenset()


def assessment_facts(record: SessionRecord, derived: Derived, flags: Moves, *, anew: bool = False) -> tuple[Fact, ...]:
    """The facts to keep of an assessment: none where the last kept one says the same, unless it is to be kept `anew`.

    A baseline that became known or changed is a fact of its own. `flags`: which ways it may move the flag.
    """
    latest, assessment = record.assessment, derived.assessment
    if latest is not None and not anew and not is_to_be_kept(latest.document, assessment.document):
        return ()
    change = _change(record, assessment)
    change = change if change in flags else None
    number = latest.number + 1 if latest else 1
    baseline = baseline_document(assessment.baseline)
    action = f"readiness.{change.value}" if change else "assessment.kept"
    document = _kept(record, derived, baseline, change, number)
    kept = keeping.assessment(record.id, document, number, assessment.as_of, action)
    known = _references(baseline)
    if known == (_references(latest.baseline) if latest else {}):
        return (kept,)
    return (kept, keeping.baseline(record.id, known, record.baselines + 1))


def _kept(
    record: SessionRecord, derived: Derived, baseline: Document, change: FlagChange | None, number: int
) -> Document:
    """What changed since the last kept one; `Folding` puts it together again."""
    latest, assessment = record.assessment, derived.assessment
    found = assessment.document
    said: Document = {
        "rules": found["rules"],
        "protocol": found["protocol"],
        "criteria": [str(one["criterion"]) for one in items_of(found, "findings")],
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
        **clocks(derived),
        "next_change_at": to_text_or_none(derived.next_change_at),
        "change": change.value if change else None,
        "raised_at": to_text_or_none(raised_at),
    }


def _references(baseline: Document) -> dict[str, Json]:
    """The reference values that are known, by vital, and the oxygen they were measured with; empty where none is."""
    known: dict[str, Json] = {
        vital: {"sum": reference["sum"], "count": reference["count"]}
        for vital, reference in part_of(baseline, "vitals").items()
        if isinstance(reference, Mapping) and reference["count"]
    }
    return {"vitals": known, "oxygen": baseline["oxygen"]} if known else {}


def _change(record: SessionRecord, assessment: Assessment) -> FlagChange | None:
    moved = next((kept.change for kept in reversed(record.assessments) if kept.change is not None), None)
    is_up = moved is FlagChange.RAISED
    is_met = assessment.status is Status.MET
    if is_met == is_up:
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


def clocks(derived: Derived) -> dict[str, Json]:
    """The two forward-looking instants, as text; null where time changes nothing any more."""
    assessment = derived.assessment
    if derived.had_left_at is not None:
        return {"lapses_at": None, "earliest_met_at": None}
    return {
        "lapses_at": to_text_or_none(assessment.lapses_at),
        "earliest_met_at": to_text_or_none(assessment.earliest_met_at),
    }
