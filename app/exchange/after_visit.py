"""The after-visit sheet as a document for machines and as a page for the patient, in large type and plain words."""

from datetime import datetime
from uuid import UUID

from app.domain.after_visit import AfterVisit
from app.domain.documents import Written
from app.domain.instants import to_text
from app.domain.names import listed
from app.domain.records import Signer
from app.exchange.paper import LocalTimes, Sheet, press
from app.exchange.words import typed

SHOWN = {"heart_rate": ("Heart rate", "a minute"), "spo2": ("Oxygen in the blood (SpO2)", "%")}


def sheet_document(session_id: UUID, sheet: AfterVisit, *, demo: bool) -> Written:
    """What the sheet says; `values` is null unless the lead has settled that values are shown."""
    signed = sheet.signed
    return {
        "session_id": str(session_id),
        "demo": demo,
        "patient": {
            "family_name": sheet.patient.family_name,
            "given_name": sheet.patient.given_name,
            "birth_date": sheet.patient.birth_date.isoformat(),
            "record_number": sheet.patient.record_number,
        },
        "clinic": sheet.clinic,
        "address": sheet.address,
        "phone": sheet.phone,
        "instructions": sheet.instructions,
        "left_at": to_text(sheet.left_at),
        "signed_by": signed.by.name if signed else None,
        "signed_at": to_text(signed.value.signed_at) if signed else None,
        "values": values_of(sheet),
    }


def values_of(sheet: AfterVisit) -> Written | None:
    """When the last set was taken, and each value in words; what was not measured says so."""
    last = sheet.last
    if last is None:
        return None
    pressure = (last.systolic, last.diastolic)
    shown = [("Blood pressure", "not measured" if None in pressure else f"{pressure[0]}/{pressure[1]} mmHg")]
    for field, (label, unit) in SHOWN.items():
        value = getattr(last, field)
        shown.append((label, "not measured" if value is None else f"{value} {unit}"))
    return {
        "measured_at": to_text(last.measured_at),
        "items": [{"label": label, "words": words} for label, words in shown],
    }


def print_sheet(session_id: UUID, sheet: AfterVisit, *, demo: bool, at: datetime, by: Signer) -> bytes:
    """The sheet as PDF; times are those of the clinic's zone."""
    left_at = to_text(sheet.left_at)
    signed = sheet.signed
    values = values_of(sheet)
    times = LocalTimes(sheet.timezone, [left_at])
    name = listed(typed(sheet.patient.family_name), typed(sheet.patient.given_name))
    data: Written = {
        "demo": demo,
        "patient": {
            "name": name,
            "birth_date": sheet.patient.birth_date.isoformat(),
            "record_number": typed(sheet.patient.record_number),
            "clinic": typed(sheet.clinic),
            "session": str(session_id),
        },
        "made": times.full(to_text(at)),
        "made_by": f"{typed(by.name)} ({by.role})",
        "left": f"{times.day(left_at)}, {times.clock(left_at)}",
        "instructions": [typed(line) for line in sheet.instructions.splitlines()],
        "phone": typed(sheet.phone),
        "address": [typed(line) for line in (sheet.address or "").splitlines()],
        "signed": _signed(signed.by.name, to_text(signed.value.signed_at), times) if signed else None,
        "values_at": times.clock(str(values["measured_at"])) if values else None,
        "values": values["items"] if values else [],
    }
    title = f"After your visit: {name}, {sheet.patient.record_number}"
    return press(Sheet("after-visit.typ", title, data, at)).pdf


def _signed(name: str, at: str, times: LocalTimes) -> str:
    return f"{typed(name)}, {times.day(at)}, {times.clock(at)}"
