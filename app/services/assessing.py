"""Keeping assessments: at every change of an outcome or of what it rests on, and at the instant of each lapse."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.db import assessments
from app.db.work import Work
from app.domain.assessment import Assessment, Status
from app.domain.canonical import Document, Json
from app.domain.codes import Code
from app.domain.documents import oxygen_document
from app.domain.instants import to_text
from app.domain.protocol.values import Protocol
from app.domain.readiness import assess, is_to_be_kept, outcomes_of
from app.domain.readiness.record import part_of
from app.domain.records import FlagChange, KeptAssessment, SessionRecord
from app.domain.sessions import closed_by

log = logging.getLogger(__name__)


def catch_up(work: Work, record: SessionRecord, protocol: Protocol, now: datetime) -> SessionRecord:
    """Keeps each change that time alone has brought up to `now`, at its own instant."""
    while (latest := record.assessment) and latest.next_change_at and latest.next_change_at <= now:
        record = keep_if_new(work, record, protocol, latest.next_change_at)
    return record


def keep_if_new(work: Work, record: SessionRecord, protocol: Protocol, as_of: datetime) -> SessionRecord:
    """Assesses at `as_of`, and keeps that where it says something the last kept one does not."""
    return _keep(work, record, assess(record.facts(), protocol, as_of), flags=True)


def keep_as_left(work: Work, record: SessionRecord, protocol: Protocol) -> SessionRecord:
    """For a closed session: what the findings would have been when it closed. Raises and withdraws nothing."""
    return _keep(work, record, assess(record.facts(), protocol, left_at(record)), flags=False)


def left_at(record: SessionRecord) -> datetime:
    """When the session closed: the leaving time, or the closing event's instant."""
    if record.discharge is not None:
        return record.discharge.value.left_at
    closed = closed_by(record.header.value.route, record.events_in_force())
    assert closed is not None, "asked of closed sessions alone"
    return closed[0]


def _keep(work: Work, record: SessionRecord, assessment: Assessment, *, flags: bool) -> SessionRecord:
    _log_failures(record.id, assessment)
    latest = record.assessment
    if latest is not None and not is_to_be_kept(latest.document, assessment.document):
        return replace(record, assessment=replace(latest, next_change_at=assessment.next_change_at))
    change = _change(latest, assessment) if flags else None
    kept = KeptAssessment(
        number=latest.number + 1 if latest else 1,
        as_of=assessment.as_of,
        recorded_at=work.now,
        status=assessment.status.value,
        digest=assessment.digest,
        document=assessment.document,
        display=display(assessment),
        lapses_at=assessment.lapses_at,
        next_change_at=assessment.next_change_at,
        change=change,
    )
    assessments.keep(work, record.id, kept)
    _audit_baseline(work, record.id, latest, kept)
    work.audit(
        f"readiness.{change.value}" if change else "assessment.kept",
        subject="assessment",
        subject_id=assessment.digest,
        session_id=record.id,
        after={"status": kept.status, "as_of": to_text(kept.as_of), "number": kept.number},
    )
    return replace(record, assessment=kept)


def _audit_baseline(work: Work, session_id: UUID, before: KeptAssessment | None, after: KeptAssessment) -> None:
    """A baseline that became known or changed is an event of its own."""
    was, now = (_references(kept.display) if kept else {} for kept in (before, after))
    if now != was:
        work.audit(
            "baseline.set",
            subject="session",
            subject_id=session_id,
            session_id=session_id,
            before=was,
            after=now,
        )


def _references(display: Document) -> dict[str, Json]:
    """The reference values that are known, by vital, and the oxygen they were measured with; empty where none is."""
    baseline = part_of(display, "baseline")
    known: dict[str, Json] = {
        vital: {"sum": reference["sum"], "count": reference["count"]}
        for vital, reference in part_of(baseline, "vitals").items()
        if isinstance(reference, Mapping) and reference["count"]
    }
    return {"vitals": known, "oxygen": baseline["oxygen"]} if known else {}


def _log_failures(session_id: UUID, assessment: Assessment) -> None:
    """A rule that failed answers `unknown`; whoever runs the service hears of it, without a word of the patient."""
    for one in assessment.findings:
        if one.code is Code.COULD_NOT_BE_EVALUATED:
            where = {"kind": one.params["failure"], "at": one.criterion.value, "part": one.params["where"]}
            log.error("rule-failed", extra={**where, "session": str(session_id)})


def _change(latest: KeptAssessment | None, assessment: Assessment) -> FlagChange | None:
    was_met = latest is not None and latest.status == Status.MET.value
    is_met = assessment.status is Status.MET
    if is_met == was_met:
        return None
    return FlagChange.RAISED if is_met else FlagChange.WITHDRAWN


def display(assessment: Assessment) -> Document:
    """What a person is shown: the readiness of the contract, all of it derived from the same assessment."""
    baseline = assessment.baseline
    return {
        "status": assessment.status.value,
        "as_of": to_text(assessment.as_of),
        **clocks(assessment),
        "protocol": assessment.document["protocol"],
        "rules": assessment.rules,
        "digest": assessment.digest,
        "baseline": {
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
        },
        "findings": assessment.document["findings"],
    }


def clocks(assessment: Assessment) -> dict[str, str | None]:
    """The two forward-looking instants, as text."""
    return {
        "lapses_at": to_text(assessment.lapses_at) if assessment.lapses_at else None,
        "earliest_met_at": to_text(assessment.earliest_met_at) if assessment.earliest_met_at else None,
    }


def outcomes(document: Document) -> dict[str, str]:
    """Each criterion's outcome in a kept document, by their permanent names."""
    return {criterion.value: outcome.value for criterion, outcome in outcomes_of(document).items()}


def outcomes_under(work: Work, session_id: UUID, digest: str) -> dict[str, str]:
    """Each criterion's outcome in the kept assessment with this digest; empty where there is none."""
    kept = assessments.by_digest(work, session_id, digest)
    return outcomes(kept.document) if kept else {}
