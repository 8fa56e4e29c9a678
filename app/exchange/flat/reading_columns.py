"""The columns of `readings` and `revisions`. A field is a value or not measured, each in a column of its own."""

from collections.abc import Callable
from typing import Any

from app.domain.documents import decimal_text
from app.domain.vitals import VITALS, Consciousness, Dissociation, Vital
from app.exchange.flat.cells import NOT_RECORDED, Cell, Column, Data, FlatTable
from app.exchange.flat.wholes import HeldReading, WholeSession, every_revision, readings_in_force

FIELDS = (
    *(vital.value for vital in Vital),
    "oxygen",
    "consciousness",
    "dissociation",
    "symptoms",
    "gait_steady",
    "orientated",
)


def _not_measured(field: str) -> Column:
    def read(held: HeldReading) -> Cell:
        if getattr(held.reading, field) is not None:
            return None
        return dict(held.reading.not_measured).get(field, NOT_RECORDED)

    return Column(
        f"{field}_not_measured",
        Data.REASON,
        f"Why there is no {field}; `{NOT_RECORDED}` where it was left out. Empty exactly where there is a value.",
        read,
    )


def _vital(vital: Vital) -> tuple[Column, Column]:
    facts = VITALS[vital]
    column = Column(
        vital.value,
        Data.INTEGER,
        f"{facts.label[0].upper()}{facts.label[1:]} (LOINC {facts.loinc}).",
        lambda held: held.reading.vital(vital),
        facts.unit,
    )
    return column, _not_measured(vital.value)


def _of(read: Callable[[Any], Cell], field: str) -> Callable[[HeldReading], Cell]:
    def of(held: HeldReading) -> Cell:
        value = getattr(held.reading, field)
        return None if value is None else read(value)

    return of


def _score(consciousness: Consciousness) -> int | None:
    return consciousness.score if isinstance(consciousness.score, int) else None


def _letter(consciousness: Consciousness) -> str | None:
    return consciousness.score if isinstance(consciousness.score, str) else None


def _items(dissociation: Dissociation) -> str | None:
    return ";".join(f"{number}={score}" for number, score in sorted(dissociation.items)) or None


def _symptoms(held: HeldReading) -> str | None:
    if held.reading.symptoms is None:
        return None
    named = sorted(held.reading.symptoms, key=lambda symptom: symptom.code)
    words = (f"{symptom.code.value}={symptom.severity.value if symptom.severity else 'unknown'}" for symptom in named)
    return ";".join(words) or "none"


def _onsets(held: HeldReading) -> str | None:
    found = []
    for symptom in sorted(held.reading.symptoms or (), key=lambda symptom: symptom.code):
        minutes = held.whole.minutes(symptom.onset)
        if minutes is not None:
            found.append(f"{symptom.code.value}={decimal_text(minutes)}")
    return ";".join(found) or None


