"""A session as one ORU^R01 of HL7 v2.5.1: MSH, PID, PV1, then a group of OBR and OBX for the session and each reading.

The flag, assessments and signatures are not sent: a receiver would show them after they were withdrawn. The same record
gives the same control id, so that a receiver that keeps ids knows a message sent again.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.documents import decimal_text
from app.domain.dose import timeline, total_mg
from app.domain.events import EventKind
from app.domain.people import Clinic
from app.domain.records import Kept, Patient, ReadingHistory, SessionRecord, Signer
from app.exchange.hl7.er7 import ENCODING, components, day, instant, segment, subcomponents, text
from app.exchange.hl7.observations import Observation, loinc, observations, own, unit

SENDER = "INFUSION-VITALS"
LONGEST_IS = 20
"""Characters of a field of the type IS; what is longer is left out rather than cut."""
_SEX = {"female": "F", "male": "M", "other": "O", "unknown": "U"}


@dataclass(frozen=True, slots=True)
class Message:
    """One message, in UTF-8, segments ended by carriage returns. `control_id` is what the answer must name."""

    control_id: str
    content: bytes


def message(record: SessionRecord, clinic: Clinic, sent_at: datetime, *, demo: bool) -> Message:
    """The session as it stands, every reading in its newest revision, void ones marked as deleted."""
    body = "".join([_pid(str(record.header.value.patient_id), record.patient.value, clinic), _pv1(record, clinic)])
    body += _groups(record)
    control_id = hashlib.sha256(body.encode()).hexdigest()[:20].upper()
    head = segment(
        "MSH",
        {
            # MSH-1 is the bar itself, so its fields count from 2 on
            1: ENCODING,
            2: SENDER,
            3: components("", str(clinic.id), "UUID"),
            6: instant(sent_at),
            8: components("ORU", "R01", "ORU_R01"),
            9: control_id,
            10: "T" if demo else "P",
            11: "2.5.1",
            17: "UNICODE UTF-8",
        },
    )
    return Message(control_id, (head + body).encode())


def _authority(clinic: Clinic) -> str:
    """The clinic by its id: a name is too long for the field."""
    return subcomponents("", str(clinic.id), "UUID")


def _pid(patient_id: str, patient: Patient, clinic: Clinic) -> str:
    numbers = (
        components(text(patient.record_number), "", "", _authority(clinic), "MR"),
        components(patient_id, "", "", _authority(clinic), "PI"),
    )
    # XPN-3 takes the second and further given names
    first, further = patient.given_names[:1], patient.given_names[1:]
    name = components(text(patient.family_name), text(" ".join(first)), text(" ".join(further)), "", "", "", "L")
    sex = _SEX.get(patient.sex or "", "")
    return segment("PID", {1: "1", 3: "~".join(numbers), 5: name, 7: day(patient.birth_date), 8: sex})


def _pv1(record: SessionRecord, clinic: Clinic) -> str:
    chair = record.header.value.chair
    in_force = record.events_in_force()
    checked_in = min((event.at for event in in_force if event.kind is EventKind.CHECKED_IN), default=None)
    return segment(
        "PV1",
        {
            1: "1",
            2: "O",
            3: components("", "", text(chair)) if chair and len(chair) <= LONGEST_IS else "",
            19: components(str(record.id), "", "", _authority(clinic), "VN"),
            44: instant(checked_in),
            45: instant(record.discharge.value.left_at if record.discharge else None),
        },
    )


def _groups(record: SessionRecord) -> str:
    dose = timeline(record.events_in_force())
    parts = [_session(record)]
    ordered = sorted(record.readings, key=lambda held: (held.current.value.measured_at, held.current.value.id))
    for number, history in enumerate(ordered, 2):
        parts.append(_reading(number, history, dose.phase_of(history.current.value.measured_at).value))
    return "".join(parts)


def _observer(signer: Signer) -> str:
    return components(str(signer.staff_id) if signer.staff_id else "", text(signer.name))


def _obr(number: int, filler: str, code: str, at: datetime | None, kept: Kept[Any], status: str) -> str:
    return segment(
        "OBR",
        {
            1: str(number),
            3: components(filler, SENDER),
            4: code,
            7: instant(at),
            22: instant(kept.recorded_at),
            25: status,
        },
    )


def _obx(number: int, one: Observation, at: datetime | None, status: str, kept: Kept[Any]) -> str:
    return segment(
        "OBX",
        {
            1: str(number),
            2: one.kind,
            3: one.code,
            4: one.sub_id,
            5: one.value or "",
            6: one.unit,
            11: status,
            14: instant(at),
            16: _observer(kept.by),
        },
    )


def _nte(number: int, words: str) -> str:
    return segment("NTE", {1: str(number), 2: "L", 3: text(words)})


def _session(record: SessionRecord) -> str:
    """Route, weight, and the dose where there was one."""
    header, dose = record.header.value, timeline(record.events_in_force())
    found = [Observation(own("route", "Route"), "CWE", own(header.route.value, header.route.value))]
    if header.weight_kg is not None:
        found.append(Observation(loinc("29463-7", "Body weight"), "NM", decimal_text(header.weight_kg), unit("kg")))
    if (total := total_mg(record.events_in_force())) is not None:
        found.append(Observation(own("dose", "Dose of all starts and devices"), "NM", decimal_text(total), unit("mg")))
    if dose.started is not None:
        found.append(Observation(own("dose-started-at", "Dose started"), "TS", instant(dose.started.at)))
    if dose.ended is not None:
        found.append(Observation(own("dose-ended-at", "Dose ended"), "TS", instant(dose.ended.at)))
    at = dose.started.at if dose.started else header.planned_at
    lines = [_obr(1, str(record.id), own("session", "Treatment session"), at, record.header, "F")]
    lines += [_obx(number, one, at, "F", record.header) for number, one in enumerate(found, 1)]
    return "".join(lines)


def _reading(number: int, history: ReadingHistory, phase: str) -> str:
    kept, void = history.current, history.void
    reading = kept.value
    status = "F" if kept.revision == 1 else "C"
    lines = [
        _obr(
            number,
            str(reading.id),
            loinc("85353-1", "Vital signs panel"),
            reading.measured_at,
            void or kept,
            "X" if void else status,
        )
    ]
    notes = [
        f"void: {void.value.reason}" if void else None,
        f"corrected: {kept.reason}" if kept.revision > 1 and kept.reason else None,
        "the tablet's clock was doubtful" if reading.clock_doubtful else None,
        reading.note,
    ]
    lines += [_nte(place, note) for place, note in enumerate((note for note in notes if note), 1)]
    for place, one in enumerate(observations(reading, phase), 1):
        absent = "X" if one.reason is not None or one.kind == "NM" else "N"
        said = "D" if void else (status if one.value is not None else absent)
        lines.append(_obx(place, one, reading.measured_at, said, kept))
        if one.reason is not None:
            lines.append(_nte(1, f"not measured: {one.reason}"))
    return "".join(lines)
