"""The columns of `events` (one row an event, void ones too) and of `findings` (one row a finding of an assessment)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.domain.canonical import canonical_json
from app.domain.events import (
    Addendum,
    BaselineAccepted,
    ConcernAcknowledged,
    DeviceGiven,
    DoseStarted,
    MedicationGiven,
    OxygenStarted,
    RateChanged,
    SymptomResolved,
    Transferred,
)
from app.domain.sentences import because_of
from app.exchange.flat.cells import Cell, Column, Kind, Table
from app.exchange.flat.wholes import HeldEvent, HeldFinding, every_event, every_finding

UNITS = frozenset({"mg", "g", "mcg", "ug", "µg", "ng", "ml", "mL", "mg/kg", "mcg/kg", "IU", "U", "mmol", "puffs"})
WAYS = frozenset({"iv", "im", "sc", "po", "oral", "sublingual", "buccal", "intranasal", "inhaled", "rectal", "topical"})


def _of(kinds: type | tuple[type, ...], read: Callable[[Any], Cell]) -> Callable[[HeldEvent], Cell]:
    def of(held: HeldEvent) -> Cell:
        detail = held.event.detail
        return read(detail) if isinstance(detail, kinds) else None

    return of


def _refers_to(held: HeldEvent) -> str | None:
    match held.event.detail:
        case ConcernAcknowledged(concern_id):
            return concern_id
        case BaselineAccepted(readings):
            return ";".join(f"{ref.id}/{ref.revision}" for ref in sorted(readings))
        case Addendum(reading=reading) if reading is not None:
            return str(reading.id)
        case _:
            return None


EVENTS = Table(
    "events",
    "One row an event, void ones too.",
    (
        Column("session_id", Kind.ID, "The session.", lambda held: str(held.whole.record.id)),
        Column("patient_id", Kind.ID, "The patient.", lambda held: str(held.whole.patient_id)),
        Column("event_id", Kind.ID, "The event.", lambda held: str(held.event.id)),
        Column("in_force", Kind.BOOLEAN, "Not void.", lambda held: held.history.void is None),
        Column("kind", Kind.WORD, "What was given or done.", lambda held: held.event.kind.value),
        Column("at", Kind.INSTANT, "When.", lambda held: held.event.at),
        Column("minutes_since_dose", Kind.DECIMAL, "From dose start; negative before it; empty without a dose.",
               lambda held: held.whole.minutes(held.event.at), "min"),
        Column("dose_mg", Kind.DECIMAL, "Of a start or a device.",
               _of((DoseStarted, DeviceGiven), lambda detail: detail.dose_mg), "mg"),
        Column("planned_minutes", Kind.INTEGER, "Of a start.",
               _of(DoseStarted, lambda detail: detail.planned_minutes), "min"),
        Column("lot", Kind.TEXT, "Of a start or a device.", _of((DoseStarted, DeviceGiven), lambda detail: detail.lot)),
        Column("rate_ml_h", Kind.DECIMAL, "The new rate.", _of(RateChanged, lambda detail: detail.rate_ml_h), "mL/h"),
        Column("oxygen_flow", Kind.DECIMAL, "Of oxygen started.",
               _of(OxygenStarted, lambda detail: detail.flow_l_min), "L/min"),
        Column("medication", Kind.CODE, "What was given; known: what the session's protocol names.",
               _of(MedicationGiven, lambda detail: detail.code), known=lambda whole: whole.medications),
        Column("medication_dose", Kind.DECIMAL, "How much, in `medication_unit`.",
               _of(MedicationGiven, lambda detail: detail.dose)),
        Column("medication_unit", Kind.CODE, f"As typed; known: {', '.join(sorted(UNITS))}.",
               _of(MedicationGiven, lambda detail: detail.unit), known=lambda _whole: UNITS),
        Column("medication_route", Kind.CODE, f"As typed; known: {', '.join(sorted(WAYS))}.",
               _of(MedicationGiven, lambda detail: detail.route), known=lambda _whole: WAYS),
        Column("symptom", Kind.WORD, "Which symptom was resolved.",
               _of(SymptomResolved, lambda detail: detail.code.value)),
        Column("transferred_to", Kind.TEXT, "Which hospital.", _of(Transferred, lambda detail: detail.to)),
        Column("text", Kind.TEXT, "An addendum's words.", _of(Addendum, lambda detail: detail.text)),
        Column("refers_to", Kind.TEXT, "The concern acknowledged, the readings (id/revision) of a baseline accepted, "
               "or the reading an addendum carries.", _refers_to),
        Column("clock_doubtful", Kind.BOOLEAN, "The tablet's clock was more than 60 s off when it was typed.",
               lambda held: held.event.clock_doubtful),
        Column("recorded_at", Kind.INSTANT, "When it arrived.", lambda held: held.history.event.recorded_at),
        Column("recorded_by", Kind.TEXT, "Who typed it, as they were called then.",
               lambda held: held.history.event.by.name),
        Column("recorded_by_id", Kind.ID, "Their account.",
               lambda held: str(by.staff_id) if (by := held.history.event.by).staff_id else None),
        Column("recorded_by_role", Kind.WORD, "Their role then.", lambda held: held.history.event.by.role),
        Column("void_reason", Kind.REASON, "Why it was voided: then it counts for nothing.",
               lambda held: held.history.void.value.reason if held.history.void else None),
    ),
    every_event,
)  # fmt: skip


def _as_of(held: HeldFinding) -> datetime:
    return held.kept.as_of


def _json(name: str) -> Callable[[HeldFinding], Cell]:
    return lambda held: canonical_json(held.finding[name]).decode() if held.finding[name] else None


FINDINGS = Table(
    "findings",
    "One row each finding of each kept assessment.",
    (
        Column("session_id", Kind.ID, "The session.", lambda held: str(held.whole.record.id)),
        Column("patient_id", Kind.ID, "The patient.", lambda held: str(held.whole.patient_id)),
        Column("assessment", Kind.INTEGER, "1 for the session's first kept assessment, and so on.",
               lambda held: held.kept.number),
        Column("newest", Kind.BOOLEAN, "Of the last kept assessment.", lambda held: held.newest),
        Column("as_of", Kind.INSTANT, "The instant the assessment speaks of.", _as_of),
        Column("minutes_since_dose", Kind.DECIMAL, "From dose start; negative before it; empty without a dose.",
               lambda held: held.whole.minutes(held.kept.as_of), "min"),
        Column("status", Kind.WORD, "Of the assessment: met, not-met, cannot-tell.", lambda held: held.kept.status),
        Column("change", Kind.WORD, "What the assessment did to the flag: raised, withdrawn; empty: nothing.",
               lambda held: held.kept.change.value if held.kept.change else None),
        Column("criterion", Kind.WORD, "The criterion's permanent id.", lambda held: held.finding["criterion"]),
        Column("outcome", Kind.WORD, "met, not-met or unknown: never blank.", lambda held: held.finding["outcome"]),
        Column("code", Kind.WORD, "Why, as a permanent code (docs/rules.md).", lambda held: held.finding["code"]),
        Column("because", Kind.TEXT, "The finding's sentence.", lambda held: because_of(held.finding)),
        Column("values", Kind.TEXT, "What it looked at: the code's parameters, as JSON.", _json("params")),
        Column("limits", Kind.TEXT, "What it compared with, as JSON.", _json("limits")),
        Column("digest", Kind.TEXT, "The assessment's digest.", lambda held: held.kept.digest),
    ),
    every_finding,
)  # fmt: skip