COLUMNS = (
    Column("session_id", Data.ID, "The session.", lambda held: str(held.whole.record.id)),
    Column("patient_id", Data.ID, "The patient.", lambda held: str(held.whole.patient_id)),
    Column("reading_id", Data.ID, "The reading; the same in all its revisions.", lambda held: str(held.reading.id)),
    Column("revision", Data.INTEGER, "1 as first typed; each correction is one more.", lambda held: held.kept.revision),
    Column("in_force", Data.BOOLEAN, "The newest revision of a reading that is not void.", lambda held: held.in_force),
    Column("addendum", Data.BOOLEAN, "Came with an addendum after closing: no rule saw it.",
           lambda held: held.addendum),
    Column("measured_at", Data.INSTANT, "When it was measured.", lambda held: held.reading.measured_at),
    Column("minutes_since_dose", Data.DECIMAL, "From dose start; negative before it; empty without a dose.",
           lambda held: held.whole.minutes(held.reading.measured_at), "min"),
    Column("phase", Data.WORD, "baseline, infusion or recovery, from the events in force.",
           lambda held: held.whole.dose.phase_of(held.reading.measured_at).value),
    *(column for vital in Vital for column in _vital(vital)),
    Column("oxygen", Data.WORD, "room-air or supplemental, while SpO2 was measured.",
           _of(lambda oxygen: oxygen.kind.value, "oxygen")),
    Column("oxygen_flow", Data.DECIMAL, "Supplemental oxygen; empty where its flow was not given.",
           _of(lambda oxygen: oxygen.flow_l_min, "oxygen"), "L/min"),
    _not_measured("oxygen"),
    Column("consciousness_scale", Data.WORD, "moaas, acvpu or rass.",
           _of(lambda held: held.scale.value, "consciousness")),
    Column("consciousness_score", Data.INTEGER, "MOAA/S 0 to 5 or RASS -5 to 4.", _of(_score, "consciousness")),
    Column("consciousness_letter", Data.WORD, "ACVPU.", _of(_letter, "consciousness")),
    _not_measured("consciousness"),
    Column("dissociation_grade", Data.WORD, "The nurse's own: none, mild, moderate, severe.",
           _of(lambda held: held.grade.value, "dissociation")),
    Column("dissociation_instrument", Data.WORD, "The instrument, where one was used.",
           _of(lambda held: held.instrument, "dissociation")),
    Column("dissociation_version", Data.WORD, "Its version.", _of(lambda held: held.version, "dissociation")),
    Column("dissociation_score", Data.INTEGER, "Its total.", _of(lambda held: held.score, "dissociation")),
    Column("dissociation_items", Data.WORD, "Item scores as number=score, joined by `;`.", _of(_items, "dissociation")),
    _not_measured("dissociation"),
    Column("symptoms", Data.WORD, "code=severity, joined by `;`; none: asked, and there were none.", _symptoms),
    Column("symptom_onsets", Data.WORD, "code=minutes since dose of the onset, where one was typed.", _onsets),
    _not_measured("symptoms"),
    Column("gait_steady", Data.BOOLEAN, "Whether the gait was steady.", lambda held: held.reading.gait_steady),
    _not_measured("gait_steady"),
    Column("orientated", Data.BOOLEAN, "Whether the patient was orientated.", lambda held: held.reading.orientated),
    _not_measured("orientated"),
    Column("confirmed_unlikely", Data.WORD, "Vitals typed again to confirm, joined by `;`.",
           lambda held: ";".join(vital.value for vital in Vital if vital in held.reading.confirmed_unlikely) or None),
    Column("clock_doubtful", Data.BOOLEAN, "The tablet's clock was more than 60 s off when it was typed.",
           lambda held: held.reading.clock_doubtful),
    Column("note", Data.TEXT, "The nurse's note.", lambda held: held.reading.note),
    Column("recorded_at", Data.INSTANT, "When this revision arrived.", lambda held: held.kept.recorded_at),
    Column("recorded_by", Data.TEXT, "Who typed it, as they were called then.", lambda held: held.kept.by.name),
    Column("recorded_by_id", Data.ID, "Their account.",
           lambda held: str(held.kept.by.staff_id) if held.kept.by.staff_id else None),
    Column("recorded_by_role", Data.WORD, "Their role then.", lambda held: held.kept.by.role),
    Column("correction_reason", Data.REASON, "Why it was corrected to this revision.", lambda held: held.kept.reason),
    Column("void_reason", Data.REASON, "Why the reading was voided: then it counts for nothing.",
           lambda held: held.void.value.reason if held.void else None),
)  # fmt: skip


def _in_force(whole: WholeSession) -> Any:
    return readings_in_force(whole)


READINGS = FlatTable("readings", "One row a reading in force, in its newest revision.", COLUMNS, _in_force)
REVISIONS = FlatTable("revisions", "One row each revision of each reading, void ones too.", COLUMNS, every_revision)
