"""A session in brief: what became of it, for whoever looks back at it in a list or before the patient's next dose.

It says again what was typed, signed and derived, and works out no criterion. It is kept with the session's line.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from app.domain.canonical import Document, Json
from app.domain.concerns import Concern
from app.domain.confirmations import last_word
from app.domain.derive import Derived, closed_at
from app.domain.dose import total_mg
from app.domain.events import Event, EventKind, MedicationGiven
from app.domain.instants import MINUTE, to_text_or_none
from app.domain.numbers import decimal_text
from app.domain.own_evidence.went import went
from app.domain.readings import Reading
from app.domain.records import Confirmation, FlagChange, Kept, SessionRecord
from app.domain.symptoms import SERIOUS, Severity, Symptom, SymptomCode
from app.domain.vitals import Vital

THOUSANDTH = Decimal("0.001")
ARRIVING = frozenset({EventKind.CHECKED_IN, EventKind.INFUSION_STARTED, EventKind.NASAL_DEVICE_GIVEN})
"""What happens only while the patient is here, and first."""


def stands_at(record: SessionRecord, derived: Derived) -> datetime:
    """The instant by which a session stands among others: the arrival, else as planned, else when it was planned.

    Never raises. Of an arrival nobody typed the start of the dose is as good.
    """
    came = [event.at for event in record.events_in_force() if event.kind in ARRIVING]
    if came:
        return min(came)
    return derived.had_left_at or record.header.value.planned_at or record.headers[0].recorded_at


def signer_of(record: SessionRecord) -> Kept[Confirmation] | None:
    """The last signed decision on the session, a decline too."""
    return last_word(record.confirmations)


def brief(record: SessionRecord, derived: Derived) -> Document | None:
    """The brief as it is kept; None where it cannot be told. Never raises: what is charted is kept all the same."""
    try:
        return _brief(record, derived)
    except Exception:  # noqa: BLE001 - it decides nothing, and whoever looks is told that it is not known
        return None


def _brief(record: SessionRecord, derived: Derived) -> Document:
    events, readings, header = record.events_in_force(), record.readings_in_force(), record.header.value
    ended = derived.dose.ended if derived.dose else None
    ended_at = ended.at if ended else None
    dose, flag_at, closed = total_mg(events), _flag_at(record, ended_at), closed_at(record)
    signed = signer_of(record)
    return {
        "protocol": {"id": header.protocol_id, "version": header.protocol_version},
        "dose_mg": _text(dose),
        "weight_kg": _text(header.weight_kg),
        "mg_per_kg": _text(_per_kilogram(dose, header.weight_kg)),
        "dose_ended_at": to_text_or_none(ended_at),
        "flag_at": to_text_or_none(flag_at),
        "minutes_to_flag": _minutes(ended_at, flag_at),
        "withdrawn": len([1 for kept in record.assessments if kept.change is FlagChange.WITHDRAWN]),
        "closed_at": to_text_or_none(closed),
        "minutes_to_leaving": _minutes(ended_at, closed),
        "decision": signed.value.decision.value if signed else None,
        "signed_by": signed.by.name if signed else None,
        "signed_at": to_text_or_none(signed.value.signed_at if signed else None),
        "signed_afterwards": signed is not None and signed.value.had_left_at is not None,
        "concerns": _concerns(derived.concerns),
        "symptoms": _symptoms(readings),
        "medications": _medications(events),
        "oxygen": EventKind.OXYGEN_STARTED in {event.kind for event in events},
        "pauses": len([1 for event in events if event.kind is EventKind.INFUSION_PAUSED]),
        "went": _went(record, derived, flag_at),
    }


def _went(record: SessionRecord, derived: Derived, flag_at: datetime | None) -> Document | None:
    """What counts for the clinic's own evidence; None where it is not known, and the rest is told all the same."""
    try:
        return went(record, derived, flag_at)
    except Exception:  # noqa: BLE001 - the session is counted as one of which it is not known
        return None


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else decimal_text(amount)


def _minutes(start: datetime | None, end: datetime | None) -> int | None:
    """Whole minutes; None where one of the two is not known."""
    return None if start is None or end is None else (end - start) // MINUTE


def _per_kilogram(dose: Decimal | None, weight: Decimal | None) -> Decimal | None:
    if dose is None or not weight:
        return None
    return (dose / weight).quantize(THOUSANDTH, "ROUND_HALF_UP")


def _flag_at(record: SessionRecord, ended_at: datetime | None) -> datetime | None:
    """When the criteria were last met anew: as the discharge says, else of a flag that still stands.

    A flag from before the end of the dose is of another recovery.
    """
    if record.discharge is not None:
        found = record.discharge.value.ready_at
    else:
        moved = next((kept.change for kept in reversed(record.assessments) if kept.change is not None), None)
        found = record.assessments[-1].raised_at if moved is FlagChange.RAISED else None
    return None if found is None or ended_at is None or found < ended_at else found


def _concerns(found: Sequence[Concern]) -> list[Json]:
    """The vitals that were of concern, each with how many values were."""
    counted: dict[Vital, int] = {}
    for concern in found:
        counted[concern.vital] = counted.get(concern.vital, 0) + 1
    return [{"vital": vital.value, "count": counted[vital]} for vital in Vital if vital in counted]


def _symptoms(readings: Iterable[Reading]) -> list[Json]:
    """Each symptom that was named, at its worst; the serious and severe first."""
    worst: dict[SymptomCode, Severity | None] = {}
    for symptom in [symptom for reading in readings if reading.symptoms for symptom in reading.symptoms]:
        worst[symptom.code] = _worse(worst.get(symptom.code), symptom)
    found = [(_is_serious(code, severity), code, severity) for code, severity in worst.items()]
    found.sort(key=lambda each: (not each[0], -(each[2].rank if each[2] else -1), each[1].value))
    return [
        {"code": code.value, "severity": severity.value if severity else None, "serious": serious}
        for serious, code, severity in found
    ]


def _worse(before: Severity | None, symptom: Symptom) -> Severity | None:
    given = [severity for severity in (before, symptom.severity) if severity is not None]
    return max(given, key=lambda severity: severity.rank, default=None)


def _is_serious(code: SymptomCode, severity: Severity | None) -> bool:
    return code in SERIOUS or severity is Severity.SEVERE


def _medications(events: Iterable[Event]) -> list[Json]:
    """What was given beside the dose, each once, in the order in which it was."""
    given = sorted(
        [event for event in events if isinstance(event.detail, MedicationGiven)],
        key=lambda event: (event.at, event.id.int),
    )
    return list(dict.fromkeys(event.detail.code for event in given if isinstance(event.detail, MedicationGiven)))
